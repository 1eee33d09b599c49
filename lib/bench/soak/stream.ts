import type { Dataset } from '../../data/dataset.js';
import { permutation } from '../../engine/patterns.js';

/** An endless stream of examples: a data set, in a new order each time. */
export class ExampleSource {
  readonly rows: readonly Uint8Array[];
  readonly labels: Int32Array;
  readonly #seed: number;
  #order: Uint32Array = new Uint32Array();
  #next = 0;
  #epoch = 0;

  constructor({ inputs, targets, rows }: Dataset, seed: number) {
    if (targets.kind !== 'classes') throw new TypeError('the data must have classes');
    this.rows = Array.from({ length: rows }, (_, i) => inputs.row(i) as Uint8Array);
    this.labels = targets.labels;
    this.#seed = seed;
  }

  /** The row numbers of the next examples. */
  take(count: number): Uint32Array {
    const numbers = new Uint32Array(count);
    for (let filled = 0; filled < count; ) {
      if (this.#next === this.#order.length) {
        this.#order = permutation(this.rows.length, this.#seed, this.#epoch++);
        this.#next = 0;
      }
      const part = this.#order.subarray(this.#next, this.#next + count - filled);
      numbers.set(part, filled);
      filled += part.length;
      this.#next += part.length;
    }
    return numbers;
  }
}
