import { type FileHandle, open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createGunzip, gunzip, type ZlibOptions } from 'node:zlib';
import { invalidOption, isOutOfMemory, SparseTrainError } from '../errors.js';

/** What fs.promises can read in one piece. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/** Deflate cannot make more than this many bytes out of one (258 bytes from two bits), headers not counted. */
const MAX_INFLATION = 1032;

/** Looks at bytes as they come, and throws if it wants no more of them. */
export interface Watch {
  take(piece: Uint8Array): void;
}

/**
 * Reads a whole file as it is stored. A pipe or device is read to its end.
 *
 * @param watch - sees every piece of what has no known length, which may never end
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, or INVALID_FILE if it is empty or 2 GiB or more
 */
export async function readStoredBytes(file: string, watch?: Watch): Promise<Uint8Array> {
  if (typeof file !== 'string' || file === '') throw invalidOption('file', 'the path of a file', file);
  try {
    const handle = await open(file, 'r');
    try {
      const stats = await handle.stat();
      if (stats.isDirectory()) throw new SparseTrainError('FILE_ACCESS', `${file} is a folder, not a file`);
      if (stats.size > MAX_FILE_BYTES) {
        throw new SparseTrainError(
          'INVALID_FILE',
          `${file} has ${stats.size} bytes; at most 2 GiB can be read at once`,
        );
      }
      const bytes = stats.isFile() ? await handle.readFile() : await readToEnd(file, handle, watch);
      if (bytes.length === 0) throw new SparseTrainError('INVALID_FILE', `${file} is empty`);
      return plainView(bytes);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(file, error);
  }
}

/** Bytes that are read at once from what has no known length, and bytes that are copied without a pause. */
const PIECE_BYTES = 2 ** 20;

/** The most that is read from a pipe or device if nobody looks at what comes. */
const MAX_UNWATCHED_BYTES = 2 ** 28;

async function readToEnd(file: string, handle: FileHandle, watch: Watch | undefined): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, null);
    if (bytesRead === 0) return joined(pieces, length);
    const piece = bytesRead === PIECE_BYTES ? buffer : Buffer.from(buffer.subarray(0, bytesRead));
    watch?.take(piece);
    length += bytesRead;
    const most = watch === undefined ? MAX_UNWATCHED_BYTES : MAX_FILE_BYTES;
    if (length > most) {
      const said = `more than ${most === MAX_FILE_BYTES ? '2 GiB' : '256 MiB'}`;
      throw new SparseTrainError('INVALID_FILE', `${file} has ${said}, which cannot be read from a pipe`);
    }
    pieces.push(piece);
  }
}

/** Pieces as one array; the event loop is not held up for long, however many there are. */
export async function joined(pieces: readonly Uint8Array[], length: number): Promise<Uint8Array> {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  const whole = new Uint8Array(length);
  let filled = 0;
  let paused = 0;
  for (const piece of pieces) {
    whole.set(piece, filled);
    filled += piece.length;
    if (filled - paused < 4 * PIECE_BYTES) continue;
    paused = filled;
    await setImmediate();
  }
  return whole;
}

/**
 * The first bytes of a file as it is stored: `count` of them, or fewer where the file has fewer.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS
 */
export async function readStart(file: string, count: number): Promise<Uint8Array> {
  try {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, 0);
      return plainView(buffer.subarray(0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(file, error);
  }
}

/** An error of the file system in the package's terms; an error of the package as it is. */
export function fileError(file: string, error: unknown): unknown {
  if (error instanceof SparseTrainError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new SparseTrainError('FILE_NOT_FOUND', `there is no file ${file}`, { cause: error });
  }
  const reason =
    code === 'ESPIPE' ? 'it is a pipe, and is needed at several places; write it to a file first' : code;
  return new SparseTrainError('FILE_ACCESS', `${file} cannot be read (${reason ?? String(error)})`, {
    cause: error,
  });
}

/** Whether bytes are a gzip stream, by their first two bytes; a file's name says nothing reliable. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The most bytes that a gzip file of this length can inflate to, whatever it claims. */
export function mostInflatedBytes(storedBytes: number): number {
  return storedBytes * MAX_INFLATION;
}

/**
 * Inflates only the beginning of a gzip file.
 *
 * @returns the first `count` bytes, or all of them where there are fewer
 * @throws SparseTrainError INVALID_FILE if it is damaged
 */
export async function inflateStart(file: string, stored: Uint8Array, count: number): Promise<Uint8Array> {
  const stream = createGunzip({ chunkSize: Math.max(64, count) });
  stream.end(stored);
  const start = new Uint8Array(count);
  let filled = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      const piece = chunk.subarray(0, count - filled);
      start.set(piece, filled);
      filled += piece.length;
      if (filled === count) break;
    }
  } catch (error) {
    throw gzipError(file, error);
  }
  return start.subarray(0, filled);
}

/**
 * Inflates a gzip file that must not hold more than `limit` bytes; stops as soon as it does.
 *
 * @param expected - how many bytes it should be; with the right number they are inflated into one buffer, without
 * a second copy
 * @returns the bytes, or undefined if there are more than `limit`
 * @throws SparseTrainError INVALID_FILE if it is damaged or cut off
 */
export async function inflate(
  file: string,
  stored: Uint8Array,
  limit: number,
  expected: number,
): Promise<Uint8Array | undefined> {
  const options: ZlibOptions = {
    // One byte over, so that the buffer is not full at the end, which would make zlib add another one. At least
    // 64 kB, as zlib takes small buffers from a pool that is shared with unrelated data.
    chunkSize: Math.max(65_536, Math.min(limit, expected) + 1),
    maxOutputLength: limit,
  };
  try {
    return plainView(await gunzipAsync(stored, options));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw gzipError(file, error);
  }
}

const gunzipAsync = promisify<Uint8Array, ZlibOptions, Uint8Array>(gunzip);

function gzipError(file: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (isOutOfMemory(error)) return error;
  const what = code === 'Z_BUF_ERROR' ? 'is cut off' : `is damaged (${message})`;
  return new SparseTrainError('INVALID_FILE', `${file}: the gzip stream ${what}; fetch the file again`, {
    cause: error,
  });
}

/** A Buffer behaves unlike other typed arrays (slice, JSON); data that leaves this layer is a plain Uint8Array. */
function plainView(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
