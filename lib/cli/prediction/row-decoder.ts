import { describeValue, SparseTrainError } from '../../base/errors.js';
import { parseUniqueJson } from '../../base/json.js';
import { counted } from '../../base/numbers.js';
import type { Wording } from '../../base/wording.js';
import { type CsvDelimiter, detectDelimiter } from '../../formats/csv/delimiter.js';
import { findLayout, openForSchema, remarkOnNames } from '../../formats/csv/layout.js';
import { firstRecords, type PeekedRecord } from '../../formats/csv/open-text.js';
import type { CsvFormatOptions } from '../../formats/csv/options.js';
import { type CsvRow, csvRowEncoder, type RowRules } from '../../formats/csv/row.js';
import { type CsvSchema, isInput } from '../../formats/csv/schema.js';
import { mayHaveSpellings, parseRow, parseSpellings } from '../../formats/json-numbers.js';
import { INPUT_KEYS } from '../../formats/table/found-rows.js';
import type { InputRow } from '../../network/inputs.js';
import type { Network } from '../../training/network.js';

/** Converts text to a network's inputs, row by row. */
export interface RowDecoder {
  /**
   * The inputs of a row.
   *
   * @returns undefined for blank lines
   * @throws SparseTrainError INVALID_DATA or INVALID_FILE, without the line's number
   */
  decode(text: string): InputRow | undefined;
  /** Whether a text of several lines is one row, by its quotes and the number of its fields. */
  isRow(text: string): boolean;
}

/** Whether a text's first line looks like JSON. */
export function looksLikeJson(line: string): boolean {
  return /^\s*[[{]/.test(line);
}

function invalid(message: string): SparseTrainError {
  return new SparseTrainError('INVALID_DATA', message);
}

/** Lines of JSON: objects by the names of the columns, or arrays of values in the order of the columns. */
export function jsonDecoder(network: Network, rules: RowRules): RowDecoder {
  const encode = network.schema === undefined ? numbersOf : csvRowEncoder(network.schema, rules);
  const decode = (line: string) => {
    if (line.trim() === '') return undefined;
    let row: unknown;
    try {
      row = network.schema === undefined ? parseUniqueJson(line) : parseRow(line);
      if (network.schema !== undefined && mayHaveSpellings(line)) row = parseSpellings(line);
    } catch (error) {
      if (error instanceof SparseTrainError) throw error;
      throw invalid(`not JSON: ${(error as Error).message}`);
    }
    return encode(listed(row, network) as CsvRow);
  };
  return { decode, isRow: () => true };
}

/**
 * Returns the list in `{ "input": [...] }` if the model was trained on such rows, otherwise the row itself.
 */
function listed(row: unknown, { schema }: Network): unknown {
  if (typeof row !== 'object' || row === null || schema === undefined) return row;
  const isColumn = (key: string) => schema.columns.some(({ name }) => name === key);
  const key = INPUT_KEYS.find(
    (name) => Array.isArray((row as Record<string, unknown>)[name]) && !isColumn(name),
  );
  return key === undefined ? row : (row as Record<string, unknown>)[key];
}

/** Reads inputs as numbers, for a model that was not trained on a table. */
function numbersOf(row: unknown): InputRow {
  const numbers =
    typeof row === 'object' && row !== null && 'input' in row ? (row as { input: unknown }).input : row;
  if (Array.isArray(numbers)) return numbers;
  throw invalid(`a row must be an array of numbers, or { "input": [...] }, but it is ${describeValue(row)}`);
}

/** A CSV text whose first record has been read. */
export interface OpenedCsv {
  readonly decoder: RowDecoder;
  readonly delimiter: CsvDelimiter;
  /** Whether the first record holds column names. */
  readonly isHeader: boolean;
  /** What was decided about the columns that may not be what was meant, a sentence each. */
  readonly remarks: readonly Wording[];
}

/**
 * Determines the delimiter, the names and the order of the columns from the first record of a CSV text.
 *
 * @param name - what messages call the text
 * @throws SparseTrainError INVALID_DATA if its columns are not those of the model
 */
export function openCsv(
  line: string,
  network: Network,
  options: CsvFormatOptions & RowRules,
  name: string,
): OpenedCsv {
  const { schema } = network;
  return schema === undefined
    ? openNumbers(line, network, options, name)
    : openTable(line, schema, options, name);
}

function openTable(
  line: string,
  schema: CsvSchema,
  { onMissing, onUnknown, gaps, ...options }: CsvFormatOptions & RowRules,
  name: string,
): OpenedCsv {
  const text = openForSchema(Buffer.from(line), name, schema, options);
  const { delimiter } = text;
  const decimal = options.decimal ?? schema.decimal;
  const [first] = firstRecords(text, decimal, 1) as [PeekedRecord];
  const layout = findLayout(first, name, schema, { ...options, labels: 'ignore' });
  const encode = csvRowEncoder({ ...schema, decimal }, { onMissing, onUnknown, gaps });
  const inputs = schema.columns.flatMap((column, i) => (isInput(column) ? i : []));
  // The position of each input column in a line.
  const places = inputs.map((column) => layout.columns.indexOf(column));
  const count = layout.columns.length;
  const decode = (text: string) => {
    const fields = splitLine(text, delimiter);
    if (fields === undefined) return undefined;
    if (fields.length !== count)
      throw invalid(`${counted(fields.length, 'field')}, but the first line has ${count}`);
    return encode(places.map((place) => fields[place] as string));
  };
  const isRow = (text: string) => hasFields(text, delimiter, count);
  const { header: isHeader, remarks } = layout;
  return { decoder: { decode, isRow }, delimiter, isHeader, remarks };
}

/** Wraps one line as a CSV text. */
function textOf(line: string) {
  return { bytes: Buffer.from(line), name: '', begin: 0, line: 1 };
}

function openNumbers(line: string, { layers }: Network, options: CsvFormatOptions, name: string): OpenedCsv {
  const delimiter = options.delimiter ?? detectDelimiter(textOf(line)) ?? ',';
  const parse = (text: string) => {
    const number = Number(options.decimal === ',' ? text.replace(',', '.') : text);
    return text.trim() === '' ? Number.NaN : number;
  };
  const checkCount = (fields: readonly string[]) => {
    if (fields.length !== layers[0])
      throw invalid(`${counted(fields.length, 'field')}, but the model has ${layers[0]} inputs`);
  };
  const decode = (text: string) => {
    const fields = splitLine(text, delimiter);
    if (fields === undefined) return undefined;
    checkCount(fields);
    const row = Float64Array.from(fields, parse);
    const wrong = row.findIndex((number) => !Number.isFinite(number));
    if (wrong === -1) return row;
    throw invalid(`field ${wrong + 1} must be a number, but it is ${describeValue(fields[wrong])}`);
  };
  const first = splitLine(line, delimiter) ?? [];
  checkCount(first);
  const isRow = (text: string) => hasFields(text, delimiter, layers[0] as number);
  const isHeader = options.header ?? first.every((field) => Number.isNaN(parse(field)));
  const remarks = isHeader ? [remarkOnNames(name)] : [];
  return { decoder: { decode, isRow }, delimiter, isHeader, remarks };
}

function hasFields(text: string, delimiter: CsvDelimiter, count: number): boolean {
  try {
    return splitLine(text, delimiter)?.length === count;
  } catch (error) {
    if (error instanceof SparseTrainError) return false;
    throw error;
  }
}

/** The fields of a record; undefined if the line is blank. */
function splitLine(line: string, delimiter: CsvDelimiter): string[] | undefined {
  if (line.trim() === '') return undefined;
  try {
    const [record] = firstRecords({ ...textOf(line), delimiter }, '.', 1);
    return record && [...record.texts];
  } catch (error) {
    if (!(error instanceof SparseTrainError)) throw error;
    // The scanner sees only one record.
    throw new SparseTrainError(error.code, error.message.replace(/^: line \d+, /, ''), { cause: error });
  }
}
