import { Random } from '../base/random.js';

/** Repeatable random draws: the same seed and stream give the same draws on every machine. */
export class Draws {
  readonly #random: Random;

  /**
   * @param seed - of the study
   * @param stream - separates draws that must be independent, for example the trial's number
   */
  constructor(seed: number, stream: number) {
    // Odd multipliers keep the streams of neighbouring seeds and trials apart; the generator mixes its seed.
    this.#random = new Random((((seed % 2 ** 26) * 0x2545f49 + stream * 0x9e3779b1) % 2 ** 53) >>> 0);
    this.#random.uint32();
  }

  /** Uniform over [0, 1), in steps of 2^-53. */
  uniform(): number {
    const high = this.#random.uint32() >>> 5;
    const low = this.#random.uint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** A random whole number from 0 to `bound` - 1, all equally likely. */
  below(bound: number): number {
    return this.#random.below(bound);
  }

  /** Normal with mean 0 and deviation 1 (Box and Muller, 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A random index; the weights are its probabilities up to a factor (none is negative, and their sum is above 0). */
  weighted(weights: ArrayLike<number>): number {
    let total = 0;
    for (let i = 0; i < weights.length; i++) total += weights[i] as number;
    let left = this.uniform() * total;
    for (let i = 0; i < weights.length; i++) {
      left -= weights[i] as number;
      if (left < 0) return i;
    }
    return weights.length - 1;
  }
}
