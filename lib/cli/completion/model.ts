/** What a shell needs to complete command lines, gathered from the registry of commands and their tables of options. */
import { listDatasets } from '../../catalog/registry.js';
import { shorten } from '../../terminal/width.js';
import type { AnyCommand, Argument, CommandEntry, Completion } from '../command.js';
import type { Setting } from '../settings/setting.js';

/** What a value may be. Without words and paths, nothing is offered for it. */
export interface Value {
  readonly words: readonly string[];
  readonly paths: 'files' | 'folders' | undefined;
  /** Several values with commas between them. */
  readonly isList: boolean;
}

export interface Flag {
  readonly flag: string;
  readonly description: string;
  /** Undefined if the flag takes no value. */
  readonly value: Value | undefined;
}

export interface Place {
  readonly name: string;
  readonly value: Value;
  /** Whether it takes all remaining words. */
  readonly isRest: boolean;
}

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
  readonly places: readonly Place[];
}

/** Columns of a description, which stands beside its option in a list. */
const LONGEST = 60;

/** Flags of every command. */
const COMMON: readonly Flag[] = [
  { flag: '--json', description: 'print one JSON document', value: undefined },
  { flag: '--help', description: 'print the help of the command', value: undefined },
];

/** All commands with their options and arguments, and the command `help`. */
export async function completedCommands(entries: readonly CommandEntry[]): Promise<CompletedCommand[]> {
  const datasets = listDatasets().map(({ name }) => name);
  const commands = await Promise.all(
    entries.map(async ({ name, summary, load }) => describe(name, summary, (await load()).default, datasets)),
  );
  const names = { words: entries.map(({ name }) => name), paths: undefined, isList: false };
  return [
    ...commands,
    {
      name: 'help',
      summary: 'print the help of a command',
      flags: [],
      places: [{ name: 'command', value: names, isRest: false }],
    },
  ];
}

function describe(
  name: string,
  summary: string,
  { settings, arguments: taken = [] }: AnyCommand,
  datasets: readonly string[],
): CompletedCommand {
  const flags = Object.values(settings).map((setting) => ({
    flag: setting.flag,
    description: shorten(setting.description, LONGEST),
    value: valueFor(setting, datasets),
  }));
  return {
    name,
    summary,
    flags: [...flags, ...COMMON],
    places: taken.map((place) => placeOf(place, datasets)),
  };
}

/** The value of an option. One that may be left out (`[port]`) is not completed: the next word need not be it. */
function valueFor(setting: Setting<unknown>, datasets: readonly string[]): Value | undefined {
  const { kind, placeholder = kind.placeholder, isDataset } = setting;
  if (!placeholder?.startsWith('<')) return undefined;
  const { words, isList, isPath } = kind;
  const paths = !isPath ? undefined : placeholder === '<folder>' ? 'folders' : 'files';
  return resolved({ words, isList, paths, hasDatasets: isDataset }, datasets);
}

function placeOf({ name, completes = { paths: 'files' } }: Argument, datasets: readonly string[]): Place {
  return {
    name: name.replace('...', ''),
    value: resolved(completes, datasets),
    isRest: name.endsWith('...'),
  };
}

function resolved(
  { words = [], paths, hasDatasets = false, isList = false }: Completion,
  datasets: readonly string[],
): Value {
  return { words: [...words, ...(hasDatasets ? datasets : [])], paths, isList };
}

/** The flags of all commands that take a value. */
export function flagsWithValue(commands: readonly CompletedCommand[]): string[] {
  const flags = commands.flatMap((command) => command.flags.filter(({ value }) => value !== undefined));
  return [...new Set(flags.map(({ flag }) => flag))];
}
