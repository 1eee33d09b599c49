import { plainNumbers } from '../formats/numpy/elements.js';
import { unpackNpz } from '../formats/numpy/npz-archive.js';
import { parseNpy } from '../formats/numpy/parse-npy.js';
import type { Contents, StoredArray } from './stored-array.js';

/**
 * Reads a NumPy archive: arrays, and single strings.
 *
 * @param file - what messages call it
 * @throws SparseTrainError INVALID_FILE with the reason
 */
export function parseNpz(bytes: Uint8Array, file: string): Contents {
  const arrays: StoredArray[] = [];
  const texts = new Map<string, string>();
  for (const [name, entry] of unpackNpz(bytes, file)) {
    const array = parseNpy(entry, `array "${name}"`);
    if (typeof array === 'string') texts.set(name, array);
    else {
      const { shape, data, isBoolean } = array;
      arrays.push({ name, shape, numbers: plainNumbers(data), isMask: isBoolean });
    }
  }
  return { arrays, texts };
}
