import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { SparseTrainError } from '../../base/errors.js';
import { writeAtomically } from '../../base/files/atomic-write.js';
import { parseJson } from '../../base/json.js';
import type { PublishedSum } from '../entry.js';

/** The record of a verified file in the cache. */
export interface SumRecord {
  readonly bytes: number;
  readonly mtimeMs: number;
  /** SHA-256 of the stored file. */
  readonly sha256: string;
  /** Whether it was compared with a published checksum, or accepted as the first download. */
  readonly comparedWith: 'published' | 'nothing';
}

const RECORDS = 'sums.json';

/**
 * SHA-256 of a file, or of its contents inside gzip.
 *
 * @throws SparseTrainError INVALID_FILE if it is not a whole gzip file or inflates to more bytes than it should
 */
export async function sumOf(file: string, of: PublishedSum['of'], mostBytes: number): Promise<string> {
  const hash = createHash('sha256');
  const stored = createReadStream(file, { highWaterMark: 2 ** 20 });
  let stream: AsyncIterable<Uint8Array> = stored;
  if (of === 'contents') {
    const gunzip = createGunzip({ chunkSize: 2 ** 18 });
    stored.on('error', (error) => gunzip.destroy(error));
    gunzip.on('close', () => stored.destroy());
    stream = stored.pipe(gunzip);
  }
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      bytes += chunk.length;
      if (bytes > mostBytes) {
        throw new SparseTrainError('INVALID_FILE', `${basename(file)} holds more than ${mostBytes} bytes`);
      }
      hash.update(chunk);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof SparseTrainError || !code?.startsWith('Z_')) throw error;
    throw new SparseTrainError('INVALID_FILE', `${basename(file)} is not a whole gzip file (${message})`, {
      cause: error,
    });
  }
  return hash.digest('hex');
}

/**
 * Compares a file with its published checksum.
 *
 * @returns the checksum of the stored file
 * @throws SparseTrainError INVALID_FILE if it differs
 */
export async function checkSum(file: string, sum: PublishedSum): Promise<void> {
  const actual = await sumOf(file, sum.of, sum.bytes);
  if (actual === sum.sha256) return;
  const what = sum.of === 'file' ? 'the file' : 'the inflated bytes';
  throw new SparseTrainError(
    'INVALID_FILE',
    `${basename(file)}: SHA-256 of ${what} is ${actual}, but should be ${sum.sha256}`,
  );
}

/** The records of a folder's files by name; empty if there is no record, or it is damaged. */
export async function readRecords(folder: string): Promise<Record<string, SumRecord>> {
  try {
    const json: unknown = parseJson(await readFile(join(folder, RECORDS), 'utf8'));
    return typeof json === 'object' && json !== null ? (json as Record<string, SumRecord>) : {};
  } catch {
    // If a record is lost or damaged, files are just hashed again.
    return {};
  }
}

/** Records the checksum of a file. */
export async function remember(
  file: string,
  sha256: string,
  comparedWith: SumRecord['comparedWith'],
): Promise<void> {
  const { size: bytes, mtimeMs } = await stat(file);
  const folder = dirname(file);
  const records = {
    ...(await readRecords(folder)),
    [basename(file)]: { bytes, mtimeMs, sha256, comparedWith },
  };
  const text = `${JSON.stringify(records, null, 1)}\n`;
  await writeAtomically(join(folder, RECORDS), async (handle) => {
    await handle.writeFile(text);
  });
}

/**
 * Checks that a file in the cache is the downloaded or published one: by size and date if it has
 * been hashed before, otherwise by its checksum.
 *
 * @throws SparseTrainError INVALID_FILE
 */
export async function ensureGenuine(file: string, sum: PublishedSum | undefined): Promise<void> {
  const record = (await readRecords(dirname(file)))[basename(file)];
  const { size, mtimeMs } = await stat(file);
  if (record?.bytes === size && record.mtimeMs === mtimeMs) return;
  if (sum !== undefined) {
    await checkSum(file, sum);
    const sha256 = sum.of === 'file' ? sum.sha256 : await sumOf(file, 'file', Number.MAX_SAFE_INTEGER);
    await remember(file, sha256, 'published');
    return;
  }
  const sha256 = await sumOf(file, 'file', Number.MAX_SAFE_INTEGER);
  if (record !== undefined && record.sha256 !== sha256) {
    throw new SparseTrainError(
      'INVALID_FILE',
      `${basename(file)}: SHA-256 of the file is ${sha256}, but it was ${record.sha256} when it was downloaded`,
    );
  }
  await remember(file, sha256, record?.comparedWith ?? 'nothing');
}
