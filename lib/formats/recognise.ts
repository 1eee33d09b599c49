import { stat } from 'node:fs/promises';
import { constants, gunzipSync } from 'node:zlib';
import { isGzip, readStart } from '../base/files/read-bytes.js';
import type { FormatName } from './names.js';

/** Bytes that tell what a file is. */
const START = 4096;

/** The beginning of a file as it is unpacked, and whether it is packed by gzip. */
export interface FileStart {
  readonly bytes: Uint8Array;
  readonly isPacked: boolean;
}

/**
 * Reads the beginning of a file; of a gzip file what is packed in it.
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
    // Whoever reads the file will tell what is wrong with it.
    return { bytes: new Uint8Array(0), isPacked: true };
  }
}

/** What a file is by its contents, or a folder by being one. CSV is what nothing else is. */
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

/** Whether a text's beginning looks like JSON; a byte order mark may stand before it. */
export function looksLikeJson(text: string): boolean {
  return /^\ufeff?\s*[[{]/.test(text);
}

/** Two zero bytes, which no text has, then the type of the elements. */
export function looksLikeIdx([zero0, zero1, type = 0]: Uint8Array): boolean {
  return zero0 === 0 && zero1 === 0 && type >= 0x08 && type <= 0x0e;
}

function startsWith(bytes: Uint8Array, magic: string): boolean {
  return Buffer.from(magic, 'latin1').equals(bytes.subarray(0, magic.length));
}
