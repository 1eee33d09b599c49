/** Flushes files and folders to the disk, as far as the system and Node's permission model allow it. */
import { closeSync, fdatasync, fsync, fsyncSync, openSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';

const flushDescriptor = promisify(fsync);
const flushContents = promisify(fdatasync);

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

/**
 * Flushes a file. The file handles of Yarn's Plug'n'Play have no sync(), which shows in an error without a code; Node's
 * permission model forbids fsync() of a descriptor.
 */
export async function flushFile(handle: FileHandle): Promise<void> {
  try {
    await handle.sync();
  } catch (error) {
    if (codeOf(error) !== undefined) throw error;
    await flushDescriptor(handle.fd);
  }
}

/** Flushes the contents of a file that is open for appending. Node's permission model allows that only for file handles. */
export async function flushAppended(descriptor: number, path: string): Promise<void> {
  try {
    await flushContents(descriptor);
  } catch (error) {
    if (codeOf(error) !== 'ERR_ACCESS_DENIED') throw error;
    const handle = await open(path, 'a');
    try {
      await handle.datasync();
    } finally {
      await handle.close();
    }
  }
}

/** What systems answer that cannot flush a folder, and keep its entries without help. */
const NO_FOLDERS: readonly unknown[] = ['EINVAL', 'ENOTSUP'];

/** Flushes a folder, so that new and renamed entries survive a power cut. */
export async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await flushFile(handle);
  } catch (error) {
    if (!NO_FOLDERS.includes(codeOf(error))) throw error;
  } finally {
    await handle.close();
  }
}

/** {@link flushFolder} for callers that cannot wait. Node's permission model forbids it; the entry is then not flushed. */
export function flushFolderNow(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } catch (error) {
    const code = codeOf(error);
    if (!NO_FOLDERS.includes(code) && code !== 'ERR_ACCESS_DENIED') throw error;
  } finally {
    closeSync(descriptor);
  }
}
