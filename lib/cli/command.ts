import type { SettingGroup, Settings, Values } from './settings/setting.js';
import type { Terminal } from './terminal.js';

/** A positional argument of a command. */
export interface Argument {
  /** A name that ends in ... takes all remaining words: one or more (none or more if optional). */
  readonly name: string;
  readonly description: string;
  readonly optional?: boolean;
  /** What a shell completes it with: files unless this says otherwise. */
  readonly completes?: Completion;
}

/** The model file that a command reads. */
export const MODEL: Argument = { name: 'model', description: 'a model file that train or mnist wrote' };

/** What a value may be, for the completion of a shell. */
export interface Completion {
  readonly words?: readonly string[] | undefined;
  readonly paths?: 'files' | 'folders' | undefined;
  /** The names of the data sets as well. */
  readonly hasDatasets?: boolean | undefined;
  /** Several values with commas between them. */
  readonly isList?: boolean | undefined;
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
  /** All commands, for one that is about the others. */
  readonly commands: readonly CommandEntry[];
}

/**
 * A command's result, printed as JSON or as text; without either, the command has printed its result itself.
 */
export interface Outcome {
  /** The result for --json. */
  readonly document: object;
  /** The result for people, without the final line break. If empty, nothing is printed. */
  readonly text: () => string;
  /** The exit status; 0 by default. */
  readonly status?: number;
  /** Called after the result has been printed. */
  readonly after?: () => Promise<void>;
}

/** The definition of a command. */
export interface CommandSpec<G extends Readonly<Record<string, Settings>>> {
  /** Further lines of the command's help. */
  readonly description: string;
  readonly arguments?: readonly Argument[];
  /** The command's options, grouped by the headings of its help. */
  readonly options: G;
  /** Defaults of options, shown in the help. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** Example command lines, shown in the help. */
  readonly examples: readonly string[];
  run(invocation: Invocation<OptionsOf<G>>): Promise<Outcome | number>;
}

/** A command whose option types are not known. */
export interface AnyCommand extends Omit<CommandSpec<Record<string, Settings>>, 'run'> {
  readonly groups: readonly SettingGroup[];
  readonly settings: Settings;
  run(invocation: Invocation<Record<string, unknown>>): Promise<Outcome | number>;
}

/** A command's name, its description and its module, which is loaded only when the command is called. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<{ default: AnyCommand }>;
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
    // addSettings() has checked that the values from the command line have the types that the settings
    // declare.
    run: (invocation) => spec.run(invocation as unknown as Invocation<OptionsOf<G>>),
  };
}
