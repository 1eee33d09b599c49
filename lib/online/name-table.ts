import { mix32 } from '../base/random.js';
import { type KeyPrefix, NEXT_KEY } from '../data/key.js';

/** Words of one place: low and high word of the key, the slot (0: free), and the latest row that held the name. */
const STRIDE = 4;
/** Places of a new table; a power of two, like all sizes. */
const LEAST_PLACES = 64;

/**
 * Finds the slots of levels and words by the 64-bit keys of their names (docs/arithmetic.md, "Learner"). A Map of texts
 * would wait for memory several times for each word: rows of text bring new copies of words, which must be compared with
 * those of the Map.
 */
export class NameTable {
  #places = new Int32Array(LEAST_PLACES * STRIDE);
  #mask = LEAST_PLACES - 1;
  #names = 0;
  #row = 0;
  /** The key that was looked for last. */
  #low = 0;
  #high = 0;
  /** Where it stands, or where it could stand. */
  #at = 0;

  /** Begins a row: no name has been held by it. */
  begin(): void {
    this.#row++;
    if (this.#row < 2 ** 31) return;
    this.#row = 1;
    for (let at = 3; at < this.#places.length; at += STRIDE) this.#places[at] = 0;
  }

  /** Finds the slot of a name; 0 if it has none. */
  find({ low, high }: KeyPrefix, rest: string): number {
    for (let i = 0; i < rest.length; i++) {
      const unit = rest.charCodeAt(i);
      low = Math.imul(low ^ unit, NEXT_KEY.low);
      high = Math.imul(high ^ unit, NEXT_KEY.high);
    }
    this.#low = mix32(low) | 0;
    this.#high = mix32(high) | 0;
    return this.#locate();
  }

  /** Adds the name that was looked for last. */
  add(slot: number): void {
    // At most two thirds of the places are taken.
    if (3 * ++this.#names > 2 * (this.#mask + 1)) this.#grow();
    const places = this.#places;
    places[this.#at] = this.#low;
    places[this.#at + 1] = this.#high;
    places[this.#at + 2] = slot;
    places[this.#at + 3] = 0;
  }

  /** Whether the row has held the name that was found last before; from now on it has. */
  isRepeated(): boolean {
    const before = this.#places[this.#at + 3] as number;
    this.#places[this.#at + 3] = this.#row;
    return before === this.#row;
  }

  #locate(): number {
    const places = this.#places;
    for (let place = this.#low & this.#mask; ; place = (place + 1) & this.#mask) {
      const at = place * STRIDE;
      const slot = places[at + 2] as number;
      if (slot === 0 || (places[at] === this.#low && places[at + 1] === this.#high)) {
        this.#at = at;
        return slot;
      }
    }
  }

  #grow(): void {
    const old = this.#places;
    const [low, high] = [this.#low, this.#high];
    this.#places = new Int32Array(2 * old.length);
    this.#mask = 2 * this.#mask + 1;
    for (let at = 0; at < old.length; at += STRIDE) {
      if (old[at + 2] === 0) continue;
      this.#low = old[at] as number;
      this.#high = old[at + 1] as number;
      this.#locate();
      this.#places.set(old.subarray(at, at + STRIDE), this.#at);
    }
    this.#low = low;
    this.#high = high;
    this.#locate();
  }
}
