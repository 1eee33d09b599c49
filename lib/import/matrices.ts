/** Finds weight matrices, dense or sparse, and their biases among the arrays of a file. */
import { SparseTrainError, shortened } from '../base/errors.js';
import { optionName, say } from '../base/wording.js';
import { MAX_NEURONS } from '../engine/limits.js';
import { invalidFile } from '../network/model-file/safetensors.js';
import { splitName } from './array-name.js';
import type { Contents, NumberArray, StoredArray } from './stored-array.js';

/** A matrix by its entries: those of row i are `columns[offsets[i]]` to `columns[offsets[i + 1] - 1]`, ascending. */
export interface SparseMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly offsets: Float64Array;
  readonly left: Uint32Array;
  readonly values: Float64Array;
}

export interface FoundMatrix {
  readonly name: string;
  readonly matrix: SparseMatrix;
  /** Whether it is a mask, without weights. */
  readonly isMask: boolean;
  readonly bias: StoredArray | undefined;
  /** The names of all arrays that it is made of, its biases among them. */
  readonly arrays: readonly string[];
}

/** The parts of scipy's formats, besides `shape` and `format`. */
const SPARSE_PARTS = ['data', 'indices', 'indptr', 'row', 'col'];

/** The last word of a bias's name; the rest is the weight's. */
const BIAS_NAMES = ['bias', 'biases', 'b'];

/** The matrices of a file by their names, each read when it is asked for. */
export type FoundMatrices = ReadonlyMap<string, { readonly arrays: readonly string[]; read(): FoundMatrix }>;

/** All matrices of a file. */
export function findMatrices({ arrays, texts }: Contents): FoundMatrices {
  const byName = new Map(arrays.map((array) => [array.name, array]));
  const found = new Map<string, { readonly arrays: readonly string[]; read(): FoundMatrix }>();
  for (const array of arrays) {
    const { prefix, last } = splitName(array.name);
    if (array.shape.length === 2) {
      const bias = biasOf(byName, prefix, array.name);
      const parts = namesOf([array, bias]);
      found.set(array.name, {
        arrays: parts,
        read: () => ({
          name: array.name,
          matrix: fromDense(array),
          isMask: array.isMask,
          bias,
          arrays: parts,
        }),
      });
    } else if (last === 'shape') {
      // A sparse matrix is named like its parts without their last word, or like the file if nothing remains.
      const name = prefix === '' ? 'matrix' : prefix.slice(0, -1);
      const parts = new Map(
        SPARSE_PARTS.map((part) => [part, byName.get(prefix + part)] as const).filter(
          ([, part]) => part !== undefined,
        ),
      ) as Map<string, StoredArray>;
      if (parts.size === 0) continue;
      const format = texts.get(`${prefix}format`) ?? (parts.has('row') ? 'coo' : 'csr');
      const bias = biasOf(byName, prefix, name);
      const all = namesOf([array, ...parts.values(), byName.get(`${prefix}_is_array`), bias]);
      found.set(name, {
        arrays: all,
        read: () => ({
          name,
          matrix: fromSparse(name, array, parts, format),
          isMask: parts.get('data')?.isMask ?? true,
          bias,
          arrays: all,
        }),
      });
    }
  }
  return found;
}

function namesOf(arrays: readonly (StoredArray | undefined)[]): string[] {
  return arrays.flatMap((array) => (array === undefined ? [] : [array.name]));
}

/**
 * The requested matrices in the requested order, otherwise all in the order of their names (2 before 10).
 *
 * @param isWanted - which of all matrices are taken where none are requested
 * @throws SparseTrainError INVALID_FILE, INVALID_OPTION
 */
export function chooseMatrices(
  found: FoundMatrices,
  wanted: readonly string[] | undefined,
  isWanted: (name: string) => boolean,
): FoundMatrix[] {
  const names = wanted ?? [...found.keys()].filter(isWanted).sort(compareNames);
  if (names.length === 0) {
    throw invalidFile(
      "it has no matrix: neither an array with two dimensions nor scipy's data, indices, indptr and shape",
    );
  }
  return names.map((name) => {
    const matrix = found.get(name);
    if (matrix !== undefined) return matrix.read();
    throw new SparseTrainError('INVALID_OPTION', {
      option: 'matrices',
      says: say`${optionName('matrices')}: the file has no matrix "${shortened(name)}"`,
      advice: `it has ${[...found.keys()]
        .slice(0, 20)
        .map((known) => shortened(known))
        .join(', ')}`,
    });
  });
}

const collator = new Intl.Collator('en', { numeric: true });

/**
 * Orders names part by part, so that 2 comes before 10 and `dense` before `dense_1`: as whole texts `dense/kernel` would
 * come after `dense_1/kernel`.
 */
function compareNames(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => {
    const { prefix, last } = splitName(name);
    return [...prefix.slice(0, -1).split(/[./]/), last];
  }) as [string[], string[]];
  for (const [i, part] of left.entries()) {
    const order = collator.compare(part, right[i] ?? '');
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function biasOf(
  byName: ReadonlyMap<string, StoredArray>,
  prefix: string,
  weight: string,
): StoredArray | undefined {
  // Keras writes `dense/bias:0`.
  for (const name of BIAS_NAMES.flatMap((word) => [prefix + word, `${prefix}${word}:0`])) {
    const bias = byName.get(name);
    if (bias !== undefined && name !== weight && bias.shape.length === 1) return bias;
  }
  return undefined;
}

function checkSize(name: string, rows: number, columns: number): void {
  for (const size of [rows, columns]) {
    if (Number.isSafeInteger(size) && size >= 1 && size <= MAX_NEURONS) continue;
    throw invalidFile(
      `matrix "${name}" is ${rows} x ${columns}, but layers have 1 to ${MAX_NEURONS} neurons`,
    );
  }
}

/** The nonzero entries of a dense matrix. */
function fromDense({ name, shape, numbers }: StoredArray): SparseMatrix {
  const [rows, columns] = shape as readonly [number, number];
  checkSize(name, rows, columns);
  let count = 0;
  for (const number of numbers) if (number !== 0) count++;
  const matrix = emptyMatrix(rows, columns, count);
  let entry = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const number = numbers[row * columns + column] as number;
      if (number === 0) continue;
      matrix.left[entry] = column;
      matrix.values[entry] = number;
      entry++;
    }
    matrix.offsets[row + 1] = entry;
  }
  return matrix;
}

function emptyMatrix(rows: number, columns: number, entries: number): SparseMatrix {
  return {
    rows,
    columns,
    offsets: new Float64Array(rows + 1),
    left: new Uint32Array(entries),
    values: new Float64Array(entries),
  };
}

/** All stored entries, even zeros. */
function fromSparse(
  name: string,
  shape: StoredArray,
  parts: ReadonlyMap<string, StoredArray>,
  format: string,
): SparseMatrix {
  const [rows, columns] = [shape.numbers[0], shape.numbers[1]] as [number, number];
  if (shape.numbers.length !== 2)
    throw invalidFile(`matrix "${name}" has ${shape.numbers.length} dimensions`);
  checkSize(name, rows, columns);
  const part = (what: string): NumberArray => {
    const array = parts.get(what);
    if (array === undefined || array.shape.length !== 1)
      throw invalidFile(`matrix "${name}" of the format ${format} has no list "${what}"`);
    return array.numbers;
  };
  const data = part('data');
  switch (format) {
    case 'csr':
      return sorted(
        name,
        rows,
        columns,
        expand(name, part('indptr'), rows, data.length),
        part('indices'),
        data,
      );
    case 'csc':
      return sorted(
        name,
        rows,
        columns,
        part('indices'),
        expand(name, part('indptr'), columns, data.length),
        data,
      );
    case 'coo':
      return sorted(name, rows, columns, part('row'), part('col'), data);
    default:
      throw invalidFile(`matrix "${name}" is of scipy's format ${format}; csr, csc and coo can be read`);
  }
}

/** The row (or column) of each entry. */
function expand(name: string, pointers: NumberArray, count: number, entries: number): Uint32Array {
  const wrong = (why: string) => invalidFile(`matrix "${name}": indptr ${why}`);
  if (pointers.length !== count + 1) throw wrong(`has ${pointers.length} entries, not ${count + 1}`);
  if (pointers[0] !== 0 || pointers[count] !== entries) throw wrong(`does not go from 0 to ${entries}`);
  const lines = new Uint32Array(entries);
  for (let line = 0; line < count; line++) {
    const [from, to] = [pointers[line] as number, pointers[line + 1] as number];
    if (!(from <= to && to <= entries && Number.isSafeInteger(to))) throw wrong(`falls at ${line}`);
    lines.fill(line, from, to);
  }
  return lines;
}

/** Sorts entries by row, then by column, and refuses duplicates. */
function sorted(
  name: string,
  rows: number,
  columns: number,
  rowOf: NumberArray,
  columnOf: NumberArray,
  data: NumberArray,
): SparseMatrix {
  const entries = data.length;
  if (rowOf.length !== entries || columnOf.length !== entries)
    throw invalidFile(
      `matrix "${name}" has ${entries} values, but ${rowOf.length} rows and ${columnOf.length} columns of them`,
    );
  const matrix = emptyMatrix(rows, columns, entries);
  const { offsets } = matrix;
  for (let e = 0; e < entries; e++) {
    const [row, column] = [rowOf[e] as number, columnOf[e] as number];
    if (
      !(
        Number.isInteger(row) &&
        row >= 0 &&
        row < rows &&
        Number.isInteger(column) &&
        column >= 0 &&
        column < columns
      )
    )
      throw invalidFile(
        `matrix "${name}" has an entry at ${row}, ${column}, outside its ${rows} x ${columns}`,
      );
    offsets[row + 1] = (offsets[row + 1] as number) + 1;
  }
  for (let row = 0; row < rows; row++)
    offsets[row + 1] = (offsets[row + 1] as number) + (offsets[row] as number);
  const next = offsets.slice(0, rows);
  const order = new Uint32Array(entries);
  for (let e = 0; e < entries; e++) {
    const row = rowOf[e] as number;
    order[next[row] as number] = e;
    next[row] = (next[row] as number) + 1;
  }
  for (let row = 0; row < rows; row++) {
    const line = order.subarray(offsets[row], offsets[row + 1]);
    line.sort((a, b) => (columnOf[a] as number) - (columnOf[b] as number));
  }
  for (let e = 0; e < entries; e++) {
    matrix.left[e] = columnOf[order[e] as number] as number;
    matrix.values[e] = data[order[e] as number] as number;
  }
  for (let row = 0; row < rows; row++) {
    for (let e = (offsets[row] as number) + 1; e < (offsets[row + 1] as number); e++) {
      if (matrix.left[e] === matrix.left[e - 1])
        throw invalidFile(
          `matrix "${name}" has the entry ${row}, ${matrix.left[e]} twice; sum_duplicates() merges them`,
        );
    }
  }
  return matrix;
}

/** Transposes a matrix. */
export function transposed({ rows, columns, offsets, left, values }: SparseMatrix): SparseMatrix {
  const result = emptyMatrix(columns, rows, left.length);
  for (const column of left) result.offsets[column + 1] = (result.offsets[column + 1] as number) + 1;
  for (let i = 0; i < columns; i++)
    result.offsets[i + 1] = (result.offsets[i + 1] as number) + (result.offsets[i] as number);
  const next = result.offsets.slice(0, columns);
  for (let row = 0; row < rows; row++) {
    for (let e = offsets[row] as number; e < (offsets[row + 1] as number); e++) {
      const column = left[e] as number;
      const place = next[column] as number;
      next[column] = place + 1;
      result.left[place] = row;
      result.values[place] = values[e] as number;
    }
  }
  return result;
}
