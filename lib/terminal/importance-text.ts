import { significant } from '../base/numbers.js';
import type { ColumnImportance } from '../training/importance.js';
import { bar } from './charts.js';
import type { Style } from './style.js';
import { tableLines } from './table.js';
import { shorten } from './width.js';

/** At most this many columns are listed. */
const LISTED = 30;
const BAR = 20;

/** Lists the columns that a network relies on, the most important first. */
export function importanceText(columns: readonly ColumnImportance[], rows: number, style: Style): string {
  const largest = Math.max(...columns.map(({ loss }) => loss), Number.MIN_VALUE);
  const lines = columns
    .slice(0, LISTED)
    .map(({ column, loss, score }) => [
      shorten(column, 24),
      significant(loss, 3),
      significant(score, 3),
      style.paint.cyan(bar(Math.max(0, loss / largest), BAR)),
    ]);
  const more = columns.length > LISTED ? [`  and ${columns.length - LISTED} more columns`] : [];
  return [
    `  ${style.paint.dim(`how much worse the network is on ${rows} rows if a column is shuffled`)}`,
    ...tableLines(['column', 'loss', 'score', ''], lines, style, [0, 3]),
    ...more,
  ].join('\n');
}
