import { describeValue, invalidOption, SparseTrainError } from '../base/errors.js';

/** The element types that inputs may have. */
export type InputArray = Uint8Array | Int16Array | Float32Array | Float64Array;

/**
 * A table of numbers, row-major in one typed array: element (i, j) is `data[i * columns + j]`. It refers to the given
 * array and copies nothing.
 */
export class Matrix<T extends InputArray = InputArray> {
  /** Number of rows (examples), at least 1. */
  readonly rows: number;
  /** Number of columns (features), at least 1. */
  readonly columns: number;
  /** The elements; exactly `rows * columns` of them. */
  readonly data: T;

  /**
   * @param data - the elements, row-major; may view an ArrayBuffer or a SharedArrayBuffer
   * @param columns - elements in a row, at least 1; must divide the number of elements
   * @throws SparseTrainError INVALID_OPTION for another kind of array or number, INVALID_DATA if they do not fit
   */
  constructor(data: T, columns: number) {
    checkInputArray(data, 'inputs');
    if (!Number.isSafeInteger(columns) || columns < 1) {
      throw invalidOption('columns', 'a whole number of at least 1', columns);
    }
    checkUsable(data, 'inputs');
    if (data.length === 0) {
      throw new SparseTrainError('INVALID_DATA', 'inputs hold no elements; at least one row is needed');
    }
    if (data.length % columns !== 0) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `inputs hold ${data.length} elements, which is not a whole number of rows of ${columns} columns ` +
          `(${data.length % columns} left over)`,
      );
    }
    this.data = data;
    this.columns = columns;
    this.rows = data.length / columns;
  }

  /**
   * Row `index` as a view of the same memory.
   *
   * @param index - 0 to `rows` - 1
   * @throws SparseTrainError INVALID_OPTION if it is out of range
   */
  row(index: number): T {
    if (!Number.isInteger(index) || index < 0 || index >= this.rows) {
      throw invalidOption('row', `a whole number from 0 to ${this.rows - 1}`, index);
    }
    return this.data.subarray(index * this.columns, (index + 1) * this.columns) as T;
  }
}

/** @throws SparseTrainError INVALID_OPTION */
export function checkInputArray(data: unknown, name: string): asserts data is InputArray {
  // A proxy passes instanceof, but has no memory.
  const isArray =
    ArrayBuffer.isView(data) &&
    (data instanceof Uint8Array ||
      data instanceof Int16Array ||
      data instanceof Float32Array ||
      data instanceof Float64Array);
  if (isArray) return;
  const hint = Array.isArray(data)
    ? Array.isArray(data[0]) || ArrayBuffer.isView(data[0])
      ? '; for an array of rows: Float32Array.from(rows.flatMap((row) => [...row]))'
      : '; for an array of numbers: Float32Array.from(numbers)'
    : '';
  const expected = 'a Uint8Array, Int16Array, Float32Array or Float64Array';
  throw new SparseTrainError(
    'INVALID_OPTION',
    `${name} must be ${expected}, but it is ${describeValue(data)}${hint}`,
  );
}

/**
 * Refuses memory that was transferred to another thread, or that may shrink while native code reads it (a resizable
 * ArrayBuffer; a growable SharedArrayBuffer only grows and is safe).
 */
export function checkUsable(view: ArrayBufferView, name: string): void {
  checkAttached(view, name);
  const { buffer } = view;
  if (!(buffer instanceof ArrayBuffer)) return;
  if ((buffer as ArrayBuffer & { resizable?: boolean }).resizable === true) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `the memory of ${name} is a resizable ArrayBuffer, which could shrink during training; pass a copy (.slice())`,
    );
  }
}

/**
 * Refuses memory that was transferred to another thread. Code on a single thread needs no further check.
 *
 * @throws SparseTrainError INVALID_DATA
 */
export function checkAttached({ buffer }: ArrayBufferView, name: string): void {
  if (!(buffer instanceof ArrayBuffer) || !isDetached(buffer)) return;
  throw new SparseTrainError(
    'INVALID_DATA',
    `the memory of ${name} has been transferred to another thread (its ArrayBuffer is detached); ` +
      'pass a copy, or use a SharedArrayBuffer',
  );
}

const TypedArray = Object.getPrototypeOf(Uint8Array) as typeof Uint8Array;

/** Whether a value is a typed array, or a proxy of one, which has no memory and throws when its length is read. */
export function isTypedArrayOrProxy(value: unknown): boolean {
  return value instanceof TypedArray;
}

/** Node 20 has no `ArrayBuffer.prototype.detached`; making a view of a detached buffer fails. */
function isDetached(buffer: ArrayBuffer): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/**
 * Refuses NaN and infinities; the error says where the first one is.
 *
 * @param columnNames - if given, shown beside the column's number
 * @throws SparseTrainError INVALID_DATA
 */
export function checkFinite(
  data: InputArray,
  columns: number,
  name: string,
  columnNames?: readonly string[] | undefined,
): void {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return;
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const column = i % columns;
    const columnName = columnNames?.[column];
    throw new SparseTrainError(
      'INVALID_DATA',
      `${name}: row ${(i - column) / columns}, column ${column}` +
        `${columnName === undefined ? '' : ` ("${columnName}")`} is ${data[i]} (both counted from 0); ` +
        'only finite numbers can be learned from',
    );
  }
}

/** An empty array of the same element type. `source.constructor` would not work: it may be Buffer. */
export function newLike<T extends InputArray | Int32Array>(source: T, length: number): T {
  const kinds = [Uint8Array, Int16Array, Int32Array, Float32Array];
  const Kind = kinds.find((kind) => source instanceof kind) ?? Float64Array;
  return new Kind(length) as T;
}
