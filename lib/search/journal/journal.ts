import { closeSync, fdatasync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { SparseTrainError } from '../../base/errors.js';
import { type JournalContents, type JournalLine, readJournal } from './lines.js';
import { JournalLock } from './lock.js';

/** What is in a journal that is not there yet. */
const NOTHING: JournalContents = {
  study: undefined,
  data: undefined,
  trials: [],
  wholeBytes: 0,
  tornBytes: 0,
};

const flushToDisk = promisify(fdatasync);

/**
 * A study's journal: JSON lines, each appended whole. What has been appended survives the death of the process at any
 * moment; what has been {@link flush}ed survives that of the machine. One process writes, any number read.
 */
export class Journal {
  readonly file: string;
  readonly #lock: JournalLock;
  readonly #descriptor: number;
  #flushing: Promise<void> | undefined;
  #waiting: Promise<void> | undefined;

  private constructor(file: string, lock: JournalLock, descriptor: number) {
    this.file = file;
    this.#lock = lock;
    this.#descriptor = descriptor;
  }

  /**
   * Opens a journal for writing, or makes it. A last line that a crash cut off is removed.
   *
   * @throws SparseTrainError STUDY_BUSY, FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE (with the line's number)
   */
  static async open(file: string): Promise<{ journal: Journal; contents: JournalContents }> {
    const lock = JournalLock.take(file);
    try {
      const contents = (await readJournal(file)) ?? NOTHING;
      const descriptor = openSync(file, 'a');
      if (contents.tornBytes > 0) ftruncateSync(descriptor, contents.wholeBytes);
      return { journal: new Journal(file, lock, descriptor), contents };
    } catch (error) {
      lock.release();
      throw writeError(file, error);
    }
  }

  /**
   * Appends a line.
   *
   * @throws SparseTrainError FILE_ACCESS
   */
  append(line: JournalLine): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#descriptor, bytes, written);
    } catch (error) {
      throw writeError(this.file, error);
    }
  }

  /** Settles when everything appended so far is on the disk; calls meanwhile share one flush. */
  flush(): Promise<void> {
    if (this.#flushing === undefined) {
      this.#flushing = flushToDisk(this.#descriptor)
        .catch((error: unknown) => {
          throw writeError(this.file, error);
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

  /** Flushes, and lets others write. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      closeSync(this.#descriptor);
      this.#lock.release();
    }
  }
}

function writeError(file: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof SparseTrainError || code === undefined) return error;
  const why = code === 'ENOSPC' ? 'the disk is full' : code;
  return new SparseTrainError('FILE_ACCESS', `the journal ${file} cannot be written: ${why}`, {
    cause: error,
  });
}
