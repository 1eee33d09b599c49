import { unzipSync } from 'fflate';
import { mostInflatedBytes } from '../datasets/data-file.js';
import { invalidFile } from '../network/model-file/safetensors.js';
import { parseNpy } from './npy.js';
import type { StoredArray } from './stored-array.js';

/** What an archive holds: arrays, and texts by their name. */
export interface Contents {
  readonly arrays: readonly StoredArray[];
  readonly texts: ReadonlyMap<string, string>;
}

/** The most bytes that the arrays of an archive may have together. */
const MAX_BYTES = 2 ** 31;

/**
 * Reads a NumPy archive: a zip of arrays. What entries claim to be is checked before anything is inflated.
 *
 * @throws SparseTrainError INVALID_FILE with the reason
 */
export function parseNpz(bytes: Uint8Array): Contents {
  const arrays: StoredArray[] = [];
  const texts = new Map<string, string>();
  for (const [entry, data] of Object.entries(unzip(bytes))) {
    const name = entry.replace(/\.npy$/, '');
    const array = parseNpy(name, data);
    if (typeof array === 'string') texts.set(name, array);
    else arrays.push(array);
  }
  return { arrays, texts };
}

function unzip(bytes: Uint8Array): Record<string, Uint8Array> {
  let total = 0;
  const names = new Set<string>();
  try {
    return unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        total += originalSize;
        if (originalSize > mostInflatedBytes(size) || size > bytes.length)
          throw invalidFile(`entry "${name}" claims ${originalSize} bytes, more than its ${size} can hold`);
        if (total > MAX_BYTES) throw invalidFile(`its arrays have more than ${MAX_BYTES} bytes`);
        if (names.has(name)) throw invalidFile(`it has the entry "${name}" twice`);
        names.add(name);
        return name.endsWith('.npy');
      },
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'INVALID_FILE') throw error;
    throw invalidFile(`it is no zip archive that can be read (${(error as Error).message})`, error);
  }
}
