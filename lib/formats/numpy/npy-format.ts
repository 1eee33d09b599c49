import { namedBy, SparseTrainError } from '../../base/errors.js';
import { inflate, isGzip, mostInflatedBytes, readStoredBytes } from '../../base/files/read-bytes.js';
import { inSlices } from '../../base/steps.js';
import { optionName, say } from '../../base/wording.js';
import { Dataset } from '../../data/dataset.js';
import { type InputArray, Matrix } from '../../data/matrix.js';
import type { DataFormat } from '../format.js';
import { pathOf } from '../source.js';
import { rowSteps, tableSteps } from '../table/table.js';
import type { ValueTable } from '../table/value-records.js';
import { type NpyData, plainNumbers } from './elements.js';
import { type NpyArray, parseNpy } from './parse-npy.js';

/**
 * Reads a .npy file, plain or gzip.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS; INVALID_FILE if it is none, of a type that is not read, or not as
 * long as its header says
 */
export async function readNpy(file: string): Promise<NpyArray> {
  const stored = await readStoredBytes(file);
  if (!isGzip(stored)) return numericArray(stored, file);
  const limit = Math.min(2 ** 31 - 1, mostInflatedBytes(stored.length));
  const bytes = await inflate(file, stored, limit, 0);
  if (bytes === undefined) throw new SparseTrainError('INVALID_FILE', `${file} inflates to 2 GiB or more`);
  return numericArray(bytes, file);
}

/**
 * The numbers in the bytes of a .npy file.
 *
 * @param name - what messages call it
 * @throws SparseTrainError INVALID_FILE, also for a text and for no elements at all
 */
export function numericArray(bytes: Uint8Array, name: string): NpyArray {
  const array = parseNpy(bytes, name);
  if (typeof array === 'string')
    throw new SparseTrainError('INVALID_FILE', `${name}: it is a text, not numbers`);
  if (array.data.length === 0) throw new SparseTrainError('INVALID_FILE', `${name}: it holds no elements`);
  return array;
}

/** An array of numbers, and its name in messages. */
export interface NamedArray extends Pick<NpyArray, 'shape' | 'data'> {
  readonly name: string;
}

/**
 * Converts elements to the inputs of a network: the same type if inputs can have it, otherwise the next type
 * that represents them.
 */
function inputsOf(data: NpyData): InputArray {
  if (
    data instanceof Uint8Array ||
    data instanceof Int16Array ||
    data instanceof Float32Array ||
    data instanceof Float64Array
  ) {
    return data;
  }
  if (data instanceof Int8Array) return Int16Array.from(data);
  return Float64Array.from(plainNumbers(data));
}

/**
 * A dataset from two arrays, inputs (examples first) and targets. Whole numbers are classes from 0, other
 * numbers are values to predict.
 *
 * @throws SparseTrainError INVALID_DATA if they do not fit each other
 */
export function arraysDataset(inputs: NamedArray, targets: NamedArray, classes?: readonly string[]): Dataset {
  const matrix = matrixOf(inputs);
  if (targets.shape[0] !== matrix.rows) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `${inputs.name} has ${matrix.rows} examples, but ${targets.name} has ${targets.shape[0] ?? 'no'} labels`,
    );
  }
  const imageShape = imageShapeOf(inputs);
  const numbers = Float64Array.from(plainNumbers(targets.data));
  const isFloat = targets.data instanceof Float32Array || targets.data instanceof Float64Array;
  const isSingle = numbers.length === matrix.rows;
  return namedBy(targets.name, () =>
    isSingle && !isFloat
      ? Dataset.from({ inputs: matrix, labels: numbers, classes, imageShape })
      : Dataset.from({ inputs: matrix, values: numbers, imageShape }),
  );
}

/**
 * An array's rows as inputs.
 *
 * @throws SparseTrainError INVALID_DATA if it has one dimension
 */
export function matrixOf({ shape, data, name }: NamedArray): Matrix {
  if (shape.length >= 2) return new Matrix(inputsOf(data), data.length / (shape[0] as number));
  throw new SparseTrainError(
    'INVALID_DATA',
    `${name} has ${shape.length === 1 ? 'one dimension' : 'no dimensions'}, but inputs need at least two (examples x features)`,
  );
}

function imageShapeOf({ shape }: NamedArray) {
  const [, height = 1, width = 1, channels = 1] = shape;
  const isImage = shape.length === 3 || (shape.length === 4 && channels <= 4);
  return isImage ? { height, width, channels } : undefined;
}

/** A table of numbers; one of its columns is the label. */
function valueTable({ shape, data }: NpyArray, name: string): ValueTable {
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2 || columns < 2) {
    throw new SparseTrainError(
      'INVALID_DATA',
      say`${name} is ${shape.join(' x ')}, but must be rows x columns with a column of labels; give labels that are in a second file with ${optionName('labels')}, or both arrays as a .npz file`,
    );
  }
  return {
    names: Array.from({ length: columns }, (_, i) => `column ${i + 1}`),
    header: false,
    rows,
    unit: 'row',
    value: (row, column) => data[row * columns + column],
    place: (row) => row + 1,
  };
}

/** A table of numbers in one array of rows x columns, with the label in a column. */
export const NPY: DataFormat = {
  name: 'npy',
  hasColumns: true,
  async read(source, options) {
    const array = await readNpy(pathOf(source, 'NumPy'));
    const { dataset, ...rest } = await inSlices(
      tableSteps(valueTable(array, source.name), options, source.name),
    );
    return { train: dataset, test: undefined, ...rest };
  },
  async apply(source, { schema }, options) {
    const array = { ...(await readNpy(pathOf(source, 'NumPy'))), name: source.name };
    if (schema === undefined) return { inputs: matrixOf(array), dataset: undefined, skipped: 0, remarks: [] };
    return inSlices(rowSteps(valueTable(array, source.name), schema, options, source.name));
  },
};
