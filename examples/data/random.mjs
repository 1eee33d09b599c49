/** Random numbers for the examples, the same in every run (xorshift32, Marsaglia 2003). */

let state = 2463534242;

/** The next number, at least 0 and below 1. */
export function random() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 2 ** 32;
}

/**
 * One of the values of a list.
 *
 * @template T
 * @param {readonly T[]} list
 */
export const pick = (list) => /** @type {T} */ (list[Math.floor(random() * list.length)]);
