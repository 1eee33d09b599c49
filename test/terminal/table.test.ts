import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { tableLines } from '../../lib/terminal/table.js';

const HEAD = ['name', 'size', 'note'];
const ROWS = [
  ['µ', '1,000', 'a'],
  ['longer', '7', ''],
];
const LINES = ['  name     size  note', '  µ       1,000  a', '  longer      7'];

describe('a table', () => {
  it('aligns names to the left and numbers to the right, without blanks at the end', () => {
    expect(tableLines(HEAD, ROWS, { paint: pc.createColors(false) } as never, [0, 2])).toEqual(LINES);
  });

  it('has the same columns with colours', () => {
    const paint = pc.createColors(true);
    const rows = ROWS.map(([name = '', ...rest]) => [paint.red(name), ...rest]);
    const lines = tableLines(HEAD, rows, { paint } as never, [0, 2]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
    expect(lines.map((line) => line.replace(/\u001b\[\d*m/g, ''))).toEqual(LINES);
    expect(lines[1]).toContain('\u001b[31mµ');
  });
});
