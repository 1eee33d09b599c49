import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { isGzip } from '../../datasets/data-file.js';
import { readIdx } from '../../datasets/idx.js';
import { type InputArray, Matrix } from '../../datasets/matrix.js';
import { loadDataset } from '../../datasets/registry.js';
import { SparseTrainError } from '../../errors.js';
import { isDatasetName } from '../data/load.js';
import type { Terminal } from '../terminal.js';

/** Rows to predict: all at once, or text as it comes. */
export type PredictionSource =
  | { readonly kind: 'matrix'; readonly inputs: Matrix }
  | { readonly kind: 'text'; readonly name: string; readonly stream: AsyncIterable<Uint8Array> };

/**
 * Opens what the user named: nothing or `-` is standard input, the name of a data set its test part, a file an IDX
 * file or text, plain or gzip.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE
 */
export async function openSource(word: string | undefined, terminal: Terminal): Promise<PredictionSource> {
  if (word === undefined || word === '-') {
    const { stdin } = terminal.streams;
    if (stdin.isTTY) terminal.note('reading rows from the terminal; Ctrl-D ends them');
    return { kind: 'text', name: 'standard input', stream: stdin };
  }
  const exists = await stat(word).then(
    () => true,
    () => false,
  );
  if (!exists && isDatasetName(word))
    return { kind: 'matrix', inputs: (await loadDataset(word)).test.inputs };
  const start = await readStart(word);
  const plain = isGzip(start)
    ? gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 2 ** 24 })
    : start;
  if (looksLikeIdx(plain)) return { kind: 'matrix', inputs: await readIdxInputs(word) };
  const file = createReadStream(word);
  return { kind: 'text', name: basename(word), stream: isGzip(start) ? inflating(file, word) : file };
}

/** Bytes that tell what a file is. */
const START = 4096;

async function readStart(file: string): Promise<Uint8Array> {
  try {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(START), 0, START, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new SparseTrainError('FILE_NOT_FOUND', `there is no file ${file}`, { cause: error });
    throw new SparseTrainError('FILE_ACCESS', `${file} cannot be read (${code})`, { cause: error });
  }
}

/** Two zero bytes, which no text has, then the type of the elements. */
function looksLikeIdx([zero0, zero1, type = 0]: Uint8Array): boolean {
  return zero0 === 0 && zero1 === 0 && type >= 0x08 && type <= 0x0e;
}

async function readIdxInputs(file: string): Promise<Matrix> {
  const { shape, data } = await readIdx(file);
  if (shape.length < 2) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `${file} has one dimension, but inputs need at least two (examples x features); is it a file of labels?`,
    );
  }
  const columns = data.length / (shape[0] as number);
  const isInput = !(data instanceof Int8Array || data instanceof Int32Array);
  return new Matrix<InputArray>(isInput ? data : Float64Array.from(data), columns);
}

async function* inflating(file: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  try {
    yield* (file as ReturnType<typeof createReadStream>).pipe(gunzip) as AsyncIterable<Uint8Array>;
  } catch (error) {
    const what = `the gzip stream is damaged or cut off (${(error as Error).message})`;
    throw new SparseTrainError('INVALID_FILE', `${name}: ${what}`, { cause: error });
  }
}
