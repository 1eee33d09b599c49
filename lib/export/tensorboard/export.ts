import { join } from 'node:path';
import { invalidOption } from '../../base/errors.js';
import { writeAtomically, writeFully } from '../../base/files/atomic-write.js';
import { makeFolder } from '../../base/files/make-folder.js';
import { checkOptions } from '../../base/options/table.js';
import { eventFile } from './records.js';
import { readRuns } from './run-log.js';

/** The result of the export. */
export interface TensorBoardExport {
  /** One event file for each run. */
  files: string[];
  /** The number of epochs in all runs. */
  epochs: number;
}

/**
 * Writes event files from a run log, one folder per run, as TensorBoard expects them.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION, FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE
 */
export async function writeTensorBoard(
  log: string,
  folder: string,
  options: object,
): Promise<TensorBoardExport> {
  checkOptions('exportTensorBoard options', {}, options);
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

/** A run's id as a safe folder name: a log may hold anything there, even a path. */
function safeName(id: string): string {
  const name = id.replace(/[^\w-]/g, '_').slice(0, 100);
  return name === '' ? 'run' : name;
}
