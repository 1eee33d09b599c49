import { type FileHandle, open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createGunzip, gunzip, type ZlibOptions } from 'node:zlib';
import { invalidOption, isOutOfMemory, SparseTrainError } from '../errors.js';

/** fs.promises cannot read more in one call. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/** Deflate expands one byte to at most this many (258 bytes from two bits), not counting headers. */
const MAX_INFLATION = 1032;

/** Sees bytes as they arrive, and throws to stop reading. */
export interface Watch {
  take(piece: Uint8Array): void;
}

/**
 * Reads a whole file without decompressing it. A pipe or device is read to its end.
 *
 * @param watch - sees every piece of a pipe or device, which may never end
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

/** How much is read from a pipe at once, and how much is copied before the event loop gets a turn. */
const PIECE_BYTES = 2 ** 20;

/** The most that is read from a pipe or device without a `watch`. */
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

/** Joins pieces into one array without blocking the event loop for long. */
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
 * Reads the first `count` bytes of a file without decompressing it, or all of a shorter file.
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

/** Turns an error of the file system into a SparseTrainError; returns a SparseTrainError unchanged. */
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

/** Whether bytes are a gzip stream. The first two bytes decide, because file names are not reliable. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** An upper bound of what a gzip file of this length can inflate to, whatever its header claims. */
export function mostInflatedBytes(storedBytes: number): number {
  return storedBytes * MAX_INFLATION;
}

/**
 * Inflates only the beginning of a gzip file.
 *
 * @returns the first `count` bytes, or all of them if there are fewer
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
 * Inflates a gzip file, and stops as soon as there are more than `limit` bytes.
 *
 * @param expected - the expected number of bytes; if it is right, the data is inflated into one buffer without a copy
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
    // One byte more than needed: zlib adds another buffer when this one is full. At least 64 kB, because zlib takes
    // smaller buffers from a pool shared with unrelated data.
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

/** Returns a plain Uint8Array: a Buffer behaves differently from other typed arrays (slice, JSON). */
function plainView(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
