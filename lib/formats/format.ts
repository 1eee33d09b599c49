import type { Wording } from '../base/wording.js';
import type { Dataset } from '../data/dataset.js';
import type { CsvApplyOptions, CsvOptions } from './csv/options.js';
import type { CsvRows } from './csv/read.js';
import type { CsvSchema } from './csv/schema.js';
import type { FormatName } from './names.js';
import type { DataSource } from './source.js';

/** Data as every reader gives them; `network.fit()` takes them as they are. */
export interface Table {
  readonly train: Dataset;
  /** The part to test on, if the data have one of their own. */
  readonly test: Dataset | undefined;
  /** How columns became numbers; undefined where there are no columns with names. */
  readonly schema: CsvSchema | undefined;
  /** Rows left out because values were missing. */
  readonly skipped: number;
  /** Decisions that may not be what was meant, a sentence each. */
  readonly remarks: readonly Wording[];
}

/** What a model knows of the data that it was trained on. */
export interface Coding {
  readonly schema: CsvSchema | undefined;
  /** The classes of a softmax network. */
  readonly classes: readonly string[] | undefined;
}

/** One format of data; each has a module of its own. */
export interface DataFormat {
  readonly name: FormatName;
  /** Whether columns can be named: what is read has a schema. */
  readonly hasColumns: boolean;

  /** Reads data to train on. */
  read(source: DataSource, options: CsvOptions): Promise<Table>;

  /** Reads data for a model that there already is. */
  apply(source: DataSource, coding: Coding, options: CsvApplyOptions): Promise<CsvRows>;

  /** Opens data that need not fit into memory; undefined where a format cannot be read in parts. */
  readonly open?: (source: DataSource, options: CsvOptions) => Promise<TableStream>;
}

/** An example of a {@link TableStream}: inputs, and the class as a number or the number to predict. */
export interface DataExample {
  readonly input: Float64Array;
  readonly label?: number;
  readonly target?: number;
}

/** Data that are read in parts; once. */
export interface TableStream {
  readonly schema: CsvSchema;
  /** The first rows, from which the schema was found. */
  readonly sample: Dataset;
  /** What was decided from them that may not be what was meant, a sentence each. */
  readonly remarks: readonly Wording[];
  /** Rows left out for missing values so far. */
  readonly skipped: number;
  /** The examples from the first on, in their order; those that the schema was found from are among them. */
  examples(): AsyncGenerator<DataExample, void, void>;
}
