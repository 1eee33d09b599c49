import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { invalidOption, SparseTrainError } from '../errors.js';

/**
 * Writes a file so that at every moment, crashes and full disks included, its path leads to the old contents or to
 * all of the new: a temporary file in the same folder is written, flushed to the disk and renamed. An existing file
 * keeps its mode; a symbolic link stays one and its target is replaced.
 *
 * @param previous - where what was there before goes, instead of being lost. Between its move and that of the new
 * contents there is a moment in which `file` does not exist.
 * @throws SparseTrainError FILE_NOT_FOUND if there is no such folder, FILE_ACCESS for anything else that goes wrong;
 * what was there before is then untouched
 */
export async function writeAtomically(
  file: string,
  write: (handle: FileHandle) => Promise<void>,
  { previous }: { previous?: string } = {},
): Promise<void> {
  if (typeof file !== 'string' || file === '') throw invalidOption('file', 'the path of a file', file);
  try {
    const { path, mode } = await destination(file);
    const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
    const handle = await open(temporary, 'wx');
    try {
      try {
        // Only where it is another one: Node's permission model has no chmod of open files.
        if (mode !== undefined && ((await handle.stat()).mode & 0o7777) !== mode) await handle.chmod(mode);
        await write(handle);
        await handle.sync();
      } finally {
        await handle.close();
      }
      if (previous !== undefined && mode !== undefined) await replaceKeeping(temporary, path, previous);
      else await rename(temporary, path);
    } catch (error) {
      await unlink(temporary);
      throw error;
    }
    await syncFolder(dirname(path));
  } catch (error) {
    throw writeError(file, error);
  }
}

/** Puts a new file in the place of an old one, which gets another name. */
async function replaceKeeping(temporary: string, path: string, previous: string): Promise<void> {
  await rename(path, previous);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rename(previous, path);
    throw error;
  }
}

/** Writes all of an array. */
export async function writeFully(handle: FileHandle, view: ArrayBufferView): Promise<void> {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (let written = 0; written < bytes.length; ) {
    const piece = bytes.subarray(written, written + 2 ** 30);
    written += (await handle.write(piece)).bytesWritten;
  }
}

/** Where to write, links followed, and the mode of what is there. */
async function destination(file: string): Promise<{ path: string; mode: number | undefined }> {
  const path = await realpath(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (path === undefined) return { path: resolve(file), mode: undefined };
  const stats = await stat(path);
  if (!stats.isFile()) {
    const what = stats.isDirectory() ? 'a folder' : 'not a regular file';
    throw new SparseTrainError('FILE_ACCESS', `${file} is ${what}; give the path of a file`);
  }
  await access(path, constants.W_OK);
  return { path, mode: stats.mode & 0o7777 };
}

/** Makes a rename in the folder last; systems that cannot flush a folder need no help with it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EINVAL' && code !== 'ENOTSUP') throw error;
  } finally {
    await handle.close();
  }
}

function writeError(file: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof SparseTrainError || code === undefined) return error;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const message = `${file} cannot be written: there is no folder ${dirname(resolve(file))}; make it first`;
    return new SparseTrainError('FILE_NOT_FOUND', message, { cause: error });
  }
  const reasons: Record<string, string> = {
    ENOSPC: 'the disk is full',
    EFBIG: 'the file would be larger than is allowed here',
    EDQUOT: 'the disk quota is used up',
    EROFS: 'the disk is read-only',
    EACCES: 'permission is denied',
    EPERM: 'permission is denied',
  };
  const message = `${file} cannot be written: ${reasons[code] ?? code}; what was there before is unchanged`;
  return new SparseTrainError('FILE_ACCESS', message, { cause: error });
}
