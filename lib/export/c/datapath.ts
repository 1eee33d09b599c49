/** Common parts of the datapaths in C. */
import type { CText } from './junction.js';

/** A network's code, without its frame. */
export interface Datapath {
  /** The C type of an activation. */
  readonly word: string;
  /** The C type of an input, and the expression that converts `input[i]` to an activation; undefined: none needed. */
  readonly input: { readonly type: string; readonly convert: string | undefined };
  /** Helper functions. */
  readonly helpers: readonly string[];
  /** Tables and function of each junction. */
  readonly junctions: readonly CText[];
  /** Describes an output, for a comment. */
  readonly outputs: string;
  /** An expression for the decision from `outputs`; undefined for the first of the largest outputs. */
  readonly yes: string | undefined;
  /** The body of `scores(outputs, scores)` if scores differ from outputs, and a description of them. */
  readonly scores: (CText & { readonly what: string }) | undefined;
  /** Converts a real number to an input: the nearest multiple of 2^-fraction within the limits. */
  readonly format: { readonly fraction: number; readonly low: number; readonly high: number };
}

/** Division by a power of two, rounded down: `>>` of negative numbers is implementation-defined in C. */
export const SHIFT_DOWN = `static int32_t shift_down(int32_t x, int bits) {
  return x >= 0 ? x >> bits : ~(~x >> bits);
}
`;

/** A call of shift_down(), or nothing. */
export function shiftDown(expression: string, bits: number): string {
  return bits === 0 ? expression : `shift_down(${expression}, ${bits})`;
}
