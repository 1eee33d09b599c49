import { unzipSync, zipSync } from 'fflate';
import { SparseTrainError } from '../../base/errors.js';
import { mostInflatedBytes } from '../../base/files/read-bytes.js';

/** Makes a zip archive of entries by name. */
export function zip(entries: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return zipSync({ ...entries });
}

/**
 * Inflates the entries of a zip archive whose names end with `ending`. The sizes that the archive claims are compared with
 * its own size before anything is inflated.
 *
 * @param invalid - makes the error that is thrown if something is wrong with the archive
 */
export function unzip(
  archive: Uint8Array,
  ending: string,
  invalid: (what: string, cause?: unknown) => SparseTrainError,
): Map<string, Uint8Array> {
  const names = new Set<string>();
  let packed = 0;
  try {
    const entries = unzipSync(archive, {
      filter: ({ name, size, originalSize }) => {
        if (!name.endsWith(ending)) return false;
        packed += size;
        // 64 bytes more, because even an empty stream has some.
        if (originalSize > mostInflatedBytes(size) + 64)
          throw invalid(
            `${name} claims to have ${originalSize} bytes, which ${size} packed ones cannot hold`,
          );
        // Entries that overlap could inflate to any amount.
        if (packed > archive.length)
          throw invalid(`its entries claim to have ${packed} bytes, more than its ${archive.length}`);
        if (names.has(name)) throw invalid(`it has the entry ${name} twice`);
        names.add(name);
        return true;
      },
    });
    return new Map(Object.entries(entries));
  } catch (error) {
    if (error instanceof SparseTrainError) throw error;
    throw invalid(`the archive is damaged or incomplete (${(error as Error).message})`, error);
  }
}
