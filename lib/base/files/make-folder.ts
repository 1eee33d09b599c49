import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { SparseTrainError } from '../errors.js';

/**
 * Creates a folder and the folders above it, unless they exist.
 *
 * @param what - how a message names it
 * @param advice - what else the user can do
 * @throws SparseTrainError FILE_ACCESS
 */
export async function makeFolder(
  folder: string,
  what = `the folder ${folder}`,
  advice?: string,
): Promise<void> {
  try {
    await makeAll(resolve(folder));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = `${what} cannot be created (${code})${advice === undefined ? '' : `; ${advice}`}`;
    throw new SparseTrainError('FILE_ACCESS', message, { cause: error });
  }
}

/** As mkdir() does with `recursive`, which never returns where folders cannot be made at all, such as in /proc. */
async function makeAll(folder: string): Promise<void> {
  if (await isThere(folder)) return;
  await makeAll(dirname(folder));
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    // Another process may have made it meanwhile; a file of that name is an error.
    if (error.code !== 'EEXIST') throw error;
    return mkdir(folder, { recursive: true });
  });
}

async function isThere(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
