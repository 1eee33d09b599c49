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

/** Where the two words of a key begin, before they are mixed, and by what they are multiplied after each code unit. */
export const FIRST_KEY = { low: 0x811c9dc5, high: 0x9e3779b9 } as const;
export const NEXT_KEY = { low: 0x01000193, high: 0x85ebca6b } as const;

/** The low word of the key of a name: the FNV-1a hash of its UTF-16 code units, mixed. */
export function keyOf(name: string): number {
  let low: number = FIRST_KEY.low;
  for (let i = 0; i < name.length; i++) low = Math.imul(low ^ name.charCodeAt(i), NEXT_KEY.low);
  return mix32(low);
}

/** The two words of the key of a name, the low one first: two FNV-1a hashes of its UTF-16 code units, each mixed. */
export function keyWords(name: string): [low: number, high: number] {
  let low: number = FIRST_KEY.low;
  let high: number = FIRST_KEY.high;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    low = Math.imul(low ^ unit, NEXT_KEY.low);
    high = Math.imul(high ^ unit, NEXT_KEY.high);
  }
  return [mix32(low), mix32(high)];
}
