import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { SparseTrainError } from '../base/errors.js';

/**
 * A run log: JSON lines, each written whole at the file's end, so that several runs may share a file and a crash costs
 * at most the last line.
 */
export class RunLog {
  readonly #file: string;
  readonly #run: string;
  readonly #descriptor: number;

  /**
   * @param file - made if it is not there, otherwise continued
   * @param run - goes into every line, to tell runs apart
   * @throws SparseTrainError FILE_NOT_FOUND if there is no such folder, FILE_ACCESS
   */
  constructor(file: string, run: string) {
    this.#file = file;
    this.#run = run;
    this.#descriptor = this.#attempt(() => openSync(file, 'a+'));
    this.#attempt(() => this.#endTornLine());
  }

  /**
   * Writes one line.
   *
   * @throws SparseTrainError FILE_ACCESS
   */
  write(type: 'start' | 'resume' | 'epoch' | 'checkpoint' | 'end', fields: object): void {
    const line = `${JSON.stringify({ type, run: this.#run, time: new Date().toISOString(), ...fields })}\n`;
    const bytes = Buffer.from(line);
    this.#attempt(() => {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#descriptor, bytes, written);
    });
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** A line that a crash left unfinished must not swallow the first of ours. */
  #endTornLine(): void {
    const stats = fstatSync(this.#descriptor);
    if (!stats.isFile() || stats.size === 0) return;
    const last = Buffer.alloc(1);
    readSync(this.#descriptor, last, 0, 1, stats.size - 1);
    if (last[0] !== 0x0a) writeSync(this.#descriptor, '\n');
  }

  #attempt<T>(operation: () => T): T {
    try {
      return operation();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') {
        const message = `the run log ${this.#file} cannot be made: there is no such folder`;
        throw new SparseTrainError('FILE_NOT_FOUND', message, { cause: error });
      }
      const message = `the run log ${this.#file} cannot be written (${code ?? String(error)})`;
      throw new SparseTrainError('FILE_ACCESS', message, { cause: error });
    }
  }
}
