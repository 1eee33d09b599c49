import Table from 'cli-table3';
import type { Style } from './style.js';

/** No frame, two blanks between columns, indented like everything else. */
const NO_FRAME = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

/** A table without frame, numbers to the right; columns in `left` (counted from 0) are set to the left. */
export function tableLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { paint }: Style,
  left: readonly number[] = [0],
): string[] {
  const table = new Table({
    chars: NO_FRAME,
    style: { head: [], border: [], 'padding-left': 2, 'padding-right': 0 },
    colAligns: head.map((_, i) => (left.includes(i) ? 'left' : 'right')),
    head: head.map((title) => paint.dim(title)),
  });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}
