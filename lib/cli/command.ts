import type { SettingGroup, Settings, Values } from './settings/setting.js';
import type { Terminal } from './terminal.js';

/** A positional argument of a command. */
export interface Argument {
  /** A name that ends in ... takes all remaining words: one or more (none or more if optional). */
  readonly name: string;
  readonly description: string;
  readonly optional?: boolean;
}

/** The options of all groups' settings together. */
export type OptionsOf<G extends Readonly<Record<string, Settings>>> = {
  [K in keyof G]: (options: Values<G[K]>) => void;
}[keyof G] extends (options: infer All) => void
  ? All
  : never;

/** Options that every command has. */
export interface CommonOptions {
  /** Print one JSON document and nothing else on standard output. */
  readonly json: boolean;
}

/** One call of a command. */
export interface Invocation<O> {
  readonly terminal: Terminal;
  /** All words after the program's name, including the command's. */
  readonly line: readonly string[];
  /** The words that are not options, in the order of {@link CommandSpec.arguments}. */
  readonly words: readonly (string | undefined)[];
  /** The words of an argument that takes all remaining words. */
  readonly rest: readonly string[];
  readonly options: O & CommonOptions;
}

/** A command's result, printed as JSON or as text; without either, the command has printed it itself. */
export interface Outcome {
  /** For --json. */
  readonly document: object;
  /** For people; without the last line break. Empty: nothing is printed. */
  readonly text: () => string;
  /** 0 by default. */
  readonly status?: number;
  /** Called after printing. */
  readonly after?: () => Promise<void>;
}

/** The definition of a command. */
export interface CommandSpec<G extends Readonly<Record<string, Settings>>> {
  /** Further lines of its help. */
  readonly description: string;
  readonly arguments?: readonly Argument[];
  /** Its options, by their heading in the help. */
  readonly options: G;
  /** Defaults of options, for the help. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** Command lines worth trying. */
  readonly examples: readonly string[];
  run(invocation: Invocation<OptionsOf<G>>): Promise<Outcome | number>;
}

/** A command without its options' types. */
export interface AnyCommand extends Omit<CommandSpec<Record<string, Settings>>, 'run'> {
  readonly groups: readonly SettingGroup[];
  readonly settings: Settings;
  run(invocation: Invocation<Record<string, unknown>>): Promise<Outcome | number>;
}

/** Defines a command; each file of commands/ exports one by default. */
export function defineCommand<const G extends Readonly<Record<string, Settings>>>(
  spec: CommandSpec<G>,
): AnyCommand {
  const groups = Object.entries(spec.options).map(([heading, settings]) => ({ heading, settings }));
  return {
    ...spec,
    groups,
    settings: Object.assign({}, ...groups.map(({ settings }) => settings)) as Settings,
    // What addSettings() reads from the command line has been checked to be what the settings say.
    run: (invocation) => spec.run(invocation as unknown as Invocation<OptionsOf<G>>),
  };
}
