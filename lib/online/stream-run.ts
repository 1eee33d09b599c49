import { SparseTrainError, seenFrom } from '../base/errors.js';
import { ClassProgress, type ProgressiveClassMetrics } from './class-metrics.js';
import type { TargetKind, TargetValue } from './head.js';
import type { Learner } from './learner.js';
import { NumberProgress, type ProgressiveNumberMetrics } from './number-metrics.js';

/** A row of a stream: the known values and the truth. */
export interface StreamRow {
  readonly place: number;
  readonly row: object;
  readonly truth: TargetValue;
}

/** The scores of one window, and of all rows up to its end. */
export interface WindowRecord {
  /** The last row of the window, counted from 1. */
  readonly row: number;
  readonly window: ProgressiveClassMetrics['window'] | ProgressiveNumberMetrics['window'];
  readonly total: ProgressiveClassMetrics['window'] | ProgressiveNumberMetrics['window'];
}

/** A simple rule that a learner has to beat. */
export interface Baseline {
  readonly name: string;
  readonly metrics: ProgressiveClassMetrics | ProgressiveNumberMetrics;
}

/** The most windows that are kept; when there are more, every second one is dropped. */
const MOST_WINDOWS = 2000;

/** Learns a stream, predicting each row before it is learned, and keeps the scores of every window. */
export class StreamRun {
  readonly learner: Learner<object, TargetKind>;
  readonly windows: WindowRecord[] = [];
  readonly #size: number;
  readonly #baselines: Rule[];
  #every: number;

  /** @param compare - whether simple rules are scored on the same rows */
  constructor(learner: Learner<object, TargetKind>, kind: TargetKind, window: number, compare: boolean) {
    this.learner = learner;
    this.#size = window;
    this.#every = window;
    this.#baselines = compare ? rulesFor(kind, window) : [];
  }

  /** Simple rules and their scores. */
  get baselines(): Baseline[] {
    return this.#baselines.map((rule) => ({ name: rule.name, metrics: rule.metrics() }));
  }

  /**
   * Learns rows.
   *
   * @throws SparseTrainError INVALID_DATA naming the row; all rows before it have been learned
   */
  learn(rows: readonly StreamRow[], unit: string): void {
    for (let i = 0; i < rows.length; ) {
      const { rows: done } = this.learner;
      const left = this.#size - (done % this.#size);
      const some = rows.slice(i, i + left);
      try {
        this.learner.learnMany(
          some.map(({ row }) => row),
          some.map(({ truth }) => truth),
        );
      } catch (error) {
        const place = rows[i + this.learner.rows - done]?.place;
        if (!(error instanceof SparseTrainError) || place === undefined) throw error;
        // Its cause is the same error without the row's number, which counts from the first of these rows.
        const original = error.cause instanceof SparseTrainError ? error.cause : error;
        throw seenFrom(`${unit} ${place}: `, original);
      } finally {
        const learned = this.learner.rows - done;
        for (const rule of this.#baselines) for (const { truth } of some.slice(0, learned)) rule.add(truth);
        i += learned;
      }
      if (this.learner.rows % this.#every === 0) this.#record();
    }
  }

  #record(): void {
    const metrics = this.learner.metrics() as ProgressiveClassMetrics | ProgressiveNumberMetrics;
    const { window, kind: _, ...total } = metrics;
    this.windows.push({ row: this.learner.rows, window, total });
    if (this.windows.length < MOST_WINDOWS) return;
    this.windows.splice(0, this.windows.length, ...this.windows.filter((_, i) => i % 2 === 1));
    this.#every *= 2;
  }
}

interface Rule {
  readonly name: string;
  add(truth: TargetValue): void;
  metrics(): ProgressiveClassMetrics | ProgressiveNumberMetrics;
}

function rulesFor(kind: TargetKind, window: number): Rule[] {
  return kind === 'class'
    ? [
        new ClassRule('the class before', window, false),
        new ClassRule('the most frequent class', window, true),
      ]
    : [new NumberRule('the number before', window, false), new NumberRule('the mean', window, true)];
}

/** Predicts the class of the previous row, or the most frequent class so far. */
class ClassRule implements Rule {
  readonly name: string;
  readonly #isMajority: boolean;
  readonly #progress: ClassProgress;
  readonly #names = new Map<string, number>();
  readonly #counts: number[] = [];
  #next = -1;

  constructor(name: string, window: number, isMajority: boolean) {
    this.name = name;
    this.#isMajority = isMajority;
    this.#progress = new ClassProgress(window);
  }

  add(truth: TargetValue): void {
    const name = String(truth);
    const index = this.#names.get(name) ?? this.#names.size;
    this.#names.set(name, index);
    this.#progress.add(index, this.#next, index === this.#next ? 1 : 0);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    if (
      !this.#isMajority ||
      this.#next === -1 ||
      (this.#counts[index] as number) > (this.#counts[this.#next] as number)
    )
      this.#next = index;
  }

  metrics(): ProgressiveClassMetrics {
    return this.#progress.metrics([...this.#names.keys()]);
  }
}

/** Predicts the number of the previous row, or the mean of all rows so far. */
class NumberRule implements Rule {
  readonly name: string;
  readonly #isMean: boolean;
  readonly #progress: NumberProgress;
  #count = 0;
  #next = 0;

  constructor(name: string, window: number, isMean: boolean) {
    this.name = name;
    this.#isMean = isMean;
    this.#progress = new NumberProgress(window);
  }

  add(truth: TargetValue): void {
    const number = Number(truth);
    if (this.#count > 0) this.#progress.add(number, this.#next);
    this.#count++;
    this.#next = this.#isMean ? this.#next + (number - this.#next) / this.#count : number;
  }

  metrics(): ProgressiveNumberMetrics {
    return this.#progress.metrics();
  }
}
