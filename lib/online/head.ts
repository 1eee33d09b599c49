import { describeValue, SparseTrainError } from '../base/errors.js';
import { optionName, say } from '../base/wording.js';
import { keyWords } from '../data/key.js';
import { type EngineLearner, RESULTS_PER_ROW } from '../engine/learner.js';
import { ClassProgress, type ProgressiveClassMetrics } from './class-metrics.js';
import { DriftDetector } from './drift.js';
import { NumberProgress, type ProgressiveNumberMetrics } from './number-metrics.js';
import { RunningTarget } from './running-target.js';

/** The kind of target: one of several classes, to which new ones may be added at any time, or a number. */
export type TargetKind = 'class' | 'number';

/** The true value of a target; classes may be written as numbers or truth values. */
export type TargetValue = string | number | boolean | bigint;

/** The prediction for a row, made before the row was learned. */
export interface Forecast {
  /** A class or a number; undefined if nothing has been learned yet. */
  readonly predicted: string | number | undefined;
  /** For classes, the probability that was given to the true one (0 for a new class). */
  readonly probability: number | undefined;
}

/** The result of learning a row. */
export interface Learned {
  /** The prediction made before the row was learned; undefined for the very first row. */
  readonly predicted: string | number | undefined;
  /** -ln of the probability of the true class, or the squared error. */
  readonly loss: number;
}

/** A change of the stream that a learner has detected. */
export interface Drift {
  /** The row at which it was detected, counted from 1. */
  readonly row: number;
}

/** The largest target number; the squares of larger ones could overflow. */
const LARGEST_TARGET = 1e100;

/** Only this many of the latest changes are listed. */
const MOST_DRIFTS = 1000;

/** One target of a learner: its network, its classes or scale, and the scores of its predictions. */
export abstract class Head {
  abstract readonly kind: TargetKind;
  readonly engine: EngineLearner;
  readonly drifts: Drift[] = [];
  protected readonly detector = new DriftDetector();

  constructor(engine: EngineLearner) {
    this.engine = engine;
  }

  /** Whether the network should learn faster for a while. */
  get hurries(): boolean {
    return this.detector.hurry > 0;
  }

  /** @throws SparseTrainError INVALID_DATA for a value that cannot be learned; nothing changes in that case */
  abstract check(value: TargetValue): void;
  /** Writes the target of row `row`, already checked, into the stage. */
  abstract target(row: number, value: TargetValue): void;
  /** Reads the forecast of row `row` from the stage's results. */
  abstract forecast(row: number): Forecast;
  /** The prediction of the latest row in the form that callers get. */
  abstract prediction(): Readonly<Record<string, unknown>>;
  /** Updates the scores with a row that has been learned. */
  abstract count(value: TargetValue, forecast: Forecast, row: number): Learned;
  abstract metrics(): ProgressiveClassMetrics | ProgressiveNumberMetrics;
  /** The state as numbers and names, without the network. */
  abstract toState(): HeadState;
  abstract restore(state: HeadState): void;

  protected result(row: number, part: 0 | 1 | 2): number {
    return this.engine.stage.results[row * RESULTS_PER_ROW + part] as number;
  }

  protected notice(error: number, row: number): void {
    if (!this.detector.add(error)) return;
    if (this.drifts.length === MOST_DRIFTS) this.drifts.shift();
    this.drifts.push({ row });
  }
}

/** The part of a head that a file stores apart from its network. */
export interface HeadState {
  readonly kind: TargetKind;
  readonly classes: readonly string[];
  readonly scale: readonly number[];
  readonly progress: readonly number[];
  readonly detector: readonly number[];
  readonly drifts: readonly number[];
}

/** A target that is one of several classes. */
export class ClassHead extends Head {
  readonly kind = 'class';
  readonly classes: string[] = [];
  readonly #indices = new Map<string, number>();
  /** The class that was asked for last: a row asks for its class several times. */
  #latest = '';
  #latestIndex = -1;
  readonly #progress: ClassProgress;
  readonly #most: number;

  constructor(engine: EngineLearner, window: number, mostClasses: number) {
    super(engine);
    this.#progress = new ClassProgress(window);
    this.#most = mostClasses;
  }

  check(value: TargetValue): void {
    const name = className(value);
    if (this.classes.length < this.#most || this.#indexOf(name) !== -1) return;
    throw new SparseTrainError('INVALID_DATA', {
      says: `${describeValue(name)} would be class number ${this.#most + 1}; this learner has room for ${this.#most}`,
      advice: say`if the target is a number, say ${optionName('target', 'number')}; otherwise raise ${optionName('maxClasses')}`,
    });
  }

  target(row: number, value: TargetValue): void {
    const name = className(value);
    if (this.#indexOf(name) === -1) this.#add(name);
    this.engine.stage.outputs[row] = this.#indexOf(name);
  }

  /** The number of a class; -1 if it has not appeared. */
  #indexOf(name: string): number {
    if (name === this.#latest && this.#latestIndex !== -1) return this.#latestIndex;
    this.#latest = name;
    this.#latestIndex = this.#indices.get(name) ?? -1;
    return this.#latestIndex;
  }

  #add(name: string): void {
    this.engine.addOutputs(Uint32Array.of(...keyWords(name)));
    this.#latestIndex = -1;
    this.#indices.set(name, this.classes.length);
    this.classes.push(name);
  }

  forecast(row: number): Forecast {
    return { predicted: this.classes[this.result(row, 0)], probability: this.result(row, 2) };
  }

  prediction(): Readonly<Record<string, unknown>> {
    return {
      class: this.classes[this.result(0, 0)],
      probability: this.result(0, 1),
      probabilities: this.#byClass(this.engine.probabilities()),
    };
  }

  #byClass(probabilities: Float64Array): Record<string, number> {
    const byClass: Record<string, number> = {};
    for (let i = 0; i < probabilities.length; i++) {
      const name = this.classes[i] as string;
      // An assignment would set the prototype instead.
      if (name === '__proto__')
        Object.defineProperty(byClass, name, { value: probabilities[i], enumerable: true });
      else byClass[name] = probabilities[i] as number;
    }
    return byClass;
  }

  count(value: TargetValue, { predicted, probability }: Forecast, row: number): Learned {
    const actual = this.#indexOf(className(value));
    const index = predicted === undefined ? -1 : this.#indexOf(String(predicted));
    const loss = this.#progress.add(actual, index, probability ?? 0);
    this.notice(index === actual ? 0 : 1, row);
    return { predicted, loss };
  }

  metrics(): ProgressiveClassMetrics {
    return this.#progress.metrics(this.classes);
  }

  toState(): HeadState {
    return {
      kind: this.kind,
      classes: this.classes,
      scale: [],
      progress: this.#progress.toState(),
      detector: this.detector.toState(),
      drifts: this.drifts.map(({ row }) => row),
    };
  }

  restore({ classes, progress, detector, drifts }: HeadState): void {
    for (const name of classes) this.#add(name);
    this.#progress.restore(progress);
    this.detector.restore(detector);
    this.drifts.push(...drifts.map((row) => ({ row })));
  }
}

/** A target that is a number. */
export class NumberHead extends Head {
  readonly kind = 'number';
  readonly #scale = new RunningTarget();
  readonly #progress: NumberProgress;
  /** Mean and deviation at the time of each row of the stage: the predictions are in units of these. */
  readonly #means: Float64Array;
  readonly #deviations: Float64Array;
  readonly #isFirst: Uint8Array;

  constructor(engine: EngineLearner, window: number) {
    super(engine);
    const { stage } = engine;
    this.#progress = new NumberProgress(window);
    this.#means = new Float64Array(stage.ends.length);
    this.#deviations = new Float64Array(stage.ends.length);
    this.#isFirst = new Uint8Array(stage.ends.length);
  }

  check(value: TargetValue): void {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number !== 'number' || !(Math.abs(number) <= LARGEST_TARGET)) {
      throw new SparseTrainError('INVALID_DATA', {
        says: `the target must be a number within ±1e100, but it is ${describeValue(value)}`,
        advice: say`say ${optionName('target', 'class')} if it is the name of a class`,
      });
    }
  }

  target(row: number, value: TargetValue): void {
    const number = Number(value);
    this.#note(row);
    this.engine.stage.numbers[row] = this.#scale.scaled(number);
    this.#scale.observe(number);
  }

  #note(row: number): void {
    this.#means[row] = this.#scale.mean;
    this.#deviations[row] = this.#scale.deviation;
    this.#isFirst[row] = this.#scale.count === 0 ? 1 : 0;
  }

  forecast(row: number): Forecast {
    const value = this.result(row, 1) * (this.#deviations[row] as number) + (this.#means[row] as number);
    return { predicted: this.#isFirst[row] === 1 ? undefined : value, probability: undefined };
  }

  prediction(): Readonly<Record<string, unknown>> {
    this.#note(0);
    return { value: this.forecast(0).predicted };
  }

  count(value: TargetValue, { predicted }: Forecast, row: number): Learned {
    if (typeof predicted !== 'number') return { predicted: undefined, loss: 0 };
    const actual = Number(value);
    const loss = this.#progress.add(actual, predicted);
    const error = Math.abs(predicted - actual) / this.#scale.deviation;
    this.notice(Math.min(1, error / 2), row);
    return { predicted, loss };
  }

  metrics(): ProgressiveNumberMetrics {
    return this.#progress.metrics();
  }

  toState(): HeadState {
    const { count, mean, squares } = this.#scale;
    return {
      kind: this.kind,
      classes: [],
      scale: [count, mean, squares],
      progress: this.#progress.toState(),
      detector: this.detector.toState(),
      drifts: this.drifts.map(({ row }) => row),
    };
  }

  restore({ scale, progress, detector, drifts }: HeadState): void {
    [this.#scale.count, this.#scale.mean, this.#scale.squares] = scale as [number, number, number];
    this.#progress.restore(progress);
    this.detector.restore(detector);
    this.drifts.push(...drifts.map((row) => ({ row })));
  }
}

/** The name of a class. */
function className(value: TargetValue): string {
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER && Number.isFinite(value))
    throw new SparseTrainError('INVALID_DATA', {
      says: `the target is ${value}, which is beyond 2^53, where numbers are rounded to others`,
      advice: 'give the class as a text or a BigInt',
    });
  if (typeof value === 'boolean' || typeof value === 'bigint' || Number.isFinite(value)) return String(value);
  throw new SparseTrainError('INVALID_DATA', {
    says: `the target must be the name of a class, but it is ${describeValue(value)}`,
    advice: 'leave out rows whose target is not known',
  });
}
