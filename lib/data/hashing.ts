import { keyOf } from './key.js';

/** The fewest and most bits of a hashed column, which has 2 to the power of this many inputs. */
export const LEAST_HASH_BITS = 1;
export const MOST_HASH_BITS = 20;

/** The place of a name among 2^bits places: the first bits of the low word of its key. */
export function hashedPlace(name: string, bits: number): number {
  return keyOf(name) >>> (32 - bits);
}

/** Places of a {@link Sketch}. */
const SKETCH_BITS = 20;

/** Estimates how many different texts there are without keeping them, within about 1 % up to a million. */
export class Sketch {
  readonly #seen = new Uint8Array(2 ** SKETCH_BITS);
  #free = 2 ** SKETCH_BITS;

  add(text: string): void {
    const place = hashedPlace(text, SKETCH_BITS);
    if (this.#seen[place] === 1) return;
    this.#seen[place] = 1;
    this.#free--;
  }

  /** Linear counting: Whang, Vander-Zanden and Taylor, ACM TODS 15 (1990). */
  get estimate(): number {
    const places = 2 ** SKETCH_BITS;
    return Math.round(places * Math.log(places / Math.max(1, this.#free)));
  }
}
