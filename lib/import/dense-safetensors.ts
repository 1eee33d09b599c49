import { ELEMENT_TYPES, plainNumbers } from '../formats/numpy/elements.js';
import { DENSE_DTYPES, invalidFile, parseHeader, wrongLength } from '../network/model-file/safetensors.js';
import type { Contents, NumberArray } from './stored-array.js';

/** NumPy's codes for the element types of safetensors; both use the same bytes. */
const CODES: Readonly<Record<string, string>> = {
  BOOL: 'b1',
  I8: 'i1',
  I16: 'i2',
  I32: 'i4',
  I64: 'i8',
  U8: 'u1',
  F16: 'f2',
  F32: 'f4',
  F64: 'f8',
};

/**
 * Reads all tensors of a safetensors file.
 *
 * @throws SparseTrainError INVALID_FILE with the reason
 */
export function parseSafetensors(bytes: Uint8Array): Contents {
  if (bytes.length < 8) throw invalidFile(`it has ${bytes.length} bytes, too few for a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(bytes.length - 8)) throw wrongLength(bytes, length, bytes.length);
  const start = 8 + Number(length);
  const header = parseHeader(bytes.subarray(8, start), start, bytes.length, DENSE_DTYPES);
  const arrays = [...header.tensors].map(([name, place]) => ({
    name,
    shape: place.shape,
    numbers: numbersOf(place.dtype, bytes.subarray(place.start, place.start + place.bytes)),
    isMask: place.dtype === 'BOOL',
  }));
  return { arrays, texts: header.metadata };
}

/** Reads numbers of an element type that parseHeader() has accepted. */
function numbersOf(dtype: string, bytes: Uint8Array): NumberArray {
  // A copy, because typed arrays need alignment.
  const { buffer } = Uint8Array.from(bytes);
  // A bfloat16 is the upper half of a float32.
  if (dtype === 'BF16')
    return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer);
  const type = ELEMENT_TYPES.get(CODES[dtype] ?? '');
  if (type === undefined) throw new Error(`no element type ${dtype}`);
  return plainNumbers(type.decode(buffer));
}
