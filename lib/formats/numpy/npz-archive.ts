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
  if (entries.size === 0) throw invalid(`there are no arrays in it${otherArchive(archive)}`);
  return new Map([...entries].map(([entry, bytes]) => [entry.replace(/\.npy$/, ''), bytes]));
}

/** Names of entries by which archives of other programs are recognised, and what messages say of them. */
const OTHERS: readonly (readonly [entry: string, says: string])[] = [
  ['xl/workbook', '; it is a workbook of Excel: save it there as CSV UTF-8'],
  ['[Content_Types].xml', '; it is a document of Microsoft Office: save a table there as CSV UTF-8'],
  ['content.xml', '; it is a document of OpenOffice: save a table there as CSV in UTF-8'],
  ['/data.pkl', '; it is a file of PyTorch: save a state_dict as safetensors there'],
  ['model.weights.h5', '; it is a model of Keras: save its weights with numpy.savez() there'],
];

function otherArchive(archive: Uint8Array): string {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.length);
  return OTHERS.find(([entry]) => bytes.includes(entry, 0, 'latin1'))?.[1] ?? '';
}
