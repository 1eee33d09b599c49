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

/** The low word of the key of a name: the FNV-1a hash of its UTF-16 code units, mixed. */
export function keyOf(name: string): number {
  let low = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) low = Math.imul(low ^ name.charCodeAt(i), 0x01000193);
  return mix32(low);
}

/** Appends the key of a name to `keys`, low word first: two FNV-1a hashes of its UTF-16 code units, each mixed. */
export function pushKey(keys: number[], name: string): void {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x85ebca6b);
  }
  keys.push(mix32(low), mix32(high));
}
