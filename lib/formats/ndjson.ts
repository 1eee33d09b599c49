import { describeValue, SparseTrainError } from '../base/errors.js';
import { inSlices } from '../base/steps.js';
import { layoutFor } from './csv/layout.js';
import type { CsvOptions } from './csv/options.js';
import type { CsvSchema } from './csv/schema.js';
import { codedRows, type ExampleRows, streamOfParts } from './example-rows.js';
import type { DataFormat, TableStream } from './format.js';
import { mayHaveSpellings, parseRow, parseSpellings } from './json-numbers.js';
import { readLines } from './lines.js';
import { bytesOf, type DataSource } from './source.js';
import { rowSteps, tableSteps } from './table/table.js';
import type { ValueTable } from './table/value-records.js';

/** A row: values by column name, and its position. */
export interface JsonRow {
  readonly line: number;
  readonly values: Readonly<Record<string, unknown>>;
  /** The row's JSON, if it may have numbers such as 1.0 whose spelling is not that of JavaScript. */
  readonly json: string | undefined;
}

/** Keys for a row's list of inputs, and for its label. */
export const INPUT_KEYS = ['input', 'inputs', 'features'] as const;
const LABEL_KEYS = ['label', 'target', 'class', 'y'] as const;

/**
 * The rows of a JSON-lines text in groups that arrived together. A row is an object of values by column name,
 * or `{ "input": [numbers], "label": ... }` (also `inputs`, `features`, and `target`, `class`, `y`); its
 * numbers get the columns `input 1`, `input 2`, ... and `label`.
 *
 * @throws SparseTrainError INVALID_DATA for lines that are none, INVALID_FILE
 */
export async function* jsonRows(source: DataSource): AsyncGenerator<JsonRow[], void, void> {
  for await (const lines of readLines(bytesOf(source), source.name)) {
    const rows: JsonRow[] = [];
    for (const { number: line, text } of lines) {
      if (text.trim() === '') continue;
      try {
        const json = text.replace(/^\ufeff/, '');
        rows.push({ line, values: rowOf(parseRow(json)), json: mayHaveSpellings(json) ? json : undefined });
      } catch (error) {
        // What came before is good.
        if (rows.length > 0) yield rows;
        const why = error instanceof SyntaxError ? `not JSON: ${error.message}` : (error as Error).message;
        throw new SparseTrainError('INVALID_DATA', `${source.name}: line ${line}: ${why}`, { cause: error });
      }
    }
    if (rows.length > 0) yield rows;
  }
}

function rowOf(json: unknown): JsonRow['values'] {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `a row must be an object such as { "input": [1, 2], "label": "a" }, but it is ${describeValue(json)}`,
    );
  }
  const row = json as Record<string, unknown>;
  const key = INPUT_KEYS.find((name) => Array.isArray(row[name]));
  if (key === undefined) return row;
  const values: Record<string, unknown> = {};
  for (const [i, value] of (row[key] as unknown[]).entries()) values[`input ${i + 1}`] = value;
  const label = LABEL_KEYS.find((name) => row[name] !== undefined);
  if (label !== undefined) values.label = row[label];
  return values;
}

/**
 * Rows as a table. All must have the columns of the first row, in any order; columns that `names` does not
 * contain are ignored.
 *
 * @param names - the columns; those of the first row if not given
 * @throws SparseTrainError INVALID_DATA
 */
export function jsonTable(rows: readonly JsonRow[], name: string, names?: readonly string[]): ValueTable {
  const first = rows[0];
  if (first === undefined) throw new SparseTrainError('INVALID_DATA', `${name} has no rows`);
  const columns = names ?? Object.keys(first.values);
  for (const { line, values } of rows) {
    const missing = columns.find((column) => !Object.hasOwn(values, column));
    if (missing !== undefined) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `${name}: line ${line} has no "${missing}", which the first line has; write null for a missing value`,
      );
    }
    if (names === undefined && Object.keys(values).length > columns.length) {
      const more = Object.keys(values).find((column) => !columns.includes(column));
      throw new SparseTrainError(
        'INVALID_DATA',
        `${name}: line ${line} has "${more}", which the first line has not; all rows need the same columns`,
      );
    }
  }
  let latest: { row: number; values: JsonRow['values'] } | undefined;
  return {
    names: columns,
    header: true,
    rows: rows.length,
    unit: 'line',
    value: (row, column) => rows[row]?.values[columns[column] as string],
    spelling(row, column) {
      const json = rows[row]?.json;
      if (json === undefined) return undefined;
      if (latest?.row !== row) latest = { row, values: rowOf(parseSpellings(json)) };
      return latest.values[columns[column] as string];
    },
    place: (row) => rows[row]?.line ?? 0,
  };
}

/**
 * Adds the label's column by name if the options do not give a label; by default the label is the last
 * column.
 */
export function withJsonLabel(options: CsvOptions, names: readonly string[]): CsvOptions {
  if (options.label !== undefined) return options;
  return { ...options, label: LABEL_KEYS.find((key) => names.includes(key)) };
}

async function allRows(source: DataSource): Promise<JsonRow[]> {
  const rows: JsonRow[] = [];
  for await (const some of jsonRows(source)) for (const row of some) rows.push(row);
  return rows;
}

/** The number of rows that determine the columns. */
const SAMPLE_ROWS = 10_000;

/** Opens JSON lines to read them in parts. The first 10,000 rows determine the columns. */
async function openJsonStream(source: DataSource, options: CsvOptions): Promise<TableStream> {
  const batches = jsonRows(source);
  const first: JsonRow[] = [];
  while (first.length < SAMPLE_ROWS) {
    const { done, value } = await batches.next();
    if (done) break;
    for (const row of value) first.push(row);
  }
  const table = jsonTable(first, source.name);
  const { names } = table;
  const {
    schema,
    dataset: sample,
    remarks,
  } = await inSlices(tableSteps(table, withJsonLabel(options, names), source.name));
  const code = (rows: readonly JsonRow[]) =>
    codedRows(jsonTable(rows, source.name, names), source.name, schema, options);
  async function* parts(): AsyncGenerator<ExampleRows, void, void> {
    try {
      for (let batch: readonly JsonRow[] | undefined = first; batch !== undefined; ) {
        yield code(batch);
        const { done, value } = await batches.next();
        batch = done ? undefined : value;
      }
    } finally {
      await batches.return();
    }
  }
  return streamOfParts({ schema, sample, remarks }, parts);
}

/** JSON lines, plain or gzip, from a file or from standard input. */
export const NDJSON: DataFormat = {
  name: 'ndjson',
  hasColumns: true,
  async read(source, options) {
    const table = jsonTable(await allRows(source), source.name);
    const { dataset, ...rest } = await inSlices(
      tableSteps(table, withJsonLabel(options, table.names), source.name),
    );
    return { train: dataset, test: undefined, ...rest };
  },
  async apply(source, { schema }, options) {
    const rows = await allRows(source);
    if (schema === undefined) {
      const table = jsonTable(rows, source.name);
      const { dataset, skipped, remarks } = await inSlices(
        tableSteps(table, withJsonLabel({ onMissing: options.onMissing }, table.names), source.name),
      );
      return { inputs: dataset.inputs, dataset, skipped, remarks };
    }
    const [first] = rows;
    const all = Object.keys(first?.values ?? {});
    const isList = all.includes('input 1') && !schema.columns.some(({ name }) => name === 'input 1');
    if (first === undefined || isList) {
      const table = { ...jsonTable(rows, source.name), header: false };
      return inSlices(rowSteps(table, schema, options, source.name));
    }
    // The rows' own names are checked as those of a CSV file are; then only the columns that are used are asked for.
    const named: CsvSchema = { ...schema, header: true };
    const place = `line ${first.line}: `;
    const { columns, remarks } = layoutFor(all, true, source.name, place, named, options);
    const table = jsonTable(
      rows,
      source.name,
      all.filter((_, i) => columns[i] !== -1),
    );
    return { ...(await inSlices(rowSteps(table, named, options, source.name))), remarks };
  },
  open: openJsonStream,
};
