import { SparseTrainError } from '../../base/errors.js';
import { unzip } from '../zip/archive.js';

/**
 * Reads the .npy files of an .npz archive, by the names of their arrays.
 *
 * @param name - what messages call the archive
 * @throws SparseTrainError INVALID_FILE
 */
export function unpackNpz(archive: Uint8Array, name: string): Map<string, Uint8Array> {
  const invalid = (what: string, cause?: unknown) =>
    new SparseTrainError('INVALID_FILE', `${name}: ${what}`, { cause });
  const entries = unzip(archive, '.npy', invalid);
  if (entries.size === 0) throw invalid('there are no arrays in it');
  return new Map([...entries].map(([entry, bytes]) => [entry.replace(/\.npy$/, ''), bytes]));
}
