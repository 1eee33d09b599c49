import { SparseTrainError } from '../../errors.js';
import type { CsvOptions } from '../csv/options.js';
import { rowsOfValues, tableOfValues } from '../table/table.js';
import type { ValueTable } from '../table/value-records.js';
import type { DataFormat } from './format.js';
import { joined, openParquet, type ParquetFile } from './parquet-file.js';
import { type DataSource, pathOf } from './source.js';

/** Opens a file without the columns that are to be ignored by name. */
export async function openForTraining(
  source: DataSource,
  { ignore = [] }: CsvOptions,
): Promise<{ file: ParquetFile; options: (options: CsvOptions) => CsvOptions }> {
  const names = ignore.filter((column) => typeof column === 'string');
  const file = await openParquet(pathOf(source, 'Parquet'), source.name, names);
  if (file.groups.every((rows) => rows === 0))
    throw new SparseTrainError('INVALID_DATA', `${source.name} has no rows`);
  // Those that have been left out already are no columns any more.
  const left = ignore.filter((column) => typeof column !== 'string' || file.columns.includes(column));
  return { file, options: (options) => ({ ...options, ignore: left }) };
}

async function wholeTable(file: ParquetFile): Promise<ValueTable> {
  const tables: ValueTable[] = [];
  for (const group of file.groups.keys()) tables.push(await file.read(group));
  return joined(tables.filter(({ rows }) => rows > 0));
}

/** Parquet files of plain columns. */
export const PARQUET: DataFormat = {
  name: 'parquet',
  hasColumns: true,
  async read(source, options) {
    const { file, options: adapted } = await openForTraining(source, options);
    const table = await wholeTable(file);
    const { dataset, ...rest } = tableOfValues(table, adapted(options), source.name);
    return { train: dataset, test: undefined, ...rest };
  },
  async apply(source, { schema }, options) {
    const { file } = await openForTraining(source, {});
    const table = await wholeTable(file);
    if (schema === undefined) {
      const { dataset } = tableOfValues(table, {}, source.name);
      return { inputs: dataset.inputs, dataset };
    }
    return rowsOfValues(table, schema, options, source.name);
  },
};
