import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { SparseTrainError } from '../base/errors.js';
import { readSafetensorsHeader } from '../network/model-file/safetensors.js';

/** Where and when a model was saved, from its file. */
export interface Provenance {
  version: string;
  date: string;
  node: string;
  platform: string;
  kernelSet: string;
}

/** What stands in the texts of a safetensors file; undefined if it is none. */
async function readTexts(file: string): Promise<ReadonlyMap<string, string> | undefined> {
  const handle = await open(file, 'r');
  try {
    const { metadata } = await readSafetensorsHeader(handle, (await handle.stat()).size);
    return metadata;
  } catch (error) {
    if (error instanceof SparseTrainError) return undefined;
    throw error;
  } finally {
    await handle.close();
  }
}

/** The provenance of a model file; fields that are missing or no text are left out. */
export async function readProvenance(file: string): Promise<Partial<Provenance>> {
  const text = (await readTexts(file))?.get('provenance');
  const all: unknown = text === undefined ? {} : JSON.parse(text);
  const entries = Object.entries(all as object).filter(([, value]) => typeof value === 'string');
  const { version, date, node, platform, kernelSet } = Object.fromEntries(entries) as Record<string, string>;
  return { version, date, node, platform, kernelSet } as Partial<Provenance>;
}

/**
 * Makes sure, before hours are spent on training, that a model can be written: there is such a folder, and what is
 * there under the name may be replaced. That is a model of this package, or with `force` any file.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS
 */
export async function checkModelOutput(file: string, force: boolean): Promise<void> {
  await checkFolder('--out', file);
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined || (force && stats.isFile())) return;
  if (!stats.isFile())
    throw new SparseTrainError('FILE_ACCESS', `--out: ${file} is not a file; give the path of one`);
  if ((await readTexts(file))?.get('format') === 'sparse-train') return;
  throw new SparseTrainError(
    'FILE_ACCESS',
    `--out: ${file} is there and no model of sparse-train; choose another name, or --force to replace it`,
  );
}

/**
 * Makes sure that a run log can be written: to a new file, or appended to another run log.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS
 */
export async function checkLogOutput(file: string): Promise<void> {
  await checkFolder('--log', file);
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined || !stats.isFile() || stats.size === 0 || (await startsWithLogLine(file))) return;
  throw new SparseTrainError(
    'FILE_ACCESS',
    `--log: ${file} exists and is not a run log, to which another run could be added; choose another name`,
  );
}

/** The first line of a run log must lie within this many bytes. */
const LOG_START = 64;

async function startsWithLogLine(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(LOG_START), 0, LOG_START, 0);
    return buffer.toString('latin1', 0, bytesRead).startsWith('{"type":"');
  } finally {
    await handle.close();
  }
}

async function checkFolder(option: string, file: string): Promise<void> {
  const folder = dirname(resolve(file));
  try {
    await access(folder, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      const message = `${option}: ${file} cannot be written: there is no folder ${folder}; make it first`;
      throw new SparseTrainError('FILE_NOT_FOUND', message, { cause: error });
    }
    const message = `${option}: ${file} cannot be written: the folder ${folder} is not ours to write to (${code})`;
    throw new SparseTrainError('FILE_ACCESS', message, { cause: error });
  }
}
