import type { Summary } from '../statistics.js';

/** A measurement with its spread: `2.6 µs (2.5 to 2.9)`. */
export function quantity(summary: Summary, show: (value: number) => string): string {
  const { median, min, max, repeats } = summary;
  if (repeats < 2) return show(median);
  return `${show(median)} (${show(min)} to ${show(max)})`;
}

/** Part of a report: a heading, text and tables, for a page or a terminal. */
export interface Section {
  readonly title: string;
  readonly text: readonly string[];
  readonly tables: readonly Table[];
}

export interface Table {
  readonly title?: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns set to the left, counted from 0. */
  readonly left?: readonly number[];
}
