import { type ErrorData, isOutOfMemory, SparseTrainError } from '../base/errors.js';
import { tooManyOpenFiles } from '../base/open-files.js';
import type { Spelling } from '../base/wording.js';
import { UsageError } from './usage.js';

/** The failure of a command, as the user sees it. */
export interface Failure {
  /** The exit status: 1 if the command failed, 2 if it was used wrongly. */
  readonly status: 1 | 2;
  /** The error for --json. Its message is also printed for people. */
  readonly error: ErrorData;
}

const WRONG_USAGE: readonly string[] = ['UNKNOWN_OPTION', 'INVALID_OPTION', 'UNKNOWN_DATASET'];

/**
 * Converts anything that was thrown to a failure.
 *
 * @param spelling - how the user of this command writes options
 * @param command - the command called, if it is known
 */
export function describeFailure(error: unknown, spelling: Spelling, command?: string): Failure {
  if (error instanceof UsageError) {
    const { code, option, advice } = error;
    const help = command === undefined ? 'sparse-train --help' : `sparse-train ${command} --help`;
    const data: ErrorData = { code, message: `${error.message} (${help})` };
    if (option !== undefined) data.option = option;
    if (advice !== undefined) data.advice = advice;
    return { status: 2, error: data };
  }
  if (error instanceof SparseTrainError)
    return { status: WRONG_USAGE.includes(error.code) ? 2 : 1, error: error.toData(spelling) };
  const files = tooManyOpenFiles(error);
  if (files !== undefined) return { status: 1, error: { code: 'FILE_ACCESS', message: files } };
  const what = error instanceof Error ? error.message : String(error);
  if (isOutOfMemory(error)) {
    const message = `there is not enough memory (${what}); raise the limit of the process, or read less at once`;
    return { status: 1, error: { code: 'OUT_OF_MEMORY', message } };
  }
  const advice = 'this should not happen; please report it with what SPARSE_TRAIN_DEBUG=1 shows';
  return { status: 1, error: { code: 'INTERNAL', message: `${what} (${advice})` } };
}
