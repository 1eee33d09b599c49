import { describe, expect, it } from 'vitest';
import { createPaint, shown, unpainted } from '../../lib/terminal/paint.js';
import { tableLines } from '../../lib/terminal/table.js';
import { commandLines, fitted, shorten, wrap } from '../../lib/terminal/width.js';

const HEAD = ['name', 'size', 'note'];
const ROWS = [
  ['µ', '1,000', 'a'],
  ['longer', '7', ''],
];
const LINES = ['  name     size  note', '  µ       1,000  a', '  longer      7'];

describe('a table', () => {
  it('aligns names to the left and numbers to the right, without blanks at the end', () => {
    expect(tableLines(HEAD, ROWS, { paint: createPaint(false), columns: 80 }, [0, 2])).toEqual(LINES);
  });

  it('has the same columns with colours', () => {
    const paint = createPaint(true);
    const rows = ROWS.map(([name = '', ...rest]) => [paint.red(name), ...rest]);
    const lines = tableLines(HEAD, rows, { paint, columns: 80 }, [0, 2]);
    expect(lines.map(unpainted)).toEqual(LINES);
    expect(shown(lines[1] as string)).toContain('\u001b[31mµ');
  });

  const style = (columns: number) => ({ paint: createPaint(false), columns });

  it('wraps headings first, then text', () => {
    const head = ['name', 'mean of all', 'what it is'];
    const rows = [['a', '1.5', 'a text of some words that go on']];
    const wide = ['  name  mean  what it is', '          of', '         all'];
    expect(tableLines(head, rows, style(45), [0, 2])).toEqual([
      ...wide,
      '  a      1.5  a text of some words that go on',
    ]);
    expect(tableLines(head, rows, style(38), [0, 2])).toEqual([
      ...wide,
      '  a      1.5  a text of some words',
      '              that go on',
    ]);
  });

  it('is split into tables with the same first column where nothing else helps', () => {
    const head = ['name', 'first', 'second', 'third'];
    const rows = [['a', '1,000,000', '2,000,000', '3,000,000']];
    expect(tableLines(head, rows, style(30))).toEqual([
      '  name      first     second',
      '  a     1,000,000  2,000,000',
      '',
      '  name      third',
      '  a     3,000,000',
    ]);
  });

  it('counts the columns that characters take', () => {
    expect(
      tableLines(
        ['name', 'n'],
        [
          ['日本', '1'],
          ['e\u0301', '22'],
        ],
        style(80),
      ),
    ).toEqual(['  name   n', '  日本   1', '  e\u0301     22']);
  });

  it('breaks a word that is wider than its column', () => {
    const lines = tableLines(['a', 'b'], [['x', 'y'.repeat(50)]], style(30), [0, 1]);
    expect(lines).toEqual(['  a  b', `  x  ${'y'.repeat(25)}`, `     ${'y'.repeat(25)}`]);
  });
});

describe('text', () => {
  it('is wrapped between words, with its further lines indented', () => {
    expect(fitted('  one two three four', 12)).toBe('  one two\n    three\n    four');
    expect(fitted('short\n  one two three', 80)).toBe('short\n  one two three');
  });

  it('keeps words whole that are too long, and units beside their numbers', () => {
    expect(wrap('see /a/long/path/to/a/file for more', 12)).toEqual([
      'see',
      '/a/long/path/to/a/file',
      'for more',
    ]);
    expect(wrap('took 97.5 % of 12 kB', 9)).toEqual(['took', '97.5 % of', '12 kB']);
  });

  it('that is a command ends its lines in a backslash', () => {
    expect(commandLines('tool --one 1 --two 2', 18, 2)).toEqual(['  tool --one 1 \\', '    --two 2']);
  });

  it('is cut at a character, with an ellipsis', () => {
    expect([shorten('日本語', 5), shorten('abc', 3), shorten('abcd', 3)]).toEqual(['日本…', 'abc', 'ab…']);
  });
});
