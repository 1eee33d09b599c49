import { describeValue, invalidOption, SparseTrainError, seenFrom } from '../base/errors.js';
import { checkOptions } from '../base/options/table.js';
import type { ProgressiveClassMetrics } from './class-metrics.js';
import { learnerDigest } from './digest.js';
import { Entries } from './entries.js';
import { readLearner, writeLearner } from './file.js';
import { ClassHead, type Drift, type Head, type Learned, type TargetKind, type TargetValue } from './head.js';
import type { ProgressiveNumberMetrics } from './number-metrics.js';
import { LEARNER, type LearnerOptions } from './options.js';
import { type LearnerParts, makeParts } from './parts.js';
import type { Column } from './row-encoder.js';
import { forecastOf, readTicket, type Ticket, writeTicket } from './ticket.js';

/** A row: an object with named values (numbers, texts, truth values, dates, lists of words, objects), or an array. */
export type Row = object;

/** The prediction of a class. */
export interface ClassPrediction {
  /** The most probable class; undefined until one has been learned. */
  readonly class: string | undefined;
  /** The probability of that class, from 0 to 1. */
  readonly probability: number;
  /** The probability of every class that has appeared. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** The prediction of a number. */
export interface NumberPrediction {
  /** Undefined until a row has been learned. */
  readonly value: number | undefined;
}

/** What Learner.predict() returns, by kind of target. */
export type PredictionOf<T> = T extends readonly unknown[]
  ? { readonly targets: { readonly [K in keyof T]: PredictionOf<T[K]> } } & Ticketing
  : T extends 'number'
    ? NumberPrediction & Ticketing
    : ClassPrediction & Ticketing;

/**
 * A prediction whose truth can be learned later: `learner.learn(prediction, truth)`, or with the ticket after a
 * restart.
 */
export interface Ticketing {
  /** The row and its prediction, as a text without blanks. */
  readonly ticket: string;
}

/** The truth for a row: a value, or one for each target (undefined where it is not known). */
export type TruthOf<T> = T extends readonly unknown[]
  ? { readonly [K in keyof T]: TargetValue | undefined }
  : TargetValue;

/** What Learner.learn() returns, by kind of target. */
export type LearnedOf<T> = T extends readonly unknown[]
  ? { readonly [K in keyof T]: Learned | undefined }
  : Learned;

/** What Learner.metrics() returns, by kind of target. */
export type MetricsOf<T> = T extends readonly unknown[]
  ? { readonly [K in keyof T]: MetricsOf<T[K]> }
  : T extends 'number'
    ? ProgressiveNumberMetrics
    : ProgressiveClassMetrics;

/** The current contents of a learner. */
export interface LearnerInspection {
  /** Rows learned. */
  readonly rows: number;
  /** How many of the latest rows the windowed scores cover. */
  readonly window: number;
  /** The columns by name, with the kinds of values they have had. */
  readonly columns: readonly {
    readonly name: string;
    readonly kinds: readonly string[];
    readonly names: number;
  }[];
  /** How many names have weights of their own. */
  readonly names: number;
  /** How many values were ignored because `maxNames`, or 262,144 columns, had been reached before their names appeared. */
  readonly ignoredNames: number;
  /** The classes of each target. */
  readonly classes: readonly (readonly string[])[];
  /** Bytes of weights. */
  readonly bytes: number;
  /** The rows at which the stream was found to have changed, for each target. */
  readonly drifts: readonly (readonly Drift[])[];
  readonly kernelSet: string;
}

/** Bytes of weights for each name, target and hidden neuron: one weight in each of three members. */
const BYTES_PER_NEURON = 6;
/**
 * The object that predict() returns, with its ticket in a private field. An accessor on each object, or a WeakMap of
 * tickets, would make predictions and their JSON much slower.
 */
class Prediction {
  readonly #row: unknown;
  readonly #all: readonly Readonly<Record<string, unknown>>[];

  /** @param all - the prediction of each target */
  constructor(row: unknown, all: readonly Readonly<Record<string, unknown>>[]) {
    this.#row = row;
    this.#all = all;
  }

  get ticket(): string {
    return writeTicket(Prediction.#ticketFor(this));
  }

  /** The ticket of a prediction; undefined for any other value. */
  static ticketOf(value: unknown): Ticket | undefined {
    return Prediction.is(value) ? Prediction.#ticketFor(value) : undefined;
  }

  static is(value: unknown): value is Prediction {
    return typeof value === 'object' && value !== null && #row in value;
  }

  static #ticketFor(prediction: Prediction): Ticket {
    const forecasts = prediction.#all.map((one) => ({
      predicted: (one.class ?? one.value) as string | number | undefined,
      probabilities: one.probabilities as Record<string, number> | undefined,
    }));
    return { row: prediction.#row, forecasts };
  }
}

/** A learner of any rows and targets. */
export type AnyLearner = Learner<Row, TargetKind | readonly TargetKind[]>;

/** The parts of a learner, for the functions of this module. */
let partsOf: (learner: AnyLearner) => LearnerParts;

/** {@link Learner.save} with further texts in the file's metadata. */
export function saveLearner(
  learner: AnyLearner,
  file: string,
  texts: Readonly<Record<string, string>>,
): Promise<void> {
  return writeLearner(partsOf(learner), file, texts);
}

/** Makes structuredClone() and postMessage() fail with this text instead of copying an empty object. */
const NOT_CLONEABLE = Symbol(
  'a learner: use save() here and Learner.load() there, because its weights are not in JavaScript;',
);

/**
 * Learns from rows as they arrive, from the first one on. Names may appear and disappear, scales are learned, and new
 * classes may appear at any time. Each row is predicted before it is learned, so {@link metrics} is an honest score.
 *
 * The same rows give the same digest on every kernel set, even if the learner is saved and loaded in between.
 *
 * @example
 * const learner = new Learner({ target: 'class' });
 * learner.learn({ price: 3, zone: 'B' }, 'up');
 * learner.predict({ price: 4, zone: 'B' }); // { class: 'up', probability: 1, probabilities: { up: 1 } }
 */
export class Learner<R extends Row = Row, const T extends TargetKind | readonly TargetKind[] = 'class'> {
  /** A symbol, because symbols cannot be cloned. */
  protected readonly notCloneable = NOT_CLONEABLE;
  readonly #parts: LearnerParts;
  readonly #entries: Entries;
  readonly #isList: boolean;

  /** @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION, NATIVE_UNAVAILABLE, ISA_UNAVAILABLE */
  constructor(options: LearnerOptions & { target?: T } = {}) {
    this.#parts = makeParts(checkOptions('learner options', LEARNER, options));
    this.#isList = Array.isArray(this.#parts.options.target);
    this.#entries = new Entries((this.#parts.heads[0] as Head).engine.stage);
  }

  /** Rows learned. */
  get rows(): number {
    return this.#parts.rows;
  }

  /**
   * Predicts the target of a row. Names, levels and words that have not been learned yet are ignored. The learner
   * does not change.
   *
   * @throws SparseTrainError INVALID_DATA naming the field, NETWORK_CLOSED
   */
  predict(row: R): PredictionOf<T> {
    const { encoder, heads } = this.#open();
    encoder.read(row, false);
    this.#entries.clear();
    encoder.encode(this.#entries);
    const all = heads.map((head) => {
      head.engine.predict(1);
      return head.prediction();
    });
    const prediction = Object.assign(new Prediction(row, all), this.#isList ? { targets: all } : all[0]);
    return prediction as unknown as PredictionOf<T>;
  }

  /**
   * Predicts a row, updates the scores, and then learns the row.
   *
   * @param row - a row; or an earlier prediction, or its ticket, whose truth is known now: the scores then use that
   * prediction
   * @returns the prediction made before the row was learned, and the loss
   * @throws SparseTrainError INVALID_DATA naming the field, NETWORK_CLOSED; nothing is learned in that case
   */
  learn(row: R | PredictionOf<T> | string, truth: TruthOf<T>): LearnedOf<T> {
    const parts = this.#open();
    const ticket = typeof row === 'string' ? readTicket(row) : Prediction.ticketOf(row);
    const values = ticket === undefined ? row : ticket.row;
    if (!this.#isList) return this.#learnOne(parts, values, truth as TargetValue, ticket) as LearnedOf<T>;
    return this.#learnRow(parts, values, this.#truths(truth), ticket) as unknown as LearnedOf<T>;
  }

  /**
   * Checks whether {@link learn} would accept a row and its truth. The learner does not change.
   *
   * @throws SparseTrainError as {@link learn}
   */
  check(row: R | PredictionOf<T> | string, truth: TruthOf<T>): void {
    const { encoder, heads } = this.#open();
    const ticket = typeof row === 'string' ? readTicket(row) : Prediction.ticketOf(row);
    this.#checkTruths(heads, this.#truths(truth));
    encoder.check(ticket === undefined ? row : ticket.row);
  }

  /**
   * Does what {@link learn} does for many rows, in fewer and larger steps, with the same result.
   *
   * @param rows - rows
   * @param truths - one for each row
   * @throws SparseTrainError INVALID_DATA naming the row, counted from 0; the rows before it have been learned
   */
  learnMany(rows: readonly R[], truths: ArrayLike<TruthOf<T>>): LearnedOf<T>[] {
    const parts = this.#open();
    if (!Array.isArray(rows)) throw invalidOption('rows', 'an array of rows', rows);
    if (!Array.isArray(truths) && !ArrayBuffer.isView(truths))
      throw invalidOption('truths', 'an array with a truth for each row', truths);
    if (rows.length !== truths.length) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `there are ${rows.length} rows and ${truths.length} truths; each row needs one`,
      );
    }
    const learned: LearnedOf<T>[] = [];
    const [head] = parts.heads;
    // All rows of a chunk are learned at one rate, so a chunk has only one row if the rate may change within it.
    const isPlain = !this.#isList && head !== undefined && parts.options.onDrift === 'mark';
    for (let i = 0; i < rows.length; ) {
      // A row that is a prediction brings its own forecast.
      if (isPlain && !Prediction.is(rows[i]))
        i = this.#learnChunk(parts, head, rows, truths as ArrayLike<TargetValue>, i, learned as Learned[]);
      else {
        const row = i++;
        try {
          learned.push(this.learn(rows[row] as R, truths[row] as TruthOf<T>));
        } catch (error) {
          throw inRow(row, error);
        }
      }
    }
    return learned;
  }

  /** The scores of predictions made before each row was learned: over all rows, and over the latest rows. */
  metrics(): MetricsOf<T> {
    const all = this.#open().heads.map((head) => head.metrics());
    return (this.#isList ? all : all[0]) as MetricsOf<T>;
  }

  /**
   * SHA-256 of everything that has been learned, in hexadecimal. It is the same on every kernel set and does not
   * depend on the order of columns.
   */
  digest(): string {
    return learnerDigest(this.#open());
  }

  /** Describes columns, classes, memory and drifts. */
  inspect(): LearnerInspection {
    const { rows, options, slots, encoder, heads } = this.#open();
    return {
      rows,
      window: options.window,
      columns: [...encoder.columns.values()].map((column) => describeColumn(column)),
      names: slots.names.length - 1,
      ignoredNames: slots.refused + encoder.ignored,
      classes: heads.map((head) => (head instanceof ClassHead ? [...head.classes] : [])),
      bytes: slots.names.length * BYTES_PER_NEURON * options.hidden * heads.length,
      drifts: heads.map((head) => [...head.drifts]),
      kernelSet: (heads[0] as Head).engine.kernelSet,
    };
  }

  /**
   * Writes everything that has been learned to a file, in its state at the time of the call. The file is complete
   * when the promise settles.
   *
   * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, NETWORK_CLOSED
   */
  save(file: string): Promise<void> {
    return writeLearner(this.#open(), file);
  }

  /**
   * Reads a learner that {@link save} has written. It continues with the same bits.
   *
   * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE with the reason
   */
  static async load<R extends Row = Row, T extends TargetKind | readonly TargetKind[] = 'class'>(
    file: string,
  ): Promise<Learner<R, T>> {
    return readLearner(file, (options) => {
      const learner = new Learner<R, T>(options as LearnerOptions & { target?: T });
      return { made: learner, parts: learner.#parts };
    });
  }

  /** Frees the memory; every later call throws an error. */
  close(): void {
    for (const { engine } of this.#parts.heads) engine.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Refuses to convert the learner: its weights are not in JavaScript, so JSON would hold an empty object.
   *
   * @throws SparseTrainError INVALID_DATA, always
   */
  toJSON(): never {
    throw new SparseTrainError(
      'INVALID_DATA',
      'a learner cannot be written as JSON; use save() for a file with its weights, or inspect() for its contents',
    );
  }

  static {
    partsOf = (learner) => learner.#open();
  }

  #open(): LearnerParts {
    (this.#parts.heads[0] as Head).engine.requireOpen();
    return this.#parts;
  }

  #truths(truth: unknown): readonly (TargetValue | undefined)[] {
    if (!this.#isList) return [truth as TargetValue];
    if (Array.isArray(truth) && truth.length === this.#parts.heads.length) return truth as TargetValue[];
    throw new SparseTrainError(
      'INVALID_DATA',
      `the truth must be an array with ${this.#parts.heads.length} values, one for each target, but it is ${describeValue(truth)}`,
    );
  }

  #checkTruths(heads: readonly Head[], truths: readonly (TargetValue | undefined)[]): void {
    for (const [i, head] of heads.entries()) {
      const truth = truths[i];
      if (truth !== undefined || !this.#isList) head.check(truth as TargetValue);
    }
  }

  /** {@link learn} for a single target. */
  #learnOne(parts: LearnerParts, row: unknown, truth: TargetValue, ticket: Ticket | undefined): Learned {
    const { encoder, slots, heads, options } = parts;
    const head = heads[0] as Head;
    // Everything is checked before anything changes.
    head.check(truth);
    encoder.read(row, true);
    encoder.prepare(slots);
    this.#entries.clear();
    encoder.encode(this.#entries);
    head.target(0, truth);
    parts.rows++;
    head.engine.learn(1, options.onDrift === 'faster' && head.hurries);
    const given = ticket?.forecasts[0];
    const forecast = given === undefined ? head.forecast(0) : forecastOf(given, truth);
    const learned = head.count(truth, forecast, parts.rows);
    encoder.observe(slots);
    return learned;
  }

  /** {@link learn} for several targets. */
  #learnRow(
    parts: LearnerParts,
    row: unknown,
    truths: readonly (TargetValue | undefined)[],
    ticket: Ticket | undefined,
  ): (Learned | undefined)[] {
    const { encoder, slots, heads } = parts;
    // Everything is checked before anything changes.
    this.#checkTruths(heads, truths);
    encoder.read(row, true);
    encoder.prepare(slots);
    this.#entries.clear();
    encoder.encode(this.#entries);
    for (const [i, head] of heads.entries())
      if (truths[i] !== undefined) head.target(0, truths[i] as TargetValue);
    parts.rows++;
    const learned = heads.map((head, i) => {
      const truth = truths[i];
      if (truth === undefined) return undefined;
      head.engine.learn(1, parts.options.onDrift === 'faster' && head.hurries);
      const given = ticket?.forecasts[i];
      const forecast = given === undefined ? head.forecast(0) : forecastOf(given, truth);
      return head.count(truth, forecast, parts.rows);
    });
    encoder.observe(slots);
    return learned;
  }

  /** Learns rows from `first` on until the stage is full, and returns the index after the last of them. */
  #learnChunk(
    parts: LearnerParts,
    head: Head,
    rows: readonly unknown[],
    truths: ArrayLike<TargetValue>,
    first: number,
    learned: Learned[],
  ): number {
    const { encoder, slots } = parts;
    this.#entries.clear();
    let row = first;
    let failure: unknown;
    while (row < rows.length && this.#entries.hasRoom) {
      if (Prediction.is(rows[row])) break;
      try {
        head.check(truths[row] as TargetValue);
        encoder.read(rows[row], true);
        encoder.prepare(slots);
        encoder.encode(this.#entries);
        head.target(row - first, truths[row] as TargetValue);
      } catch (error) {
        failure = inRow(row, error);
        break;
      }
      encoder.observe(slots);
      row++;
    }
    head.engine.learn(row - first, false);
    for (let i = first; i < row; i++) {
      learned.push(head.count(truths[i] as TargetValue, head.forecast(i - first), ++parts.rows));
    }
    if (failure !== undefined) throw failure;
    return row;
  }
}

function describeColumn({ name, number, levels, words, date }: Column): LearnerInspection['columns'][number] {
  const kinds = Object.entries({ number, category: levels, text: words, date })
    .filter(([, column]) => column !== undefined)
    .map(([kind]) => kind);
  return { name, kinds, names: (levels?.slots.length ?? 0) + (words?.slots.length ?? 0) };
}

function inRow(row: number, error: unknown): unknown {
  if (!(error instanceof SparseTrainError)) return error;
  return seenFrom(`row ${row}: `, error);
}
