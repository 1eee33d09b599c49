import { randomUUID } from 'node:crypto';
import { type NativeTrainJob, type NativeTrainResult, native } from '../native.js';
import type { NetworkCore } from '../network/core.js';
import { networkDigest } from '../network/digest.js';
import { callNative, fromNative } from '../network/native-errors.js';
import { describeOptions } from '../network/options.js';
import type { BestEpoch } from './early-stopping.js';
import type { FitPlan } from './fit-options.js';
import { Interruption } from './interruption.js';
import { thisMachine } from './machine.js';
import { type Metrics, scalarMetrics } from './metrics.js';
import { ProgressReporter } from './progress-reporter.js';
import type { EpochRecord, Saturation, StopReason, TrainingProgress, TrainingRun } from './records.js';
import { RunLog } from './run-log.js';

/** What a run's data is, for its log. */
export interface DataFacts {
  kind: 'dataset' | 'stream';
  /** Examples to train on in an epoch; undefined for a stream. */
  rows: number | undefined;
  validationRows: number | undefined;
}

/** Sums over the calls of the engine in one epoch. */
interface EpochSums {
  examples: number;
  outputs: number;
  lossSum: number;
  correct: number;
  seconds: number;
  moved: number[] | undefined;
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
  readonly #id = randomUUID();
  readonly #facts: DataFacts;
  readonly #begun = performance.now();
  readonly #log: RunLog | undefined;
  readonly #reporter: ProgressReporter | undefined;
  readonly #epochs: EpochRecord[] = [];
  #sums: EpochSums = NOTHING;
  #trainSeconds = 0;
  #examples = 0;
  #running = false;
  /** When the running call of the engine began, in seconds of this session. */
  #callBegun = 0;
  #clipped: Saturation;
  /** What a callback threw. */
  #failure: { error: unknown } | undefined;

  /** @throws SparseTrainError FILE_NOT_FOUND or FILE_ACCESS if the log cannot be written */
  constructor(core: NetworkCore, plan: FitPlan, facts: DataFacts) {
    this.core = core;
    this.plan = plan;
    this.#facts = facts;
    this.#clipped = this.#saturation();
    this.#log = plan.log === undefined ? undefined : new RunLog(plan.log, this.#id);
    this.#log?.write('start', this.#configuration());
    this.interruption = new Interruption(core.engine, plan.signal);
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
   * Trains on a stretch of examples, when it is this call's turn.
   *
   * @throws SparseTrainError INVALID_DATA
   */
  train(job: Omit<NativeTrainJob, 'threads' | 'batchSize' | 'augment'>): Promise<void> {
    const { threads, batchSize, augment } = this.plan;
    return this.core.turns.take(async () => {
      if (this.interruption.stopped) return;
      this.#running = true;
      this.#callBegun = this.#elapsed();
      try {
        this.#add(
          await this.interruption.run(() => this.core.engine.train({ ...job, threads, batchSize, augment })),
        );
      } catch (error) {
        throw fromNative(error, 'INVALID_DATA');
      } finally {
        this.#running = false;
      }
    });
  }

  /** Moves edges, when it is this call's turn; the time counts as training. */
  rewire(rule: { share: number; byGradient: boolean }): Promise<void> {
    const { core } = this;
    return core.turns.take(async () => {
      if (this.interruption.stopped) return;
      const begun = performance.now();
      try {
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
      } catch (error) {
        throw fromNative(error, 'INTERNAL');
      }
    });
  }

  #add(result: NativeTrainResult): void {
    const { examples, outputs, lossSum, correct, seconds, moved } = this.#sums;
    this.#sums = {
      moved,
      examples: examples + result.examples,
      outputs: outputs + result.outputs,
      lossSum: lossSum + result.lossSum,
      correct: correct + result.correct,
      seconds: seconds + result.seconds,
    };
    this.#examples += result.examples;
    this.#trainSeconds += result.seconds;
  }

  /** Makes the record of the epoch that has just been trained, and begins the next. */
  endEpoch(learningRate: number, complete: boolean): EpochRecord {
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
  finish(stopped: StopReason, validation: Metrics | undefined, best: BestEpoch | undefined): TrainingRun {
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
    let { examples, outputs, lossSum, correct, seconds } = this.#sums;
    if (this.#running) {
      const now = this.core.engine.progress();
      examples += now.examples;
      outputs += now.outputs;
      lossSum += now.lossSum;
      correct += now.correct;
      seconds += this.#elapsed() - this.#callBegun;
    }
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
    const telemetry = callNative('INTERNAL', () => this.core.engine.telemetry());
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
      log: _log,
      logContext,
      ...fit
    } = plan;
    return {
      version: native().version,
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
