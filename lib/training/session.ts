import { randomUUID } from 'node:crypto';
import { thisMachine } from '../base/machine.js';
import type { EngineInputs, TrainJob, TrainResult } from '../engine/calls.js';
import { engineVersion } from '../engine/kernel-sets.js';
import type { NetworkCore } from '../network/core.js';
import { networkDigest } from '../network/digest.js';
import { describeOptions } from '../network/options.js';
import type {
  Checkpoint,
  EpochSums,
  Position,
  TrainingIdentity,
  WatchState,
} from './checkpoint/checkpoint.js';
import { Checkpointer, type CheckpointOutcome } from './checkpoint/checkpointer.js';
import { identityOf, type TrainingData } from './checkpoint/identity.js';
import type { FitPlan } from './fit-options.js';
import { Interruption } from './interruption.js';
import { type Metrics, scalarMetrics } from './metrics.js';
import { ProgressReporter } from './progress-reporter.js';
import type {
  BestEpoch,
  EpochRecord,
  Saturation,
  StopReason,
  TrainingProgress,
  TrainingRun,
} from './records.js';
import { RunLog } from './run-log.js';

/** What a run's data is, for its log. */
export interface DataFacts {
  kind: 'dataset' | 'stream';
  /** Examples to train on in an epoch; undefined for a stream. */
  rows: number | undefined;
  validationRows: number | undefined;
}

const NOTHING: EpochSums = {
  examples: 0,
  outputs: 0,
  lossSum: 0,
  correct: 0,
  seconds: 0,
  moved: undefined,
};

/** One call of fit(): its calls of the engine, and all that is told about them. */
export class TrainingSession {
  readonly core: NetworkCore;
  readonly plan: FitPlan;
  readonly interruption: Interruption;
  readonly #id: string;
  readonly #facts: DataFacts;
  readonly #data: TrainingData;
  readonly #checkpointer: Checkpointer | undefined;
  readonly #begun = performance.now();
  readonly #log: RunLog | undefined;
  readonly #reporter: ProgressReporter | undefined;
  readonly #epochs: EpochRecord[] = [];
  /** Of the running epoch: the calls of the engine that are done with, and the latest one. */
  #sums: EpochSums = NOTHING;
  #call: EpochSums = NOTHING;
  #trainSeconds = 0;
  #examples = 0;
  #running = false;
  /** Where the next call of the engine begins, if it continues one that was paused. */
  #first = 0;
  /** How far training was when it could last be saved; undefined if that has been saved. */
  #marked: Position | undefined;
  #identity: TrainingIdentity | undefined;
  /** What early stopping remembers. */
  watchState: () => WatchState | undefined = () => undefined;
  /** When the running call of the engine began, in seconds of this session. */
  #callBegun = 0;
  #clipped: Saturation;
  /** What a callback threw. */
  #failure: { error: unknown } | undefined;

  /**
   * @param data - all that is known in advance, to tell checkpoints of other trainings apart
   * @param resumed - the checkpoint that the network has been brought to
   * @throws SparseTrainError FILE_NOT_FOUND or FILE_ACCESS if the log cannot be written
   */
  constructor(
    core: NetworkCore,
    plan: FitPlan,
    facts: DataFacts,
    data: TrainingData,
    resumed: Checkpoint | undefined,
  ) {
    this.core = core;
    this.plan = plan;
    this.#facts = facts;
    this.#data = data;
    this.#id = resumed?.position.run ?? randomUUID();
    this.#clipped = this.#saturation();
    this.#log = plan.log === undefined ? undefined : new RunLog(plan.log, this.#id);
    if (resumed === undefined) {
      this.#log?.write('start', this.#configuration());
    } else {
      this.#continue(resumed);
      const { epochs, examples } = resumed.position;
      this.#log?.write('resume', { epochs: epochs.length, examples, ...this.#configuration() });
    }
    this.interruption = new Interruption(core.engine, plan.signal);
    if (plan.checkpoint !== undefined) {
      this.#checkpointer = new Checkpointer(
        plan.checkpoint,
        resumed?.position.examples,
        () => {
          if (this.#running) core.engine.pause();
        },
        (outcome) => this.#noteCheckpoint(outcome),
      );
    }
    if (plan.onProgress !== undefined) {
      this.#reporter = new ProgressReporter(
        plan.onProgress,
        () => this.#progress(),
        (error) => this.fail(error),
      );
    }
  }

  /** Examples presented so far. */
  get examples(): number {
    return this.#examples;
  }

  /** Epochs that were begun and have ended, aborted ones included. */
  get epochs(): number {
    return this.#epochs.length;
  }

  /** Stops training because of an error; {@link rethrow} throws it. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.interruption.stop();
  }

  /** Throws what {@link fail} was given, if anything. */
  rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /**
   * Trains on a stretch of examples, when it is this call's turn. Checkpoints that become due meanwhile are taken. When
   * training is stopped and there are to be checkpoints, the engine is left as it stands, for {@link saveStopped}.
   *
   * @throws SparseTrainError INVALID_DATA
   */
  train(job: Omit<TrainJob<EngineInputs>, 'threads' | 'batchSize' | 'augment' | 'first'>): Promise<void> {
    const { threads, batchSize, augment } = this.plan;
    return this.core.turns.take(async () => {
      let first = this.#first;
      this.#first = 0;
      if (first === 0) this.#foldCall();
      for (let paused = true; paused && !this.interruption.stopped; ) {
        const result = await this.#present({ ...job, first, threads, batchSize, augment });
        ({ paused, examples: first } = result);
        if (this.#checkpointer === undefined) continue;
        this.mark();
        if (paused && !this.interruption.stopped && this.#checkpointer.isDue) this.#save();
      }
    });
  }

  /** Moves edges, when it is this call's turn; the time counts as training. */
  rewire(rule: { share: number; byGradient: boolean }): Promise<void> {
    const { core } = this;
    return core.turns.take(async () => {
      if (this.interruption.stopped) return;
      const begun = performance.now();
      const counts = await core.engine.rewire(rule);
      for (const [j, count] of counts.entries()) if (count > 0) core.notePattern(j);
      const seconds = (performance.now() - begun) / 1000;
      const { moved } = this.#sums;
      this.#sums = {
        ...this.#sums,
        seconds: this.#sums.seconds + seconds,
        moved: Array.from(counts, (count, j) => count + (moved?.[j] ?? 0)),
      };
      this.#trainSeconds += seconds;
    });
  }

  /** One call of the engine. */
  async #present(job: TrainJob<EngineInputs>): Promise<TrainResult> {
    const { engine } = this.core;
    const stop = () => (this.#checkpointer === undefined ? engine.abort() : engine.pause());
    this.#running = true;
    this.#callBegun = this.#elapsed();
    try {
      const result = await this.interruption.run(() => engine.train(job), stop);
      const { examples, outputs, lossSum, correct } = result;
      // The engine's sums go on where a call was paused; its seconds do not.
      this.#examples += examples - (job.first ?? 0);
      this.#trainSeconds += result.seconds;
      const seconds = this.#call.seconds + result.seconds;
      this.#call = { ...NOTHING, examples, outputs, lossSum, correct, seconds };
      return result;
    } finally {
      this.#running = false;
    }
  }

  #foldCall(): void {
    this.#sums = addSums(this.#sums, this.#call);
    this.#call = NOTHING;
  }

  /** Notes how far training is, which is to be called wherever it could go on from. */
  mark(): void {
    if (this.#checkpointer === undefined) return;
    // What comes after this chunk of a stream is another call of the engine.
    const isStream = this.#facts.kind === 'stream';
    this.#marked = {
      run: this.#id,
      epochs: [...this.#epochs],
      first: isStream ? 0 : this.#call.examples,
      examples: this.#examples,
      trainSeconds: this.#trainSeconds,
      sums: isStream ? addSums(this.#sums, this.#call) : { ...this.#sums, seconds: this.#call.seconds },
      clipped: this.#clipped,
      training: this.core.training,
    };
  }

  /** Notes that training could go on with the next epoch, or chunk, and takes a checkpoint if one is due. */
  async markBoundary(): Promise<void> {
    this.mark();
    const isStream = this.#facts.kind === 'stream';
    const isDue = isStream ? this.#checkpointer?.isDue : this.#checkpointer?.isDueAfter(this.#epochs.length);
    if (!isDue || this.#examples === 0) return;
    await this.core.turns.take(async () => {
      this.#save();
    });
  }

  /**
   * Begins to save how far training is that has been stopped, and empties the pipeline so that the network can be used;
   * {@link finish} waits for the file.
   */
  async saveStopped(): Promise<void> {
    if (this.#checkpointer === undefined) return;
    await this.core.turns.take(async () => {
      if (this.#marked !== undefined && this.#marked.examples > 0) this.#save();
      this.core.drain();
    });
  }

  /** Takes a checkpoint and begins to write it; nothing else of the network's may be running. */
  #save(): void {
    const position = this.#marked as Position;
    this.#marked = undefined;
    this.#identity ??= identityOf(this.core, this.plan, this.#data);
    const { reader, targetScaling, classes, engine } = this.core;
    const { scaling, unit } = reader;
    const checkpoint: Checkpoint = {
      identity: this.#identity,
      position,
      adopted: { scaling, unit, targetScaling, classes },
      watch: this.watchState(),
      engine: engine.exportState(),
    };
    this.#checkpointer?.write(checkpoint);
  }

  #noteCheckpoint(outcome: CheckpointOutcome): void {
    const { file, examples, error } = outcome;
    try {
      this.#log?.write('checkpoint', { file, examples, error: error?.message });
      this.plan.onCheckpoint?.(outcome);
    } catch (failure) {
      this.fail(failure);
    }
  }

  /** Takes over how far a training was. */
  #continue({ position }: Checkpoint): void {
    this.#epochs.push(...position.epochs);
    this.#first = position.first;
    this.#examples = position.examples;
    this.#trainSeconds = position.trainSeconds;
    const { seconds, ...sums } = position.sums;
    this.#sums = { ...sums, seconds: 0 };
    this.#call = { ...NOTHING, examples: position.first, seconds };
    this.#clipped = position.clipped;
  }

  /** Makes the record of the epoch that has just been trained, and begins the next. */
  endEpoch(learningRate: number, complete: boolean): EpochRecord {
    this.#foldCall();
    const { examples, outputs, lossSum, correct, seconds, moved } = this.#sums;
    this.#reporter?.report();
    const record: EpochRecord = {
      epoch: this.#epochs.length + 1,
      examples,
      complete,
      learningRate,
      loss: outputs === 0 ? undefined : lossSum / outputs,
      accuracy: outputs === 0 || this.core.options.output !== 'softmax' ? undefined : correct / outputs,
      seconds,
      samplesPerSecond: seconds > 0 ? examples / seconds : 0,
      validation: undefined,
      saturation: this.#saturationSinceLast(),
      ...(moved === undefined ? {} : { moved }),
    };
    this.#epochs.push(record);
    this.#sums = NOTHING;
    const { training } = this.core;
    this.core.training = {
      epochs: training.epochs + (complete ? 1 : 0),
      examples: training.examples + examples,
      seconds: training.seconds + seconds,
      loss: record.loss ?? training.loss,
      validation: undefined,
    };
    return record;
  }

  /** Adds an epoch's validation to its record. */
  noteValidation(record: EpochRecord, metrics: Metrics | undefined): void {
    if (metrics === undefined) return;
    record.validation = scalarMetrics(metrics);
    this.core.training = { ...this.core.training, validation: record.validation };
  }

  /** Tells the log and the caller about an epoch. */
  async announce(record: EpochRecord): Promise<void> {
    this.#log?.write('epoch', record);
    await this.plan.onEpoch?.(record);
  }

  /** Ends the run. */
  async finish(
    stopped: StopReason,
    validation: Metrics | undefined,
    best: BestEpoch | undefined,
  ): Promise<TrainingRun> {
    await this.#checkpointer?.settle();
    this.rethrow();
    return this.core.turns.take(async () => this.#end(stopped, validation, best));
  }

  #end(stopped: StopReason, validation: Metrics | undefined, best: BestEpoch | undefined): TrainingRun {
    const run: TrainingRun = {
      id: this.#id,
      epochs: this.#epochs,
      stopped,
      examples: this.#examples,
      trainSeconds: this.#trainSeconds,
      seconds: this.#elapsed(),
      samplesPerSecond: this.#trainSeconds > 0 ? this.#examples / this.#trainSeconds : 0,
      validation,
      best,
      batchSize: this.plan.batchSize,
      threads: this.plan.threads,
      seed: this.plan.seed,
      kernelSet: this.core.engine.kernelSet,
      checkpoint: this.#checkpointer?.summary,
    };
    const { id: _, epochs, ...summary } = run;
    if (this.#log !== undefined)
      this.#log.write('end', { ...summary, epochs: epochs.length, digest: this.#digest() });
    return run;
  }

  /** Tells the log which model file is this run's. */
  #digest(): string {
    this.core.drain();
    return networkDigest(this.core.engine, this.core.junctionCount);
  }

  /** Runs what this session is for, and then lets go of timers, listeners and files, however it ended. */
  async conduct(training: () => Promise<TrainingRun>): Promise<TrainingRun> {
    try {
      return await training();
    } catch (error) {
      this.#noteFailure(error);
      throw error;
    } finally {
      await this.#checkpointer?.settle();
      this.#checkpointer?.close();
      this.#reporter?.close();
      this.interruption.close();
      this.#log?.close();
    }
  }

  #noteFailure(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#log?.write('end', {
      stopped: 'failed',
      error: message,
      epochs: this.#epochs.length,
      examples: this.#examples,
    });
  }

  #elapsed(): number {
    return (performance.now() - this.#begun) / 1000;
  }

  #progress(): TrainingProgress {
    const now = this.#running ? this.core.engine.progress() : this.#call;
    const spent = this.#call.seconds + (this.#running ? this.#elapsed() - this.#callBegun : 0);
    const { examples, outputs, lossSum, correct, seconds } = addSums(this.#sums, {
      ...NOTHING,
      ...now,
      seconds: spent,
    });
    const { epochs } = this.plan;
    const { rows } = this.#facts;
    const done = this.#epochs.length;
    return {
      epoch: Math.min(done + 1, epochs),
      epochs,
      examples,
      examplesPerEpoch: rows,
      fraction: rows === undefined ? undefined : Math.min(1, (done + examples / rows) / epochs),
      loss: outputs === 0 ? undefined : lossSum / outputs,
      accuracy: outputs === 0 || this.core.options.output !== 'softmax' ? undefined : correct / outputs,
      samplesPerSecond: seconds > 0 ? examples / seconds : 0,
      seconds: this.#elapsed(),
    };
  }

  #saturation(): Saturation {
    const telemetry = this.core.engine.telemetry();
    return {
      weightsAtLimit: Array.from(telemetry.weightsAtLimit),
      activationsClipped: Array.from(telemetry.activationsClipped),
      deltasClipped: Array.from(telemetry.deltasClipped),
      ...(this.plan.batchSize > 1 &&
        telemetry.batchSteps.length > 0 && {
          batchSteps: Array.from(telemetry.batchSteps),
          stepsRoundedToZero: Array.from(telemetry.stepsRoundedToZero),
        }),
    };
  }

  #saturationSinceLast(): Saturation {
    const before = this.#clipped;
    const now = this.#saturation();
    this.#clipped = now;
    const since = (counts: number[], earlier: number[] = []) =>
      counts.map((count, j) => count - (earlier[j] ?? 0));
    return {
      weightsAtLimit: now.weightsAtLimit,
      activationsClipped: since(now.activationsClipped, before.activationsClipped),
      deltasClipped: since(now.deltasClipped, before.deltasClipped),
      ...(now.batchSteps && { batchSteps: since(now.batchSteps, before.batchSteps) }),
      ...(now.stepsRoundedToZero && {
        stepsRoundedToZero: since(now.stepsRoundedToZero, before.stepsRoundedToZero),
      }),
    };
  }

  #configuration(): object {
    const { core, plan } = this;
    const { scaling, ...network } = describeOptions(core.options);
    const {
      validation,
      signal: _signal,
      onProgress: _onProgress,
      onEpoch: _onEpoch,
      onCheckpoint: _onCheckpoint,
      log: _log,
      logContext,
      ...fit
    } = plan;
    return {
      version: engineVersion(),
      network: { ...network, scaling: typeof scaling === 'object' ? scaling.kind : scaling },
      edges: core.engine.junctions().map((junction) => junction.edges),
      fit: { ...fit, validation: typeof validation === 'number' ? validation : undefined },
      data: { ...this.#facts, features: core.inputs, outputs: core.outputs },
      kernelSet: core.engine.kernelSet,
      machine: thisMachine(),
      context: logContext,
    };
  }
}

function addSums(a: EpochSums, b: EpochSums): EpochSums {
  return {
    examples: a.examples + b.examples,
    outputs: a.outputs + b.outputs,
    lossSum: a.lossSum + b.lossSum,
    correct: a.correct + b.correct,
    seconds: a.seconds + b.seconds,
    moved: a.moved ?? b.moved,
  };
}
