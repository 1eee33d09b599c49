import { printableLine } from '../base/printable.js';
import type { Style } from './style.js';
import { broken, displayWidth, wrap } from './width.js';

/** Blanks before each column. */
const GAP = '  ';

/** Columns of text are not made narrower than this. */
const NARROWEST = 20;

/**
 * A table without a frame. Columns in `left` (from 0) are left-aligned, all others right-aligned.
 *
 * If the table is too wide, its headings are wrapped, then the texts in left-aligned columns. If that is not enough, it
 * is split into several tables, each of which begins with the first column.
 */
export function tableLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { paint, columns }: Style,
  left: readonly number[] = [0],
): string[] {
  const cells = rows.map((row) => head.map((_, i) => printableLine(row[i] ?? '')));
  const room = head.map((title, i) => ({
    /** With everything on one line. */
    full: Math.max(displayWidth(title), ...cells.map((row) => displayWidth(row[i] as string))),
    /** With the heading wrapped. */
    least: Math.max(longestWord(title), ...cells.map((row) => displayWidth(row[i] as string))),
  }));
  const full = room.map((column) => column.full);
  const least = room.map((column) => column.least);
  const widths = fits(full, columns) ? full : fits(least, columns) ? least : narrowed(least, left, columns);
  return groups(widths, columns).flatMap((group, i) => {
    const line = (row: readonly string[], paintCell: (cell: string) => string) =>
      rowLines(
        group.map((column) => ({
          text: row[column] as string,
          width: widths[column] as number,
          isLeft: left.includes(column),
        })),
        paintCell,
      );
    return [
      ...(i === 0 ? [] : ['']),
      ...line(head, paint.dim),
      ...cells.flatMap((row) => line(row, (cell) => cell)),
    ];
  });
}

function longestWord(text: string): number {
  return Math.max(...text.split(' ').map(displayWidth));
}

function fits(widths: readonly number[], columns: number): boolean {
  return widths.reduce((sum, width) => sum + GAP.length + width, 0) <= columns;
}

/**
 * The widths, with those of texts reduced: just enough for the table to fit, or if it is split, for its parts to fit.
 */
function narrowed(widths: readonly number[], left: readonly number[], columns: number): readonly number[] {
  const capped = (most: number) =>
    widths.map((width, i) => (left.includes(i) ? Math.min(width, most) : width));
  for (let most = Math.max(...widths); most >= NARROWEST; most--) {
    if (fits(capped(most), columns)) return capped(most);
  }
  const first = Math.min(widths[0] as number, Math.floor(columns / 2) - GAP.length);
  const rest = columns - first - 2 * GAP.length;
  return widths.map((width, i) => (i === 0 ? first : left.includes(i) ? Math.min(width, rest) : width));
}

/** The columns of each part of a split table; all parts begin with column 0. */
function groups(widths: readonly number[], columns: number): number[][] {
  const parts: number[][] = [];
  let part = [0];
  for (let column = 1; column < widths.length; column++) {
    const wanted = [...part, column];
    if (
      part.length > 1 &&
      !fits(
        wanted.map((i) => widths[i] as number),
        columns,
      )
    ) {
      parts.push(part);
      part = [0, column];
    } else {
      part = wanted;
    }
  }
  return [...parts, part];
}

interface Cell {
  readonly text: string;
  readonly width: number;
  readonly isLeft: boolean;
}

/** Formats a row, which takes several lines if a cell does not fit in one. */
function rowLines(cells: readonly Cell[], paintCell: (cell: string) => string): string[] {
  const wrapped = cells.map(({ text, width }) => wrap(text, width).flatMap((line) => broken(line, width)));
  const height = Math.max(...wrapped.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map(({ width, isLeft }, i) => {
        const cell = wrapped[i]?.[line] ?? '';
        const blanks = ' '.repeat(Math.max(0, width - displayWidth(cell)));
        const painted = cell === '' ? '' : paintCell(cell);
        return GAP + (isLeft ? painted + blanks : blanks + painted);
      })
      .join('')
      .trimEnd(),
  );
}
