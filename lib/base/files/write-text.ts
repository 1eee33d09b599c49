import { SparseTrainError } from '../errors.js';
import { writeAtomically } from './atomic-write.js';

/**
 * Writes a text file completely or not at all.
 *
 * @param option - what the command line calls the file
 * @throws SparseTrainError FILE_NOT_FOUND (no such folder), FILE_ACCESS
 */
export async function writeText(file: string, text: string, option: string): Promise<void> {
  try {
    await writeAtomically(file, async (handle) => {
      await handle.writeFile(text);
    });
  } catch (error) {
    if (!(error instanceof SparseTrainError)) throw error;
    throw new SparseTrainError(error.code, `${option}: ${error.message}`, { cause: error });
  }
}
