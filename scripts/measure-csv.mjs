#!/usr/bin/env node
/**
 * How fast CSV text is read: megabytes a second of the C++ scanner alone, and of parseCsv() as a whole (two passes: what
 * the columns are, then the numbers). Usage: node scripts/measure-csv.mjs [ROWS]; after a build.
 */
import { performance } from 'node:perf_hooks';
import { native } from '../dist/engine/native.js';
import { parseCsv } from '../dist/index.js';

const rows = Number(process.argv[2] ?? 100_000);
const random = () => Math.random() * 2 - 1;

const TABLES = {
  'short integers (54 columns, as Covertype)': {
    columns: 54,
    field: () => String(Math.floor(Math.random() * 300)),
  },
  'four decimals (20 columns)': { columns: 20, field: () => random().toFixed(4) },
  'full precision (28 columns, as HIGGS)': {
    columns: 28,
    field: () => Math.fround(random()).toExponential(18),
  },
  'mixed: one column of text (10 columns)': {
    columns: 10,
    field: (j) =>
      j === 3 ? ['Adelie', 'Gentoo', 'Chinstrap'][Math.floor(Math.random() * 3)] : random().toFixed(6),
  },
};

/** The best of some runs, in seconds. */
function best(action, runs = 5) {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    action();
    least = Math.min(least, performance.now() - start);
  }
  return least / 1000;
}

for (const [name, { columns, field }] of Object.entries(TABLES)) {
  const lines = Array.from({ length: rows }, (_, i) =>
    [...Array.from({ length: columns }, (_, j) => field(j)), i % 2].join(','),
  );
  const bytes = new Uint8Array(Buffer.from(`${lines.join('\n')}\n`));
  const fields = 2 ** 15;
  const count = Math.floor(fields / (columns + 1));
  const arrays = {
    numbers: new Float64Array(count * (columns + 1)),
    starts: new Int32Array(count * (columns + 1)),
    ends: new Int32Array(count * (columns + 1)),
    lines: new Uint32Array(count),
  };
  const scan = () => {
    for (let begin = 0; begin < bytes.length; ) {
      const task = {
        bytes,
        begin,
        end: bytes.length,
        delimiter: 44,
        decimal: 46,
        columns: columns + 1,
        ...arrays,
      };
      const { position } = native().scanCsv(task);
      if (position === begin) throw new Error(`stuck at ${position}`);
      begin = position;
    }
  };
  const megabytes = bytes.length / 1e6;
  const scanned = megabytes / best(scan);
  const parsed = megabytes / best(() => parseCsv(bytes, { task: 'classify' }));
  console.log(
    `${name}: ${megabytes.toFixed(0)} MB, scanned ${scanned.toFixed(0)} MB/s, parseCsv ${parsed.toFixed(0)} MB/s`,
  );
}
