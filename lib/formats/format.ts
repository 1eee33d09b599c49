import type { Wording } from '../base/wording.js';
import type { SparseRow } from '../data/csr.js';
import type { AnyDataset } from '../data/dataset.js';
import type { CsvApplyOptions, CsvOptions } from './csv/options.js';
import type { CsvRows } from './csv/read.js';
import type { CsvSchema } from './csv/schema.js';
import type { FormatName } from './names.js';
import type { DataSource } from './source.js';

/** Data as every reader returns them; `network.fit()` takes them unchanged. */
export interface Table {
  readonly train: AnyDataset;
  /** The part to test on, if the data have one. */
  readonly test: AnyDataset | undefined;
  /** How columns became numbers; undefined if there are no columns with names. */
  readonly schema: CsvSchema | undefined;
  /** Rows left out because of missing values. */
  readonly skipped: number;
  /** Decisions that the user may not expect, one sentence each. */
  readonly remarks: readonly Wording[];
}

/** The facts that a model stores about its training data. */
export interface Coding {
  readonly schema: CsvSchema | undefined;
  /** The classes of a softmax network. */
  readonly classes: readonly string[] | undefined;
}

/** A data format; each has its own module. */
export interface DataFormat {
  readonly name: FormatName;
  /** Whether columns can be named, so that the data have a schema. */
  readonly hasColumns: boolean;

  /** Reads training data. */
  read(source: DataSource, options: CsvOptions): Promise<Table>;

  /** Reads data for an existing model. */
  apply(source: DataSource, coding: Coding, options: CsvApplyOptions): Promise<CsvRows>;

  /** Opens data that need not fit into memory; undefined for formats that cannot be read in parts. */
  readonly open?: (source: DataSource, options: CsvOptions) => Promise<TableStream>;
}

/** An example of a {@link TableStream}: inputs, and the index of the class, the number to predict, or several targets. */
export interface DataExample {
  readonly input: Float64Array | SparseRow<Float64Array>;
  readonly label?: number;
  readonly target?: number | Float64Array;
}

/** Data that are read in parts, once. */
export interface TableStream {
  readonly schema: CsvSchema;
  /** The first rows, which determined the schema. */
  readonly sample: AnyDataset;
  /** Decisions made from the first rows that the user may not expect, one sentence each. */
  readonly remarks: readonly Wording[];
  /** Rows left out because of missing values so far. */
  readonly skipped: number;
  /** All examples in their order, including those that determined the schema. */
  examples(): AsyncGenerator<DataExample, void, void>;
}
