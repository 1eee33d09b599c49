import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { SparseTrainError } from '../base/errors.js';
import { parseJson } from '../base/json.js';
import { readSafetensorsHeader } from '../network/model-file/safetensors.js';

/** Provenance of a saved model: where and when it was trained. */
export interface Provenance {
  version: string;
  date: string;
  node: string;
  platform: string;
  kernelSet: string;
}

/** What a model file holds, as its metadata name it; undefined if the file has another format. */
export async function readFormat(file: string): Promise<string | undefined> {
  try {
    // A pipe can be read only once.
    return (await stat(file)).isFile() ? (await readTexts(file))?.get('format') : undefined;
  } catch {
    // The reader of the file says what is wrong with it.
    return undefined;
  }
}

/** The texts in a safetensors file's header; undefined if the file has another format. */
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

/** The provenance in a model file. Fields that are missing or not text are left out. */
export async function readProvenance(file: string): Promise<Partial<Provenance>> {
  const text = (await readTexts(file))?.get('provenance');
  const all: unknown = text === undefined ? {} : parseJson(text);
  const entries = Object.entries(all as object).filter(([, value]) => typeof value === 'string');
  const { version, date, node, platform, kernelSet } = Object.fromEntries(entries) as Record<string, string>;
  return { version, date, node, platform, kernelSet } as Partial<Provenance>;
}

/**
 * Checks before a long training that the model can be written: its folder exists, and any file of its name
 * may be replaced. Only a model of this package may be replaced, or with `force` any file.
 *
 * @param format - of the model, as its metadata names it
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS
 */
export async function checkModelOutput(file: string, force: boolean, format = 'sparse-train'): Promise<void> {
  await checkFolder('--out', file);
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined || (force && stats.isFile())) return;
  if (!stats.isFile())
    throw new SparseTrainError('FILE_ACCESS', `--out: ${file} is not a file; give the path of a file`);
  if ((await readTexts(file))?.get('format') === format) return;
  const what = format === 'sparse-train' ? 'a model' : 'a learner';
  throw new SparseTrainError(
    'FILE_ACCESS',
    `--out: ${file} exists and is not ${what} of sparse-train; choose another name, or --force to replace it`,
  );
}

/**
 * Checks that a run log can be written: either its file does not exist yet, or it is a run log, and the new
 * run is appended.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS
 */
export async function checkLogOutput(file: string): Promise<void> {
  await checkFolder('--log', file);
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined || !stats.isFile() || stats.size === 0 || (await startsWithLogLine(file))) return;
  throw new SparseTrainError(
    'FILE_ACCESS',
    `--log: ${file} exists and is not a run log that this run could be added to; choose another name`,
  );
}

/** The first line of a run log must end within this many bytes. */
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
      const message = `${option}: ${file} cannot be written: there is no folder ${folder}; create it first`;
      throw new SparseTrainError('FILE_NOT_FOUND', message, { cause: error });
    }
    const message = `${option}: ${file} cannot be written: this user may not write to the folder ${folder} (${code})`;
    throw new SparseTrainError('FILE_ACCESS', message, { cause: error });
  }
}
