import { type Command, Option as CommandOption } from 'commander';
import type { Kind } from '../../base/options/kinds.js';
import type { Option, Table, Value } from '../../base/options/table.js';
import { API_SPELLING, type Spelling } from '../../base/wording.js';

/**
 * A value that users may set: an option of a command and, for commands that read configuration files, a key
 * in them. Its key in a {@link Settings} object is the flag in camel case (`--learning-rate` is
 * `learningRate`).
 */
export interface Setting<T> {
  /** The flag with its dashes: `--epochs`, or `--no-save` for a flag that is on by default. */
  readonly flag: string;
  readonly kind: Kind<T, never> | Kind<T>;
  readonly description: string;
  /**
   * The options of the API that this sets, by their paths; messages about them name the flag. By default the
   * setting's key.
   */
  readonly option?: string | readonly string[];
  /** Replaces the placeholder of the kind. */
  readonly placeholder?: string | undefined;
  /** The default, unless a command gives another. */
  readonly otherwise?: string | undefined;
  /** Earlier spellings, such as `--bits`. They are refused with a message that names this flag. */
  readonly oldFlags?: readonly string[] | undefined;
  /** Whether it may be the name of a data set, which a shell completes. */
  readonly isDataset?: true;
}

// biome-ignore lint/suspicious/noExplicitAny: settings of all types stand side by side, as in commander's options
export type Settings = Readonly<Record<string, Setting<any>>>;

/** The values of the given settings. */
export type Values<S extends Settings> = {
  readonly [K in keyof S]?: (S[K] extends Setting<infer T> ? T : never) | undefined;
};

/** The heading of settings in the help, and their defaults. */
export interface SettingGroup {
  readonly heading: string;
  readonly settings: Settings;
}

/** Some of the given settings. */
export function pick<S extends Settings, K extends keyof S>(settings: S, ...keys: K[]): Pick<S, K> {
  return Object.fromEntries(keys.map((key) => [key, settings[key]])) as unknown as Pick<S, K>;
}

/** Settings for the options in a table that have a flag. */
type FlagsOf<T> = {
  [K in keyof T as T[K] extends { readonly flag: string } ? K : never]: Setting<Value<T[K]>>;
};

/** The setting for an option of the API, with another flag than the option's own if one is given. */
export function settingOf<O extends Option>(
  { kind, text, placeholder, default: fallback, otherwise, oldNames }: O,
  flag: string,
  option: string,
): Setting<Value<O>> {
  const shown = fallback === undefined || typeof fallback === 'boolean' ? otherwise : toText(kind, fallback);
  return {
    flag,
    kind: kind as Kind<Value<O>>,
    description: text,
    option,
    placeholder,
    otherwise: shown === '' ? 'none' : shown, // an empty list has no text
    oldFlags: oldNames?.map(flagOf),
  };
}

/**
 * The settings for all options in a table that have a flag.
 *
 * @param prefix - the path of the object that has them: `optimizer.`
 */
export function flagsOf<T extends Table>(table: T, prefix = ''): FlagsOf<T> {
  const settings: Record<string, Setting<unknown>> = {};
  for (const [name, entry] of Object.entries(table)) {
    if (entry.flag !== undefined) settings[name] = settingOf(entry, entry.flag, `${prefix}${name}`);
  }
  return settings as FlagsOf<T>;
}

/** Returns `--weight-decay` for `weightDecay`. */
function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Formats a value as users would write it on the command line. */
function toText(kind: Pick<Kind<unknown>, 'toText'>, value: unknown): string {
  return kind.toText === undefined ? String(value) : kind.toText(value);
}

/** A value as it is typed in a shell: in quotes where it has characters with another meaning there. */
function forShell(text: string): string {
  return /^[\w.,:+@%=/\u0080-\uffff-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Adds settings to a command as options. Wrong values are refused while words are read. */
export function addSettings(
  command: Command,
  { heading, settings }: SettingGroup,
  defaults: Readonly<Record<string, string>>,
): void {
  for (const [key, setting] of Object.entries(settings)) {
    const { flag, kind, placeholder = kind.placeholder, option = key } = setting;
    const words = placeholder === undefined ? flag : `${flag} ${placeholder}`;
    const commandOption = new CommandOption(words, describeSetting(setting, defaults[key]));
    const [name] = [option].flat() as [string];
    if (placeholder !== undefined)
      commandOption.argParser((text) =>
        kind.check(name, kind.fromText === undefined ? text : kind.fromText(text)),
      );
    command.addOption(commandOption.helpGroup(heading));
  }
}

/** The text for the help: `decay of weights (0 to 1; default: 0)`. */
function describeSetting({ description, kind, otherwise }: Setting<unknown>, fallback = otherwise): string {
  const details = [kind.range, fallback === undefined ? undefined : `default: ${fallback}`];
  const shown = details.filter((detail) => detail !== undefined).join('; ');
  return shown === '' ? description : `${description} (${shown})`;
}

/**
 * Converts the values of settings to an object of the API: a setting for `optimizer.weightDecay` becomes
 * `weightDecay` in `optimizer`.
 */
export function toOptions<S extends Settings>(values: Values<S>, settings: S): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [key, { option = key }] of Object.entries(settings)) {
    const value = values[key];
    if (value === undefined) continue;
    const [path] = [option].flat() as [string];
    const names = path.split('.');
    const last = names.pop() as string;
    let place = options;
    for (const name of names) {
      place[name] ??= {};
      place = place[name] as Record<string, unknown>;
    }
    place[last] = value;
  }
  return options;
}

/**
 * How users of a command write options: `--weight-decay` for `optimizer.weightDecay`, words without quotes.
 */
export function commandSpelling(settings: Settings): Spelling {
  const byOption = new Map<string, Setting<unknown>>();
  for (const [key, setting] of Object.entries(settings))
    for (const path of [setting.option ?? key].flat()) byOption.set(path, setting);
  return {
    option(given, value) {
      // What a message says after the option stays as it is: `pattern: the parallelism z`.
      const [, path = given, rest = ''] = /^([^:]+)(: .*)?$/.exec(given) ?? [];
      const [, name = path, item] = /^(.*)\[(\d+)\]$/.exec(path) ?? [];
      const setting = byOption.get(name);
      if (setting === undefined) return API_SPELLING.option(given, value);
      const flag = setting.flag.replace('--no-', '--');
      const ordinal = item === undefined ? '' : ` (number ${Number(item) + 1})`;
      if (value === undefined) return `${flag}${ordinal}${rest}`;
      if (setting.kind.placeholder === undefined) return value === true ? flag : `--no-${flag.slice(2)}`;
      return `${flag} ${forShell(toText(setting.kind, value))}`;
    },
    literal: (word) => word,
  };
}
