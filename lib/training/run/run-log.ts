import { AppendFile } from '../../base/files/append-file.js';
import { printableJson } from '../../base/printable.js';

/**
 * A run log: JSON lines, each appended whole, so that several runs can share a file and a crash costs at most the last
 * line. Readers skip a line that a crash or a full disk cut off.
 */
export class RunLog {
  readonly #run: string;
  readonly #lines: AppendFile;

  /**
   * @param file - created if it does not exist
   * @param run - the run's id, which every line holds
   * @throws SparseTrainError FILE_NOT_FOUND if there is no such folder, FILE_ACCESS
   */
  constructor(file: string, run: string) {
    this.#run = run;
    this.#lines = AppendFile.open(file, { what: 'the run log', shared: true });
  }

  /**
   * Appends one line.
   *
   * @throws SparseTrainError FILE_ACCESS
   */
  write(type: 'start' | 'resume' | 'epoch' | 'checkpoint' | 'end', fields: object): void {
    this.#lines.append(printableJson({ type, run: this.#run, time: new Date().toISOString(), ...fields }));
  }

  close(): void {
    this.#lines.close();
  }
}
