import { describeValue, nearest, SparseTrainError } from '../../base/errors.js';
import {
  CategoryIndex,
  type CsvSchema,
  inputWidth,
  isInput,
  MissingValues,
  parseCsvSchema,
} from './schema.js';
import { textNumber } from './value.js';

/** One field of a row that does not come from a file. */
export type CsvValue = string | number | bigint | boolean;

/** A row: values by column name, or the values of the input columns in order. */
export type CsvRow = Readonly<Record<string, CsvValue>> | readonly CsvValue[];

/** An input column, its position and its encoding. */
interface Encoder {
  readonly name: string;
  readonly at: number;
  readonly index: CategoryIndex | undefined;
}

/**
 * Makes a function that encodes single rows, for prediction or online learning, in the same way as the
 * training file.
 *
 * The function takes an object with the names of the input columns (other names are ignored) or an array with
 * the values of the input columns in order, and returns as many inputs as the training data have features. It
 * throws SparseTrainError INVALID_DATA for inputs that are missing, not numbers, or unknown categories.
 *
 * @example
 * const encode = csvRowEncoder(schema);
 * network.predict(encode({ age: 31, city: 'Rome' }));
 */
export function csvRowEncoder(given: CsvSchema): (row: CsvRow) => Float64Array {
  const schema = parseCsvSchema(given);
  const encoders: Encoder[] = [];
  let width = 0;
  for (const column of schema.columns.filter(isInput)) {
    const index = 'categories' in column ? new CategoryIndex(column.categories, schema.decimal) : undefined;
    encoders.push({ name: column.name, at: width, index });
    width += inputWidth(column);
  }
  const marks = new MissingValues(schema.missing);
  return (row) => {
    const values = Array.isArray(row) ? checkLength(row, encoders) : valuesByName(row, encoders);
    const result = new Float64Array(width);
    for (const [i, encoder] of encoders.entries()) encodeValue(encoder, values[i], schema, marks, result);
    return result;
  };
}

function checkLength(row: readonly unknown[], columns: readonly Encoder[]): readonly unknown[] {
  if (row.length === columns.length) return row;
  const names = columns.slice(0, 20).map(({ name }) => name);
  throw invalid(
    `the row has ${row.length} values, but there are ${columns.length} inputs (${names.join(', ')})`,
  );
}

function valuesByName(row: unknown, columns: readonly Encoder[]): unknown[] {
  if (typeof row !== 'object' || row === null) {
    throw invalid(`a row must be an object or an array, but it is ${describeValue(row)}`);
  }
  return columns.map(({ name }) => {
    if (Object.hasOwn(row, name)) return (row as Record<string, unknown>)[name];
    const near = nearest(name, Object.keys(row));
    throw invalid(`"${name}" is not in the row${near === undefined ? '' : `; is it "${near}"?`}`);
  });
}

function encodeValue(
  { name, at, index }: Encoder,
  value: unknown,
  schema: CsvSchema,
  marks: MissingValues,
  result: Float64Array,
): void {
  const isField = ['string', 'bigint', 'boolean'].includes(typeof value) || Number.isFinite(value);
  const text = isField ? String(value).trim() : '';
  // Numbers are not converted to text and back, because the file's decimal mark applies only to its texts.
  const number = typeof value === 'number' ? value : textNumber(text, schema.decimal);
  if (!isField || (Number.isNaN(number) ? marks.hasText(text) : marks.hasNumber(number))) {
    throw invalid(`"${name}" is missing or not a value: ${describeValue(value)}`);
  }
  if (index === undefined) {
    if (Number.isNaN(number)) throw invalid(`"${name}": ${describeValue(value)} is not a number`);
    result[at] = number;
    return;
  }
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    const what = `"${name}": ${value} is beyond 2^53, where numbers are rounded to others`;
    throw invalid(`${what}; give the category as a text or a BigInt`);
  }
  // In a quoted field of the training file, blanks belong to the category.
  const exact = typeof value === 'string' ? index.find(number, value) : -1;
  const category = exact === -1 ? index.find(number, text) : exact;
  if (category === -1) throw invalid(`"${name}": ${index.describeUnknown(text)}`);
  result[at + category] = 1;
}

function invalid(what: string): SparseTrainError {
  return new SparseTrainError('INVALID_DATA', what);
}
