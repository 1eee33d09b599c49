/** A replacement of a source's text from `start` to `end`. */
export interface Change {
  readonly operator: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Whether a statement is left out, instead of an expression replaced. */
  readonly isStatement: boolean;
}

export interface Mutant extends Change {
  /** The function that it is in. */
  readonly where: string;
  readonly line: number;
  readonly from: string;
  readonly to: string;
}

export function mutantsOf(file: string, source: string): Mutant[];
