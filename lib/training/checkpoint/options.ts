import { invalidOption } from '../../base/errors.js';
import { checkBoolean, checkWhole } from '../../base/options/checks.js';
import { checkOptionNames } from '../../base/options/names.js';

/** Where and when fit() saves what it needs to go on after a crash. */
export interface CheckpointOptions {
  /**
   * The file. It is replaced as a whole, and the one before it stays beside it as `FILE.previous`. Delete both when the
   * training that they are of is over.
   */
  file: string;
  /**
   * Seconds (above 0 to 1,000,000) or complete epochs from one checkpoint to the next. Without it there is one only where
   * training is stopped before its end: by `signal`, by an error of a callback.
   */
  every?: { seconds: number } | { epochs: number } | undefined;
  /**
   * Go on from the checkpoint if there is one: the network ends up as if training had never stopped. It must be a new
   * one with the same options, and data and options of fit() must be those of the training that stopped; threads and
   * kernel set may be others. A stream must begin with example number {@link CheckpointFacts.examples}.
   */
  resume?: boolean | undefined;
}

/** {@link CheckpointOptions} checked. */
export interface CheckpointRule {
  readonly file: string;
  readonly seconds: number | undefined;
  readonly epochs: number | undefined;
  readonly resume: boolean;
}

const MOST_SECONDS = 1_000_000;

/** @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION */
export function resolveCheckpoint(option: CheckpointOptions): CheckpointRule {
  if (typeof option !== 'object' || option === null)
    throw invalidOption('checkpoint', 'an object such as { file, every: { seconds: 60 } }', option);
  checkOptionNames('checkpoint', option, ['file', 'every', 'resume']);
  const { file, every, resume = false } = option;
  if (typeof file !== 'string' || file === '')
    throw invalidOption('checkpoint.file', 'the path of a file', file);
  checkBoolean('checkpoint.resume', resume);
  if (every === undefined) return { file, seconds: undefined, epochs: undefined, resume };
  if (typeof every !== 'object' || every === null || Object.keys(every).length !== 1)
    throw invalidOption('checkpoint.every', '{ seconds: number } or { epochs: number }', every);
  checkOptionNames('checkpoint.every', every, ['seconds', 'epochs']);
  if ('epochs' in every) {
    checkWhole('checkpoint.every.epochs', every.epochs, 1, 1_000_000);
    return { file, seconds: undefined, epochs: every.epochs, resume };
  }
  const { seconds } = every;
  if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= MOST_SECONDS))
    throw invalidOption('checkpoint.every.seconds', `a number above 0 and at most ${MOST_SECONDS}`, seconds);
  return { file, seconds, epochs: undefined, resume };
}
