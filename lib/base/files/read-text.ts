import { type FileHandle, open } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import { SparseTrainError } from '../errors.js';
import { binaryFormat, foreignContents } from './foreign.js';
import { fileError, joined } from './read-bytes.js';

/** The largest file that is read as one text; V8's limit is half a gibibyte. */
const MOST_BYTES = 500 * 2 ** 20;

/** The most that is read from a pipe or device, which may never end. */
const MOST_PIPED_BYTES = 2 ** 28;

const PIECE_BYTES = 2 ** 16;

/**
 * Reads a whole text file in UTF-8, or a pipe to its end. A byte order mark is removed.
 *
 * @throws SparseTrainError FILE_NOT_FOUND; FILE_ACCESS; INVALID_FILE if it is too large, or if a pipe or device gives
 * something other than text
 */
export async function readTextFile(file: string): Promise<string> {
  const bytes = await readTextBytes(file);
  return new TextDecoder().decode(bytes);
}

/** Reads the bytes for {@link readTextFile}. */
export async function readTextBytes(file: string): Promise<Uint8Array> {
  try {
    const handle = await open(file, 'r');
    try {
      const stats = await handle.stat();
      if (stats.isDirectory()) throw new SparseTrainError('FILE_ACCESS', `${file} is a folder, not a file`);
      if (stats.size > MOST_BYTES) throw tooLarge(file, MOST_BYTES);
      const bytes = stats.isFile() ? await handle.readFile() : await readPipe(file, handle);
      const foreign = foreignContents(bytes) ?? binaryFormat(bytes);
      if (foreign !== undefined) throw new SparseTrainError('INVALID_FILE', `${file} is ${foreign}`);
      return bytes;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(file, error);
  }
}

/** Reads a pipe or device to its end, unless the contents are not text or become too long. */
async function readPipe(file: string, handle: FileHandle): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const text = new TextDecoder('utf-8', { fatal: true });
  let length = 0;
  for (;;) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(PIECE_BYTES), 0, PIECE_BYTES, null);
    if (bytesRead === 0) return joined(pieces, length);
    const piece = buffer.subarray(0, bytesRead);
    if (piece.includes(0) || !continues(text, piece))
      throw new SparseTrainError('INVALID_FILE', `${file} is not a UTF-8 text`);
    length += bytesRead;
    if (length > MOST_PIPED_BYTES) throw tooLarge(file, MOST_PIPED_BYTES);
    pieces.push(piece);
  }
}

function continues(text: TextDecoder, piece: Uint8Array): boolean {
  try {
    text.decode(piece, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function tooLarge(file: string, most: number): SparseTrainError {
  return new SparseTrainError('INVALID_FILE', `${file} is too large: at most ${most / 2 ** 20} MiB are read`);
}
