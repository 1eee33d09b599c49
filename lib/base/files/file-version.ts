import { stat } from 'node:fs/promises';

/**
 * Identifies the contents of a file without reading them: the value changes when the file is written or replaced.
 *
 * @returns undefined if there is no such file
 */
export async function fileVersion(file: string): Promise<string | undefined> {
  const stats = await stat(file, { bigint: true }).catch(() => undefined);
  return stats && `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeNs}`;
}
