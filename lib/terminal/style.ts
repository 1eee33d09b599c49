import type { Colors } from 'picocolors/types.js';
import { printableLine } from '../base/printable.js';

/** Colours and width of a report. */
export interface Style {
  /** Colours, from createPaint(). */
  readonly paint: Colors;
  /** The most characters in a line. */
  readonly columns: number;
}

/** Lines with a label and a value each, values aligned; undefined values are left out. */
export function factLines(
  facts: readonly (readonly [label: string, value: string | undefined])[],
  { paint }: Style,
  labelWidth = 13,
): string[] {
  return facts.flatMap(([label, value]) =>
    value === undefined ? [] : `  ${paint.dim(printableLine(label).padEnd(labelWidth))} ${value}`,
  );
}

/** `first, second, ...` wrapped to the width; all lines but the first are indented by this many blanks. */
export function wrapWords(words: readonly string[], indent: number, columns: number): string {
  const lines: string[] = [];
  let line = '';
  for (const [i, name] of words.entries()) {
    const word = printableLine(name);
    const piece = i + 1 < words.length ? `${word}, ` : word;
    if (line !== '' && indent + (line + piece).trimEnd().length > columns) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += piece;
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}
