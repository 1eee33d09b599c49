import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { describeProgress, TrainingBar } from '../../lib/cli/progress-bar.js';
import { Terminal } from '../../lib/cli/terminal.js';
import type { TrainingProgress } from '../../lib/index.js';

/** A standard error that is, or is not, a terminal. */
class Screen extends Writable {
  text = '';
  readonly columns: number;
  readonly isTTY: boolean;

  constructor(isTTY: boolean, columns: number) {
    super();
    this.columns = columns;
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const progress = (fraction: number): TrainingProgress => ({
  epoch: 2,
  epochs: 3,
  examples: 30_000,
  examplesPerEpoch: 60_000,
  fraction,
  loss: 0.0873,
  accuracy: 0.9744,
  samplesPerSecond: 214_000,
  seconds: 1.5,
});

async function show(isTTY: boolean, quiet: boolean, columns = 80, seconds = 1.5): Promise<string> {
  const stderr = new Screen(isTTY, columns);
  const bar = new TrainingBar(new Terminal({ stdin: process.stdin, stdout: stderr, stderr }), quiet);
  for (const fraction of [0.5, 0.75]) {
    bar.update({ ...progress(fraction), seconds });
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  bar.close();
  bar.update(progress(1));
  return stderr.text;
}

describe('the progress bar', () => {
  it('moves on a terminal, and goes away', async () => {
    const text = await show(true, false);
    expect(text).toContain('50 %  epoch 2/3  214 k/s  97.4 % right  loss 0.0873  1.5 s left');
    expect(text).toContain('75 %  epoch 2/3');
    expect(text).not.toContain('100 %');
    expect(text.lastIndexOf('\u001b[?25h')).toBeGreaterThan(text.indexOf('\u001b[?25l'));
  });

  it.each([40, 60, 80, 120])('stays within a line of %i columns', async (columns) => {
    const text = await show(true, false, columns, 90_000);
    const lines = text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what moves the cursor begins with one.
      .split(/\u001b\[(?:\?25[lh]|\d*[A-HJK]|\?7[lh])|[\r\n]/)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: so do colours.
      .map((line) => line.replace(/\u001b\[\d*m/g, ''));
    expect(lines.some((line) => line.includes('50 %  epoch 2/3'))).toBe(true);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(columns);
    expect(text.includes('━')).toBe(columns >= 60);
    // No word is cut off.
    expect(
      lines
        .filter((line) => line.includes('epoch'))
        .every((line) => /(k\/s|right|loss \S+|left)$/.test(line)),
    ).toBe(true);
  });

  it('is not there without a terminal, nor if it is not wanted', async () => {
    expect(await show(false, false)).toBe('');
    expect(await show(true, true)).toBe('');
  });

  it('says what it knows', () => {
    expect(describeProgress({ epoch: 1, epochs: 5 }, 0)).toEqual(['  0 %', 'epoch 1/5']);
    expect(describeProgress(progress(1), 1)).not.toContainEqual(expect.stringContaining('left'));
    expect(describeProgress({ ...progress(0.5), seconds: 3600 }, 0.5)).toContain('1 h 00 min left');
  });
});
