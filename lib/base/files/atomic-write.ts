import { constants } from 'node:fs';
import { access, type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { invalidOption, SparseTrainError } from '../errors.js';
import { warn } from '../warning.js';
import { failureReason } from './failure-reason.js';
import { flushFile, flushFolder } from './flush.js';
import { removeLeftovers, temporaryPath } from './temporary.js';

/**
 * Writes a file so that its path always leads to either the old contents or all of the new ones, even after a crash
 * or with a full disk: a temporary file in the same folder is written, flushed to the disk and renamed. An existing
 * file keeps its mode; a symbolic link is kept and its target replaced. Temporary files that killed processes left
 * behind are removed.
 *
 * A file that is itself a mount point, as containers mount single files, cannot be replaced by renaming. It is
 * written in place, with a warning that a crash in the middle would damage it.
 *
 * @param previous - the path where the old contents are kept. For a moment between the two renames `file` does not
 * exist.
 * @throws SparseTrainError FILE_NOT_FOUND if there is no such folder, FILE_ACCESS for any other failure; the message
 * says whether the file has the old or the new contents
 */
export async function writeAtomically(
  file: string,
  write: (handle: FileHandle) => Promise<void>,
  { previous }: { previous?: string } = {},
): Promise<void> {
  if (typeof file !== 'string' || file === '') throw invalidOption('file', 'the path of a file', file);
  let state: 'old' | 'new' | 'damaged' = 'old';
  try {
    const { path, mode } = await destination(file);
    await removeLeftovers(path);
    const temporary = temporaryPath(path);
    const handle = await open(temporary, 'wx');
    try {
      try {
        // chmod only if the mode differs: Node's permission model forbids chmod of open files.
        if (mode !== undefined && ((await handle.stat()).mode & 0o7777) !== mode) await handle.chmod(mode);
        await write(handle);
        await flushFile(handle);
      } finally {
        await handle.close();
      }
      if (previous !== undefined && mode !== undefined) await replaceKeeping(temporary, path, previous);
      else await rename(temporary, path);
      state = 'new';
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || mode === undefined) throw error;
      const handle = await open(path, 'r+');
      state = 'damaged';
      await writeInPlace(handle, path, write);
      return;
    }
    await flushFolder(dirname(path));
  } catch (error) {
    throw writeError(file, error, state);
  }
}

/** Overwrites a file that cannot be replaced by renaming. */
async function writeInPlace(
  handle: FileHandle,
  path: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  warn(
    'WRITTEN_IN_PLACE',
    `${path} cannot be replaced, as it is a mount point or in use, so it was written in place: a crash in the middle ` +
      'would damage it; mount the folder instead of the file',
  );
  try {
    await handle.truncate(0);
    await write(handle);
    await flushFile(handle);
  } finally {
    await handle.close();
  }
}

/** Puts the temporary file in place and renames the old file to `previous`. */
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

/** Resolves symbolic links, and finds the mode of an existing file. */
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

function writeError(file: string, error: unknown, state: 'old' | 'new' | 'damaged'): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof SparseTrainError || code === undefined) return error;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const message = `${file} cannot be written: there is no folder ${dirname(resolve(file))}; create it first`;
    return new SparseTrainError('FILE_NOT_FOUND', message, { cause: error });
  }
  const reason = failureReason(error);
  const message = {
    old: `${file} cannot be written: ${reason}; what was there before is unchanged`,
    new: `${file} holds the new contents, but they may not survive a power cut: its folder cannot be flushed to the disk (${reason})`,
    damaged: `${file} could only be written in place, and that failed half-way: ${reason}; the file is damaged, so write it again`,
  }[state];
  return new SparseTrainError('FILE_ACCESS', message, { cause: error });
}
