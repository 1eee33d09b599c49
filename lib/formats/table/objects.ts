import { SparseTrainError } from '../../base/errors.js';
import { inSlices } from '../../base/steps.js';
import type { CsvApplyOptions, CsvOptions } from '../csv/options.js';
import type { CsvRows } from '../csv/read.js';
import type { CsvSchema } from '../csv/schema.js';
import type { Table } from '../format.js';
import { applyToRows, type FoundRow, foundTable, rowOf, withJsonLabel } from './found-rows.js';
import { tableSteps } from './table.js';

const ORIGIN = { name: 'the rows', unit: 'row' } as const;

/** Objects of a program as a table for training. */
export async function tableOfRows(rows: readonly unknown[], options: CsvOptions): Promise<Table> {
  const table = foundTable(foundRows(rows), ORIGIN);
  const { dataset, ...rest } = await inSlices(
    tableSteps(table, withJsonLabel(options, table.names), ORIGIN.name),
  );
  return { train: dataset, test: undefined, ...rest };
}

/** Objects of a program as rows for a trained network. */
export function rowsOfRows(
  rows: readonly unknown[],
  schema: CsvSchema,
  options: CsvApplyOptions,
): Promise<CsvRows> {
  return applyToRows(foundRows(rows), schema, options, ORIGIN);
}

function foundRows(rows: readonly unknown[]): FoundRow[] {
  return Array.from(rows, (row, i) => {
    try {
      return { place: i + 1, ...rowOf(row), json: undefined };
    } catch (error) {
      if (!(error instanceof SparseTrainError)) throw error;
      throw new SparseTrainError('INVALID_DATA', `${ORIGIN.name}: row ${i + 1}: ${error.message}`, {
        cause: error,
      });
    }
  });
}
