import { SparseTrainError } from '../../base/errors.js';
import { ELEMENT_TYPES, type NpyData } from './elements.js';

/** A NumPy array in C order: the last dimension varies fastest. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: NpyData;
  /** Whether the elements are booleans, stored here as bytes of 0 and 1. */
  readonly isBoolean: boolean;
}

/**
 * Reads the array in the bytes of a .npy file (numpy.lib.format, versions 1 to 3), or the text if it holds a
 * single text. Nothing is allocated until the header's claims are known to fit the bytes.
 *
 * @param name - what messages call it
 * @throws SparseTrainError INVALID_FILE
 */
export function parseNpy(bytes: Uint8Array, name: string): NpyArray | string {
  const invalid = (what: string) => new SparseTrainError('INVALID_FILE', `${name}: ${what}`);
  const { descriptor, isFortran, shape, dataStart } = parseHeader(bytes, invalid);
  const [order = '', code] = [descriptor[0], descriptor.slice(1)];
  const text = shape.length === 0 ? /^([SU])(\d+)$/.exec(code) : null;
  const type =
    text === null ? ELEMENT_TYPES.get(code) : { bytes: Number(text[2]) * (text[1] === 'U' ? 4 : 1) };
  if (type === undefined || !'<>|='.includes(order)) {
    throw invalid(
      `elements of type ${descriptor} are not read; save them as numbers, such as float32 or uint8`,
    );
  }
  const count = shape.reduce((product, length) => product * length, 1);
  const needed = dataStart + count * type.bytes;
  if (needed !== bytes.length) {
    const what = needed > bytes.length ? 'cut off' : 'too long';
    const elements = `${shape.join(' x ') || 1} elements of ${type.bytes} bytes`;
    throw invalid(`${what}: the header says ${elements}, ${needed} in all, but there are ${bytes.length}`);
  }
  // A copy of the bytes, because typed arrays need alignment.
  const elements = new Uint8Array(bytes.subarray(dataStart));
  const unit = text === null ? type.bytes : text[1] === 'U' ? 4 : 1;
  if (order === (isLittleEndian() ? '>' : '<')) swapBytes(elements, unit);
  if (!('decode' in type)) return textOf(unit === 4 ? new Uint32Array(elements.buffer) : elements);
  const data = type.decode(elements.buffer);
  return { shape, data: isFortran ? inOrderOfC(data, shape) : data, isBoolean: code === 'b1' };
}

/** Texts are padded with zeros. */
function textOf(codes: Uint8Array | Uint32Array): string {
  const characters = Array.from(codes, (code) => (code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code)));
  return characters.join('').replace(/\0+$/, '');
}

/**
 * The longest header that is accepted. NumPy's own limit is lower, and the text is searched more than once.
 */
const MAX_HEADER_BYTES = 16_384;

/** The most dimensions that NumPy allows. */
const MAX_DIMENSIONS = 64;

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
  const version = view.getUint8(6);
  if (version < 1 || version > 3) throw invalid(`format ${version} of .npy files is not known, only 1 to 3`);
  const isOld = version === 1;
  const textStart = isOld ? 10 : 12;
  const dataStart = textStart + (isOld ? view.getUint16(8, true) : view.getUint32(8, true));
  if (dataStart > bytes.length) throw invalid('cut off in the header');
  if (dataStart - textStart > MAX_HEADER_BYTES)
    throw invalid(`its header has ${dataStart - textStart} bytes; at most ${MAX_HEADER_BYTES} are read`);
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
    throw invalid(`the header says that the shape is (${sizes.slice(0, 100)})`);
  }
  if (shape.length > MAX_DIMENSIONS)
    throw invalid(`it has ${shape.length} dimensions; at most ${MAX_DIMENSIONS} are read`);
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

/** Converts from Fortran order, in which the first dimension varies fastest. */
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
