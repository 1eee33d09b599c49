#!/usr/bin/env node
/**
 * Checks what users download and wait for: the size of each package in prebuilt/ (after `npm run package`), and the
 * processor time that importing the package and starting the command cost. scripts/check-installs.mjs counts the packages
 * of others.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root } from './run.mjs';
import { BARE, IMPORT, measureStarts, startCommands, VERSION } from './startup.mjs';

/** Megabytes, packed. The data set takes 11.6 of those of the main package. */
const LIMITS = { platform: 1, main: 14 };

/** Milliseconds of processor time above a bare Node. */
const START_LIMITS = { [IMPORT]: 60, [VERSION]: 40 };
/**
 * Other programs on the machine only add time, so the least of many runs is compared: of the command and of the bare
 * Node. On a busy machine that difference still varies by this many milliseconds, which are allowed above the limit.
 */
const NOISE = 5;
/** Rounds are added until all commands are within their limits, or there are enough of them to decide. */
const ROUNDS = 20;
const MOST_ROUNDS = 100;

const prebuilt = join(root, 'prebuilt');
const tarballs = existsSync(prebuilt) ? readdirSync(prebuilt).filter((name) => name.endsWith('.tgz')) : [];
if (tarballs.length < 2) fail('prebuilt/ has no packages; make them: npm run package');
for (const name of tarballs) {
  const limit = /^sparse-train-\d/.test(name) ? LIMITS.main : LIMITS.platform;
  const size = statSync(join(prebuilt, name)).size / 1e6;
  console.log(`${name}: ${size.toFixed(2)} MB of at most ${limit}`);
  if (size > limit) fail(`${name} is too large`);
}

/** The least time of each command. @type {Record<string, number>} */
const least = {};
/** @param {string} name */
const above = (name) => (least[name] ?? 0) - (least[BARE] ?? 0);
const slow = () => Object.entries(START_LIMITS).filter(([name, limit]) => above(name) > limit + NOISE);
let rounds = 0;
do {
  for (const [name, { cpu }] of Object.entries(measureStarts(startCommands(root), ROUNDS)))
    least[name] = Math.min(least[name] ?? Number.POSITIVE_INFINITY, ...cpu);
  rounds += ROUNDS;
} while (slow().length > 0 && rounds < MOST_ROUNDS);
for (const [name, limit] of Object.entries(START_LIMITS)) {
  const runs = `the least of ${rounds} runs`;
  console.log(
    `${name}: ${above(name).toFixed(0)} ms of CPU above ${BARE}, ${runs}, of at most ${limit} (+ ${NOISE})`,
  );
}
if (slow().length > 0)
  fail(
    `too slow to start: ${slow()
      .map(([name]) => name)
      .join(', ')}`,
  );
