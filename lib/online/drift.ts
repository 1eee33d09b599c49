/**
 * How far an error may exceed the mean without counting. With this value and the threshold, random errors like tosses
 * of a coin raise a false alarm about once in a million rows.
 */
const ALLOWED = 0.05;
/** The stream has changed when the accumulated excess of errors reaches this sum. */
const THRESHOLD = 25;
/** No change is reported within this many rows of the beginning or of the last change. */
const LEAST_ROWS = 100;
/** After a change, a learner may learn faster for this many rows. */
export const HURRY_ROWS = 500;

/**
 * Detects a lasting drop in the quality of predictions: the Page-Hinkley test (Page, "Continuous inspection schemes",
 * Biometrika 1954) on errors from 0 to 1. It uses only sums and comparisons, so every machine reports the same rows.
 */
export class DriftDetector {
  #rows = 0;
  #mean = 0;
  #sum = 0;
  #lowest = 0;
  /** The number of rows for which the learner may still learn faster. */
  hurry = 0;

  /** @returns whether the stream has changed at this row */
  add(error: number): boolean {
    if (this.hurry > 0) this.hurry--;
    this.#rows++;
    this.#mean += (error - this.#mean) / this.#rows;
    this.#sum += error - this.#mean - ALLOWED;
    this.#lowest = Math.min(this.#lowest, this.#sum);
    if (this.#rows < LEAST_ROWS || this.#sum - this.#lowest <= THRESHOLD) return false;
    this.#rows = this.#mean = this.#sum = this.#lowest = 0;
    this.hurry = HURRY_ROWS;
    return true;
  }

  toState(): number[] {
    return [this.#rows, this.#mean, this.#sum, this.#lowest, this.hurry];
  }

  /** Restores a state from {@link toState}. */
  restore(state: readonly number[]): void {
    [this.#rows, this.#mean, this.#sum, this.#lowest, this.hurry] = state as [
      number,
      number,
      number,
      number,
      number,
    ];
  }
}
