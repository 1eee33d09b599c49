import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SparseTrainError } from '../../base/errors.js';
import { makeFolder } from '../../base/files/make-folder.js';
import { extractMembers } from '../../formats/zip/extract.js';
import type { CatalogEntry, PublishedFile } from '../entry.js';
import { cacheFolderOf, findFiles, isFile, type Place } from '../store/places.js';
import { checkSum, ensureGenuine, remember, sumOf } from '../store/sums.js';
import type { DownloadOptions } from './options.js';
import { discardPart, type TransferOptions, transfer } from './transfer.js';

/** The result of a download. */
export interface Downloaded extends Place {
  /** Bytes that came over the network. */
  readonly received: number;
}

/**
 * Finds a data set's files in one of the places, or downloads them into the cache.
 *
 * @throws SparseTrainError DOWNLOAD_FAILED if no mirror has the right file; FILE_ACCESS, INVALID_FILE
 */
export async function getFiles(
  entry: CatalogEntry,
  options: DownloadOptions,
): Promise<Downloaded | undefined> {
  if (entry.files.length === 0) return undefined;
  const there = options.force === true ? undefined : await findFiles(entry);
  const folder = cacheFolderOf(entry);
  if (there !== undefined && there.folder !== folder) return { ...there, received: 0 };
  await makeFolder(folder, `the cache ${folder}`, 'choose another folder with SPARSE_TRAIN_DATA');
  let received = 0;
  for (const file of entry.files) {
    const isRight = options.force !== true && (await isThere(folder, entry, file));
    if (!isRight) received += await getFile(folder, file, options, entry.info.name);
  }
  return { kind: 'cache', folder, received };
}

/** Whether the cache has a file, or its extracted parts, with the right checksum. Damaged files will be replaced. */
async function isThere(folder: string, entry: CatalogEntry, file: PublishedFile): Promise<boolean> {
  const names = file.members === undefined ? [file.name] : entry.needs;
  for (const name of names) {
    const path = join(folder, name);
    if (!(await isFile(path))) return false;
    try {
      await ensureGenuine(path, file.members === undefined ? file.sum : undefined);
    } catch (error) {
      if (error instanceof SparseTrainError && error.code === 'INVALID_FILE') return false;
      throw error;
    }
  }
  return true;
}

/** Downloads a file, or uses one that was placed by hand, and returns the number of downloaded bytes. */
async function getFile(
  folder: string,
  file: PublishedFile,
  options: DownloadOptions,
  dataset: string,
): Promise<number> {
  const target = join(folder, file.name);
  const byHand = file.members !== undefined && options.force !== true && (await isFile(target));
  const received = byHand ? 0 : await downloadFile(target, file, options, dataset);
  if (file.members === undefined) return received;
  if (byHand && file.sum !== undefined) await checkSum(target, file.sum);
  await extractMembers(target, file.members);
  for (const { name } of file.members) {
    const member = join(folder, name);
    const sha256 = await sumOf(member, 'file', Number.MAX_SAFE_INTEGER);
    await remember(member, sha256, file.sum === undefined ? 'nothing' : 'published');
  }
  await rm(target);
  return received;
}

async function downloadFile(
  target: string,
  file: PublishedFile,
  options: DownloadOptions,
  dataset: string,
): Promise<number> {
  const part = `${target}.part`;
  const urls = [
    ...(options.mirrors ?? []).map((mirror) => mirror.replace(/\/*$/, '/') + file.name),
    ...file.mirrors,
  ];
  const failures: string[] = [];
  for (const url of urls) {
    try {
      const received = await fromMirror(url, part, file, options);
      await rename(part, target);
      await discardPart(part);
      await remember(target, received.sha256, file.sum === undefined ? 'nothing' : 'published');
      return received.bytes;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof SparseTrainError) || error.code === 'FILE_ACCESS') throw error;
      failures.push(`${URL.canParse(url) ? new URL(url).host : url}: ${error.message}`);
    }
  }
  const addresses = file.mirrors.join(' or ');
  throw new SparseTrainError(
    'DOWNLOAD_FAILED',
    `${file.name} of ${dataset} could not be downloaded (${failures.join('; ')}). Without a network, fetch ${addresses} ` +
      `elsewhere, place it as ${target}, and call this again`,
  );
}

/** Downloads and verifies a file. A resumed download with a wrong checksum is repeated from the beginning. */
async function fromMirror(
  url: string,
  part: string,
  file: PublishedFile,
  options: DownloadOptions,
): Promise<{ bytes: number; sha256: string }> {
  checkSafe(url, file);
  let bytes = 0;
  let last: number | undefined;
  const transferOptions: TransferOptions = {
    signal: options.signal,
    idleMs: options.idleMs ?? 30_000,
    pauseMs: options.pauseMs ?? 500,
    mostBytes: mostBytesOf(file),
    onProgress: (received, total) => {
      // A connection first reports where it begins.
      if (last !== undefined && received > last) bytes += received - last;
      last = received;
      options.onProgress?.({ file: file.name, received, total });
    },
  };
  for (let first = true; ; first = false) {
    const resumed = await transfer(url, part, transferOptions);
    try {
      if (file.sum !== undefined) await checkSum(part, file.sum);
      const isSummed = file.sum?.of === 'file';
      const sha256 = isSummed ? file.sum.sha256 : await sumOf(part, 'file', Number.MAX_SAFE_INTEGER);
      return { bytes, sha256 };
    } catch (error) {
      await discardPart(part);
      if (!resumed || !first) throw error;
    }
  }
}

/** Without a published checksum, only an encrypted connection, or this machine itself, is trusted. */
function checkSafe(url: string, file: PublishedFile): void {
  if (file.sum !== undefined || !URL.canParse(url)) return;
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)) return;
  throw new SparseTrainError(
    'DOWNLOAD_FAILED',
    'it has no published checksum, so it is not downloaded over plain HTTP',
  );
}

/**
 * The maximum size: files hashed by their contents may be compressed less tightly; without a checksum it is unknown.
 */
function mostBytesOf({ bytes, sum }: PublishedFile): number {
  if (sum?.of === 'file') return sum.bytes;
  return sum === undefined ? Math.max(2 * bytes, 2 ** 20) : sum.bytes + 2 ** 16;
}
