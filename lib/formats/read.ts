import { invalidOption, SparseTrainError } from '../base/errors.js';
import { checkOptionsObject } from '../base/options/names.js';
import type { CsvApplyOptions, CsvOptions } from './csv/options.js';
import type { CsvRows } from './csv/read.js';
import type { Coding, DataFormat, DataStream, LoadedData } from './format.js';
import type { FormatName } from './names.js';
import { recogniseFormat } from './recognise.js';
import { type DataSource, sourceAt } from './source.js';

/** Modules of the formats, loaded when they are used. */
const FORMATS: Readonly<Record<FormatName, () => Promise<DataFormat>>> = {
  csv: async () => (await import('./csv/csv-format.js')).CSV,
  ndjson: async () => (await import('./ndjson.js')).NDJSON,
  parquet: async () => (await import('./parquet/parquet-format.js')).PARQUET,
  npy: async () => (await import('./numpy/npy-format.js')).NPY,
  npz: async () => (await import('./numpy/npz-format.js')).NPZ,
  images: async () => (await import('./images.js')).IMAGES,
};

/** A format by its name; if that is not given, of a file by its contents, of a stream by its first bytes. */
export async function formatOf(source: DataSource, name: FormatName | undefined): Promise<DataFormat> {
  const found = name ?? (source.kind === 'path' ? await recogniseFormat(source.path) : source.format);
  if (!Object.keys(FORMATS).includes(found))
    throw invalidOption('format', `one of ${Object.keys(FORMATS).join(', ')}`, found);
  return FORMATS[found]();
}

/** {@link readData} of a source that is known. */
export async function readSource(
  source: DataSource,
  options: CsvOptions,
  name: FormatName | undefined,
): Promise<LoadedData & { readonly format: FormatName }> {
  const format = await formatOf(source, name);
  return { ...(await format.read(source, options)), format: format.name };
}

/** Options of {@link readData}: those of columns, and the format. */
export interface ReadDataOptions extends CsvOptions {
  /** What the file is; found out by its contents if it is not given. */
  format?: FormatName | undefined;
}

/**
 * Reads data to train on from a file, whatever its format: CSV or TSV, JSON lines, Parquet, a NumPy array with a column of
 * labels (.npy), several of them (.npz), or a folder with a folder of PNG images for each class.
 *
 * @example
 * const { train, schema } = await readData('houses.parquet', { label: 'price', task: 'regress' });
 *
 * @throws SparseTrainError as readCsv; INVALID_OPTION for options of columns where there are none
 */
export async function readData(path: string, options: ReadDataOptions = {}): Promise<LoadedData> {
  checkOptionsObject('readData options', options);
  const { format: name, ...columns } = options;
  const source = await sourceAt(path);
  const format = await formatOf(source, name);
  const given = Object.entries(columns).find(([, value]) => value !== undefined);
  if (!format.hasColumns && given !== undefined) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `${given[0]} is about columns, and ${format.name} data have none`,
    );
  }
  return format.read(source, columns);
}

/** Reads data for a model that there already is: inputs, and if there are labels a dataset. */
export async function applyToSource(
  source: DataSource,
  coding: Coding,
  options: CsvApplyOptions,
  name: FormatName | undefined,
): Promise<CsvRows> {
  return (await formatOf(source, name)).apply(source, coding, options);
}

/**
 * Opens data that need not fit into memory, to train on them as a stream: CSV, JSON lines or Parquet. What the columns hold
 * is found out from the first rows (4 MB of CSV, otherwise 10,000 rows), so a class that comes only later is an error.
 *
 * @example
 * const { schema, sample, examples } = await streamData('clicks.csv.gz', { label: 'clicked' });
 * const { classes } = sample.targets;
 * const network = new Network({ layers: [sample.features, 64, sample.outputs], density: [0.5, 1], classes });
 * await network.fit(examples());
 *
 * @throws SparseTrainError as readCsv; INVALID_OPTION for formats that are not read in parts
 */
export async function streamData(path: string, options: ReadDataOptions = {}): Promise<DataStream> {
  checkOptionsObject('streamData options', options);
  const { format, ...columns } = options;
  return openSource(await sourceAt(path), columns, format);
}

/** {@link streamData} of a source that is known. */
export async function openSource(
  source: DataSource,
  options: CsvOptions,
  name: FormatName | undefined,
): Promise<DataStream> {
  const format = await formatOf(source, name);
  if (format.open !== undefined) return format.open(source, options);
  throw new SparseTrainError(
    'INVALID_OPTION',
    `${format.name} data are not read in parts; csv, ndjson and parquet are`,
  );
}
