import { stat } from 'node:fs/promises';
import { constants, gunzipSync } from 'node:zlib';
import { isGzip, readStart } from '../base/files/read-bytes.js';
import type { FormatName } from './names.js';

/** The number of bytes by which a file is recognised. */
const START = 4096;

/** The uncompressed beginning of a file, and whether the file is gzip. */
export interface FileStart {
  readonly bytes: Uint8Array;
  readonly isPacked: boolean;
}

/**
 * Reads the beginning of a file, uncompressed if the file is gzip.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS
 */
export async function fileStart(file: string): Promise<FileStart> {
  const stored = await readStart(file, START);
  if (!isGzip(stored)) return { bytes: stored, isPacked: false };
  const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 2 ** 23 };
  try {
    return { bytes: gunzipSync(stored, options), isPacked: true };
  } catch {
    // The reader of the file will report the problem.
    return { bytes: new Uint8Array(0), isPacked: true };
  }
}

/**
 * Recognises the format of a file by its contents, or of a folder. Anything that no other format matches is
 * CSV.
 */
export async function recogniseFormat(path: string): Promise<FormatName> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (isFolder) return 'images';
  const { bytes } = await fileStart(path);
  if (startsWith(bytes, 'PAR1')) return 'parquet';
  if (startsWith(bytes, '\x93NUMPY')) return 'npy';
  if (startsWith(bytes, 'PK\x03\x04')) return 'npz';
  return looksLikeJson(Buffer.from(bytes.subarray(0, START)).toString('utf8')) ? 'ndjson' : 'csv';
}

/** Whether a text begins like JSON; a byte order mark may precede it. */
export function looksLikeJson(text: string): boolean {
  return /^\ufeff?\s*[[{]/.test(text);
}

/** IDX begins with two zero bytes, which no text has, and then the type of the elements. */
export function looksLikeIdx([zero0, zero1, type = 0]: Uint8Array): boolean {
  return zero0 === 0 && zero1 === 0 && type >= 0x08 && type <= 0x0e;
}

function startsWith(bytes: Uint8Array, magic: string): boolean {
  return Buffer.from(magic, 'latin1').equals(bytes.subarray(0, magic.length));
}
