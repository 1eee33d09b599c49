import type { Wording } from '../../base/wording.js';
import type { AnyDataset } from '../../data/dataset.js';
import type { Table, TableStream } from '../../formats/format.js';

/** Training data. */
export interface TrainingData {
  /** The name of the data: `mnist`, or `iris` for iris.csv. */
  readonly name: string;
  /** What fit() takes; it brings the schema and the names of the classes with it. */
  readonly source: Table | TableStream;
  readonly isStream: boolean;
  /** Whether they are rows with named columns, all of them in memory: not images, arrays or a stream. */
  readonly isTable: boolean;
  /** The training examples. For a stream, its first examples, which determined how columns are read. */
  readonly train: AnyDataset;
  readonly test: AnyDataset | undefined;
  /** Rows skipped because of missing values; for a stream, the number so far. */
  readonly skipped: number;
  /** Rows of the test data skipped because of missing or unknown values. */
  readonly testSkipped: number;
  /** Decisions about the columns that the user may want to know, one sentence each. */
  readonly remarks: readonly Wording[];
}

/** Training data that fit into memory. */
export function dataOf(name: string, source: Table, testSkipped = 0): TrainingData {
  const { train, test, skipped, remarks, schema } = source;
  const isTable = schema !== undefined;
  return { name, source, isStream: false, isTable, train, test, skipped, testSkipped, remarks };
}
