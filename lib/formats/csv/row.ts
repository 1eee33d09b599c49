import { describeValue, nearest, SparseTrainError } from '../../base/errors.js';
import type { SparseRow } from '../../data/csr.js';
import { type InputSink, SparseInputs } from '../../data/input-rows.js';
import { flatRow } from '../flat-row.js';
import type { Gaps } from './encode.js';
import { type InputCoder, inputCoder } from './input-coder.js';
import {
  type CsvSchema,
  inputWidth,
  isInput,
  isSparseSchema,
  MissingValues,
  parseCsvSchema,
} from './schema.js';
import { textNumber } from './value.js';

/** One field of a row that does not come from a file. */
export type CsvValue = string | number | bigint | boolean | Date | null | undefined;

/**
 * A row of a table: values ({@link CsvValue}) by the names of the columns. The fields of an inner object are columns called
 * `outer.inner`.
 */
export type TableRow = Readonly<Record<string, unknown>>;

/** A row: values by column name, or the values of the input columns in order. */
export type CsvRow = TableRow | readonly CsvValue[];

/** An input column and its encoding. */
interface Encoder {
  readonly name: string;
  readonly coder: InputCoder;
}

/**
 * Makes a function that encodes single rows, for prediction or online learning, in the same way as the
 * training file.
 *
 * The function takes an object with the names of the input columns (other names are ignored, the fields of inner objects
 * are called `outer.inner`) or an array with
 * the values of the input columns in order, and returns as many inputs as the training data have features, or a sparse
 * row if there are many of which few are used. Values that are missing, null or not in the row, and unknown categories
 * are coded as in files. It throws SparseTrainError INVALID_DATA for values that are not what their columns hold.
 *
 * @example
 * const encode = csvRowEncoder(schema);
 * network.predict(encode({ age: 31, city: 'Rome' }));
 *
 * @param rules - what is an error instead, and where gaps are counted
 */
export function csvRowEncoder(
  given: CsvSchema,
  rules: RowRules = {},
): (row: CsvRow) => Float64Array | SparseRow<Float64Array> {
  const schema = parseCsvSchema(given);
  const encoders: Encoder[] = [];
  let width = 0;
  for (const column of schema.columns) {
    if (isInput(column)) {
      const coder = inputCoder(column, width, { decimal: schema.decimal, isFitting: false });
      encoders.push({ name: column.name, coder });
    }
    width += inputWidth(column);
  }
  const unused = new Set(schema.columns.flatMap((column) => (isInput(column) ? [] : [column.name])));
  const marks = new MissingValues(schema.missing);
  const isSparse = isSparseSchema(schema);
  return (row) => {
    const values = Array.isArray(row) ? checkLength(row, encoders) : valuesByName(row, encoders, unused);
    const inputs = isSparse ? new SparseInputs() : new FullInputs(width);
    const found: (readonly [keyof Gaps, string])[] = [];
    for (const [i, encoder] of encoders.entries()) {
      const gap = encodeValue(encoder, values[i], schema, marks, rules, inputs);
      if (gap !== undefined) found.push([gap, encoder.name]);
    }
    // Only now, so that the gaps of a row with an error are not counted.
    for (const [gap, name] of found) rules.gaps?.add(gap, name);
    return inputs.row();
  };
}

/** The inputs of one full row. */
class FullInputs implements InputSink {
  readonly #inputs: Float64Array;

  constructor(width: number) {
    this.#inputs = new Float64Array(width);
  }

  put(input: number, value: number): void {
    this.#inputs[input] = value;
  }

  row(): Float64Array {
    return this.#inputs;
  }
}

/** What is an error instead of being filled in. */
export interface RowRules {
  readonly onMissing?: 'impute' | 'skip' | 'error' | undefined;
  readonly onUnknown?: 'other' | 'skip' | 'error' | undefined;
  /** Is told of each value that is filled in: whether it was missing or unknown, and its column. */
  readonly gaps?: { add(gap: 'missing' | 'unknown', column: string): void } | undefined;
}

/** Counts the values of rows that were missing or unknown, by column. */
export class GapCounter implements Gaps {
  readonly missing = new Map<string, number>();
  readonly unknown = new Map<string, number>();

  add(gap: keyof Gaps, column: string): void {
    this[gap].set(column, (this[gap].get(column) ?? 0) + 1);
  }
}

function checkLength(row: readonly unknown[], columns: readonly Encoder[]): readonly unknown[] {
  if (row.length === columns.length) return row;
  const names = columns.slice(0, 20).map(({ name }) => name);
  throw invalid(
    `the row has ${row.length} values, but there are ${columns.length} inputs (${names.join(', ')})`,
  );
}

/** @param unused - names of the label, and of columns that are not used; they are no misspelt names of others */
function valuesByName(row: unknown, columns: readonly Encoder[], unused: ReadonlySet<string>): unknown[] {
  if (typeof row !== 'object' || row === null) {
    throw invalid(`a row must be an object or an array, but it is ${describeValue(row)}`);
  }
  const values = flatRow(row as Record<string, unknown>);
  const keys = Object.keys(values);
  let others: string[] | undefined;
  const found = columns.map(({ name }) => {
    if (Object.hasOwn(values, name)) return values[name];
    // A name that is nearly right is a mistake, not a missing value.
    others ??= keys.filter((key) => !unused.has(key) && !columns.some((column) => column.name === key));
    const near = nearest(name, others);
    if (near === undefined) return undefined;
    throw invalid(`"${name}" is not in the row; is it "${near}"?`);
  });
  if (keys.length > 0 && !columns.some(({ name }) => Object.hasOwn(values, name))) {
    const names = columns.slice(0, 20).map(({ name }) => name);
    throw invalid(`the row has none of the columns ${names.join(', ')}`);
  }
  return found;
}

/** Codes one value; returns what was not known about it. */
function encodeValue(
  { name, coder }: Encoder,
  value: unknown,
  schema: CsvSchema,
  marks: MissingValues,
  { onMissing, onUnknown }: RowRules,
  sink: InputSink,
): keyof Gaps | undefined {
  const given = value instanceof Date ? textOfDate(value) : value;
  const isField = ['string', 'bigint', 'boolean'].includes(typeof given) || Number.isFinite(given);
  const isAbsent = given === undefined || given === null || Number.isNaN(given);
  if (!isField && !isAbsent) throw invalid(`"${name}" is not a value: ${describeValue(given)}`);
  const text = isField ? String(given).trim() : '';
  // Numbers are not converted to text and back, because the file's decimal mark applies only to its texts.
  const number = typeof given === 'number' ? given : textNumber(text, schema.decimal);
  if (isAbsent || (Number.isNaN(number) ? marks.hasText(text) : marks.hasNumber(number))) {
    if (onMissing === 'error' || onMissing === 'skip' || !coder.fills)
      throw invalid(`"${name}" is missing: ${describeValue(value)}`);
    coder.codeMissing(sink);
    return 'missing';
  }
  if (coder.needsText && typeof given === 'number' && Math.abs(given) > Number.MAX_SAFE_INTEGER) {
    const what = `"${name}": ${given} is beyond 2^53, where numbers are rounded to others`;
    throw invalid(`${what}; give the category as a text or a BigInt`);
  }
  // In a quoted field of the training file, blanks belong to the category.
  const exact = typeof given === 'string' && given !== text ? coder.code(number, given, sink) : 'unknown';
  const coded = exact === 'known' ? exact : coder.code(number, text, sink);
  if (coded === 'known') return undefined;
  if (coded === 'wrong') throw invalid(`"${name}": ${describeValue(value)} is not a ${coder.holds}`);
  if (onUnknown === 'error' || onUnknown === 'skip')
    throw invalid(`"${name}": ${coder.describeUnknown(text)}`);
  return 'unknown';
}

/** A date as files write it; an invalid date is a missing value. */
function textOfDate(date: Date): string | undefined {
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

function invalid(what: string): SparseTrainError {
  return new SparseTrainError('INVALID_DATA', what);
}
