/** Scores of class predictions, each made before its row was learned. */
export interface ClassScores {
  /** Rows that are counted. */
  readonly rows: number;
  readonly accuracy: number;
  /** Cohen's kappa: 1 if every prediction is right, 0 if they are no better than guessing by class frequency. */
  readonly kappa: number;
  /** The mean of -ln(probability given to the right class); a row counts as at most ln 16,384. */
  readonly logLoss: number;
}

/** {@link ClassScores} of all rows, and of the latest rows. */
export interface ProgressiveClassMetrics extends ClassScores {
  readonly kind: 'class';
  /** The F1 score of each class, in the order in which they appeared. */
  readonly f1: Readonly<Record<string, number>>;
  readonly macroF1: number;
  readonly window: ClassScores;
}

/** Lower probabilities of the right class count as this one. */
const LEAST = 2 ** -14;

/** Counts over a range of rows. */
class Counts {
  rows = 0;
  right = 0;
  loss = 0;
  readonly actual: number[] = [];
  readonly predicted: number[] = [];
  readonly both: number[] = [];

  /** Adds a row, or removes one (`sign` -1). */
  add(actual: number, predicted: number, loss: number, sign: 1 | -1): void {
    while (this.actual.length <= Math.max(actual, predicted)) {
      this.actual.push(0);
      this.predicted.push(0);
      this.both.push(0);
    }
    this.rows += sign;
    this.loss += sign * loss;
    this.actual[actual] = (this.actual[actual] as number) + sign;
    if (predicted >= 0) this.predicted[predicted] = (this.predicted[predicted] as number) + sign;
    if (predicted !== actual) return;
    this.right += sign;
    this.both[actual] = (this.both[actual] as number) + sign;
  }

  scores(): ClassScores {
    const { rows } = this;
    if (rows === 0) return { rows, accuracy: 0, kappa: 0, logLoss: 0 };
    const accuracy = this.right / rows;
    const chance =
      this.actual.reduce((sum, count, i) => sum + count * (this.predicted[i] as number), 0) / rows ** 2;
    return {
      rows,
      accuracy,
      kappa: chance === 1 ? 1 : (accuracy - chance) / (1 - chance),
      logLoss: Math.max(0, this.loss / rows),
    };
  }
}

/** Progressive validation of classes: each row is predicted before it is learned. */
export class ClassProgress {
  readonly #total = new Counts();
  readonly #window = new Counts();
  /** The latest rows: actual, predicted, loss. */
  readonly #latest: Float64Array;
  readonly #size: number;
  #next = 0;

  constructor(window: number) {
    this.#size = window;
    this.#latest = new Float64Array(3 * window);
  }

  /**
   * @param predicted - -1 for none
   * @param probability - the probability that was given to the right class
   * @returns the row's loss
   */
  add(actual: number, predicted: number, probability: number): number {
    // 0 - x instead of -x: a certain and right prediction has the loss 0, not -0.
    const loss = 0 - Math.log(Math.max(LEAST, probability));
    this.#total.add(actual, predicted, loss, 1);
    const place = 3 * this.#next;
    if (this.#window.rows === this.#size) {
      const latest = this.#latest;
      const old = latest[place + 2] as number;
      this.#window.add(latest[place] as number, latest[place + 1] as number, old, -1);
    }
    this.#latest[place] = actual;
    this.#latest[place + 1] = predicted;
    this.#latest[place + 2] = loss;
    this.#window.add(actual, predicted, loss, 1);
    this.#next = this.#next + 1 === this.#size ? 0 : this.#next + 1;
    return loss;
  }

  metrics(classes: readonly string[]): ProgressiveClassMetrics {
    const { actual, predicted, both } = this.#total;
    const scores = classes.map((_, i) => {
      const named = (actual[i] ?? 0) + (predicted[i] ?? 0);
      return named === 0 ? 0 : (2 * (both[i] as number)) / named;
    });
    const sum = scores.reduce((total, score) => total + score, 0);
    return {
      kind: 'class',
      ...this.#total.scores(),
      f1: Object.fromEntries(classes.map((name, i): [string, number] => [name, scores[i] as number])),
      macroF1: scores.length === 0 ? 0 : sum / scores.length,
      window: this.#window.scores(),
    };
  }

  /** The whole state as numbers, for a file. */
  toState(): number[] {
    const { rows, right, loss, actual, predicted, both } = this.#total;
    const latest =
      this.#window.rows < this.#size ? this.#latest.subarray(0, 3 * this.#window.rows) : this.#latest;
    return [
      rows,
      right,
      loss,
      this.#next,
      this.#window.rows,
      this.#window.loss,
      actual.length,
      ...actual,
      ...predicted,
      ...both,
      ...latest,
    ];
  }

  /**
   * Restores a state from {@link toState}.
   *
   * @throws RangeError if it is not such a state
   */
  restore(state: readonly number[]): void {
    const [rows, right, loss, next, held, windowLoss, classes] = state as readonly [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    // The file is not trusted.
    if (!(held <= this.#size && next < this.#size && state.length === 7 + 3 * classes + 3 * held))
      throw new RangeError('scores of another window');
    const list = (part: number) => state.slice(7 + part * classes, 7 + (part + 1) * classes);
    const total = this.#total;
    total.rows = rows;
    total.right = right;
    total.loss = loss;
    total.actual.push(...list(0));
    total.predicted.push(...list(1));
    total.both.push(...list(2));
    const latest = state.slice(7 + 3 * classes);
    this.#latest.set(latest);
    const isClass = (index: number, least: number) =>
      Number.isInteger(index) && index >= least && index < classes;
    for (let i = 0; i < held; i++) {
      const [actual, predicted, rowLoss] = latest.slice(3 * i, 3 * i + 3) as [number, number, number];
      if (!isClass(actual, 0) || !isClass(predicted, -1)) throw new RangeError('a class that is not there');
      this.#window.add(actual, predicted, rowLoss, 1);
    }
    // The same numbers summed in another order could differ in the last bit.
    this.#window.loss = windowLoss;
    this.#next = next;
  }
}
