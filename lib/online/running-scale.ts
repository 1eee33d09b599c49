import { mix32 } from '../base/random.js';
import { keyOf } from '../data/key.js';
import { quantileOf, widthOf } from '../data/robust.js';

/** The size of the random sample of a column's values. */
export const SAMPLE = 256;
/** The second row of hats is centred at this many quantiles of the sample. */
export const QUANTILES = 8;
/** After this many values, each new one enters the sample with the same probability for ever. */
const MEMORY = 64 * SAMPLE;

/** How many numbers {@link RunningScale.toState} returns. */
export const SCALE_STATE = 3 + QUANTILES + SAMPLE;

/**
 * The running scale of a column of numbers: its median, a robust width and eight quantiles, computed from a random
 * sample of the values so far (later of about the last 16,384). A few extreme values change nothing. Every operation
 * is exact in IEEE doubles, so every machine gives the same bits (docs/arithmetic.md, "Learner").
 */
export class RunningScale {
  /** Values seen. */
  count = 0;
  median = 0;
  width = 1;
  readonly quantiles: Float64Array = new Float64Array(QUANTILES);
  /** Grows to {@link SAMPLE} values: most columns of wide sparse rows have few values. */
  #sample = new Float64Array(16);
  readonly #salt: number;

  /** @param name - the column's name, which decides which values enter the sample */
  constructor(name: string) {
    this.#salt = keyOf(name);
  }

  /** Adds one value, a finite number. */
  observe(value: number): void {
    const count = ++this.count;
    if (count <= SAMPLE) {
      if (count > this.#sample.length) this.#grow();
      this.#sample[count - 1] = value;
    } else {
      const drawn = mix32(mix32(count | 0) ^ this.#salt) / 2 ** 32;
      const place = Math.floor(drawn * Math.min(count, MEMORY));
      if (place < SAMPLE) this.#sample[place] = value;
    }
    if (isDue(count)) this.#measure();
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#sample.length);
    larger.set(this.#sample);
    this.#sample = larger;
  }

  #measure(): void {
    const sorted = this.#sample.slice(0, Math.min(this.count, SAMPLE)).sort();
    this.median = quantileOf(sorted, 0.5);
    this.width = widthOf(sorted) ?? 1;
    for (let i = 0; i < QUANTILES; i++) this.quantiles[i] = quantileOf(sorted, (i + 0.5) / QUANTILES);
  }

  /** Count, median, width, quantiles and sample: {@link SCALE_STATE} numbers. */
  toState(): Float64Array {
    const state = new Float64Array(SCALE_STATE);
    state.set([this.count, this.median, this.width, ...this.quantiles]);
    state.set(this.#sample, 3 + QUANTILES);
    return state;
  }

  /** Restores a state from {@link toState}. */
  restore(state: Float64Array): void {
    const [count, median, width] = state as unknown as [number, number, number];
    this.count = count;
    this.median = median;
    this.width = width;
    this.quantiles.set(state.subarray(3, 3 + QUANTILES));
    this.#sample = state.slice(3 + QUANTILES, SCALE_STATE);
  }
}

/** Whether to recompute the measures: after each of the first values, later at growing intervals. */
function isDue(count: number): boolean {
  if (count <= 16) return true;
  if (count > 1024) return count % 512 === 0;
  return count % 2 ** (28 - Math.clz32(count)) === 0;
}
