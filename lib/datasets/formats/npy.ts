import { float16ToFloat32 } from 'npyjs';
import { SparseTrainError } from '../../errors.js';
import { inflate, isGzip, mostInflatedBytes, readStoredBytes } from '../data-file.js';
import { Dataset } from '../dataset.js';
import { type InputArray, Matrix } from '../matrix.js';
import { rowsOfValues, tableOfValues } from '../table/table.js';
import type { ValueTable } from '../table/value-records.js';
import type { DataFormat } from './format.js';
import { pathOf } from './source.js';

/** The elements of an array of NumPy. */
export type NpyData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** An array of NumPy, in the order of C: last dimension fastest. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: NpyData;
}

interface ElementType {
  readonly bytes: number;
  /** Elements from bytes in this machine's order, at the beginning of their buffer. */
  readonly decode: (buffer: ArrayBuffer) => NpyData;
}

/** The element types that are read. Booleans are bytes; texts, dates, complex numbers and objects are not read. */
const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map<string, ElementType>([
  ['b1', { bytes: 1, decode: (buffer) => new Uint8Array(buffer) }],
  ['u1', { bytes: 1, decode: (buffer) => new Uint8Array(buffer) }],
  ['i1', { bytes: 1, decode: (buffer) => new Int8Array(buffer) }],
  ['u2', { bytes: 2, decode: (buffer) => new Uint16Array(buffer) }],
  ['i2', { bytes: 2, decode: (buffer) => new Int16Array(buffer) }],
  ['f2', { bytes: 2, decode: (buffer) => Float32Array.from(new Uint16Array(buffer), float16ToFloat32) }],
  ['u4', { bytes: 4, decode: (buffer) => new Uint32Array(buffer) }],
  ['i4', { bytes: 4, decode: (buffer) => new Int32Array(buffer) }],
  ['f4', { bytes: 4, decode: (buffer) => new Float32Array(buffer) }],
  ['u8', { bytes: 8, decode: (buffer) => new BigUint64Array(buffer) }],
  ['i8', { bytes: 8, decode: (buffer) => new BigInt64Array(buffer) }],
  ['f8', { bytes: 8, decode: (buffer) => new Float64Array(buffer) }],
]);

/**
 * Reads a .npy file, plain or gzip.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS; INVALID_FILE if it is none, of a type that is not read, or not as
 * long as its header says
 */
export async function readNpy(file: string): Promise<NpyArray> {
  const stored = await readStoredBytes(file);
  if (!isGzip(stored)) return parseNpy(stored, file);
  const limit = Math.min(2 ** 31 - 1, mostInflatedBytes(stored.length));
  const bytes = await inflate(file, stored, limit, 0);
  if (bytes === undefined) throw new SparseTrainError('INVALID_FILE', `${file} inflates to 2 GiB or more`);
  return parseNpy(bytes, file);
}

/**
 * The array in the bytes of a .npy file. Nothing is allocated for what the header says before it is known to fit the bytes.
 *
 * @param name - what messages call it
 * @throws SparseTrainError INVALID_FILE
 */
export function parseNpy(bytes: Uint8Array, name: string): NpyArray {
  const invalid = (what: string) => new SparseTrainError('INVALID_FILE', `${name}: ${what}`);
  const { descriptor, isFortran, shape, dataStart } = parseHeader(bytes, invalid);
  const type = ELEMENT_TYPES.get(descriptor.slice(1));
  if (type === undefined || !'<>|='.includes(descriptor[0] as string)) {
    throw invalid(
      `elements of type ${descriptor} are not read; save them as numbers, such as float32 or uint8`,
    );
  }
  const count = shape.reduce((product, length) => product * length, 1);
  const needed = dataStart + count * type.bytes;
  if (needed !== bytes.length) {
    const what = needed > bytes.length ? 'cut off' : 'too long';
    const elements = `${shape.join(' x ')} elements of ${type.bytes} bytes`;
    throw invalid(`${what}: the header says ${elements}, ${needed} in all, but there are ${bytes.length}`);
  }
  if (count === 0) throw invalid('holds no elements');
  // In memory of their own, where any element type may begin.
  const elements = new Uint8Array(bytes.subarray(dataStart));
  if (descriptor.startsWith(isLittleEndian() ? '>' : '<')) swapBytes(elements, type.bytes);
  const data = type.decode(elements.buffer);
  return { shape, data: isFortran ? inOrderOfC(data, shape) : data };
}

interface NpyHeader {
  readonly descriptor: string;
  readonly isFortran: boolean;
  readonly shape: readonly number[];
  readonly dataStart: number;
}

function parseHeader(bytes: Uint8Array, invalid: (what: string) => SparseTrainError): NpyHeader {
  const magic = Buffer.from(bytes.subarray(0, 6)).toString('latin1');
  if (magic !== '\x93NUMPY') throw invalid('not a .npy file (it does not begin with \\x93NUMPY)');
  if (bytes.length < 12) throw invalid('cut off in the header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isOld = view.getUint8(6) === 1;
  const textStart = isOld ? 10 : 12;
  const dataStart = textStart + (isOld ? view.getUint16(8, true) : view.getUint32(8, true));
  if (dataStart > bytes.length) throw invalid('cut off in the header');
  const text = Buffer.from(bytes.subarray(textStart, dataStart)).toString('latin1');
  const descriptor = /'descr'\s*:\s*'([^']+)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const sizes = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  if (descriptor === undefined || order === undefined || sizes === undefined) {
    throw invalid('its header is not understood; structured arrays are not read');
  }
  const shape = sizes
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
    .map(Number);
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    throw invalid(`the header says that the shape is (${sizes})`);
  }
  return { descriptor, isFortran: order === 'True' && shape.length > 1, shape, dataStart };
}

function isLittleEndian(): boolean {
  return new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
}

function swapBytes(elements: Uint8Array, size: number): void {
  const body = Buffer.from(elements.buffer, elements.byteOffset, elements.length);
  if (size === 2) body.swap16();
  else if (size === 4) body.swap32();
  else if (size === 8) body.swap64();
}

/** From the order of Fortran, first dimension fastest. */
function inOrderOfC(data: NpyData, shape: readonly number[]): NpyData {
  const result = data.slice();
  const steps = shape.map((_, k) => shape.slice(0, k).reduce((product, length) => product * length, 1));
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    result[to] = data[from] as never;
    for (let k = shape.length - 1; k >= 0; k--) {
      from += steps[k] as number;
      index[k] = (index[k] as number) + 1;
      if ((index[k] as number) < (shape[k] as number)) break;
      from -= (steps[k] as number) * (shape[k] as number);
      index[k] = 0;
    }
  }
  return result;
}

/** Elements as a network's inputs: of the same type if there is one, otherwise of the next one that holds them. */
export function inputsOf(data: NpyData): InputArray {
  if (
    data instanceof Uint8Array ||
    data instanceof Int16Array ||
    data instanceof Float32Array ||
    data instanceof Float64Array
  ) {
    return data;
  }
  if (data instanceof Int8Array) return Int16Array.from(data);
  return numbersOf(data);
}

/** Elements as numbers. */
export function numbersOf(data: NpyData): Float64Array {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number);
  return Float64Array.from(data);
}

/**
 * A dataset of two arrays, inputs (examples first) and targets. Whole numbers are classes from 0, others values to predict.
 *
 * @throws SparseTrainError INVALID_DATA if they do not fit each other
 */
export function arraysDataset(
  inputs: NpyArray & { readonly name: string },
  targets: NpyArray & { readonly name: string },
  classes?: readonly string[],
): Dataset {
  const matrix = matrixOf(inputs);
  if (targets.shape[0] !== matrix.rows) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `${inputs.name} has ${matrix.rows} examples, but ${targets.name} is ${targets.shape.join(' x ')}`,
    );
  }
  const imageShape = imageShapeOf(inputs);
  const numbers = numbersOf(targets.data);
  const isFloat = targets.data instanceof Float32Array || targets.data instanceof Float64Array;
  const isSingle = numbers.length === matrix.rows;
  if (isSingle && !isFloat) {
    return Dataset.from({ inputs: matrix, labels: Int32Array.from(numbers), classes, imageShape });
  }
  return Dataset.from({ inputs: matrix, values: numbers, imageShape });
}

/**
 * An array's rows as inputs.
 *
 * @throws SparseTrainError INVALID_DATA if it has one dimension
 */
export function matrixOf({ shape, data, name }: NpyArray & { readonly name: string }): Matrix {
  if (shape.length >= 2) return new Matrix(inputsOf(data), data.length / (shape[0] as number));
  throw new SparseTrainError(
    'INVALID_DATA',
    `${name} has ${shape.length === 1 ? 'one dimension' : 'no dimensions'}, but inputs need at least two (examples x features)`,
  );
}

function imageShapeOf({ shape }: NpyArray) {
  const [, height = 1, width = 1, channels = 1] = shape;
  const isImage = shape.length === 3 || (shape.length === 4 && channels <= 4);
  return isImage ? { height, width, channels } : undefined;
}

/** A table of numbers, one of whose columns is the label. */
function valueTable({ shape, data }: NpyArray, name: string): ValueTable {
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2 || columns < 2) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `${name} is ${shape.join(' x ')}, but must be rows x columns with a column of labels; inputs and labels in two files ` +
        'are given with --images and --labels, or as a .npz file',
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

/** A table of numbers in one array: rows x columns, with the label in a column. */
export const NPY: DataFormat = {
  name: 'npy',
  hasColumns: true,
  async read(source, options) {
    const array = await readNpy(pathOf(source, 'NumPy'));
    const { dataset, ...rest } = tableOfValues(valueTable(array, source.name), options, source.name);
    return { train: dataset, test: undefined, ...rest };
  },
  async apply(source, { schema }, options) {
    const array = { ...(await readNpy(pathOf(source, 'NumPy'))), name: source.name };
    if (schema === undefined) return { inputs: matrixOf(array), dataset: undefined };
    return rowsOfValues(valueTable(array, source.name), schema, options, source.name);
  },
};
