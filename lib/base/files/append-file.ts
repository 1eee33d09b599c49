import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SparseTrainError } from '../errors.js';
import { failureReason } from './failure-reason.js';
import { flushAppended, flushFolderNow } from './flush.js';

/** How an {@link AppendFile} is opened. */
export interface AppendOptions {
  /** What messages call the file, such as `the journal`. */
  readonly what: string;
  /**
   * Whether other processes may append to the file at the same time. A record that was written only in part is then
   * ended with a newline, because cutting it off could also cut off what another process has written after it.
   */
  readonly shared?: boolean;
}

const LINE_FEED = 0x0a;

/**
 * A file that only grows, by whole records that end with a newline. If a record cannot be written completely (a full
 * disk, an I/O error), the file is cut back to its previous length. If that fails as well, every append is refused
 * until the file has been repaired.
 *
 * What {@link append} has accepted survives the death of the process; what {@link flush} has confirmed survives a
 * crash of the machine.
 */
export class AppendFile {
  readonly path: string;
  readonly #what: string;
  readonly #shared: boolean;
  readonly #descriptor: number;
  /** The length of all whole records, if this process is the only writer. */
  #length: number;
  /** Whether part of a record may follow the last whole one. */
  #torn = false;
  /**
   * The error of a failed flush. The system may have dropped the data, so a later flush that succeeds would prove
   * nothing.
   */
  #lost: unknown;
  #flushing: Promise<void> | undefined;
  #waiting: Promise<void> | undefined;

  private constructor(path: string, { what, shared = false }: AppendOptions, descriptor: number) {
    this.path = path;
    this.#what = what;
    this.#shared = shared;
    this.#descriptor = descriptor;
    this.#length = fstatSync(descriptor).size;
  }

  /**
   * Opens a file to append to, or creates it. The folder is flushed too, so that a new file survives a power cut.
   *
   * @param length - cut the file to this length first, because an incomplete record follows
   * @throws SparseTrainError FILE_NOT_FOUND if there is no such folder, FILE_ACCESS
   */
  static open(path: string, options: AppendOptions, length?: number): AppendFile {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(path, 'a+');
      const { size } = fstatSync(descriptor);
      if (length !== undefined && length < size) ftruncateSync(descriptor, length);
      if (size === 0) flushFolderNow(dirname(resolve(path)));
      const file = new AppendFile(path, options, descriptor);
      file.#torn = file.#shared && !file.#endsWithNewline();
      return file;
    } catch (error) {
      if (descriptor !== undefined) closeSync(descriptor);
      throw appendError(path, options.what, error);
    }
  }

  /**
   * Appends a record.
   *
   * @param record - without a newline, inside or at the end
   * @throws SparseTrainError FILE_ACCESS; the file is then unchanged
   */
  append(record: string): void {
    if (this.#lost !== undefined) throw this.#refusal();
    try {
      if (this.#torn) this.#repair();
      this.#write(Buffer.from(`${record}\n`));
    } catch (error) {
      throw appendError(this.path, this.#what, error);
    }
  }

  /**
   * Makes the file end with a whole record, if part of one could not be removed when its write failed.
   *
   * @throws SparseTrainError FILE_ACCESS
   */
  mend(): void {
    try {
      if (this.#torn) this.#repair();
    } catch (error) {
      throw appendError(this.path, this.#what, error);
    }
  }

  /** Whether a flush has failed, so that nothing more is accepted. */
  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  #write(bytes: Buffer): void {
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#descriptor, bytes, written);
      this.#length += bytes.length;
    } catch (error) {
      if (written > 0) {
        this.#torn = true;
        // If the repair fails here, the next append tries again; the caller needs the reason of this failure.
        if (!this.#shared) this.#attemptRepair();
      }
      throw error;
    }
  }

  #attemptRepair(): void {
    try {
      this.#repair();
    } catch {
      // #torn stays set, so that the next append repairs the file before it writes, or fails as well.
    }
  }

  /** Makes the file end with a whole record again. */
  #repair(): void {
    if (this.#shared) writeSync(this.#descriptor, '\n');
    else ftruncateSync(this.#descriptor, this.#length);
    this.#torn = false;
  }

  #endsWithNewline(): boolean {
    const stats = fstatSync(this.#descriptor);
    if (!stats.isFile() || stats.size === 0) return true;
    const last = Buffer.alloc(1);
    readSync(this.#descriptor, last, 0, 1, stats.size - 1);
    return last[0] === LINE_FEED;
  }

  /**
   * Resolves when everything appended so far is on the disk. Calls made during a flush share the next one.
   *
   * @throws SparseTrainError FILE_ACCESS; the file then accepts no more records, since the system may have lost some
   */
  flush(): Promise<void> {
    if (this.#lost !== undefined) return Promise.reject(this.#refusal());
    if (this.#flushing === undefined) {
      this.#flushing = flushAppended(this.#descriptor, this.path)
        .catch((error: unknown) => {
          this.#lost = error;
          throw appendError(this.path, this.#what, error);
        })
        .finally(() => {
          this.#flushing = undefined;
        });
      return this.#flushing;
    }
    this.#waiting ??= this.#flushing
      .catch(() => undefined)
      .then(() => {
        this.#waiting = undefined;
        return this.flush();
      });
    return this.#waiting;
  }

  #refusal(): SparseTrainError {
    return new SparseTrainError(
      'FILE_ACCESS',
      `${this.#what} ${this.path} could not be flushed to the disk (${failureReason(this.#lost)}), so records that were appended may be ` +
        'lost; check the disk, then open the file again',
      { cause: this.#lost },
    );
  }

  /** @throws SparseTrainError FILE_ACCESS if something that was appended and not flushed may be lost */
  close(): void {
    try {
      closeSync(this.#descriptor);
    } catch (error) {
      throw appendError(this.path, this.#what, error);
    }
  }

  /** Closes a file that has been flushed, or whose contents do not matter. */
  abandon(): void {
    try {
      closeSync(this.#descriptor);
    } catch {
      // The system closes the descriptor even if it reports an error.
    }
  }
}

function appendError(path: string, what: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof SparseTrainError || code === undefined) return error;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const message = `${what} ${path} cannot be created: there is no folder ${dirname(resolve(path))}; create it first`;
    return new SparseTrainError('FILE_NOT_FOUND', message, { cause: error });
  }
  const message = `${what} ${path} cannot be written (${failureReason(error)}); what it held before is unchanged`;
  return new SparseTrainError('FILE_ACCESS', message, { cause: error });
}
