/** Scores of number predictions, each made before its row was learned. */
export interface NumberScores {
  /** Rows that are counted: all but the first, which has no prediction. */
  readonly rows: number;
  /** The root of the mean squared error. */
  readonly rmse: number;
  /** The mean absolute error. */
  readonly mae: number;
  /** 1 minus the squared errors divided by those of predicting the mean; 0 while all targets are equal. */
  readonly r2: number;
}

/** {@link NumberScores} of all rows, and of the latest rows. */
export interface ProgressiveNumberMetrics extends NumberScores {
  readonly kind: 'number';
  readonly window: NumberScores;
}

/** Sums over a range of rows. */
class Sums {
  rows = 0;
  #squares = 0;
  #absolute = 0;
  #mean = 0;
  #spread = 0;

  add(actual: number, predicted: number): void {
    const error = predicted - actual;
    this.rows++;
    this.#squares += error * error;
    this.#absolute += Math.abs(error);
    const step = actual - this.#mean;
    this.#mean += step / this.rows;
    this.#spread += step * (actual - this.#mean);
  }

  scores(): NumberScores {
    const { rows } = this;
    if (rows === 0) return { rows, rmse: 0, mae: 0, r2: 0 };
    return {
      rows,
      rmse: Math.sqrt(this.#squares / rows),
      mae: this.#absolute / rows,
      r2: this.#spread > 0 ? 1 - this.#squares / this.#spread : 0,
    };
  }

  toState(): number[] {
    return [this.rows, this.#squares, this.#absolute, this.#mean, this.#spread];
  }

  restore(state: readonly number[]): void {
    [this.rows, this.#squares, this.#absolute, this.#mean, this.#spread] = state as [
      number,
      number,
      number,
      number,
      number,
    ];
  }
}

/** Progressive validation of a number: each row is predicted before it is learned. */
export class NumberProgress {
  readonly #total = new Sums();
  /** The latest rows: actual, predicted. */
  readonly #latest: Float64Array;
  readonly #size: number;
  #held = 0;
  #next = 0;

  constructor(window: number) {
    this.#size = window;
    this.#latest = new Float64Array(2 * window);
  }

  /** @returns the row's loss: the squared error */
  add(actual: number, predicted: number): number {
    this.#total.add(actual, predicted);
    this.#latest[2 * this.#next] = actual;
    this.#latest[2 * this.#next + 1] = predicted;
    this.#next = this.#next + 1 === this.#size ? 0 : this.#next + 1;
    this.#held = Math.min(this.#size, this.#held + 1);
    return (predicted - actual) ** 2;
  }

  metrics(): ProgressiveNumberMetrics {
    const window = new Sums();
    for (let i = 0; i < this.#held; i++) {
      window.add(this.#latest[2 * i] as number, this.#latest[2 * i + 1] as number);
    }
    return { kind: 'number', ...this.#total.scores(), window: window.scores() };
  }

  /** The whole state as numbers, for a file. */
  toState(): number[] {
    return [...this.#total.toState(), this.#next, this.#held, ...this.#latest.subarray(0, 2 * this.#held)];
  }

  /**
   * Restores a state from {@link toState}.
   *
   * @throws RangeError if it is not such a state
   */
  restore(state: readonly number[]): void {
    const [next, held] = state.slice(5, 7) as [number, number];
    // The file is not trusted.
    if (!(held <= this.#size && next < this.#size && state.length === 7 + 2 * held))
      throw new RangeError('scores of another window');
    this.#total.restore(state.slice(0, 5));
    this.#next = next;
    this.#held = held;
    this.#latest.set(state.slice(7));
  }
}
