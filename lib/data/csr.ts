import { invalidOption, SparseTrainError } from '../base/errors.js';
import { checkInputArray, checkUsable, type InputArray, Matrix, newLike } from './matrix.js';

/** Inputs of many examples: dense or sparse rows. */
export type InputMatrix = Matrix | CsrMatrix;

/** One row, given by some of its values; all others are 0. */
export interface SparseRow<T extends InputArray = InputArray> {
  /** Columns of the values, counted from 0, ascending, each at most once. */
  readonly indices: Uint32Array | Int32Array;
  /** The value of each column. */
  readonly values: T;
}

/** Where the values of each row start: integers of any kind, SciPy's 64-bit ones included. */
export type CsrStarts =
  | Int32Array
  | Uint32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array
  | readonly number[];

/** The parts of a {@link CsrMatrix}: the three arrays of SciPy's `csr_matrix`, and the number of columns. */
export interface CsrSource<T extends InputArray = InputArray> {
  /**
   * One entry more than there are rows: row i has entries `indptr[i]` to `indptr[i + 1] - 1` of the other two arrays.
   */
  indptr: CsrStarts;
  /** The column of each value, counted from 0, ascending within a row, each at most once. Not copied. */
  indices: Uint32Array | Int32Array;
  /** The given values; all others are 0. Not copied. */
  values: T;
  /** Columns of the matrix, at least 1. */
  columns: number;
}

/**
 * A table of mostly zeros as compressed sparse rows (CSR): only the given values need memory. The same numbers in a
 * {@link Matrix} give the same results, bit for bit.
 *
 * @example
 * // [[0, 5, 0, 0], [0, 0, 0, 0], [1, 0, 0, 2]]
 * const inputs = new CsrMatrix({
 *   indptr: [0, 1, 1, 3],
 *   indices: Uint32Array.of(1, 0, 3),
 *   values: Uint8Array.of(5, 1, 2),
 *   columns: 4,
 * });
 */
export class CsrMatrix<T extends InputArray = InputArray> {
  /** Number of rows (examples), at least 1. */
  readonly rows: number;
  /** Number of columns (features), at least 1. */
  readonly columns: number;
  /** Where the values of each row start: `rows` + 1 entries, the first 0, the last the number of values. A copy. */
  readonly indptr: Float64Array;
  /** The column of each value. */
  readonly indices: Uint32Array;
  /** The given values. */
  readonly values: T;

  /**
   * @throws SparseTrainError INVALID_OPTION for another kind of array or number, INVALID_DATA if the arrays do not
   * fit each other, or if the columns of a row are out of order or out of range
   */
  constructor(source: CsrSource<T>) {
    if (typeof source !== 'object' || source === null) {
      throw invalidOption('CsrMatrix', '{ indptr, indices, values, columns }', source);
    }
    const { indptr, indices, values, columns } = source;
    if (!Number.isSafeInteger(columns) || columns < 1 || columns > 2 ** 32) {
      throw invalidOption('columns', 'a whole number of at least 1', columns);
    }
    checkInputArray(values, 'values');
    if (!(indices instanceof Uint32Array || indices instanceof Int32Array)) {
      throw invalidOption('indices', 'a Uint32Array or Int32Array', indices);
    }
    checkUsable(values, 'values');
    checkUsable(indices, 'indices');
    if (indices.length !== values.length) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `there are ${indices.length} indices for ${values.length} values; each value needs its column`,
      );
    }
    this.indptr = checkStarts(indptr, values.length);
    this.rows = this.indptr.length - 1;
    this.columns = columns;
    this.indices =
      indices instanceof Uint32Array
        ? indices
        : new Uint32Array(indices.buffer, indices.byteOffset, indices.length);
    this.values = values;
    checkIndices(this, indices);
  }

  /** Converts a dense matrix, leaving out its zeros. */
  static fromMatrix<T extends InputArray>(matrix: Matrix<T>): CsrMatrix<T> {
    const { data, rows, columns } = matrix;
    let places = 0;
    for (const x of data) if (x !== 0) places++;
    const indptr = new Float64Array(rows + 1);
    const indices = new Uint32Array(places);
    const values = newLike(data, places);
    let next = 0;
    for (let i = 0; i < data.length; i++) {
      const value = data[i] as number;
      const row = Math.floor(i / columns);
      if (value !== 0) {
        indices[next] = i - row * columns;
        values[next++] = value;
      }
      indptr[row + 1] = next;
    }
    return new CsrMatrix({ indptr, indices, values, columns });
  }

  /** Converts to a dense matrix of rows x columns numbers. */
  toMatrix(): Matrix<T> {
    const { rows, columns, indptr, indices, values } = this;
    const data = newLike(values, rows * columns);
    for (let row = 0; row < rows; row++) {
      for (let i = indptr[row] as number; i < (indptr[row + 1] as number); i++) {
        data[row * columns + (indices[i] as number)] = values[i] as number;
      }
    }
    return new Matrix(data, columns);
  }

  /**
   * Row `index`, as views of the same memory.
   *
   * @param index - 0 to `rows` - 1
   * @throws SparseTrainError INVALID_OPTION if it is out of range
   */
  row(index: number): SparseRow<T> {
    if (!Number.isInteger(index) || index < 0 || index >= this.rows) {
      throw invalidOption('row', `a whole number from 0 to ${this.rows - 1}`, index);
    }
    const [from, to] = [this.indptr[index] as number, this.indptr[index + 1] as number];
    return { indices: this.indices.subarray(from, to), values: this.values.subarray(from, to) as T };
  }
}

/** Rows `start` to `end` - 1, as views of the same memory. */
export function sliceRows(matrix: InputMatrix, start: number, end: number): InputMatrix {
  if (matrix instanceof Matrix) {
    const { data, columns } = matrix;
    return new Matrix(data.subarray(start * columns, end * columns) as InputArray, columns);
  }
  const { indptr, indices, values, columns } = matrix;
  const [from, to] = [indptr[start] as number, indptr[end] as number];
  return new CsrMatrix({
    indptr: indptr.slice(start, end + 1).map((place) => place - from),
    indices: indices.subarray(from, to),
    values: values.subarray(from, to) as InputArray,
    columns,
  });
}

/** Copies the rows with the given numbers, in that order. */
export function gatherSparseRows(matrix: CsrMatrix, rows: ArrayLike<number>): CsrMatrix {
  const { indptr, columns } = matrix;
  const starts = new Float64Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    starts[i + 1] = (starts[i] as number) + (indptr[row + 1] as number) - (indptr[row] as number);
  }
  const count = starts[rows.length] as number;
  const indices = new Uint32Array(count);
  const values = newLike(matrix.values, count);
  for (let i = 0; i < rows.length; i++) {
    const row = matrix.row(rows[i] as number);
    indices.set(row.indices, starts[i]);
    values.set(row.values, starts[i]);
  }
  return new CsrMatrix({ indptr: starts, indices, values, columns });
}

/**
 * Refuses NaN and infinities; the error says where the first one is.
 *
 * @throws SparseTrainError INVALID_DATA
 */
export function checkFiniteValues({ indptr, indices, values }: CsrMatrix, name: string): void {
  if (!(values instanceof Float32Array || values instanceof Float64Array)) return;
  const wrong = values.findIndex((x) => !Number.isFinite(x));
  if (wrong < 0) return;
  const row = indptr.findIndex((start) => start > wrong) - 1;
  throw new SparseTrainError(
    'INVALID_DATA',
    `${name}: row ${row}, column ${indices[wrong]} is ${values[wrong]} (both counted from 0); ` +
      'only finite numbers can be learned from',
  );
}

/** Whether an example's input is a sparse row. */
export function isSparseRow(input: unknown): input is SparseRow {
  return typeof input === 'object' && input !== null && 'indices' in input && 'values' in input;
}

function checkStarts(indptr: unknown, count: number): Float64Array {
  const isList =
    Array.isArray(indptr) ||
    indptr instanceof Int32Array ||
    indptr instanceof Uint32Array ||
    indptr instanceof Float64Array ||
    indptr instanceof BigInt64Array ||
    indptr instanceof BigUint64Array;
  if (!isList) throw invalidOption('indptr', 'an array of whole numbers, one more than rows', indptr);
  const starts = Float64Array.from(indptr as ArrayLike<unknown>, Number);
  if (starts.length < 2) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `indptr has ${starts.length} entries, but needs one more than rows, so 2 at least`,
    );
  }
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i] as number;
    const before = i === 0 ? 0 : (starts[i - 1] as number);
    if (!Number.isInteger(start) || start < before || start > count || (i === 0 && start !== 0)) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `indptr[${i}] is ${start}; it must begin with 0, never descend, and end with the number of values (${count})`,
      );
    }
  }
  const last = starts[starts.length - 1] as number;
  if (last !== count) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `indptr ends with ${last}, but there are ${count} values; its last entry must be their number`,
    );
  }
  return starts;
}

function checkIndices({ indptr, columns, rows }: CsrMatrix, indices: Uint32Array | Int32Array): void {
  for (let row = 0; row < rows; row++) {
    let least = 0;
    for (let i = indptr[row] as number; i < (indptr[row + 1] as number); i++) {
      const index = indices[i] as number;
      if (index < 0 || index >= columns) {
        throw new SparseTrainError(
          'INVALID_DATA',
          `row ${row} names column ${index} (indices[${i}]), but columns go from 0 to ${columns - 1}`,
        );
      }
      if (index < least) {
        throw new SparseTrainError(
          'INVALID_DATA',
          `row ${row} names column ${index} (indices[${i}]) after column ${least - 1}; the columns of a row must ascend ` +
            'and be different (SciPy: matrix.sum_duplicates(), which also sorts)',
        );
      }
      least = index + 1;
    }
  }
}
