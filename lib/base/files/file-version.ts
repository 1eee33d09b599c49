import { stat } from 'node:fs/promises';

/**
 * Identifies what a file holds without reading it: another value means that it was written or replaced since.
 *
 * @returns undefined if there is no such file
 */
export async function fileVersion(file: string): Promise<string | undefined> {
  const stats = await stat(file, { bigint: true }).catch(() => undefined);
  return stats && `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeNs}`;
}
