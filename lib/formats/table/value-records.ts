import { describeValue, SparseTrainError, shortened } from '../../base/errors.js';
import { optionName, say } from '../../base/wording.js';
import type { Records } from '../csv/records.js';
import { textNumber } from '../csv/value.js';

/** A table whose fields are values, not text. */
export interface ValueTable {
  readonly names: readonly string[];
  /** Whether the names come from the table; otherwise they were invented. */
  readonly header: boolean;
  readonly rows: number;
  /** The unit of a record's position. */
  readonly unit: 'line' | 'row';
  /** A field: a number, a text, true or false, or null if it is missing. */
  value(row: number, column: number): unknown;
  /** A field that is a number as it is spelled in the file, if that is known and not how JavaScript spells it. */
  spelling?(row: number, column: number): unknown;
  /** The position of a row, counted from 1. */
  place(row: number): number;
}

/**
 * The rows of a table of values as records, which become inputs and labels like those of a CSV file. Numbers
 * are used as they are, texts are read like fields of a CSV file, true and false become the texts `true` and
 * `false`, and null is a missing value.
 */
export class ValueRecords implements Records {
  readonly count: number;
  readonly unit: 'line' | 'row';
  readonly block = undefined;
  readonly at = 0;

  readonly #table: ValueTable;
  readonly #name: string;
  #row = -1;

  /** @param name - the name of the table in messages */
  constructor(table: ValueTable, name: string) {
    this.#table = table;
    this.#name = name;
    this.count = table.names.length;
    this.unit = table.unit;
  }

  get line(): number {
    return this.#table.place(this.#row);
  }

  next(): boolean {
    this.#row++;
    return this.#row < this.#table.rows;
  }

  number(index: number): number {
    const value = this.#table.value(this.#row, index);
    if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN;
    if (typeof value === 'bigint') return Number(value);
    return typeof value === 'string' ? textNumber(value.trim(), '.') : Number.NaN;
  }

  text(index: number): string {
    const number = this.#table.value(this.#row, index);
    const value = typeof number === 'number' ? (this.#table.spelling?.(this.#row, index) ?? number) : number;
    if (typeof value === 'string') return value.trim();
    if (value === null || value === undefined) return '';
    if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
      return String(value);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
    const name = this.#table.names[index] ?? '';
    throw new SparseTrainError(
      'INVALID_DATA',
      say`${this.#name}: ${this.unit} ${this.line}: "${shortened(name)}" is ${describeValue(value)}, but must be a number, a text, true, false or null; leave the column out with ${optionName('ignore', name)}`,
    );
  }
}
