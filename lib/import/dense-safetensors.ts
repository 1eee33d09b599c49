import { DENSE_DTYPES, invalidFile, parseHeader } from '../network/model-file/safetensors.js';
import type { Contents } from './npz.js';
import { type ElementType, numbersOf } from './stored-array.js';

/** What safetensors calls element types. */
const TYPES: Readonly<Record<string, ElementType>> = {
  BOOL: 'bool',
  I8: 'int8',
  I16: 'int16',
  I32: 'int32',
  I64: 'int64',
  U8: 'uint8',
  F16: 'float16',
  BF16: 'bfloat16',
  F32: 'float32',
  F64: 'float64',
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
  if (length > BigInt(bytes.length - 8))
    throw invalidFile(`its header would be ${length} bytes long, but the file has ${bytes.length} in all`);
  const start = 8 + Number(length);
  const header = parseHeader(bytes.subarray(8, start), start, bytes.length, DENSE_DTYPES);
  const arrays = [...header.tensors].map(([name, place]) => ({
    name,
    shape: place.shape,
    numbers: numbersOf(
      TYPES[place.dtype] as ElementType,
      bytes.subarray(place.start, place.start + place.bytes),
    ),
    isMask: place.dtype === 'BOOL',
  }));
  return { arrays, texts: header.metadata };
}
