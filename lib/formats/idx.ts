import { constants } from 'node:buffer';
import { namedBy, SparseTrainError } from '../base/errors.js';
import { binaryFormat, foreignContents } from '../base/files/foreign.js';
import {
  inflate,
  inflateStart,
  isGzip,
  mostInflatedBytes,
  readStoredBytes,
  type Watch,
} from '../base/files/read-bytes.js';
import { checkedBy } from '../base/options/kinds.js';
import { checkOptions, type OptionsOf, option } from '../base/options/table.js';
import { Dataset } from '../data/dataset.js';
import { type InputArray, Matrix } from '../data/matrix.js';
import { checkNames } from '../data/targets.js';

/** The numbers of an IDX file: unsigned and signed bytes, 16- and 32-bit integers, 32- and 64-bit floats. */
export type IdxData = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** An IDX file's contents. */
export interface IdxArray {
  /** Sizes of the dimensions, outermost first; each at least 1. */
  readonly shape: readonly number[];
  /** All elements, last dimension fastest; as many as the product of `shape`. */
  readonly data: IdxData;
}

/** The contents of an IDX file's header. */
export interface IdxHeader {
  /** Element type: 0x08, 0x09, 0x0b, 0x0c, 0x0d or 0x0e. */
  readonly type: number;
  readonly shape: readonly number[];
  /** Bytes before the first element: 4 + 4 for each dimension. */
  readonly headerBytes: number;
  /** Bytes of the whole file, header and elements. */
  readonly totalBytes: number;
}

/** The inflated bytes of an IDX file and its header. The length has been checked. */
export interface IdxBytes {
  readonly bytes: Uint8Array;
  readonly header: IdxHeader;
}

interface ElementType {
  readonly bytes: number;
  /** Converts big-endian bytes to elements. */
  readonly decode: (view: DataView, count: number) => IdxData;
}

/** The element types by the third byte of the file, from the format's description on the MNIST page. */
const ELEMENT_TYPES: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [0x08, { bytes: 1, decode: (v, n) => new Uint8Array(v.buffer, v.byteOffset, n) }],
  [0x09, { bytes: 1, decode: (v, n) => new Int8Array(v.buffer, v.byteOffset, n) }],
  [0x0b, { bytes: 2, decode: (v, n) => fill(new Int16Array(n), (i) => v.getInt16(i * 2)) }],
  [0x0c, { bytes: 4, decode: (v, n) => fill(new Int32Array(n), (i) => v.getInt32(i * 4)) }],
  [0x0d, { bytes: 4, decode: (v, n) => fill(new Float32Array(n), (i) => v.getFloat32(i * 4)) }],
  [0x0e, { bytes: 8, decode: (v, n) => fill(new Float64Array(n), (i) => v.getFloat64(i * 8)) }],
]);

function fill<T extends IdxData>(data: T, element: (index: number) => number): T {
  for (let i = 0; i < data.length; i++) data[i] = element(i);
  return data;
}

/** The fourth byte can express at most 255 dimensions. */
const MAX_HEADER_BYTES = 4 + 4 * 255;

/** Watches what comes from a pipe or device, which may never end: it must begin as IDX, and be no longer than it says. */
class IdxWatch implements Watch {
  readonly #file: string;
  #start: Uint8Array = new Uint8Array(0);
  #bytes = 0;
  #most: number | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** @throws SparseTrainError INVALID_FILE */
  take(piece: Uint8Array): void {
    this.#bytes += piece.length;
    if (this.#most === undefined) {
      this.#start = Buffer.concat([this.#start, piece]);
      if (this.#start.length < MAX_HEADER_BYTES) return;
      const isPacked = isGzip(this.#start);
      this.#most = isPacked ? Number.POSITIVE_INFINITY : parseIdxHeader(this.#file, this.#start).totalBytes;
    }
    if (this.#bytes > this.#most) throw trailingBytes(this.#file, parseIdxHeader(this.#file, this.#start));
  }
}

/**
 * Reads an IDX file, the format of MNIST and its relatives, plain or gzip (recognised by its contents, not
 * its name). Unsigned bytes are a view of the bytes read; wider elements are converted from big-endian.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, or INVALID_FILE: not IDX, an unknown element type, fewer or
 * more bytes than the header says, dimensions too large. Nothing is allocated that the file cannot fill.
 */
export async function readIdx(file: string): Promise<IdxArray> {
  return decodeIdx(await readIdxBytes(file));
}

/**
 * Reads and inflates an IDX file, and checks that its length matches its header.
 *
 * @throws SparseTrainError as {@link readIdx}
 */
export async function readIdxBytes(file: string): Promise<IdxBytes> {
  const stored = await readStoredBytes(file, new IdxWatch(file));
  if (!isGzip(stored)) {
    const header = parseIdxHeader(file, stored);
    checkLength(file, header, stored.length);
    return { bytes: stored, header };
  }
  const header = parseIdxHeader(file, await inflateStart(file, stored, MAX_HEADER_BYTES));
  // Before allocating a buffer of the claimed size: could such a short file hold that much at all?
  if (header.totalBytes > mostInflatedBytes(stored.length)) {
    throw new SparseTrainError(
      'INVALID_FILE',
      `${file}: the header says ${describeShape(header)}, ${header.totalBytes} bytes, but a gzip file of ` +
        `${stored.length} bytes cannot hold as many`,
    );
  }
  const bytes = await inflate(file, stored, header.totalBytes, header.totalBytes);
  if (bytes === undefined) throw trailingBytes(file, header);
  checkLength(file, header, bytes.length);
  return { bytes, header };
}

/** The elements of IDX bytes whose length has been checked. */
export function decodeIdx({ bytes, header }: IdxBytes): IdxArray {
  const { type, shape, headerBytes } = header;
  const view = new DataView(bytes.buffer, bytes.byteOffset + headerBytes, bytes.length - headerBytes);
  const element = ELEMENT_TYPES.get(type) as ElementType;
  return { shape, data: element.decode(view, view.byteLength / element.bytes) };
}

/**
 * Reads the header of an IDX file from its first bytes.
 *
 * @param start - at least the header; may be the whole file
 * @throws SparseTrainError INVALID_FILE
 */
export function parseIdxHeader(file: string, start: Uint8Array): IdxHeader {
  const invalid = (what: string) => new SparseTrainError('INVALID_FILE', `${file}: ${what}`);
  if (start.length < 4)
    throw invalid(`cut off: ${start.length} bytes, fewer than the 4 that an IDX file starts with`);
  const [zero0, zero1, type, dimensions] = start as Uint8Array & [number, number, number, number];
  if (zero0 !== 0 || zero1 !== 0) {
    const foreign = foreignContents(start) ?? binaryFormat(start);
    if (foreign !== undefined) throw new SparseTrainError('INVALID_FILE', `${file} is ${foreign}`);
    const found = Array.from(start.subarray(0, 4), hex).join(' ');
    throw invalid(`not an IDX file: it starts with the bytes ${found}, and IDX starts with 00 00`);
  }
  const element = ELEMENT_TYPES.get(type);
  if (element === undefined) {
    const known = Array.from(ELEMENT_TYPES.keys(), hex).join(', ');
    throw invalid(`element type ${hex(type)} is not one of IDX (${known})`);
  }
  if (dimensions === 0) throw invalid('the header says that there are no dimensions');
  const headerBytes = 4 + 4 * dimensions;
  if (start.length < headerBytes) {
    throw invalid(
      `cut off in the header: ${start.length} bytes, but ${dimensions} dimensions take ${headerBytes}`,
    );
  }
  const view = new DataView(start.buffer, start.byteOffset, headerBytes);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const empty = shape.indexOf(0);
  if (empty !== -1) throw invalid(`holds no data: dimension ${empty + 1} of ${dimensions} is 0`);
  // Doubles may round a product above 2^53, but never below the limit.
  const totalBytes = headerBytes + shape.reduce((product, size) => product * size, element.bytes);
  if (totalBytes > constants.MAX_LENGTH) {
    throw invalid(`the header says ${shape.join(' x ')} elements, more than can be held in memory`);
  }
  return { type, shape, headerBytes, totalBytes };
}

function checkLength(file: string, header: IdxHeader, length: number): void {
  if (length > header.totalBytes) throw trailingBytes(file, header, length - header.totalBytes);
  if (length < header.totalBytes) {
    throw new SparseTrainError(
      'INVALID_FILE',
      `${file}: cut off: the header says ${describeShape(header)}, ${header.totalBytes} bytes, but there are ${length}`,
    );
  }
}

function trailingBytes(file: string, header: IdxHeader, count?: number): SparseTrainError {
  const more = count === undefined ? 'there are more' : `${count} more follow`;
  return new SparseTrainError(
    'INVALID_FILE',
    `${file}: the header says ${describeShape(header)}, ${header.totalBytes} bytes, but ${more}`,
  );
}

function describeShape({ shape }: IdxHeader): string {
  return `${shape.join(' x ')} elements`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/** The options of a pair of files, inputs and labels. */
export const PAIR = {
  /**
   * Names of the classes. For files that may lack the highest classes, give this or the training data's
   * classes; otherwise the highest label determines the number of classes.
   */
  classes: option(
    checkedBy<readonly string[]>('an array of different names', (name, value) => {
      checkNames(value, name);
      return value;
    }),
    { text: 'names of the classes', otherwise: 'their numbers, up to the highest label' },
  ),
};

/** Options of {@link loadIdxPair}. */
export interface IdxPairOptions extends OptionsOf<typeof PAIR> {}

/**
 * Reads a pair of IDX files as a dataset: inputs with two or more dimensions (examples first), and their
 * targets. Bytes stay bytes, without a copy. Labels of an integer type are classes from 0; labels of a
 * floating-point type are values to predict (one dimension, or examples x values). Inputs of examples x
 * height x width (x channels) are images.
 *
 * @throws SparseTrainError as {@link readIdx}, or INVALID_DATA if the files do not fit each other
 */
export async function loadIdxPair(
  inputs: string,
  labels: string,
  options: IdxPairOptions = {},
): Promise<Dataset> {
  const { classes } = checkOptions('readTable options', PAIR, options);
  const [inputArray, labelArray] = await Promise.all([readIdx(inputs), readIdx(labels)]);
  return idxDataset({ file: inputs, ...inputArray }, { file: labels, ...labelArray }, classes);
}

/** A dataset from two IDX arrays; `file` is its name in error messages. */
export function idxDataset(
  inputs: IdxArray & { readonly file: string },
  labels: IdxArray & { readonly file: string },
  classes?: readonly string[],
): Dataset {
  const [rows = 0, ...rowShape] = inputs.shape;
  if (rowShape.length === 0) {
    const swapped = labels.shape.length > 1 ? '; are the two files the wrong way round?' : '';
    throw new SparseTrainError(
      'INVALID_DATA',
      `${inputs.file} has one dimension, but inputs need at least two (examples x features)${swapped}`,
    );
  }
  if (labels.shape[0] !== rows) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `${inputs.file} has ${rows} examples, but ${labels.file} has ${labels.shape[0]} labels; ` +
        'do both belong to the same part of the data?',
    );
  }
  const columns = inputs.data.length / rows;
  const matrix = new Matrix(asInputs(inputs.data), columns);
  const [height = 1, width = 1, channels = 1] = rowShape;
  const imageShape = rowShape.length === 2 || rowShape.length === 3 ? { height, width, channels } : undefined;
  const isValues = labels.data instanceof Float32Array || labels.data instanceof Float64Array;
  if (isValues)
    return namedBy(labels.file, () =>
      Dataset.from({ inputs: matrix, values: labels.data, classes, imageShape }),
    );
  if (labels.shape.length !== 1) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `${labels.file} has ${labels.shape.length} dimensions (${labels.shape.join(' x ')}), but classes need just one`,
    );
  }
  return namedBy(labels.file, () =>
    Dataset.from({ inputs: matrix, labels: labels.data, classes, imageShape }),
  );
}

/** Types that inputs cannot have become the next type that represents them exactly. */
function asInputs(data: IdxData): InputArray {
  if (data instanceof Int8Array) return Int16Array.from(data);
  if (data instanceof Int32Array) return Float64Array.from(data);
  return data;
}
