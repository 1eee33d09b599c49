import { describe, expect, it } from 'vitest';
import { createPaint, shown, unpainted } from '../../lib/terminal/paint.js';
import { tableLines } from '../../lib/terminal/table.js';

const HEAD = ['name', 'size', 'note'];
const ROWS = [
  ['µ', '1,000', 'a'],
  ['longer', '7', ''],
];
const LINES = ['  name     size  note', '  µ       1,000  a', '  longer      7'];

describe('a table', () => {
  it('aligns names to the left and numbers to the right, without blanks at the end', () => {
    expect(tableLines(HEAD, ROWS, { paint: createPaint(false) } as never, [0, 2])).toEqual(LINES);
  });

  it('has the same columns with colours', () => {
    const paint = createPaint(true);
    const rows = ROWS.map(([name = '', ...rest]) => [paint.red(name), ...rest]);
    const lines = tableLines(HEAD, rows, { paint } as never, [0, 2]);
    expect(lines.map(unpainted)).toEqual(LINES);
    expect(shown(lines[1] as string)).toContain('\u001b[31mµ');
  });
});
