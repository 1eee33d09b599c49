/** What the datapaths of a network have in common in C. */
import type { CText } from './junction.js';

/** A network's code, without its frame. */
export interface Datapath {
  /** The C type of an activation. */
  readonly word: string;
  /** The C type of an input, and the expression that makes an activation of `input[i]`; undefined: used as it is. */
  readonly input: { readonly type: string; readonly convert: string | undefined };
  /** Functions that the rest uses. */
  readonly helpers: readonly string[];
  /** Tables and function of each junction. */
  readonly junctions: readonly CText[];
  /** What an output is, for a comment. */
  readonly outputs: string;
  /** The decision from `outputs`: an expression if there is a rule of its own, undefined for the first of the largest. */
  readonly yes: string | undefined;
  /** The body of `scores(outputs, scores)`, if the network has scores of its own, and what they are. */
  readonly scores: (CText & { readonly what: string }) | undefined;
  /** How a real number becomes an input: the nearest of units of 2^-fraction within the limits. */
  readonly format: { readonly fraction: number; readonly low: number; readonly high: number };
}

/** Division by a power of two, rounded down: `>>` of negative numbers is for C to choose. */
export const SHIFT_DOWN = `static int32_t shift_down(int32_t x, int bits) {
  return x >= 0 ? x >> bits : ~(~x >> bits);
}
`;

/** A call of shift_down(), or nothing. */
export function shiftDown(expression: string, bits: number): string {
  return bits === 0 ? expression : `shift_down(${expression}, ${bits})`;
}
