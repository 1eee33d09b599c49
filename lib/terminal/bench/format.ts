/** Part of a report: a heading, text and tables, for a page or a terminal. */
export interface Section {
  readonly title: string;
  /** Paragraphs of a page; a terminal shows the tables alone. */
  readonly text: readonly string[];
  /** Paragraphs that a terminal shows too. */
  readonly notes?: readonly string[];
  readonly tables: readonly Table[];
}

export interface Table {
  readonly title?: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns set to the left, counted from 0. */
  readonly left?: readonly number[];
}
