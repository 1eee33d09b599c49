#!/usr/bin/env node
/** Runs every program in examples/, as the README says: `node examples/NAME.mjs`. Each must end well within two minutes. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root, run } from './run.mjs';

const programs = readdirSync(join(root, 'examples')).filter((name) => /\.m?js$/.test(name));
if (programs.length < 2) fail(`examples/ has ${programs.length} programs; at least two are promised`);

for (const program of programs) {
  console.log(`\n> node examples/${program}`);
  if (!run(process.execPath, [join('examples', program)], { timeout: 120_000 }))
    fail(`examples/${program} failed`);
}
