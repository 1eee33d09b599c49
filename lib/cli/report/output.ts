import { open, stat } from 'node:fs/promises';
import { SparseTrainError } from '../../base/errors.js';

/** A text near the beginning of every report, by which reports are recognised. */
const MARK = '<meta name="generator" content="sparse-train">';
const BEGINNING = 4096;

/**
 * Checks that a report may be written: its file does not exist, is another report, or may be replaced because
 * of `force`.
 *
 * @throws SparseTrainError FILE_ACCESS
 */
export async function checkReportOutput(file: string, force: boolean, option = '--out'): Promise<void> {
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined || (stats.isFile() && (force || (await isReport(file))))) return;
  const what = stats.isFile() ? 'and is not a report of sparse-train' : 'and is not a file';
  const advice = stats.isFile() ? ', or --force to replace it' : '';
  throw new SparseTrainError(
    'FILE_ACCESS',
    `${option}: ${file} exists ${what}; choose another name${advice}`,
  );
}

async function isReport(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0);
    return buffer.toString('latin1', 0, bytesRead).includes(MARK);
  } finally {
    await handle.close();
  }
}
