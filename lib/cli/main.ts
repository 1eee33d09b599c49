#!/usr/bin/env node
/** The program `sparse-train`. */
import { MANIFEST } from '../base/package.js';

const words = process.argv.slice(2);
const version = MANIFEST?.version ?? 'unknown';

// The reader of our output may have seen enough of it (`| head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`error: standard output cannot be written (${error.code ?? error.message})\n`);
  process.exit(1);
});

if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
  // This needs no other module.
  console.log(version);
} else {
  const [{ runProgram }, { Terminal }, { collectGarbage }] = await Promise.all([
    import('./program.js'),
    import('./terminal.js'),
    import('./last-collection.js'),
  ]);
  process.exitCode = await runProgram(words, version, new Terminal(process));
  collectGarbage();
}
