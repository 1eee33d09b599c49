import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { SparseTrainError } from '../../base/errors.js';

/** Tar archives consist of blocks of this size. */
const BLOCK = 512;

/**
 * Reads some files from a gzip-compressed tar archive in one pass, without writing anything.
 *
 * @param wanted - the exact names of entries, and the size that each must have
 * @returns the contents by name
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS; INVALID_FILE if the archive is damaged, or an entry is missing
 * or of another size
 */
export async function readTarGz(
  file: string,
  wanted: ReadonlyMap<string, number>,
): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  const reader = new BlockReader(inflated(file));
  const invalid = (what: string) =>
    new SparseTrainError('INVALID_FILE', `${file}: ${what}; get the data set again`);
  try {
    for (;;) {
      const header = await reader.read(BLOCK);
      // Two empty blocks should end an archive, but some archives lack them.
      if (header === undefined || header.every((byte) => byte === 0)) break;
      const { name, size, isFile } = parseHeader(header, invalid);
      const padded = Math.ceil(size / BLOCK) * BLOCK;
      const expected = isFile ? wanted.get(name) : undefined;
      if (expected === undefined) {
        await reader.skip(padded);
        continue;
      }
      if (size !== expected) throw invalid(`${name} has ${size} bytes, but must have ${expected}`);
      const contents = await reader.read(padded);
      if (contents === undefined) throw invalid(`the archive is cut off in ${name}`);
      found.set(name, contents.subarray(0, size));
      if (found.size === wanted.size) break;
    }
  } catch (error) {
    throw readError(file, error);
  } finally {
    await reader.close();
  }
  const missing = [...wanted.keys()].find((name) => !found.has(name));
  if (missing !== undefined) throw invalid(`there is no ${missing} in the archive`);
  return found;
}

interface TarHeader {
  readonly name: string;
  readonly size: number;
  readonly isFile: boolean;
}

function parseHeader(header: Uint8Array, invalid: (what: string) => SparseTrainError): TarHeader {
  const text = (start: number, length: number) => {
    const bytes = header.subarray(start, start + length);
    const end = bytes.indexOf(0);
    return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString('latin1');
  };
  const octal = (start: number, length: number) => Number.parseInt(text(start, length).trim(), 8);
  const size = octal(124, 12);
  // The checksum is the sum of all header bytes, with the checksum field counted as blanks.
  let sum = 8 * 0x20;
  for (const [i, byte] of header.entries()) if (i < 148 || i >= 156) sum += byte;
  if (octal(148, 8) !== sum)
    throw invalid('it is not a tar archive, or it is damaged (a header has a wrong checksum)');
  if (!Number.isSafeInteger(size) || size < 0) throw invalid('a header in the archive has an invalid size');
  const type = text(156, 1);
  return { name: text(0, 100), size, isFile: type === '' || type === '0' };
}

function inflated(file: string): AsyncIterable<Uint8Array> {
  const source = createReadStream(file);
  const gunzip = createGunzip({ chunkSize: 2 ** 18 });
  source.on('error', (error) => gunzip.destroy(error));
  gunzip.on('close', () => source.destroy());
  return source.pipe(gunzip) as AsyncIterable<Uint8Array>;
}

function readError(file: string, error: unknown): unknown {
  if (error instanceof SparseTrainError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT')
    return new SparseTrainError('FILE_NOT_FOUND', `there is no file ${file}`, { cause: error });
  if (code?.startsWith('Z_') || code === 'ERR_ZLIB') {
    const what = code === 'Z_BUF_ERROR' ? 'is cut off' : `is damaged (${message})`;
    return new SparseTrainError('INVALID_FILE', `${file}: the gzip stream ${what}; get the data set again`, {
      cause: error,
    });
  }
  return new SparseTrainError('FILE_ACCESS', `${file} cannot be read (${code ?? message})`, { cause: error });
}

/** Reads exactly as many bytes as requested from a stream of chunks of any size. */
class BlockReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #used = 0;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** The next `count` bytes, or undefined if there are fewer. */
  async read(count: number): Promise<Uint8Array | undefined> {
    const bytes = new Uint8Array(count);
    return (await this.#take(count, (piece, at) => bytes.set(piece, at))) ? bytes : undefined;
  }

  async skip(count: number): Promise<void> {
    await this.#take(count, () => undefined);
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #take(count: number, use: (piece: Uint8Array, at: number) => void): Promise<boolean> {
    for (let taken = 0; taken < count; ) {
      if (this.#used === this.#chunk.length) {
        const { done, value } = await this.#chunks.next();
        if (done) return false;
        this.#chunk = value;
        this.#used = 0;
      }
      const piece = this.#chunk.subarray(this.#used, this.#used + count - taken);
      use(piece, taken);
      taken += piece.length;
      this.#used += piece.length;
    }
    return true;
  }
}
