import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';
import { invalidOption, SparseTrainError } from '../base/errors.js';
import { isGzip, readStart } from '../base/files/read-bytes.js';
import { looksLikeJson } from './recognise.js';

/** Where data are read from: a file or folder, or a stream such as standard input. */
export type DataSource =
  | { readonly kind: 'path'; readonly path: string; readonly name: string }
  | { readonly kind: 'stream'; readonly stream: AsyncIterable<Uint8Array>; readonly name: string };

/** A file or folder as a source; messages call it by the last part of its path. */
export function pathSource(path: string): DataSource {
  if (typeof path !== 'string' || path === '') throw invalidOption('path', 'the path of a file', path);
  return { kind: 'path', path, name: basename(path) };
}

/**
 * A stream as a source, and what its first bytes look like: JSON lines or CSV.
 *
 * @param name - what messages call it
 */
export async function peekedSource(
  stream: AsyncIterable<Uint8Array>,
  name: string,
): Promise<{ source: DataSource; format: 'ndjson' | 'csv' }> {
  const chunks = stream[Symbol.asyncIterator]();
  const first = await chunks.next();
  async function* all(): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (let next = first; !next.done; next = await chunks.next()) yield next.value;
    } finally {
      await chunks.return?.();
    }
  }
  const start = first.done ? '' : Buffer.from(first.value.subarray(0, 4096)).toString('utf8');
  return { source: { kind: 'stream', stream: all(), name }, format: looksLikeJson(start) ? 'ndjson' : 'csv' };
}

/**
 * The path of a source that has to be a file.
 *
 * @throws SparseTrainError INVALID_OPTION for streams
 */
export function pathOf(source: DataSource, format: string): string {
  if (source.kind === 'path') return source.path;
  throw new SparseTrainError('INVALID_OPTION', `${format} data cannot come from ${source.name}; give a file`);
}

/**
 * The bytes of a source in pieces, gzip inflated.
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
  if (!packed) {
    yield* file as AsyncIterable<Uint8Array>;
    return;
  }
  const gunzip = createGunzip({ chunkSize: 2 ** 20 });
  file.on('error', (error) => gunzip.destroy(error));
  gunzip.on('close', () => file.destroy());
  try {
    yield* file.pipe(gunzip) as AsyncIterable<Uint8Array>;
  } catch (error) {
    const what = `the gzip stream is damaged or cut off (${(error as Error).message})`;
    throw new SparseTrainError('INVALID_FILE', `${source.name}: ${what}`, { cause: error });
  }
}

/** The most that is read from a stream into memory; what is larger can be read in parts. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * All bytes of a stream.
 *
 * @throws SparseTrainError INVALID_DATA if there are 2 GiB or more
 */
export async function allBytes(source: DataSource): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytesOf(source)) {
    length += chunk.length;
    if (length > MOST_BYTES) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `${source.name} has more than 2 GiB; train on it as a stream (--stream)`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
