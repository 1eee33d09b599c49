import { mkdir } from 'node:fs/promises';
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
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = `${what} cannot be created (${code})${advice === undefined ? '' : `; ${advice}`}`;
    throw new SparseTrainError('FILE_ACCESS', message, { cause: error });
  }
}
