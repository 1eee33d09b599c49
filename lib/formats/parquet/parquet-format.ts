import { SparseTrainError } from '../../base/errors.js';
import { inSlices } from '../../base/steps.js';
import { type CsvOptions, checkCsvOptions } from '../csv/options.js';
import { codedRows, type ExampleRows, streamOfParts } from '../example-rows.js';
import type { DataFormat, TableStream } from '../format.js';
import { type DataSource, pathOf } from '../source.js';
import { rowSteps, tableSteps } from '../table/table.js';
import type { ValueTable } from '../table/value-records.js';
import { joined, openParquet, type ParquetFile } from './parquet-file.js';

/** Opens a file without the columns that are ignored by name. */
export async function openForTraining(
  source: DataSource,
  options: CsvOptions,
): Promise<{ file: ParquetFile; options: (options: CsvOptions) => CsvOptions }> {
  const { ignore } = checkCsvOptions(options);
  const names = ignore.filter((column) => typeof column === 'string');
  const file = await openParquet(pathOf(source, 'Parquet'), source.name, names);
  if (file.groups.every((rows) => rows === 0))
    throw new SparseTrainError('INVALID_DATA', `${source.name} has no rows`);
  // Columns that have been left out cannot be ignored again.
  const left = ignore.filter((column) => typeof column !== 'string' || file.columns.includes(column));
  return { file, options: (given) => ({ ...given, ignore: left }) };
}

async function wholeTable(file: ParquetFile): Promise<ValueTable> {
  const tables: ValueTable[] = [];
  for (const group of file.groups.keys()) tables.push(await file.read(group));
  return joined(tables.filter(({ rows }) => rows > 0));
}

/** The smallest number of rows that determine the columns. */
const SAMPLE_ROWS = 10_000;

/**
 * Opens a Parquet file to read its row groups one by one. The first ones, with at least 10,000 rows,
 * determine the columns.
 */
async function openParquetStream(source: DataSource, options: CsvOptions): Promise<TableStream> {
  const { file, options: adapted } = await openForTraining(source, options);
  const groups = [...file.groups.keys()].filter((group) => (file.groups[group] as number) > 0);
  const tables: ValueTable[] = [];
  let read = 0;
  while (tables.length < groups.length && read < SAMPLE_ROWS) {
    const table = await file.read(groups[tables.length] as number);
    tables.push(table);
    read += table.rows;
  }
  const first = joined(tables);
  const {
    schema,
    dataset: sample,
    remarks,
  } = await inSlices(tableSteps(first, adapted(options), source.name));
  async function* parts(): AsyncGenerator<ExampleRows, void, void> {
    for (let table = first, next = tables.length; ; next++) {
      yield codedRows(table, source.name, schema, options);
      const group = groups[next];
      if (group === undefined) return;
      table = await file.read(group);
    }
  }
  return streamOfParts({ schema, sample, remarks }, parts);
}

/** Parquet files with plain (not nested) columns. */
export const PARQUET: DataFormat = {
  name: 'parquet',
  hasColumns: true,
  async read(source, options) {
    const { file, options: adapted } = await openForTraining(source, options);
    const table = await wholeTable(file);
    const { dataset, ...rest } = await inSlices(tableSteps(table, adapted(options), source.name));
    return { train: dataset, test: undefined, ...rest };
  },
  async apply(source, { schema }, options) {
    const { file } = await openForTraining(source, {});
    const table = await wholeTable(file);
    if (schema === undefined) {
      const { onMissing } = options;
      const { dataset, skipped, remarks } = await inSlices(tableSteps(table, { onMissing }, source.name));
      return { inputs: dataset.inputs, dataset, skipped, remarks };
    }
    return inSlices(rowSteps(table, schema, options, source.name));
  },
  open: openParquetStream,
};
