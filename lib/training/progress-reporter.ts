import type { TrainingProgress } from './records.js';

/** Milliseconds between reports: about as often as a person can see. */
const INTERVAL = 100;

/** Calls back with progress at a human rate. A callback that throws ends the reports; the error is handed on. */
export class ProgressReporter {
  readonly #callback: (progress: TrainingProgress) => void;
  readonly #measure: () => TrainingProgress;
  readonly #onError: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;

  constructor(
    callback: (progress: TrainingProgress) => void,
    measure: () => TrainingProgress,
    onError: (error: unknown) => void,
  ) {
    this.#callback = callback;
    this.#measure = measure;
    this.#onError = onError;
    this.#timer = setInterval(() => this.report(), INTERVAL);
    this.#timer.unref();
  }

  /** Reports now. */
  report(): void {
    try {
      this.#callback(this.#measure());
    } catch (error) {
      this.close();
      this.#onError(error);
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
