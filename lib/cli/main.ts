#!/usr/bin/env node
/** The program `sparse-train`. */
import { readFileSync } from 'node:fs';

const words = process.argv.slice(2);
const manifest = new URL('../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };

// Whoever reads our output may have seen enough of it (`| head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
  // Nothing else has to be loaded for this.
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
