import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { SparseTrainError } from '../errors.js';

/**
 * Creates a folder and its parent folders, unless they exist.
 *
 * @param what - what a message calls the folder
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

/** Does what mkdir() does with `recursive`, which hangs in places like /proc where no folder can be made. */
async function makeAll(folder: string): Promise<void> {
  if (await isThere(folder)) return;
  await makeAll(dirname(folder));
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    // Another process may have made the folder in the meantime; a file of that name is an error.
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
