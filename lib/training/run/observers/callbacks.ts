import type { CheckpointOutcome } from '../../checkpoint/checkpointer.js';
import type { FitPlan } from '../../fit-options.js';
import type { EpochRecord } from '../../records.js';
import type { Interruption } from '../interruption.js';
import type { RunObserver } from '../observer.js';

/** Calls the plan's onEpoch and onCheckpoint. */
export class CallbackObserver implements RunObserver {
  readonly #plan: Pick<FitPlan, 'onEpoch' | 'onCheckpoint'>;
  readonly #interruption: Interruption;

  constructor(plan: Pick<FitPlan, 'onEpoch' | 'onCheckpoint'>, interruption: Interruption) {
    this.#plan = plan;
    this.#interruption = interruption;
  }

  /** Waits for onEpoch, but not beyond a stop: what it waits for may never come. */
  async epochEnded(record: EpochRecord): Promise<void> {
    const called = Promise.resolve(this.#plan.onEpoch?.(record));
    // Once the run is stopped, nobody else handles a rejection.
    called.catch(() => undefined);
    await Promise.race([called, this.#interruption.requested]);
  }

  checkpointWritten(outcome: CheckpointOutcome): void {
    this.#plan.onCheckpoint?.(outcome);
  }
}
