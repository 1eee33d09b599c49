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
