/** Mistakes in a command line other than wrong values. */
import type { CommanderError } from 'commander';
import { type ErrorCode, nearest, shortened } from '../base/errors.js';
import type { Argument } from './command.js';
import type { Settings } from './settings/setting.js';

/** Codes of mistakes that occur only on the command line. */
export type UsageCode = 'UNKNOWN_COMMAND' | 'MISSING_ARGUMENT' | 'UNEXPECTED_ARGUMENT';

/** A mistake in the words; the printed message ends with a pointer to the help. */
export class UsageError extends Error {
  readonly code: UsageCode | ErrorCode;
  /** The flag or argument that is wrong, if there is one. */
  readonly option: string | undefined;
  readonly advice: string | undefined;

  constructor(
    code: UsageCode | ErrorCode,
    message: string,
    about: { option?: string; advice?: string | undefined } = {},
  ) {
    super(about.advice === undefined ? message : `${message}; ${about.advice}`);
    this.name = 'UsageError';
    this.code = code;
    this.option = about.option;
    this.advice = about.advice;
  }
}

/** Reports that a required option is missing. */
export function missingOption(flag: string, what: string): UsageError {
  return new UsageError('MISSING_ARGUMENT', `${flag} must be given: ${what}`, { option: flag });
}

/** The command that the words are checked against, if it is known, and its options. */
export interface Called {
  readonly command: string | undefined;
  readonly settings: Settings;
  readonly arguments: readonly Argument[];
  /** All commands. */
  readonly commands: readonly string[];
}

/**
 * Converts a mistake that commander found. Its remarks about values are ignored, because the settings check
 * values.
 */
export function usageError(
  { code, message }: CommanderError,
  words: readonly string[],
  called: Called,
): UsageError {
  switch (code) {
    case 'commander.unknownOption':
      return unknownFlag(words, called);
    case 'commander.unknownCommand':
      return unknownCommand(words.find((word) => !word.startsWith('-')) ?? '', called.commands);
    case 'commander.excessArguments': {
      const most = called.arguments.length;
      const taken = most === 0 ? 'none' : `at most ${most}`;
      return new UsageError('UNEXPECTED_ARGUMENT', `too many arguments: ${taken} taken`, {
        advice:
          'a path with spaces needs quotes, and an option that takes no value must not have one after it',
      });
    }
    default:
      // A missing argument, or the missing value of an option, named as in commander's message.
      return new UsageError('MISSING_ARGUMENT', message.replace(/^error: /, ''));
  }
}

/** Reports an unknown command. */
export function unknownCommand(name: string, commands: readonly string[]): UsageError {
  const near = nearest(name, commands);
  return new UsageError('UNKNOWN_COMMAND', `unknown command '${shortened(name)}'`, {
    option: shortened(name),
    advice: near === undefined ? undefined : `did you mean ${near}?`,
  });
}

function unknownFlag(words: readonly string[], { settings }: Called): UsageError {
  const flag = firstUnknown(words, settings) ?? '';
  const near = nearFlags(flag, settings);
  return new UsageError('UNKNOWN_OPTION', `unknown option '${shortened(flag)}'`, {
    option: shortened(flag),
    advice: near.length === 0 ? undefined : `did you mean ${near.join(' or ')}?`,
  });
}

/** The first unknown flag among the words; values are skipped. */
function firstUnknown(words: readonly string[], settings: Settings): string | undefined {
  const takesValue = new Map<string, boolean>([
    ['--json', false],
    ['--help', false],
    ['-h', false],
  ]);
  for (const { flag, kind, placeholder = kind.placeholder } of Object.values(settings))
    takesValue.set(flag, placeholder?.startsWith('<') ?? false);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word === '--') return undefined;
    if (!word.startsWith('-') || word === '-') continue;
    const [flag = ''] = word.split('=', 1);
    const takes = takesValue.get(flag);
    if (takes === undefined) return flag;
    if (takes && flag === word) i++;
  }
  return undefined;
}

/** The flag that replaced this spelling, or the nearest flag. */
function nearFlags(flag: string, settings: Settings): string[] {
  const all = Object.values(settings);
  const renamed = all.filter(({ oldFlags }) => oldFlags?.includes(flag)).map((setting) => setting.flag);
  if (renamed.length > 0) return renamed;
  // Converts `--weightBits`, the spelling of configuration files, to `--weight-bits`.
  const key = flag.replace(/^--/, '');
  const byKey = Object.hasOwn(settings, key) ? settings[key]?.flag : undefined;
  const near = byKey ?? nearest(flag, [...all.map((setting) => setting.flag), '--json', '--help']);
  return near === undefined ? [] : [near];
}
