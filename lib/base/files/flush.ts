/** Flushes files and folders to the disk, as far as the system and Node's permission model allow. */
import { closeSync, fdatasync, fsync, fsyncSync, openSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';

const flushDescriptor = promisify(fsync);
const flushContents = promisify(fdatasync);

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

/**
 * Flushes a file. File handles of Yarn's Plug'n'Play have no sync(): the call fails with an error that has no code.
 * Node's permission model forbids fsync() of a descriptor.
 */
export async function flushFile(handle: FileHandle): Promise<void> {
  try {
    await handle.sync();
  } catch (error) {
    if (codeOf(error) !== undefined) throw error;
    await flushDescriptor(handle.fd);
  }
}

/** Flushes a file that is open for appending. Node's permission model allows this only for file handles. */
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

/** Error codes of systems that cannot flush a folder; these systems keep new entries without a flush. */
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

/** Synchronous {@link flushFolder}. Node's permission model forbids it; the folder is then not flushed. */
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
