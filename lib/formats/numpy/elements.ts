/** The elements of an array in a file. */
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

/** How elements of a type are stored. */
export interface ElementType {
  readonly bytes: number;
  /** Converts bytes in this machine's byte order, at the beginning of their buffer, to elements. */
  readonly decode: (buffer: ArrayBuffer) => NpyData;
}

/**
 * The element types that can be read, by NumPy's codes. Booleans become bytes; dates, complex numbers and
 * objects cannot be read.
 */
export const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map<string, ElementType>([
  ['b1', { bytes: 1, decode: (buffer) => new Uint8Array(buffer) }],
  ['u1', { bytes: 1, decode: (buffer) => new Uint8Array(buffer) }],
  ['i1', { bytes: 1, decode: (buffer) => new Int8Array(buffer) }],
  ['u2', { bytes: 2, decode: (buffer) => new Uint16Array(buffer) }],
  ['i2', { bytes: 2, decode: (buffer) => new Int16Array(buffer) }],
  ['f2', { bytes: 2, decode: (buffer) => Float32Array.from(new Uint16Array(buffer), float16Value) }],
  ['u4', { bytes: 4, decode: (buffer) => new Uint32Array(buffer) }],
  ['i4', { bytes: 4, decode: (buffer) => new Int32Array(buffer) }],
  ['f4', { bytes: 4, decode: (buffer) => new Float32Array(buffer) }],
  ['u8', { bytes: 8, decode: (buffer) => new BigUint64Array(buffer) }],
  ['i8', { bytes: 8, decode: (buffer) => new BigInt64Array(buffer) }],
  ['f8', { bytes: 8, decode: (buffer) => new Float64Array(buffer) }],
]);

/**
 * Converts the bits of a 16-bit float (IEEE 754 binary16) to a number: sign, 5 bits of exponent, 10 of
 * fraction.
 */
export function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** Converts elements to numbers; 64-bit integers become the nearest float64. */
export function plainNumbers(data: NpyData): Exclude<NpyData, BigInt64Array | BigUint64Array> {
  return data instanceof BigInt64Array || data instanceof BigUint64Array
    ? Float64Array.from(data, Number)
    : data;
}
