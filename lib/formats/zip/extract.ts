import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Unzip, UnzipInflate, UnzipPassThrough } from 'fflate';
import { SparseTrainError } from '../../base/errors.js';
import { flushFile } from '../../base/files/flush.js';

/** An entry of a zip archive that becomes a file. */
export interface ZipMember {
  /** The exact name that it has in the archive. */
  readonly entry: string;
  /** The name of the file. */
  readonly name: string;
}

/**
 * Extracts named entries of a zip archive of any size to files beside it. Only entries with exactly these names are
 * extracted, under the given file names, so that an archive cannot decide where anything is written.
 *
 * @throws SparseTrainError INVALID_FILE if an entry is missing or the archive is damaged, FILE_ACCESS
 */
export async function extractMembers(archive: string, members: readonly ZipMember[]): Promise<void> {
  const folder = dirname(archive);
  const names = new Map(members.map(({ entry, name }) => [entry, name]));
  const outputs: Member[] = [];
  // Data inflated from the last piece, written before the next piece is read.
  let pending: { output: Member; data: Uint8Array; final: boolean }[] = [];
  let failure: unknown;
  const unzip = new Unzip();
  unzip.register(UnzipPassThrough);
  unzip.register(UnzipInflate);
  unzip.onfile = (file) => {
    const name = names.get(file.name);
    if (name === undefined) return;
    names.delete(file.name);
    const output = new Member(join(folder, name));
    outputs.push(output);
    file.ondata = (error, data, final) => {
      if (error === null) pending.push({ output, data, final });
      else failure ??= error;
    };
    file.start();
  };
  const flush = async () => {
    if (failure !== undefined) throw failure;
    const pieces = pending;
    pending = [];
    for (const { output, data, final } of pieces) {
      await output.write(data);
      if (final) await output.finish();
    }
  };
  try {
    for await (const chunk of createReadStream(archive, { highWaterMark: 2 ** 20 })) {
      unzip.push(chunk as Uint8Array);
      await flush();
    }
    unzip.push(new Uint8Array(0), true);
    await flush();
    const missing = [...names.keys()][0];
    if (missing !== undefined) {
      throw new SparseTrainError('INVALID_FILE', `${archive}: there is no ${missing} in it`);
    }
    if (outputs.some(({ isWhole }) => !isWhole)) {
      throw new SparseTrainError('INVALID_FILE', `${archive}: the archive is cut off`);
    }
  } catch (error) {
    throw zipError(archive, error);
  } finally {
    for (const output of outputs) if (!output.isWhole) await output.abandon();
  }
}

/** A file that gets its final name when it is complete. */
class Member {
  readonly #file: string;
  readonly #temporary: string;
  #handle: FileHandle | undefined;
  isWhole = false;

  constructor(file: string) {
    this.#file = file;
    this.#temporary = `${file}.part`;
  }

  async write(data: Uint8Array): Promise<void> {
    this.#handle ??= await open(this.#temporary, 'w');
    for (let written = 0; written < data.length; ) {
      written += (await this.#handle.write(data, written)).bytesWritten;
    }
  }

  async finish(): Promise<void> {
    if (this.#handle !== undefined) {
      await flushFile(this.#handle);
      await this.#handle.close();
    }
    await rename(this.#temporary, this.#file);
    this.isWhole = true;
  }

  async abandon(): Promise<void> {
    await this.#handle?.close();
    await rm(this.#temporary, { force: true });
  }
}

function zipError(archive: string, error: unknown): SparseTrainError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof SparseTrainError) return error;
  // File system errors have string codes, fflate's have numbers.
  if (typeof code === 'string') {
    return new SparseTrainError('FILE_ACCESS', `${archive} cannot be unpacked (${code})`, { cause: error });
  }
  return new SparseTrainError('INVALID_FILE', `${archive} is a damaged zip archive (${message})`, {
    cause: error,
  });
}
