import type { NetworkCore } from '../../network/core.js';
import type { Checkpoint, EpochSums } from '../checkpoint/checkpoint.js';
import type { CheckpointOutcome } from '../checkpoint/checkpointer.js';
import type { TrainingData } from '../checkpoint/identity.js';
import { evaluateExamples } from '../evaluation.js';
import type { FitPlan } from '../fit-options.js';
import { type Metrics, scalarMetrics } from '../metrics.js';
import type { EpochRecord, StopReason, TrainingRun } from '../records.js';
import { Interruption } from './interruption.js';
import type { RunContext, RunObserver } from './observer.js';
import { CalibrationObserver } from './observers/calibration.js';
import { CallbackObserver } from './observers/callbacks.js';
import { CheckpointObserver } from './observers/checkpoints.js';
import { DivergenceObserver } from './observers/divergence.js';
import { EarlyStoppingObserver } from './observers/early-stopping.js';
import { LogObserver } from './observers/log.js';
import { ProgressObserver } from './observers/progress.js';
import { meansOf, RunState, speedOf } from './run-state.js';
import { SaturationCounter } from './saturation.js';
import { Trainer } from './trainer.js';

/** One call of fit(): its state, the engine calls and the observers. A loop decides what is trained. */
export class FitRun implements RunContext {
  readonly core: NetworkCore;
  readonly plan: FitPlan;
  readonly data: TrainingData;
  readonly state: RunState;
  readonly saturation: SaturationCounter;
  readonly interruption: Interruption;
  readonly trainer: Trainer;
  readonly #early: EarlyStoppingObserver | undefined;
  readonly #calibration: CalibrationObserver | undefined;
  readonly #checkpoints: CheckpointObserver | undefined;
  /** In the order in which hooks are called; they are closed the other way round. */
  readonly #observers: readonly RunObserver[];
  /** Metrics of the validation after the latest epoch. */
  #validation: Metrics | undefined;

  /**
   * @param resumed - the checkpoint that the network has been restored from
   * @throws SparseTrainError FILE_NOT_FOUND or FILE_ACCESS if the log cannot be written
   */
  constructor(core: NetworkCore, plan: FitPlan, data: TrainingData, resumed: Checkpoint | undefined) {
    const { log, checkpoint, earlyStopping, calibration, onProgress } = plan;
    this.core = core;
    this.plan = plan;
    this.data = data;
    this.state = new RunState(resumed?.position);
    // Before anything that has to be closed, because this may throw.
    const logObserver = log === undefined ? undefined : new LogObserver(this, log, resumed);
    this.saturation = new SaturationCounter(core.engine, plan.batchSize > 1, resumed?.position.clipped);
    this.interruption = new Interruption(core.engine, plan.signal);
    this.trainer = new Trainer(this, (isPaused) => {
      for (const observer of this.#observers) observer.callEnded?.(isPaused);
    });
    this.#early = earlyStopping && new EarlyStoppingObserver(this, earlyStopping, resumed?.watch);
    this.#calibration = calibration === undefined ? undefined : new CalibrationObserver(this, calibration);
    this.#checkpoints =
      checkpoint &&
      new CheckpointObserver(
        this,
        checkpoint,
        resumed?.position.examples,
        () => this.#early?.state,
        (outcome) => this.#checkpointWritten(outcome),
      );
    const progress = onProgress && new ProgressObserver(this, onProgress);
    // Early stopping keeps an epoch's weights before a callback can change them.
    const all = [
      // Before checkpoints, which must not hold weights that are not finite.
      core.options.arithmetic.kind === 'float' ? new DivergenceObserver(this) : undefined,
      logObserver,
      this.#early,
      // After early stopping has restored the best epoch.
      this.#calibration,
      new CallbackObserver(plan, this.interruption),
      progress,
      this.#checkpoints,
    ];
    this.#observers = all.filter((observer) => observer !== undefined);
  }

  /** Whether early stopping has seen enough epochs. */
  get isEnough(): boolean {
    return this.#early?.isEnough ?? false;
  }

  /** Runs the training, and then releases timers, listeners and files, however it ended. */
  async conduct(training: () => Promise<TrainingRun>): Promise<TrainingRun> {
    try {
      // Other calls on the network may be running, so even looking at the engine has to wait for its turn.
      await this.core.turns.take(async () => {
        this.saturation.begin();
        for (const observer of this.#observers) observer.begin?.();
      });
      return await training();
    } catch (error) {
      const sums = this.state.sums();
      if (sums.examples > 0) this.#countTraining(sums, false, undefined);
      for (const observer of this.#observers) observer.failed?.(error);
      throw error;
    } finally {
      for (const observer of this.#observers.toReversed()) await observer.close?.();
      this.interruption.close();
    }
  }

  /** Training could be resumed here: an epoch, or a chunk of a stream, is next. */
  async boundary(): Promise<void> {
    for (const observer of this.#observers) await observer.boundary?.();
  }

  /** Training was stopped before its end. May be called more than once. */
  async interrupted(): Promise<void> {
    for (const observer of this.#observers) await observer.interrupted?.();
  }

  /**
   * Ends the running epoch: makes its record and measures the validation.
   *
   * @param learningRate - of the epoch's first example
   * @param complete - whether all examples were presented
   * @param measure - whether to measure the validation, if there is one
   */
  async endEpoch(learningRate: number, complete: boolean, measure: boolean): Promise<void> {
    const { core, plan, data, interruption } = this;
    const record = await core.turns.take(async () => this.#recordEpoch(learningRate, complete));
    this.#validation =
      measure && data.validation !== undefined
        ? await evaluateExamples(core, data.validation, plan.threads, interruption)
        : undefined;
    if (this.#validation !== undefined) {
      record.validation = scalarMetrics(this.#validation);
      core.training = { ...core.training, validation: record.validation };
    }
    for (const observer of this.#observers) await observer.epochEnded?.(record, this.#validation);
  }

  #recordEpoch(learningRate: number, complete: boolean): EpochRecord {
    const { core, state } = this;
    for (const observer of this.#observers) observer.epochTrained?.();
    const sums = state.sums();
    const { examples, seconds, moved } = sums;
    const record: EpochRecord = {
      epoch: state.epochs.length + 1,
      examples,
      complete,
      learningRate,
      ...meansOf(sums, core.options.output === 'softmax'),
      seconds,
      samplesPerSecond: speedOf(sums),
      validation: undefined,
      saturation: this.saturation.endEpoch(),
      ...(moved === undefined ? {} : { moved }),
    };
    state.endEpoch(record);
    this.#countTraining(sums, complete, record.loss);
    return record;
  }

  /** Adds an epoch, or the part of it that was trained, to the summary of the network's training. */
  #countTraining({ examples, seconds }: EpochSums, complete: boolean, loss: number | undefined): void {
    const { training } = this.core;
    this.core.training = {
      epochs: training.epochs + (complete ? 1 : 0),
      examples: training.examples + examples,
      seconds: training.seconds + seconds,
      loss: loss ?? training.loss,
      validation: undefined,
    };
  }

  /** Ends the run, after the last epoch. */
  async finish(): Promise<TrainingRun> {
    this.interruption.rethrow();
    for (const observer of this.#observers) {
      const changed = await observer.trained?.();
      if (changed !== undefined) this.#validation = changed.validation;
    }
    this.interruption.rethrow();
    return this.core.turns.take(async () => {
      const run = this.#result();
      for (const observer of this.#observers) observer.ended?.(run);
      return run;
    });
  }

  #result(): TrainingRun {
    const { core, plan, state } = this;
    const { examples, trainSeconds } = state;
    return {
      id: state.id,
      epochs: [...state.epochs],
      stopped: this.#stopReason(),
      examples,
      trainSeconds,
      seconds: state.elapsed,
      samplesPerSecond: speedOf({ examples, seconds: trainSeconds }),
      validation: this.#validation,
      best: this.#early?.best,
      temperature: this.#calibration?.temperature,
      batchSize: plan.batchSize,
      threads: plan.threads,
      seed: plan.seed,
      kernelSet: core.engine.kernelSet,
      checkpoint: this.#checkpoints?.summary,
    };
  }

  #stopReason(): StopReason {
    if (this.isEnough && this.state.epochs.length < this.plan.epochs) return 'early';
    return this.interruption.stopped ? 'aborted' : 'finished';
  }

  #checkpointWritten(outcome: CheckpointOutcome): void {
    try {
      for (const observer of this.#observers) observer.checkpointWritten?.(outcome);
    } catch (failure) {
      this.interruption.fail(failure);
    }
  }
}
