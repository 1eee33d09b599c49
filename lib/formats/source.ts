import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { invalidOption, isOutOfMemory, SparseTrainError } from '../base/errors.js';
import { fileError, isGzip, joined, readStart, type Watch } from '../base/files/read-bytes.js';
import { looksLikeJson } from './recognise.js';

/** The source of data: a file or folder, or a stream such as standard input, which can be read once. */
export type DataSource =
  | { readonly kind: 'path'; readonly path: string; readonly name: string }
  | {
      readonly kind: 'stream';
      readonly stream: AsyncIterable<Uint8Array>;
      readonly name: string;
      /** The format that its first bytes suggest. */
      readonly format: 'ndjson' | 'csv';
    };

/**
 * Opens a file or folder as a source; messages use the last part of its path. A pipe, such as `<(...)` makes,
 * or a device counts as a stream.
 *
 * @throws SparseTrainError FILE_ACCESS if a pipe cannot be read
 */
export async function sourceAt(path: string): Promise<DataSource> {
  if (typeof path !== 'string' || path === '') throw invalidOption('path', 'the path of a file', path);
  // The reader of the file will report that it does not exist.
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined || stats.isFile() || stats.isDirectory())
    return { kind: 'path', path, name: basename(path) };
  return peekedSource(readable(path), path);
}

async function* readable(path: string): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* createReadStream(path, { highWaterMark: 2 ** 16 }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw fileError(path, error);
  }
}

/**
 * Opens a stream as a source; gzip is inflated.
 *
 * @param name - what messages call it
 * @throws SparseTrainError INVALID_FILE if its gzip is damaged from the beginning
 */
export async function peekedSource(stream: AsyncIterable<Uint8Array>, name: string): Promise<DataSource> {
  const packed = await peek(stream);
  const { first, all } = isGzip(packed.first)
    ? await peek(inflated(Readable.from(packed.all), name))
    : packed;
  const start = Buffer.from(first.subarray(0, 4096)).toString('utf8');
  return { kind: 'stream', stream: all, name, format: looksLikeJson(start) ? 'ndjson' : 'csv' };
}

/** The first chunk of a stream, and all of its chunks. */
async function peek(
  stream: AsyncIterable<Uint8Array>,
): Promise<{ first: Uint8Array; all: AsyncIterable<Uint8Array> }> {
  const pieces = stream[Symbol.asyncIterator]();
  const first = await pieces.next();
  async function* all(): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (let next = first; !next.done; next = await pieces.next()) yield next.value;
    } finally {
      await pieces.return?.();
    }
  }
  return { first: first.done ? new Uint8Array(0) : first.value, all: all() };
}

async function* inflated(packed: Readable, name: string): AsyncGenerator<Uint8Array, void, void> {
  const gunzip = createGunzip({ chunkSize: 2 ** 18 });
  packed.on('error', (error) => gunzip.destroy(error));
  gunzip.on('close', () => packed.destroy());
  try {
    yield* packed.pipe(gunzip) as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (error instanceof SparseTrainError || isOutOfMemory(error)) throw error;
    const what = `the gzip stream is damaged or cut off (${(error as Error).message})`;
    throw new SparseTrainError('INVALID_FILE', `${name}: ${what}`, { cause: error });
  }
}

/**
 * The path of a source that must be a file.
 *
 * @throws SparseTrainError INVALID_OPTION for streams
 */
export function pathOf(source: DataSource, format: string): string {
  if (source.kind === 'path') return source.path;
  throw new SparseTrainError('INVALID_OPTION', `${format} data cannot come from ${source.name}; give a file`);
}

/**
 * The bytes of a source in chunks; gzip is inflated.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS; INVALID_FILE if gzip is damaged
 */
export async function* bytesOf(source: DataSource): AsyncGenerator<Uint8Array, void, void> {
  if (source.kind === 'stream') {
    yield* source.stream;
    return;
  }
  const packed = isGzip(await readStart(source.path, 2));
  const file = createReadStream(source.path, { highWaterMark: 2 ** 20 });
  if (packed) yield* inflated(file, source.name);
  else yield* file as AsyncIterable<Uint8Array>;
}

/**
 * All bytes of a source.
 *
 * @param watch - sees every piece, and throws when it has seen enough
 * @throws SparseTrainError as {@link bytesOf}; what `watch` throws
 */
export async function allBytes(source: DataSource, watch: Watch): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytesOf(source)) {
    watch.take(piece);
    length += piece.length;
    pieces.push(piece);
  }
  return joined(pieces, length);
}
