import { describe, expect, it } from 'vitest';
import { details } from '../../lib/report/html/sections/confusion.js';
import type { ReportedRun } from '../../lib/report/runs/reported-run.js';
import type { LoggedMetrics } from '../../lib/report/runs/run-log-file.js';

/** The section of a run that was tested on these examples: rows are true classes, columns predicted ones. */
function sectionOf(names: readonly string[], confusion: readonly (readonly number[])[]): string {
  const perClass = names.map((name) => ({ name, support: 0, precision: 0, recall: 0, f1: 0 }));
  const metrics = { kind: 'classification', examples: 100, accuracy: 0, confusion, perClass };
  const run = { tested: { metrics: metrics as unknown as LoggedMetrics, data: 'examples' } };
  return String(details(run as unknown as ReportedRun, '', ''));
}

const cellsOf = (page: string) =>
  [...page.matchAll(/<td class="([^"]*)" title="([^"]*)">([^<]*)</g)].map(([, ...cell]) => cell);

describe('the confusion matrix of a report', () => {
  it('says of each cell what was taken for what, and how often', () => {
    const page = sectionOf(
      ['cat', 'dog'],
      [
        [90, 10],
        [0, 1000],
      ],
    );
    expect(cellsOf(page)).toEqual([
      ['right-2', 'cat taken for cat: 90', '90'],
      ['wrong-3', 'cat taken for dog: 10', '10'],
      ['nothing', 'dog taken for cat: 0', ''],
      ['right-3', 'dog taken for dog: 1,000', '1,000'],
    ]);
    const [matrix = ''] = page.split('<details>');
    expect([...matrix.matchAll(/<th scope="row"[^>]*>([^<]*)</g)].map(([, text]) => text)).toEqual([
      'cat',
      '90.0 %',
      'dog',
      '100.0 %',
    ]);
  });

  it('leaves out classes that neither occur nor are predicted, and says how many', () => {
    // 32 outputs for ten digits, as the hardware's network has them.
    const names = Array.from({ length: 32 }, (_, i) => String(i));
    const confusion = names.map((_, is) => names.map((_, said) => (is < 10 && said < 10 ? 1 : 0)));
    const page = sectionOf(names, confusion);
    expect(cellsOf(page)).toHaveLength(100);
    expect(page).toContain('Not shown: 22 classes');
    const predictedOnly = [
      [1, 1, 0],
      [0, 0, 0],
      [0, 0, 0],
    ];
    const predicted = sectionOf(['a', 'b', 'c'], predictedOnly);
    expect(cellsOf(predicted)).toHaveLength(4);
    expect(predicted).toContain('Not shown: 1 class that');
    expect(
      sectionOf(
        ['a', 'b'],
        [
          [1, 1],
          [0, 0],
        ],
      ),
    ).not.toContain('Not shown');
  });

  it('is darker the larger the share of a class', () => {
    const shades = (row: readonly number[]) =>
      cellsOf(sectionOf(['p', 'q'], [row, [0, 0]]))
        .slice(0, 2)
        .map(([shade]) => shade);
    expect(shades([950, 50])).toEqual(['right-3', 'wrong-3']);
    expect(shades([951, 49])).toEqual(['right-3', 'wrong-2']);
    expect(shades([949, 51])).toEqual(['right-2', 'wrong-3']);
    expect(shades([990, 10])).toEqual(['right-3', 'wrong-2']);
    expect(shades([991, 9])).toEqual(['right-3', 'wrong-1']);
    expect(shades([799, 201])).toEqual(['right-1', 'wrong-3']);
    expect(shades([800, 200])).toEqual(['right-2', 'wrong-3']);
  });

  it('gives way to the twenty most frequent mix-ups beyond 26 classes', () => {
    const names = Array.from({ length: 27 }, (_, i) => `class ${i}`);
    const confusion = names.map((_, is) => names.map((_, said) => (said === is ? 900 : said === 0 ? is : 0)));
    const page = sectionOf(names, confusion);
    expect(cellsOf(page)).toEqual([]);
    expect(page).toContain('The most frequent mix-ups of 27 classes');
    const [mixUps = ''] = page.split('<details>');
    const rows = [...mixUps.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
      row.replace(/<[^>]*>/g, ' ').split(/ {2,}/),
    );
    expect(rows.slice(1).map((row) => row.map((cell) => cell.trim()).filter(Boolean))).toEqual(
      Array.from({ length: 20 }, (_, i) => [`class ${26 - i}`, 'class 0', `${26 - i}`]),
    );
    const smaller = names.slice(0, 26);
    expect(
      cellsOf(
        sectionOf(
          smaller,
          smaller.map(() => smaller.map(() => 1)),
        ),
      ),
    ).toHaveLength(26 * 26);
  });
});
