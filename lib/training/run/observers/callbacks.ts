import type { CheckpointOutcome } from '../../checkpoint/checkpointer.js';
import type { FitPlan } from '../../fit-options.js';
import type { EpochRecord } from '../../records.js';
import type { RunObserver } from '../observer.js';

/** Calls the plan's onEpoch and onCheckpoint. */
export class CallbackObserver implements RunObserver {
  readonly #plan: Pick<FitPlan, 'onEpoch' | 'onCheckpoint'>;

  constructor(plan: Pick<FitPlan, 'onEpoch' | 'onCheckpoint'>) {
    this.#plan = plan;
  }

  async epochEnded(record: EpochRecord): Promise<void> {
    await this.#plan.onEpoch?.(record);
  }

  checkpointWritten(outcome: CheckpointOutcome): void {
    this.#plan.onCheckpoint?.(outcome);
  }
}
