/**
 * By how much an error may lie above the mean without counting. With it and the threshold, errors that are a coin's tosses
 * raise a false alarm about once in a million rows.
 */
const ALLOWED = 0.05;
/** The sum of errors above the mean at which the stream has changed. */
const THRESHOLD = 25;
/** Rows after the beginning, or after a change, in which none is found. */
const LEAST_ROWS = 100;
/** Rows for which a learner may learn faster after a change. */
export const HURRY_ROWS = 500;

/**
 * Finds where predictions get worse for good: the Page-Hinkley test (Page, "Continuous inspection schemes", Biometrika
 * 1954) on errors from 0 to 1. It takes only sums and comparisons, so every machine finds the same rows.
 */
export class DriftDetector {
  #rows = 0;
  #mean = 0;
  #sum = 0;
  #lowest = 0;
  /** Rows left in which the learner may hurry. */
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

  /** Continues from what {@link toState} gave. */
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
