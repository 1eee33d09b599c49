import type { Lesson } from '../journal/record.js';

/** Scores of a model that learns: over all rows, and over the latest ones. */
export interface Scores {
  readonly kind: 'class' | 'number';
  readonly rows: number;
  readonly window: Readonly<Record<string, number>>;
  readonly [name: string]: unknown;
}

/** A column of the rows that a model knows. */
export interface ServedColumn {
  readonly name: string;
  /** What its values have been: number, category, text, date. */
  readonly kinds: readonly string[];
  /** Whether a row without it is refused. */
  readonly required: boolean;
  /** The values that are accepted; undefined if any is. */
  readonly values?: readonly string[] | undefined;
}

/** What a server needs from a model: a learner of rows, or a network. */
export interface ServedModel {
  readonly kind: 'learner' | 'network';
  /** What is predicted, a word for each target. */
  readonly targets: readonly ('class' | 'number' | 'outputs')[];
  /** Rows learned. */
  readonly rows: number;
  /** The columns by name; undefined if rows are plain lists of numbers. */
  columns(): readonly ServedColumn[] | undefined;
  /** The classes of each target; an empty list for numbers. */
  classes(): readonly (readonly string[])[];
  /** Undefined if the model does not score itself. */
  scores(): readonly Scores[] | undefined;
  /** How often the stream was found to have changed. */
  readonly drifts: number;
  /** How many weights it has. */
  readonly weights: number;
  /**
   * Predicts a row.
   *
   * @param hasTicket - whether the prediction's ticket is added
   * @throws SparseTrainError INVALID_DATA naming the field
   */
  predict(row: unknown, hasTicket: boolean): object;
  /**
   * Checks everything about a lesson that {@link learn} would refuse, and changes nothing.
   *
   * @throws SparseTrainError INVALID_DATA naming the field
   */
  check(lesson: Lesson): void;
  /**
   * Learns a lesson.
   *
   * @returns the prediction made before, and the loss, if the model says so
   */
  learn(lesson: Lesson): unknown;
  /** Applies updates that are still under way, as saving does. */
  settle(): void;
  digest(): string;
  /** Writes the model in its current state, with further texts in the file's metadata. */
  save(file: string, texts: Readonly<Record<string, string>>): Promise<void>;
  close(): void;
}
