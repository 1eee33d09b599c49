import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { bytes, count, percent, perSecond, seconds, significant } from '../../lib/base/numbers.js';
import { parseRunLog } from '../../lib/report/runs/run-log-file.js';
import { bar, columnChart, lineChart } from '../../lib/terminal/charts.js';
import { tableLines } from '../../lib/terminal/table.js';

describe('numbers for people', () => {
  it('are short and have their unit', () => {
    expect(count(406_528)).toBe('406,528');
    expect(percent(0.97523)).toBe('97.52 %');
    expect([3.2e-6, 0.0412, 0.584, 0.999, 7.77, 42.4, 125, 3725].map(seconds)).toEqual([
      '3.2 µs',
      '41 ms',
      '0.58 s',
      '1.0 s',
      '7.8 s',
      '42 s',
      '2 min 05 s',
      '1 h 02 min',
    ]);
    expect([812, 214_321, 1_330_000].map(perSecond)).toEqual(['812/s', '214 k/s', '1.33 M/s']);
    expect([512, 86_123, 1_234_567, 25_276_502_016].map(bytes)).toEqual([
      '512 bytes',
      '86.1 kB',
      '1.23 MB',
      '25.3 GB',
    ]);
    expect([0, 0.08732, 1234.5, 1.234e-7].map((x) => significant(x))).toEqual([
      '0',
      '0.0873',
      '1235',
      '1.23e-7',
    ]);
  });
});

describe('drawings', () => {
  it('draws bars to an eighth of a character', () => {
    expect(bar(0.5, 4)).toBe('██');
    expect(bar(1 / 32, 4)).toBe('▏');
    expect(bar(2, 4)).toBe('████');
    expect(bar(0, 4)).toBe('');
  });

  it('draws columns from 0 to the largest, none of them lost', () => {
    expect(columnChart([0, 1, 8, 16], 2)).toEqual(['   █', ' ▁██']);
    expect(columnChart([1, 1000], 1)).toEqual(['▁█']);
    expect(columnChart([0, 0], 1)).toEqual(['  ']);
  });

  it('draws a curve without gaps from left to right', () => {
    const rising = lineChart([0, 1], 8, 4, [0, 1]);
    expect(rising.map(({ length }) => length)).toEqual([8, 8, 8, 8]);
    for (let x = 0; x < 8; x++) expect(rising.some((line) => line[x] !== ' ')).toBe(true);
    expect(rising[3]?.[0]).not.toBe(' ');
    expect(rising[0]?.[7]).not.toBe(' ');
    expect(rising[0]?.[0]).toBe(' ');
    const step = lineChart([0, 0, 1, 1], 4, 4, [0, 1]);
    for (const line of step) expect(line.trim()).not.toBe('');
    expect(lineChart([5], 2, 1, [5, 5])[0]?.trim()).toHaveLength(2);
  });

  it('sets tables without a frame', () => {
    const style = { paint: pc.createColors(false), columns: 80 };
    expect(
      tableLines(
        ['name', 'n'],
        [
          ['a', '1,000'],
          ['bcd', '2'],
        ],
        style,
      ),
    ).toEqual(['  name      n', '  a     1,000', '  bcd       2']);
  });
});

describe('a run log with a giant matrix', () => {
  const read = (classes: number) => {
    const confusion = new Array(classes).fill(new Array(classes).fill(0));
    const metrics = { kind: 'classification', examples: 1, loss: 0, accuracy: 1, confusion, perClass: [] };
    const records = [
      { type: 'start', run: 'a', network: { layers: [4, 2] }, fit: {}, data: {} },
      { type: 'end', run: 'a', stopped: 'finished', validation: metrics },
    ];
    const [run] = parseRunLog(records.map((record) => JSON.stringify(record)).join('\n'), 'log.jsonl');
    return run?.end?.validation?.kind;
  };

  it('is read without the matrix, which no page can show', () => {
    expect(read(1000)).toBe('classification');
    expect(read(1001)).toBeUndefined();
  });
});
