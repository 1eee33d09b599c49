import { type Command, Option } from 'commander';
import { SparseTrainError } from '../../base/errors.js';
import type { ValueKind } from './value-kinds.js';

/**
 * Something that a user may set: an option of a command, and where a command reads configuration files, a key there.
 * Its key in a {@link Settings} object is the flag in camel case (`--learning-rate` is `learningRate`).
 */
export interface Setting<T> {
  /** With its dashes: `--epochs`, or `--no-save` for a flag that is on unless it is given. */
  readonly flag: string;
  readonly kind: ValueKind<T>;
  readonly description: string;
  /** What the API calls it, if its name there is another one, so that messages can be put into the user's terms. */
  readonly apiName?: string;
  /** In place of the kind's placeholder. */
  readonly placeholder?: string;
}

export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** The values of settings: those that were given. */
export type Values<S extends Settings> = {
  readonly [K in keyof S]?: (S[K] extends Setting<infer T> ? T : never) | undefined;
};

/** Under which heading of the help settings stand, and what holds without them. */
export interface SettingGroup {
  readonly heading: string;
  readonly settings: Settings;
}

/** Adds settings to a command as options. A wrong value is refused with the flag's name while words are read. */
export function addSettings(
  command: Command,
  { heading, settings }: SettingGroup,
  defaults: Readonly<Record<string, string>>,
): void {
  for (const [key, setting] of Object.entries(settings)) {
    const { flag, kind, description, placeholder = kind.placeholder } = setting;
    const fallback = defaults[key] === undefined ? '' : ` (default: ${defaults[key]})`;
    const option = new Option(
      placeholder === undefined ? flag : `${flag} ${placeholder}`,
      description + fallback,
    );
    if (placeholder !== undefined) option.argParser((text) => kind.check(flag, kind.fromText(text)));
    command.addOption(option.helpGroup(heading));
  }
}

/**
 * Puts an error of the API into the terms of the command line: `arithmetic.weightBits must be ...` becomes
 * `--bits must be ...`, and advice such as `onMissing: 'skip'` becomes `--on-missing skip`.
 */
export function inUsersTerms(error: unknown, settings: Settings): unknown {
  if (!(error instanceof SparseTrainError)) return error;
  const flags = flagsOf(settings);
  let { message } = error;
  if (error.code === 'INVALID_OPTION') {
    message = message.replace(/^[A-Za-z.]+/, (name) => flags.get(name) ?? name);
  }
  message = adviceInFlags(message, settings);
  return message === error.message ? error : new SparseTrainError(error.code, message, { cause: error });
}

/** Advice in the spelling of the API, such as `onMissing: 'skip'`, in that of the command line: `--on-missing skip`. */
export function adviceInFlags(text: string, settings: Settings): string {
  const flags = flagsOf(settings);
  return text.replace(/\b([A-Za-z]+): (?:'([^']*)'|(true)|false)/g, (advice, name, word, yes) => {
    const flag = flags.get(name);
    return flag === undefined ? advice : `${flag} ${word ?? (yes === undefined ? 'no' : 'yes')}`;
  });
}

function flagsOf(settings: Settings): Map<string, string> {
  return new Map(
    Object.entries(settings).map(([key, { apiName = key, flag }]) => [apiName, flag.replace('--no-', '--')]),
  );
}
