import { Command, CommanderError, Help } from 'commander';
import { commandLines, wrap } from '../terminal/width.js';
import type { AnyCommand, Outcome } from './command.js';
import { describeFailure } from './failure.js';
import { COMMANDS } from './registry.js';
import { addSettings, commandSpelling } from './settings/setting.js';
import type { Terminal } from './terminal.js';
import { type Called, unknownCommand, usageError } from './usage.js';

/** What may stand as the command. */
const NAMES = [...COMMANDS.map(({ name }) => name), 'help'];

/** Descriptions that would have fewer columns beside their options stand below them. */
const LEAST_DESCRIPTION = 30;

/**
 * Runs a command line.
 *
 * @param words - without the program's own name
 * @returns the exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted
 */
export async function runProgram(
  words: readonly string[],
  version: string,
  terminal: Terminal,
): Promise<number> {
  let called: Called = {
    command: undefined,
    settings: {},
    arguments: [],
    commands: NAMES,
  };
  try {
    return await dispatch(words, version, terminal, (name, { settings, arguments: taken = [] }) => {
      called = { ...called, command: name, settings, arguments: taken };
    });
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    const error = thrown instanceof CommanderError ? usageError(thrown, words, called) : thrown;
    if (process.env.SPARSE_TRAIN_DEBUG === '1' && error instanceof Error) terminal.note(error.stack ?? '');
    const { status, error: data } = describeFailure(error, commandSpelling(called.settings), called.command);
    terminal.error(data.message);
    if (wantsJson(words)) terminal.print(JSON.stringify({ error: data }));
    return status;
  }
}

/** @param onCall - called with the command that the words name, before its own words are read */
async function dispatch(
  words: readonly string[],
  version: string,
  terminal: Terminal,
  onCall: (name: string, spec: AnyCommand) => void,
): Promise<number> {
  const wanted = words[0] === 'help' ? words[1] : words[0];
  const isUnknown = (name: string | undefined) =>
    name !== undefined && !COMMANDS.some((entry) => entry.name === name);
  if (words[0] === 'help' && isUnknown(wanted) && !wanted?.startsWith('-') && wanted !== 'help')
    throw unknownCommand(wanted as string, NAMES);
  const program = prepare(
    new Command('sparse-train')
      .description('Trains sparse multilayer perceptrons online, in integers, on a CPU.')
      .usage('<command> [options]')
      .version(version, '-V, --version', 'print the version')
      .helpOption('-h, --help', 'print this help, or the help of a command')
      .helpCommand('help [command]', 'print the help of a command')
      .addHelpText('after', `\nStart with:\n  $ sparse-train mnist\n  $ sparse-train help train\n`),
    terminal,
  );
  let status = 0;
  for (const entry of COMMANDS) {
    const command = prepare(program.command(entry.name).summary(entry.summary), terminal);
    if (entry.name !== wanted) continue;
    const { default: spec } = await entry.load();
    onCall(entry.name, spec);
    configure(command, entry.summary, spec, { terminal, line: words }, (reached) => {
      status = reached;
    });
  }
  if (wanted === undefined) {
    program.outputHelp();
    return 0;
  }
  await program.parseAsync([...words], { from: 'user' });
  return status;
}

/** Makes commander throw instead of ending the process, and write to our streams. */
function prepare(command: Command, terminal: Terminal): Command {
  const { columns } = terminal;
  return command
    .exitOverride()
    .helpOption('-h, --help', 'print this help')
    .configureHelp({ helpWidth: columns, minWidthToWrap: LEAST_DESCRIPTION, formatItem: stackedWhereNarrow })
    .configureOutput({
      writeOut: (text) => terminal.printText(text.trimEnd()),
      // Prints nothing: commander throws its errors too, and the code that catches them prints them.
      writeErr: () => undefined,
      getOutHasColors: () => false,
    });
}

/** An item of the help: its description stands beside it, or below it in a narrow terminal. */
const stackedWhereNarrow: Help['formatItem'] = function (this: Help, term, termWidth, description, helper) {
  const { helpWidth = 80 } = this;
  if (helpWidth - termWidth - 4 >= LEAST_DESCRIPTION)
    return Help.prototype.formatItem.call(this, term, termWidth, description, helper);
  return [`  ${term}`, ...wrap(description, helpWidth - 6).map((line) => `      ${line}`)].join('\n');
};

function configure(
  command: Command,
  summary: string,
  spec: AnyCommand,
  call: { terminal: Terminal; line: readonly string[] },
  done: (status: number) => void,
): void {
  command.description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.\n\n${spec.description}`);
  for (const { name, description, optional } of spec.arguments ?? []) {
    command.argument(optional ? `[${name}]` : `<${name}>`, description);
  }
  for (const group of spec.groups) addSettings(command, group, spec.defaults ?? {});
  command.option('--json', 'print exactly one JSON document on standard output');
  const examples = spec.examples.flatMap((line) => commandLines(`$ ${line}`, call.terminal.columns, 2));
  command.addHelpText('after', `\nExamples:\n${examples.join('\n')}`);
  command.action(async () => {
    // Only the given options, without the defaults that commander adds for flags such as --no-save.
    const given = Object.entries(command.opts()).filter(
      ([key]) => command.getOptionValueSource(key) === 'cli',
    );
    const options = { json: false, ...Object.fromEntries(given) };
    const all = command.processedArgs as (string | string[] | undefined)[];
    const words = all.flatMap((word) => (Array.isArray(word) ? [] : [word]));
    const rest = all.flatMap((word) => (Array.isArray(word) ? word : []));
    const outcome = await spec.run({ ...call, words, rest, options, commands: COMMANDS });
    done(typeof outcome === 'number' ? outcome : show(outcome, options.json, call.terminal));
    if (typeof outcome !== 'number') await outcome.after?.();
  });
}

function show({ document, text, status = 0 }: Outcome, json: boolean, terminal: Terminal): number {
  if (json) {
    terminal.print(JSON.stringify(document, null, terminal.streams.stdout.isTTY ? 2 : undefined));
    return status;
  }
  const result = text();
  if (result !== '') terminal.printText(result);
  return status;
}

function wantsJson(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.slice(0, end === -1 ? undefined : end).includes('--json');
}
