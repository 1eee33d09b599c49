/** A table, read record by record, whatever the source of its fields. */
export interface Records {
  /** Number of fields of the record. */
  readonly count: number;
  /** The position of the record: its line or its number, counted from 1. */
  readonly line: number;
  /** The unit of `line`, for messages. */
  readonly unit: 'line' | 'row';

  /**
   * The numbers of several records. Those of the current record begin at `at`, one per field, and equal the
   * results of `number()`. Undefined for sources that do not have them.
   */
  readonly block: Float64Array | undefined;
  readonly at: number;

  /** Moves to the next record; returns false at the end. */
  next(): boolean;

  /** Field `index` as a number, or NaN if it is not a number. */
  number(index: number): number;

  /**
   * Field `index` as text; a missing value gives the empty text.
   *
   * @throws SparseTrainError INVALID_FILE or INVALID_DATA if it cannot be text
   */
  text(index: number): string;
}
