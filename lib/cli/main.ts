#!/usr/bin/env node
/** The program `sparse-train`. */
import { tooManyOpenFiles } from '../base/open-files.js';
import { MANIFEST } from '../base/package.js';

const words = process.argv.slice(2);
const version = MANIFEST?.version ?? 'unknown';

/** Ends the program with an error that no command could report. */
function stop(message: string): never {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}

// The reader of the output may have closed the pipe (`| head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  stop(`standard output cannot be written (${error.code ?? error.message})`);
});

// Without standard error (its terminal was closed, its disk is full) there is nobody to tell; work continues.
process.stderr.on('error', () => undefined);

/** Shows warnings in one line, without Node's own prefix. */
function showWarnings(show: (line: string) => void): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ message }) => show(`warning: ${message}`));
}

showWarnings((line) => process.stderr.write(`${line}\n`));

if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
  // The version needs no other module.
  console.log(version);
} else {
  try {
    // Loads the modules one after another, because each opens files and some systems allow few open files.
    const { runProgram } = await import('./program.js');
    const { Terminal } = await import('./terminal.js');
    const { collectGarbage } = await import('./last-collection.js');
    const terminal = new Terminal(process);
    // From here on warnings may hold text from files.
    showWarnings((line) => terminal.note(line));
    process.exitCode = await runProgram(words, version, terminal);
    collectGarbage();
  } catch (error) {
    const message = tooManyOpenFiles(error);
    if (message === undefined) throw error;
    stop(message);
  }
}
