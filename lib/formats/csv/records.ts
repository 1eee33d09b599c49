/** A table, one record after the other, wherever its fields come from. */
export interface Records {
  /** Number of fields of the record. */
  readonly count: number;
  /** Where the record is: its line, or its number, from 1. */
  readonly line: number;
  /** What `line` counts, for messages. */
  readonly unit: 'line' | 'row';

  /**
   * Numbers of records, among them those of this one from `at` on, one per field: what `number()` gives. Undefined where
   * there are none.
   */
  readonly block: Float64Array | undefined;
  readonly at: number;

  /** Goes to the next record; false at the end. */
  next(): boolean;

  /** Field `index` as a number, or NaN if it is not a number. */
  number(index: number): number;

  /**
   * Field `index` as text; of a missing value the empty one.
   *
   * @throws SparseTrainError INVALID_FILE or INVALID_DATA if it cannot be text
   */
  text(index: number): string;
}
