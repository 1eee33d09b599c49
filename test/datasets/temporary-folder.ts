import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** A folder for the tests of one file, removed after them; the function writes a file there and returns its path. */
export function temporaryFolder(): (name: string, contents: Uint8Array | string) => Promise<string> {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sparse-train-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  return async (name, contents) => {
    const file = join(folder, name);
    await writeFile(file, contents);
    return file;
  };
}
