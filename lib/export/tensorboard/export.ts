import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { invalidOption, SparseTrainError } from '../../base/errors.js';
import { writeAtomically, writeFully } from '../../base/files/atomic-write.js';
import { checkOptionNames } from '../../base/options/names.js';
import { eventFile } from './records.js';
import { readRuns } from './run-log.js';

/** What was written. */
export interface TensorBoardExport {
  /** One event file for each run. */
  files: string[];
  /** Epochs of all runs. */
  epochs: number;
}

/**
 * Writes event files from a run log: a folder for each run in it, as TensorBoard wants its log folder.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION, FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE
 */
export async function writeTensorBoard(
  log: string,
  folder: string,
  options: object,
): Promise<TensorBoardExport> {
  checkOptionNames('exportTensorBoard options', options, []);
  for (const [name, path] of Object.entries({ log, folder })) {
    if (typeof path !== 'string' || path === '') throw invalidOption(name, 'a path', path);
  }
  const runs = await readRuns(log);
  const files: string[] = [];
  for (const { id, wallTime, events } of runs) {
    const path = join(folder, safeName(id));
    await makeFolder(path);
    const file = join(path, `events.out.tfevents.${Math.floor(wallTime)}.sparse-train`);
    const bytes = eventFile(wallTime, events);
    await writeAtomically(file, (handle) => writeFully(handle, bytes));
    files.push(file);
  }
  return { files, epochs: runs.reduce((sum, { events }) => sum + events.length, 0) };
}

/** A run's id as the name of a folder: a log may have anything there, paths to elsewhere included. */
function safeName(id: string): string {
  const name = id.replace(/[^\w-]/g, '_').slice(0, 100);
  return name === '' ? 'run' : name;
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SparseTrainError('FILE_ACCESS', `the folder ${folder} cannot be made (${code})`, {
      cause: error,
    });
  }
}
