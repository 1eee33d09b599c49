import { printableLine } from '../base/printable.js';
import { unpainted } from './paint.js';
import type { Style } from './style.js';

/** Blanks before each column. */
const GAP = '  ';

/** A table without a frame. Columns in `left` (from 0) are left-aligned, all others right-aligned. */
export function tableLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { paint }: Style,
  left: readonly number[] = [0],
): string[] {
  const lines = [head.map((title) => paint.dim(title)), ...rows.map((cells) => cells.map(printableLine))];
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => width(cells[column] ?? ''))));
  return lines.map((cells) =>
    widths
      .map((wanted, column) => {
        const cell = cells[column] ?? '';
        const blanks = ' '.repeat(wanted - width(cell));
        return GAP + (left.includes(column) ? cell + blanks : blanks + cell);
      })
      .join('')
      .trimEnd(),
  );
}

/** The width of a text on the screen: each character we print takes one column, colour codes take none. */
function width(text: string): number {
  return [...unpainted(text)].length;
}
