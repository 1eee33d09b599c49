/** A section of a report, for a page or a terminal: a heading, text and tables. */
export interface Section {
  readonly title: string;
  /** Paragraphs for the page alone. */
  readonly text: readonly string[];
  /** Paragraphs for the page and the terminal. */
  readonly notes?: readonly string[];
  readonly tables: readonly Table[];
}

export interface Table {
  readonly title?: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Left-aligned columns, counted from 0. */
  readonly left?: readonly number[];
}
