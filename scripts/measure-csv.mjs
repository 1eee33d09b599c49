#!/usr/bin/env node
/**
 * Measures how fast CSV text is read: megabytes per second of readTable() as a whole (two passes: first
 * the columns, then the numbers), and the longest time that it blocks the event loop. Usage: node scripts/measure-csv.mjs [ROWS [DIST]]; after a build. DIST: the folder of
 * another build to compare with.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

const rows = Number(process.argv[2] ?? 100_000);
const dist = resolve(process.argv[3] ?? 'dist');
const { readTable } = await import(pathToFileURL(join(dist, 'index.js')).href);
let state = 1;
/** Uniform in [0, 1), the same numbers in every run (Park and Miller's minimal standard). */
const uniform = () => {
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
};
const signed = () => uniform() * 2 - 1;

const TABLES = {
  'short integers (54 columns, as Covertype)': {
    columns: 54,
    field: () => String(Math.floor(uniform() * 300)),
  },
  'four decimals (20 columns)': { columns: 20, field: () => signed().toFixed(4) },
  'full precision (28 columns, as HIGGS)': {
    columns: 28,
    field: () => Math.fround(signed()).toExponential(18),
  },
  'mixed: one column of text (10 columns)': {
    columns: 10,
    field: (j) =>
      j === 3 ? ['Adelie', 'Gentoo', 'Chinstrap'][Math.floor(uniform() * 3)] : signed().toFixed(6),
  },
  'quoted: every field (10 columns)': { columns: 10, field: () => `"${signed().toFixed(6)}"` },
};

/** The best of some runs, in seconds. */
async function best(action, runs = 5) {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await action();
    least = Math.min(least, performance.now() - start);
  }
  return least / 1000;
}

/** The longest time, in milliseconds, for which the event loop runs nothing else during an action. */
async function longestBlock(action) {
  let longest = 0;
  let last = performance.now();
  let isDone = false;
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isDone) setImmediate(tick);
  };
  setImmediate(tick);
  await action();
  isDone = true;
  return Math.max(longest, performance.now() - last);
}

const folder = await mkdtemp(join(tmpdir(), 'measure-csv-'));
for (const [name, { columns, field }] of Object.entries(TABLES)) {
  const lines = Array.from({ length: rows }, (_, i) =>
    [...Array.from({ length: columns }, (_, j) => field(j)), i % 2].join(','),
  );
  const bytes = new Uint8Array(Buffer.from(`${lines.join('\n')}\n`));
  lines.length = 0;
  const file = join(folder, 'table.csv');
  await writeFile(file, bytes);
  const megabytes = bytes.length / 1e6;
  const options = { task: 'classify' };
  const read = megabytes / (await best(() => readTable(file, options)));
  let blocked = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3; i++) blocked = Math.min(blocked, await longestBlock(() => readTable(file, options)));
  console.log(
    `${name}: ${megabytes.toFixed(0)} MB, ${read.toFixed(0)} MB/s, ` +
      `event loop held up for ${blocked.toFixed(1)} ms at most`,
  );
}
await rm(folder, { recursive: true });
