import type { FitSummary } from '../../../network/core.js';
import type { WatchState } from '../../checkpoint/checkpoint.js';
import { EarlyStopping, type EarlyStoppingRule } from '../../early-stopping.js';
import { evaluateExamples } from '../../evaluation.js';
import type { Metrics } from '../../metrics.js';
import type { BestEpoch, EpochRecord } from '../../records.js';
import type { RunContext, RunObserver } from '../observer.js';

/** Watches a metric from epoch to epoch, says when training has gone on long enough, and restores the best epoch. */
export class EarlyStoppingObserver implements RunObserver {
  readonly #run: RunContext;
  readonly #watch: EarlyStopping;
  readonly #resumed: WatchState | undefined;
  /** Of the best epoch. */
  #training: FitSummary | undefined;
  /** Of the best epoch; undefined after a resume, because a checkpoint does not hold them. */
  #measured: { validation: Metrics | undefined } | undefined;
  #isEnough = false;

  constructor(run: RunContext, rule: EarlyStoppingRule, resumed: WatchState | undefined) {
    this.#run = run;
    this.#resumed = resumed;
    this.#watch = new EarlyStopping(rule, run.core, run.plan.dynamicPattern !== undefined);
  }

  /** Whether the metric has not improved for as many epochs as the rule allows. */
  get isEnough(): boolean {
    return this.#isEnough;
  }

  get best(): BestEpoch | undefined {
    return this.#watch.best;
  }

  /** For a checkpoint. */
  get state(): WatchState {
    return { ...this.#watch.state, training: this.#training };
  }

  /** @throws SparseTrainError INVALID_FILE if the checkpoint's weights do not fit the network */
  begin(): void {
    if (this.#resumed === undefined) return;
    this.#watch.resume(this.#resumed);
    this.#training = this.#resumed.training;
  }

  epochEnded(record: EpochRecord, validation: Metrics | undefined): void {
    const isMeasured = this.#run.data.validation === undefined || validation !== undefined;
    if (!record.complete || !isMeasured) return;
    this.#isEnough = this.#watch.note(record.epoch, this.#valueOf(record));
    if (this.#watch.best?.epoch !== record.epoch) return;
    this.#measured = { validation };
    this.#training = this.#run.core.training;
  }

  /** The watched metric: of the validation if there is one, otherwise of the training. */
  #valueOf(record: EpochRecord): number {
    const { metric } = this.#watch.rule;
    const value = record.validation === undefined ? record[metric] : record.validation[metric];
    return value ?? Number.NaN;
  }

  async trained(): Promise<{ validation: Metrics | undefined } | undefined> {
    const { core, plan, data, interruption } = this.#run;
    const isChanged = await core.turns.take(async () => this.#watch.restore(interruption.stopped));
    if (!isChanged) return undefined;
    const { validation } = data;
    const measured = this.#measured ?? {
      validation: validation && (await evaluateExamples(core, validation, plan.threads, interruption)),
    };
    const { loss, validation: scalars } = this.#training ?? {};
    core.training = { ...core.training, loss, validation: scalars };
    return measured;
  }
}
