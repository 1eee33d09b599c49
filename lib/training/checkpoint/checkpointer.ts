import { open, stat, unlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { SparseTrainError } from '../../base/errors.js';
import { removeLeftovers, temporaryPath } from '../../base/files/temporary.js';
import type { CheckpointSummary } from '../records.js';
import type { Checkpoint } from './checkpoint.js';
import { isCheckpoint, writeCheckpoint } from './file.js';
import type { CheckpointRule } from './options.js';

/** The outcome of writing one checkpoint. */
export interface CheckpointOutcome {
  file: string;
  /** Examples presented in all of the run when it was taken. */
  examples: number;
  /** Why it could not be written; the previous one is still there, and training continues. */
  error: SparseTrainError | undefined;
}

/** Says when a checkpoint is due, and writes one at a time while training continues. */
export class Checkpointer {
  readonly #rule: CheckpointRule;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #onWritten: (outcome: CheckpointOutcome) => void;
  readonly #summary: CheckpointSummary;
  #due = false;
  #writing: Promise<void> | undefined;

  /**
   * @param onDue - called when a checkpoint becomes due
   * @param onWritten - called when one was written, or could not be
   */
  constructor(
    rule: CheckpointRule,
    resumedAt: number | undefined,
    onDue: () => void,
    onWritten: (outcome: CheckpointOutcome) => void,
  ) {
    this.#rule = rule;
    this.#onWritten = onWritten;
    this.#summary = { file: rule.file, written: 0, failed: 0, error: undefined, resumedAt };
    if (rule.seconds === undefined) return;
    this.#timer = setInterval(() => {
      // If the disk is too slow for this interval, checkpoints are written less often.
      if (this.#writing !== undefined) return;
      this.#due = true;
      onDue();
    }, rule.seconds * 1000);
    this.#timer.unref();
  }

  get summary(): CheckpointSummary {
    return { ...this.#summary };
  }

  /** Whether a checkpoint is due and none is being written. */
  get isDue(): boolean {
    return this.#due && this.#writing === undefined;
  }

  /** Whether one is due after this number of complete epochs. */
  isDueAfter(epochs: number): boolean {
    return this.isDue || (this.#rule.epochs !== undefined && epochs % this.#rule.epochs === 0);
  }

  /** Begins to write. Errors are reported to `onWritten`, not thrown. */
  write(checkpoint: Checkpoint): void {
    this.#due = false;
    const { file } = this.#rule;
    const { examples } = checkpoint.position;
    const before = this.#writing ?? Promise.resolve();
    const writing = before
      .then(() => writeCheckpoint(file, checkpoint))
      .then(
        () => {
          this.#summary.written++;
          this.#onWritten({ file, examples, error: undefined });
        },
        (failure: unknown) => {
          const error =
            failure instanceof SparseTrainError
              ? failure
              : new SparseTrainError('INTERNAL', `${file} cannot be written: ${String(failure)}`, {
                  cause: failure,
                });
          this.#summary.failed++;
          this.#summary.error = error.message;
          this.#onWritten({ file, examples, error });
        },
      )
      .finally(() => {
        if (this.#writing === writing) this.#writing = undefined;
      });
    this.#writing = writing;
  }

  /** Waits until nothing is being written. */
  async settle(): Promise<void> {
    await this.#writing;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/**
 * Checks, before anything is trained, that checkpoints can be written to the file.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS
 */
export async function checkCheckpointFolder(file: string): Promise<void> {
  const folder = dirname(resolve(file));
  try {
    await removeLeftovers(resolve(file));
    // Tried instead of asked: for root, every folder counts as writable.
    const probe = temporaryPath(resolve(file));
    await (await open(probe, 'wx')).close();
    await unlink(probe);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      const message = `the checkpoint ${file} cannot be written: there is no folder ${folder}; create it first`;
      throw new SparseTrainError('FILE_NOT_FOUND', message, { cause: error });
    }
    const message = `the checkpoint ${file} cannot be written: nothing can be written to the folder ${folder} (${code})`;
    throw new SparseTrainError('FILE_ACCESS', message, { cause: error });
  }
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined || (stats.isFile() && (await isCheckpoint(file)))) return;
  throw new SparseTrainError(
    'FILE_ACCESS',
    `the checkpoint ${file} cannot be written: there is something of that name that is not a checkpoint; choose another name`,
  );
}
