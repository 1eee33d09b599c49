import { AppendFile } from '../../base/files/append-file.js';
import { FileLock } from '../../base/files/lock.js';
import { printableJson } from '../../base/printable.js';
import { type JournalContents, type JournalLine, parseJournalLine, readJournal } from './lines.js';

/** The contents of a journal that does not exist yet. */
const NOTHING: JournalContents = {
  study: undefined,
  data: undefined,
  trials: [],
  wholeBytes: 0,
  tornBytes: 0,
};

/**
 * A study's journal: JSON lines, each appended by one write. One process writes; any number may read. docs/search.md
 * says what survives a crash of the process, of the machine and of the disk.
 */
export class Journal {
  readonly file: string;
  readonly #lock: FileLock;
  readonly #lines: AppendFile;

  private constructor(file: string, lock: FileLock, lines: AppendFile) {
    this.file = file;
    this.#lock = lock;
    this.#lines = lines;
  }

  /**
   * Opens a journal for writing, or creates it. A last line that a crash cut off is removed.
   *
   * @throws SparseTrainError STUDY_BUSY, FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE (with the line's number)
   */
  static async open(file: string): Promise<{ journal: Journal; contents: JournalContents }> {
    const lock = FileLock.take(file, { code: 'STUDY_BUSY', what: 'the journal' });
    try {
      const contents = (await readJournal(file)) ?? NOTHING;
      const lines = AppendFile.open(file, { what: 'the journal' }, contents.wholeBytes);
      return { journal: new Journal(file, lock, lines), contents };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /**
   * Appends a line, after checking that a reader will accept it and that we still hold the lock.
   *
   * @throws SparseTrainError FILE_ACCESS, STUDY_BUSY; INVALID_DATA if it is not a line of a journal
   */
  append(line: JournalLine): void {
    const text = printableJson(line);
    parseJournalLine(text, `a line for the journal ${this.file}`, 'INVALID_DATA');
    this.#lock.confirm();
    this.#lines.append(text);
  }

  /**
   * Resolves when everything appended so far is on the disk.
   *
   * @throws SparseTrainError FILE_ACCESS
   */
  flush(): Promise<void> {
    return this.#lines.flush();
  }

  /** Flushes the journal and releases its lock. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      this.#lines.abandon();
      this.#lock.release();
    }
  }
}
