import { type InputArray, type InputMatrix, Matrix } from '../../lib/index.js';
import type { SparseRow } from '../../lib/public/types.js';

/** The numbers of a table of full rows, which tests of small tables expect. */
export function numbersOf(table: { readonly inputs: InputMatrix }): InputArray {
  if (table.inputs instanceof Matrix) return table.inputs.data;
  throw new Error('the rows are sparse');
}

/** A row that must be a full one. */
export function fullRow(row: Float64Array | SparseRow<Float64Array>): Float64Array {
  if (row instanceof Float64Array) return row;
  throw new Error('the row is sparse');
}
