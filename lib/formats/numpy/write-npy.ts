/**
 * The element types that can be written, by NumPy's codes. All machines that the package supports are
 * little-endian.
 */
const CODES = [
  [Uint8Array, '|u1'],
  [Int8Array, '|i1'],
  [Int16Array, '<i2'],
  [Uint32Array, '<u4'],
  [Int32Array, '<i4'],
  [BigInt64Array, '<i8'],
  [Float32Array, '<f4'],
  [Float64Array, '<f8'],
] as const;

/** An array to be written. */
export type WritableArray =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** A .npy file (numpy.lib.format, version 1) with a one-dimensional array. */
export function npyOfArray(data: WritableArray): Uint8Array {
  const code = CODES.find(([Kind]) => data instanceof Kind)?.[1] as string;
  return npyFile(code, `(${data.length},)`, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

/** A .npy file with a single text, which is an array without dimensions. */
export function npyOfText(text: string): Uint8Array {
  const codes = Uint32Array.from([...text], (character) => character.codePointAt(0) as number);
  return npyFile(`<U${codes.length}`, '()', new Uint8Array(codes.buffer));
}

/** Pads the header to a multiple of 64 bytes. */
function npyFile(code: string, shape: string, elements: Uint8Array): Uint8Array {
  const facts = `{'descr': '${code}', 'fortran_order': False, 'shape': ${shape}, }`;
  const length = Math.ceil((10 + facts.length + 1) / 64) * 64;
  const header = Buffer.from(`\x93NUMPY\x01\0\0\0${facts.padEnd(length - 11)}\n`, 'latin1');
  header.writeUInt16LE(length - 10, 8);
  const file = new Uint8Array(length + elements.length);
  file.set(header);
  file.set(elements, length);
  return file;
}
