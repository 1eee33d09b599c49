import { execFileSync } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { workFolder } from '../cli/run.js';

const folder = workFolder();
const MIB = 2 ** 20;
const COLUMNS = 200;

/** A table of zeros and ones, in parts: short as text and long in memory. */
async function writeTable(name: string, rows: number): Promise<string> {
  const file = join(folder(), name);
  const handle = await open(file, 'w');
  const header = [...Array.from({ length: COLUMNS }, (_, i) => `x${i}`), 'label'].join(',');
  const row = (i: number) =>
    [...Array.from({ length: COLUMNS }, (_, j) => (i >> (j % 7)) & 1), i % 2 === 0 ? 'a' : 'b'].join(',');
  const part = Array.from({ length: 1000 }, (_, i) => `${row(i)}\n`).join('');
  await handle.write(`${header}\n`);
  for (let written = 0; written < rows; written += 1000) await handle.write(part);
  await handle.close();
  return file;
}

/** The most memory of a process that trains on a file as a stream. */
function peakOf(file: string, rows: number): number {
  const program = fileURLToPath(new URL('stream.mjs', import.meta.url));
  // A heap that could not hold the rows if they were kept in JavaScript.
  const words = ['--max-old-space-size=64', program, file, String(COLUMNS)];
  const { examples, peak } = JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' }));
  expect(examples).toBe(rows);
  return peak;
}

describe('a stream', () => {
  it('of any length takes the memory of a short one', async () => {
    const short = peakOf(await writeTable('short.csv', 12_000), 12_000);
    // As a data set these would be 96 MB of single or 192 MB of double precision.
    const long = peakOf(await writeTable('long.csv', 120_000), 120_000);
    expect(long - short).toBeLessThan(48 * MIB);
  });
});
