import { copyFile, link, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SparseTrainError } from '../../base/errors.js';
import { removeLeftovers, temporaryPath } from '../../base/files/temporary.js';
import { journalFiles, numberedPath } from './journal.js';

/** The base name that temporary files of the archive begin with. */
const ARCHIVE = 'snapshot';

/** Removes what an earlier process left while it copied a snapshot. */
export async function removeCopies(folder: string): Promise<void> {
  await removeLeftovers(join(folder, ARCHIVE)).catch(() => undefined);
}

/** Keeps a snapshot under its number in the journal's folder: as a link, or as a copy where there are no links. */
export async function archive(file: string, folder: string, sequence: number): Promise<void> {
  const path = numberedPath(folder, sequence, 'safetensors');
  try {
    await link(file, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    const temporary = temporaryPath(join(folder, ARCHIVE));
    try {
      await copyFile(file, temporary);
      await rename(temporary, path);
    } catch (reason) {
      await rm(temporary, { force: true });
      throw new SparseTrainError(
        'FILE_ACCESS',
        `the snapshot ${file} cannot be kept as ${path} (${(reason as NodeJS.ErrnoException).code})`,
        { cause: reason },
      );
    }
  }
}

/** Removes the oldest snapshots, and the segments before the oldest that is left. */
export async function prune(folder: string, keep: number): Promise<void> {
  const { snapshots, segments } = journalFiles(folder);
  const oldest = snapshots.at(-1 - keep)?.first;
  if (oldest === undefined) return;
  for (const { path, first } of [...snapshots, ...segments])
    if (first < oldest) await rm(path, { force: true });
}
