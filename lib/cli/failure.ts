import { CommanderError } from 'commander';
import { type ErrorCode, SparseTrainError } from '../base/errors.js';

/** Codes of mistakes that only a command line can have. */
export type UsageCode = 'UNKNOWN_COMMAND' | 'MISSING_ARGUMENT' | 'UNEXPECTED_ARGUMENT';

/** What went wrong, for the user. */
export interface Failure {
  /** 1: failed; 2: wrong usage. */
  status: 1 | 2;
  code: ErrorCode | UsageCode;
  message: string;
}

const COMMANDER_CODES: Readonly<Record<string, ErrorCode | UsageCode>> = {
  'commander.unknownOption': 'UNKNOWN_OPTION',
  'commander.unknownCommand': 'UNKNOWN_COMMAND',
  'commander.missingArgument': 'MISSING_ARGUMENT',
  'commander.optionMissingArgument': 'INVALID_OPTION',
  'commander.excessArguments': 'UNEXPECTED_ARGUMENT',
};

const TOO_MANY = /^too many arguments for '(.*)'\. Expected (\d+) arguments? but got (\d+)\.$/;

const WRONG_USAGE: readonly string[] = ['UNKNOWN_OPTION', 'INVALID_OPTION', 'UNKNOWN_DATASET'];

/** Says of anything thrown what it is to the user. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof CommanderError) {
    const message = error.message
      .replace(/^error: /, '')
      .replace(TOO_MANY, (_, command: string, most: string, given: string) =>
        [
          `too many arguments for '${command}': ${given} given, ${most === '0' ? 'none' : `at most ${most}`} taken;`,
          `a path with spaces needs quotes, and an option that takes no value has none after it (sparse-train ${command} --help)`,
        ].join(' '),
      )
      .replace(/\n\(Did you mean (one of )?(.*)\?\)$/, '; did you mean $1$2?');
    return { status: 2, code: COMMANDER_CODES[error.code] ?? 'INVALID_OPTION', message };
  }
  if (error instanceof SparseTrainError) {
    return { status: WRONG_USAGE.includes(error.code) ? 2 : 1, code: error.code, message: error.message };
  }
  const what = error instanceof Error ? error.message : String(error);
  const advice = 'this should not happen; please report it with what SPARSE_TRAIN_DEBUG=1 shows';
  return { status: 1, code: 'INTERNAL', message: `${what} (${advice})` };
}
