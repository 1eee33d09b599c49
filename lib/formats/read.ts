import { invalidOption, SparseTrainError } from '../base/errors.js';
import { oneOf, path } from '../base/options/kinds.js';
import { checkOptionsObject, type OptionsOf, option } from '../base/options/table.js';
import { optionName, say } from '../base/wording.js';
import { CSV_APPLY, CSV_OPTIONS, type CsvApplyOptions, type CsvOptions } from './csv/options.js';
import type { CsvRows } from './csv/read.js';
import type { TableRow } from './csv/row.js';
import { type CsvSchema, parseCsvSchema } from './csv/schema.js';
import type { Coding, DataFormat, Table, TableStream } from './format.js';
import { PAIR } from './idx.js';
import { remarksOnLabels } from './label-remarks.js';
import { FORMAT_NAMES, type FormatName } from './names.js';
import { recogniseFormat } from './recognise.js';
import { type DataSource, peekedSource, sourceAt } from './source.js';
import { rowsOfRows, tableOfRows } from './table/objects.js';

/** Modules of the formats, loaded when they are used. */
const FORMATS: Readonly<Record<FormatName, () => Promise<DataFormat>>> = {
  csv: async () => (await import('./csv/csv-format.js')).CSV,
  ndjson: async () => (await import('./ndjson.js')).NDJSON,
  parquet: async () => (await import('./parquet/parquet-format.js')).PARQUET,
  npy: async () => (await import('./numpy/npy-format.js')).NPY,
  npz: async () => (await import('./numpy/npz-format.js')).NPZ,
  images: async () => (await import('./images.js')).IMAGES,
};

const formatKind = oneOf(FORMAT_NAMES, '<format>');

/**
 * The format of a given name. Without a name, files are recognised by their contents and streams by their
 * first bytes.
 */
export async function formatOf(source: DataSource, name: FormatName | undefined): Promise<DataFormat> {
  const found = name ?? (source.kind === 'path' ? await recogniseFormat(source.path) : source.format);
  return FORMATS[formatKind.check('format', found)]();
}

/** {@link readTable} for a known source. */
export async function readSource(
  source: DataSource,
  options: CsvOptions,
  name: FormatName | undefined,
): Promise<Table & { readonly format: FormatName }> {
  const format = await formatOf(source, name);
  return { ...(await format.read(source, options)), format: format.name };
}

/** The options of readTable(): the options for columns, and some more. */
export const READ_TABLE = {
  ...CSV_OPTIONS,
  /** The format of the data; by default recognised by their contents. */
  format: option(formatKind, { text: 'the format of the data', otherwise: 'recognised by their contents' }),
  /** A second file with the labels, for IDX and NumPy files that hold only inputs. */
  labels: option(path(), {
    text: 'a second file with the labels, for IDX and NumPy files that hold only inputs',
  }),
  ...PAIR,
};

/** Options of {@link readTable}: the options for columns, and some more. */
export interface ReadTableOptions extends OptionsOf<typeof READ_TABLE> {}

/**
 * Reads training data of any format: CSV or TSV, JSON lines, Parquet, a NumPy array with a column of labels
 * (.npy), several arrays (.npz), a folder with one folder of PNG images per class, or a pair of IDX or NumPy
 * files. `network.fit()` takes the result unchanged.
 *
 * @example
 * const table = await readTable('houses.parquet', { label: 'price', task: 'regress' });
 * const network = new Network({ layers: [table.train.features, 32, 1], output: 'linear' });
 * await network.fit(table, { epochs: 10 });
 *
 * @param from - the path of a file or folder, a stream of bytes (CSV or JSON lines, plain or gzip), or an array of objects
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, UNKNOWN_OPTION, INVALID_OPTION (also for options of columns where
 * there are none); INVALID_FILE if the data are not what their format requires; INVALID_DATA for missing values and
 * columns of both numbers and text, by line and column
 */
export async function readTable(
  from: string | AsyncIterable<Uint8Array> | readonly TableRow[],
  options: ReadTableOptions = {},
): Promise<Table> {
  checkOptionsObject('readTable options', options);
  const { format: name, labels, classes, ...columns } = options;
  if (labels !== undefined) return readPair(from, labels, options);
  if (classes !== undefined) {
    throw new SparseTrainError('INVALID_OPTION', {
      option: 'classes',
      says: say`${optionName('classes')} goes with ${optionName('labels')}, a second file`,
      advice: 'leave it out: the labels of a table are the names of its classes',
    });
  }
  if (Array.isArray(from)) {
    refuseFormat(name);
    return tableOfRows(from as readonly unknown[], columns);
  }
  const source = await sourceOf(from);
  const format = await formatOf(source, name);
  if (!format.hasColumns) refuseColumnOptions(columns, format.name);
  return format.read(source, columns);
}

function refuseFormat(format: FormatName | undefined): void {
  if (format === undefined) return;
  throw new SparseTrainError('INVALID_OPTION', {
    option: 'format',
    says: say`${optionName('format')} is about files and streams, but the rows are objects`,
    advice: 'leave it out',
  });
}

function refuseColumnOptions(columns: object, format: string): void {
  const given = Object.entries(columns).find(([, value]) => value !== undefined);
  if (given === undefined) return;
  const [name] = given;
  throw new SparseTrainError('INVALID_OPTION', {
    option: name,
    says: say`${optionName(name)} is about columns, and ${format} data have none`,
  });
}

async function readPair(inputs: unknown, labels: unknown, options: ReadTableOptions): Promise<Table> {
  for (const [name, file] of [
    ['path', inputs],
    ['labels', labels],
  ] as const) {
    if (typeof file !== 'string' || file === '') throw invalidOption(name, 'the path of a file', file);
  }
  const { format, labels: _, classes, ...columns } = options;
  if (format !== undefined)
    throw new SparseTrainError(
      'INVALID_OPTION',
      'format has no meaning with labels: both files say what they are',
    );
  refuseColumnOptions(columns, 'pairs of files of');
  const { loadPair } = await import('./pair.js');
  const train = await loadPair(inputs as string, labels as string, { classes });
  const remarks = remarksOnLabels(train, labels as string);
  return { train, test: undefined, schema: undefined, skipped: 0, remarks };
}

async function sourceOf(from: unknown): Promise<DataSource> {
  if (typeof from === 'object' && from !== null && Symbol.asyncIterator in from)
    return peekedSource(from as AsyncIterable<Uint8Array>, 'the stream');
  if (typeof from === 'string' && from !== '') return sourceAt(from);
  throw invalidOption(
    'path',
    'the path of a file or folder, a stream of bytes, or an array of objects',
    from,
  );
}

/** The options of readRows(): those for columns, and the format. */
export const READ_ROWS = { ...CSV_APPLY, format: READ_TABLE.format };

/** Options of {@link readRows}. */
export interface ReadRowsOptions extends OptionsOf<typeof READ_ROWS> {}

/**
 * Reads rows for a trained network, from every format that {@link readTable} reads. Columns are found by name, in any
 * order, and other columns are ignored; data without names need the order of the training data. The label's column may
 * be left out.
 *
 * @example
 * const { inputs, dataset } = await readRows('june.csv', network.schema);
 * const metrics = dataset && (await network.evaluate(dataset));
 *
 * @param from - the path of a file or folder, a stream of bytes (CSV or JSON lines, plain or gzip), or an array of objects
 * @param schema - `network.schema`, or the `schema` that {@link readTable} gave
 * @throws SparseTrainError as {@link readTable}, and INVALID_DATA for missing columns, for fields that are not numbers,
 * and for categories or classes that the training data did not have, by line and column
 */
export async function readRows(
  from: string | AsyncIterable<Uint8Array> | readonly TableRow[],
  schema: CsvSchema | undefined,
  options: ReadRowsOptions = {},
): Promise<CsvRows> {
  checkOptionsObject('readRows options', options);
  const { format, ...rest } = options;
  const coding = { schema: schemaOf(schema), classes: undefined };
  if (Array.isArray(from)) {
    refuseFormat(format);
    return rowsOfRows(from as readonly unknown[], coding.schema, rest);
  }
  return applyToSource(await sourceOf(from), coding, rest, format);
}

function schemaOf(schema: CsvSchema | undefined): CsvSchema {
  if (schema !== undefined) return parseCsvSchema(schema);
  throw new SparseTrainError('INVALID_OPTION', {
    option: 'schema',
    says: 'the network has no schema, because it was not trained on data with named columns',
    advice: 'read the rows with readTable()',
  });
}

/** Reads data for an existing model: inputs and, if there are labels, a dataset. */
export async function applyToSource(
  source: DataSource,
  coding: Coding,
  options: CsvApplyOptions,
  name: FormatName | undefined,
): Promise<CsvRows> {
  return (await formatOf(source, name)).apply(source, coding, options);
}

/**
 * Opens data that need not fit into memory, to train on them as a stream: CSV, JSON lines or Parquet. The
 * first rows (4 MB of CSV, otherwise 10,000 rows) determine the columns, so a class that first occurs later
 * is an error.
 *
 * @example
 * const table = await streamTable('clicks.csv.gz', { label: 'clicked' });
 * const { features, outputs } = table.sample;
 * const network = new Network({ layers: [features, 64, outputs], density: [0.5, 1] });
 * await network.fit(table);
 *
 * @throws SparseTrainError as {@link readTable}; INVALID_OPTION for formats that are not read in parts
 */
export async function streamTable(
  from: string | AsyncIterable<Uint8Array>,
  options: Omit<ReadTableOptions, 'labels' | 'classes'> = {},
): Promise<TableStream> {
  checkOptionsObject('streamTable options', options);
  const { format, ...columns } = options;
  return openSource(await sourceOf(from), columns, format);
}

/** {@link streamTable} for a known source. */
export async function openSource(
  source: DataSource,
  options: CsvOptions,
  name: FormatName | undefined,
): Promise<TableStream> {
  const format = await formatOf(source, name);
  if (options.weight !== undefined)
    throw new SparseTrainError('INVALID_OPTION', {
      option: 'weight',
      says: say`${optionName('weight')} compares all rows, but a stream is read once`,
      advice: 'read the data as a whole, or leave it out',
    });
  if (format.open !== undefined) return format.open(source, options);
  throw new SparseTrainError(
    'INVALID_OPTION',
    `${format.name} data are not read in parts; csv, ndjson and parquet are`,
  );
}
