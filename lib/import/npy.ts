import { describeValue } from '../errors.js';
import { invalidFile } from '../network/model-file/safetensors.js';
import { bytesOfElement, type ElementType, numbersOf, type StoredArray } from './stored-array.js';

/** NumPy's names of element types. */
const TYPES: Readonly<Record<string, ElementType>> = {
  b1: 'bool',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
};

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** The header: a Python dictionary of exactly these three. */
const HEADER =
  /^\{\s*'descr':\s*'([^']*)',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([\d,\s]*)\),?\s*\}\s*$/;

interface Header {
  readonly type: string;
  readonly columnMajor: boolean;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/**
 * Reads an array of NumPy's format 1, 2 or 3 (numpy.lib.format), checked before anything is allocated for it.
 *
 * @returns the array, or a text if it is a single one
 * @throws SparseTrainError INVALID_FILE with the reason
 */
export function parseNpy(name: string, bytes: Uint8Array): StoredArray | string {
  const { type, columnMajor, shape, data } = parseHeader(name, bytes);
  const text = /^([<|])([SU])(\d+)$/.exec(type);
  if (text !== null && shape.length === 0) return parseText(name, data, text[2] as string, Number(text[3]));
  const code = /^[<|=](\w\d)$/.exec(type)?.[1];
  const element = code === undefined ? undefined : TYPES[code];
  if (element === undefined) {
    const known = Object.keys(TYPES).join(', ');
    throw invalidFile(
      `array "${name}" is of ${describeValue(type)}; what can be read is little-endian ${known}`,
    );
  }
  const count = shape.reduce((product, size) => product * size, 1);
  if (count * bytesOfElement(element) !== data.length) {
    throw invalidFile(
      `array "${name}" of ${type} [${shape.join(', ')}] should have ${count * bytesOfElement(element)} bytes, ` +
        `but it has ${data.length}`,
    );
  }
  const numbers = numbersOf(element, data);
  const isMask = element === 'bool';
  if (!columnMajor || shape.length < 2) return { name, shape, numbers, isMask };
  if (shape.length > 2)
    throw invalidFile(`array "${name}" has ${shape.length} dimensions in Fortran's order`);
  return { name, shape, numbers: rowMajor(numbers, shape as readonly [number, number]), isMask };
}

function parseHeader(name: string, bytes: Uint8Array): Header {
  const version = bytes[6];
  if (
    !MAGIC.every((byte, i) => bytes[i] === byte) ||
    bytes.length < 12 ||
    ![1, 2, 3].includes(version as number)
  )
    throw invalidFile(`"${name}" is no array of NumPy`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (start + length > bytes.length) throw invalidFile(`array "${name}" is cut off in its header`);
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, start + length));
  const [, type, order, sizes] = HEADER.exec(header) ?? [];
  if (type === undefined || sizes === undefined)
    throw invalidFile(`array "${name}" has a header that is not understood: ${describeValue(header.trim())}`);
  const shape = sizes
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);
  if (!shape.every(Number.isSafeInteger)) throw invalidFile(`array "${name}" has the shape (${sizes})`);
  return { type, columnMajor: order === 'True', shape, data: bytes.subarray(start + length) };
}

function parseText(name: string, data: Uint8Array, kind: string, length: number): string {
  if (data.length !== length * (kind === 'U' ? 4 : 1)) throw invalidFile(`text "${name}" is cut off`);
  const codes = kind === 'U' ? numbersOf('uint32', data) : data;
  const characters = Array.from(codes, (code) => (code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code)));
  return characters.join('').replace(/\0+$/, '');
}

function rowMajor<T extends StoredArray['numbers']>(
  numbers: T,
  [rows, columns]: readonly [number, number],
): T {
  const turned = numbers.slice() as T;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned[row * columns + column] = numbers[column * rows + row] as number;
    }
  }
  return turned;
}
