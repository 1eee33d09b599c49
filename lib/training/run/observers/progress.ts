import type { TrainingProgress } from '../../records.js';
import type { RunContext, RunObserver } from '../observer.js';
import { meansOf, speedOf } from '../run-state.js';

/** Milliseconds between reports: about as often as a person can see. */
const INTERVAL = 100;

/** Reports progress to a callback ten times a second. After the callback has thrown, the reports end and training stops. */
export class ProgressObserver implements RunObserver {
  readonly #run: RunContext;
  readonly #callback: (progress: TrainingProgress) => void;
  readonly #timer: NodeJS.Timeout;

  constructor(run: RunContext, callback: (progress: TrainingProgress) => void) {
    this.#run = run;
    this.#callback = callback;
    this.#timer = setInterval(() => this.#report(), INTERVAL);
    this.#timer.unref();
  }

  epochTrained(): void {
    this.#report();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #report(): void {
    try {
      this.#callback(this.#progress());
    } catch (error) {
      this.close();
      this.#run.interruption.fail(error);
    }
  }

  #progress(): TrainingProgress {
    const { core, plan, state, trainer, data } = this.#run;
    const { epochs } = plan;
    const rows = data.train?.rows;
    const done = state.epochs.length;
    const sums = trainer.sums();
    return {
      epoch: Math.min(done + 1, epochs),
      epochs,
      examples: sums.examples,
      examplesPerEpoch: rows,
      fraction: rows === undefined ? undefined : Math.min(1, (done + sums.examples / rows) / epochs),
      ...meansOf(sums, core.options.output === 'softmax'),
      samplesPerSecond: speedOf(sums),
      seconds: state.elapsed,
    };
  }
}
