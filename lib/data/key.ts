/**
 * Keys of names: two 32-bit words that determine the first weights of a slot and its rounding numbers. They depend
 * only on the name, so the order in which names appear does not change what is learned (docs/arithmetic.md,
 * "Learner").
 */

import { mix32 } from '../base/random.js';

/** Separates the parts of a name. */
const SEPARATOR = '\u0000';

/** The name of a slot: the column, the kind of slot, and what the slot stands for. */
export function slotName(column: string, kind: string, detail = ''): string {
  return `${column}${SEPARATOR}${kind}${detail}`;
}

/** The two words of a key before they are mixed. The key of a longer name continues from them. */
export interface KeyPrefix {
  readonly low: number;
  readonly high: number;
}

/** The key of the empty name. */
const FIRST_KEY: KeyPrefix = { low: 0x811c9dc5, high: 0x9e3779b9 };
/** The numbers by which the words are multiplied after each code unit. */
export const NEXT_KEY = { low: 0x01000193, high: 0x85ebca6b } as const;

/** The low word of the key of a name: the FNV-1a hash of its UTF-16 code units, mixed. */
export function keyOf(name: string): number {
  let { low } = FIRST_KEY;
  for (let i = 0; i < name.length; i++) low = Math.imul(low ^ name.charCodeAt(i), NEXT_KEY.low);
  return mix32(low);
}

/** Two FNV-1a hashes of the UTF-16 code units of a name, or of the beginning of one. */
export function keyPrefix(name: string): KeyPrefix {
  let { low, high } = FIRST_KEY;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    low = Math.imul(low ^ unit, NEXT_KEY.low);
    high = Math.imul(high ^ unit, NEXT_KEY.high);
  }
  return { low, high };
}

/** The two words of the key of a name, the low one first. */
export function keyWords(name: string): [low: number, high: number] {
  const { low, high } = keyPrefix(name);
  return [mix32(low), mix32(high)];
}
