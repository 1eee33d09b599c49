import { unzipSync } from 'fflate';
import { SparseTrainError } from '../../base/errors.js';
import { mostInflatedBytes } from '../../base/files/read-bytes.js';

/**
 * Reads the .npy files of an .npz archive, by the names of their arrays. The sizes that the archive claims
 * are compared with its own size before anything is inflated.
 *
 * @param name - what messages call it
 * @throws SparseTrainError INVALID_FILE
 */
export function unpackNpz(archive: Uint8Array, name: string): Map<string, Uint8Array> {
  const invalid = (what: string, cause?: unknown) =>
    new SparseTrainError('INVALID_FILE', `${name}: ${what}`, { cause });
  const names = new Set<string>();
  let packed = 0;
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(archive, {
      filter: ({ name: entry, size, originalSize }) => {
        if (!entry.endsWith('.npy')) return false;
        packed += size;
        // Allows 64 bytes more, because even an empty stream takes some.
        if (originalSize > mostInflatedBytes(size) + 64)
          throw invalid(
            `${entry} is said to have ${originalSize} bytes, which ${size} packed ones cannot hold`,
          );
        // Overlapping entries could inflate to any size.
        if (packed > archive.length)
          throw invalid(`its entries are said to have ${packed} bytes, more than its ${archive.length}`);
        if (names.has(entry)) throw invalid(`it has the entry ${entry} twice`);
        names.add(entry);
        return true;
      },
    });
  } catch (error) {
    if (error instanceof SparseTrainError) throw error;
    throw invalid(`it is not a whole .npz file (${(error as Error).message})`, error);
  }
  if (names.size === 0) throw invalid('there are no arrays in it');
  return new Map(Object.entries(entries).map(([entry, bytes]) => [entry.replace(/\.npy$/, ''), bytes]));
}
