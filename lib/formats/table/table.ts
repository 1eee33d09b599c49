import { SparseTrainError } from '../../base/errors.js';
import { atOnce, type Steps } from '../../base/steps.js';
import { encodeCsv } from '../csv/encode.js';
import { inferRecords } from '../csv/infer.js';
import { layoutFor } from '../csv/layout.js';
import {
  type CsvApplyOptions,
  type CsvOptions,
  checkCsvApplyOptions,
  checkCsvOptions,
} from '../csv/options.js';
import { type CsvRows, type CsvTable, datasetOf, remarksOnGaps, trainingTable } from '../csv/read.js';
import type { CsvSchema } from '../csv/schema.js';
import { ValueRecords, type ValueTable } from './value-records.js';

/**
 * Converts a table of values to a dataset for training, with the same options and the same kind of schema as
 * readCsv() has for text.
 *
 * @param name - what messages call the table
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION, INVALID_DATA
 */
export function tableOfValues(table: ValueTable, options: CsvOptions, name: string): CsvTable {
  return atOnce(tableSteps(table, options, name));
}

/** {@link tableOfValues} in steps. */
export function* tableSteps(table: ValueTable, options: CsvOptions, name: string): Steps<CsvTable> {
  const checked = { ...checkCsvOptions(options), decimal: '.' as const };
  const head = { names: table.names, header: table.header, delimiter: ',' as const };
  const inferred = yield* inferRecords(() => new ValueRecords(table, name), head, name, checked);
  return yield* trainingTable(new ValueRecords(table, name), name, inferred, checked);
}

/**
 * Converts a table of values to inputs and, if it has labels, targets, with the encoding of the training
 * data, like readCsvRows().
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION, INVALID_DATA
 */
export function rowsOfValues(
  table: ValueTable,
  schema: CsvSchema,
  options: CsvApplyOptions,
  name: string,
): CsvRows {
  return atOnce(rowSteps(table, schema, options, name));
}

/** {@link rowsOfValues} in steps. */
export function* rowSteps(
  table: ValueTable,
  schema: CsvSchema,
  options: CsvApplyOptions,
  name: string,
): Steps<CsvRows> {
  const { onMissing, onUnknown, labels } = checkCsvApplyOptions(options);
  if (table.rows === 0) throw new SparseTrainError('INVALID_DATA', `${name} has no rows`);
  const layout = layoutFor(table.names, table.header, name, '', schema, options);
  const { inputs, targets, skipped, gaps } = yield* encodeCsv(
    new ValueRecords(table, name),
    name,
    schema,
    layout,
    {
      rows: table.rows,
      decimal: '.',
      onMissing,
      onUnknown,
      float32: false,
      advice: '',
      canSkip: labels !== 'ignore',
    },
  );
  const dataset = targets === undefined ? undefined : datasetOf(inputs, targets, schema);
  return { inputs, dataset, skipped, remarks: [...layout.remarks, ...remarksOnGaps(gaps, name)] };
}
