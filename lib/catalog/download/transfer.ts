import { type FileHandle, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { SparseTrainError } from '../../base/errors.js';
import { failureReason } from '../../base/files/failure-reason.js';
import { flushFile } from '../../base/files/flush.js';
import { parseJson } from '../../base/json.js';
import { openUrl, type RequestOptions } from './http.js';

/** The progress of a file. */
export type TransferProgress = (received: number, total: number | undefined) => void;

/** Limits of a download. */
export interface TransferOptions extends Pick<RequestOptions, 'signal' | 'idleMs'> {
  /** The maximum size of the file in bytes. */
  readonly mostBytes: number;
  readonly onProgress: TransferProgress;
  /** Milliseconds to wait after the first lost connection; doubled after each further one without data. */
  readonly pauseMs: number;
}

/** The most connections in a row that bring no data. */
const MAX_FRUITLESS = 3;

/** The origin of a partial file. It is stored beside the file, so that a later call can resume the download. */
interface PartOrigin {
  readonly url: string;
  /** The server's tag for this version of the file; without it a download cannot be resumed. */
  readonly validator: string;
}

/**
 * Downloads an address to a file, resuming where an earlier call or a lost connection stopped, if the server still has
 * the same version.
 *
 * @param part - the file; a second file with `.json` appended records its origin
 * @returns whether the download was resumed
 * @throws SparseTrainError DOWNLOAD_FAILED; FILE_ACCESS if it cannot be written
 */
export async function transfer(url: string, part: string, options: TransferOptions): Promise<boolean> {
  let fruitless = 0;
  let resumed = false;
  for (;;) {
    const before = await sizeOf(part);
    try {
      resumed = (await connect(url, part, options)) || resumed;
      return resumed;
    } catch (error) {
      options.signal?.throwIfAborted();
      const lost = connectionError(error);
      if (lost === undefined) throw error;
      fruitless = (await sizeOf(part)) > before ? 0 : fruitless + 1;
      if (fruitless === MAX_FRUITLESS) throw new SparseTrainError('DOWNLOAD_FAILED', lost, { cause: error });
      await delay(options.pauseMs * 2 ** fruitless, undefined, { signal: options.signal });
    }
  }
}

/** One connection, from the first missing byte to the end of the file. */
async function connect(url: string, part: string, options: TransferOptions): Promise<boolean> {
  const origin = await readOrigin(part);
  const have = origin?.url === url ? await sizeOf(part) : 0;
  const headers: Record<string, string> =
    have > 0 && origin !== undefined ? { range: `bytes=${have}-`, 'if-range': origin.validator } : {};
  const response = await openUrl(url, { ...options, headers });
  try {
    const { statusCode = 0 } = response;
    const range = parseRange(response.headers['content-range']);
    if (statusCode === 416 && have > 0 && range?.total === have) return true;
    if (statusCode === 416 && have > 0) {
      await discardPart(part);
      throw Object.assign(new Error('the partial file did not match'), { code: 'ECONNRESET' });
    }
    const goesOn = statusCode === 206 && have > 0 && range?.start === have;
    if (statusCode !== 200 && !goesOn) {
      throw new SparseTrainError('DOWNLOAD_FAILED', `the server answered ${statusCode}`);
    }
    const start = goesOn ? have : 0;
    const length = Number(response.headers['content-length'] ?? Number.NaN);
    const total = Number.isSafeInteger(length) ? start + length : undefined;
    if (total !== undefined && total > options.mostBytes) throw tooLong(total, options.mostBytes);
    if (!goesOn) await writeOrigin(part, url, response.headers);
    await append(part, start, response, total, options);
    return goesOn;
  } finally {
    response.destroy();
  }
}

async function append(
  part: string,
  start: number,
  body: AsyncIterable<Uint8Array>,
  total: number | undefined,
  { mostBytes, onProgress }: TransferOptions,
): Promise<void> {
  const handle = await writable(() => open(part, start === 0 ? 'w' : 'r+'));
  try {
    let received = start;
    onProgress(received, total);
    for await (const chunk of body) {
      if (received + chunk.length > mostBytes) throw tooLong(undefined, mostBytes);
      await writable(() => writeAt(handle, chunk, received));
      received += chunk.length;
      onProgress(received, total);
    }
    if (total !== undefined && received < total) {
      throw Object.assign(new Error('the connection ended early'), { code: 'ECONNRESET' });
    }
    await writable(() => flushFile(handle));
  } finally {
    await handle.close();
  }
}

/** Writes all of a chunk; a single call may write less, for example when the disk gets full. */
async function writeAt(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < chunk.length; )
    written += (await handle.write(chunk, written, chunk.length - written, position + written)).bytesWritten;
}

function tooLong(total: number | undefined, most: number): SparseTrainError {
  const what = total === undefined ? 'sends more' : `announces ${total} bytes`;
  return new SparseTrainError(
    'DOWNLOAD_FAILED',
    `the server ${what}, but the file has at most ${most} bytes`,
  );
}

/** `bytes 100-199/200` or `bytes *​/200` */
function parseRange(
  header: string | undefined,
): { start: number | undefined; total: number | undefined } | undefined {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(header ?? '');
  if (match === null) return undefined;
  const [, start, total] = match;
  return {
    start: start === undefined ? undefined : Number(start),
    total: total === '*' ? undefined : Number(total),
  };
}

/** Removes a partial file and its record. */
export async function discardPart(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(`${part}.json`, { force: true });
}

async function writeOrigin(
  part: string,
  url: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Promise<void> {
  const { etag, 'last-modified': date } = headers;
  // A weak tag does not guarantee identical bytes.
  const validator = typeof etag === 'string' && !etag.startsWith('W/') ? etag : date;
  await discardPart(part);
  if (typeof validator !== 'string') return;
  const origin: PartOrigin = { url, validator };
  await writable(() => writeFile(`${part}.json`, JSON.stringify(origin)));
}

async function readOrigin(part: string): Promise<PartOrigin | undefined> {
  try {
    const json = parseJson(await readFile(`${part}.json`, 'utf8')) as Partial<PartOrigin> | null;
    const { url, validator } = json ?? {};
    return typeof url === 'string' && typeof validator === 'string' ? { url, validator } : undefined;
  } catch {
    // Missing or unreadable: the download starts from the beginning.
    return undefined;
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Describes a network error; undefined for other errors. */
function connectionError(error: unknown): string | undefined {
  if (error instanceof SparseTrainError) return undefined;
  const { code, message } = error as NodeJS.ErrnoException;
  const words: Record<string, string> = {
    ENOTFOUND: 'the server was not found (no network?)',
    EAI_AGAIN: 'host names cannot be looked up (no network?)',
    ECONNREFUSED: 'the connection was refused',
    ECONNRESET: 'the connection broke again and again',
    ETIMEDOUT: 'the server did not answer',
  };
  return code === undefined ? undefined : (words[code] ?? `${message} (${code})`);
}

/** Codes of disk errors, which are not network errors. */
async function writable<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what = code === undefined ? message : failureReason(error);
    throw new SparseTrainError('FILE_ACCESS', `the download cannot be written: ${what}`, { cause: error });
  }
}
