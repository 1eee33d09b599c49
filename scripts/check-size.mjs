#!/usr/bin/env node
/**
 * Checks what users download and wait for: the size of each package in prebuilt/ (after `npm run package`)
 * and the start-up time of the command. The limits leave room for growth, but not for accidents.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root } from './run.mjs';

/** Megabytes, packed. The data set of the main package takes 11.6 of its. */
const LIMITS = { platform: 1, main: 14 };

/**
 * `sparse-train --version`, in milliseconds: the minimum of runs until one is below the limit, because other
 * programs only add time.
 */
const START_LIMIT = 100;
const MOST_RUNS = 100;

const prebuilt = join(root, 'prebuilt');
const tarballs = existsSync(prebuilt) ? readdirSync(prebuilt).filter((name) => name.endsWith('.tgz')) : [];
if (tarballs.length < 2) fail('prebuilt/ has no packages; make them: npm run package');
for (const name of tarballs) {
  const limit = /^sparse-train-\d/.test(name) ? LIMITS.main : LIMITS.platform;
  const size = statSync(join(prebuilt, name)).size / 1e6;
  console.log(`${name}: ${size.toFixed(2)} MB of at most ${limit}`);
  if (size > limit) fail(`${name} is too large`);
}

let least = Number.POSITIVE_INFINITY;
let runs = 0;
while (least >= START_LIMIT && runs < MOST_RUNS) {
  // At least a few, so that the figure is meaningful.
  for (let i = 0; i < 5; i++, runs++) {
    const start = performance.now();
    const { status } = spawnSync(process.execPath, [join(root, 'dist', 'cli', 'main.js'), '--version']);
    if (status !== 0) fail(`sparse-train --version exited with ${status}`);
    least = Math.min(least, performance.now() - start);
  }
}
console.log(
  `sparse-train --version: ${least.toFixed(0)} ms, the least of ${runs} runs, of at most ${START_LIMIT}`,
);
if (least >= START_LIMIT) fail('the command starts too slowly');
