import type { Colors } from 'picocolors/types.js';
import { printableLine } from '../base/printable.js';
import { padEnd, wrap } from './width.js';

/** Colours and width of a report. */
export interface Style {
  /** Colours, from createPaint(). */
  readonly paint: Colors;
  /** The most columns of a line. */
  readonly columns: number;
}

/** The columns of a label, without the blanks around it. */
const LABEL = 13;

/** Lines that hold a label and a value. Values are aligned and wrapped; undefined ones are left out. */
export function factLines(
  facts: readonly (readonly [label: string, value: string | undefined])[],
  { paint, columns }: Style,
): string[] {
  const indent = LABEL + 3;
  return facts.flatMap(([label, value]) => {
    if (value === undefined) return [];
    const [first, ...rest] = wrap(value, columns - indent);
    return [
      `  ${paint.dim(padEnd(printableLine(label), LABEL))} ${first}`,
      ...rest.map((line) => ' '.repeat(indent) + line),
    ];
  });
}
