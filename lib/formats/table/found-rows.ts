/** Rows with names as a table: rows of JSON, and objects of a program. Rows may lack columns. */

import { describeValue, nearest, SparseTrainError } from '../../base/errors.js';
import { inSlices } from '../../base/steps.js';
import { layoutFor } from '../csv/layout.js';
import type { CsvApplyOptions, CsvOptions } from '../csv/options.js';
import { quoted, shortened } from '../csv/problems.js';
import type { CsvRows } from '../csv/read.js';
import { type CsvSchema, isInput } from '../csv/schema.js';
import { flatRow } from '../flat-row.js';
import { parseSpellings } from '../json-numbers.js';
import { rowSteps } from './table.js';
import type { ValueTable } from './value-records.js';

/** Where rows come from, for messages. */
export interface RowsOrigin {
  readonly name: string;
  /** What the place of a row counts. */
  readonly unit: 'line' | 'row';
}

/** A row: values by column name, and its place, counted from 1. */
export interface FoundRow {
  readonly place: number;
  readonly values: Readonly<Record<string, unknown>>;
  /** Whether the values were a list, which has no names. */
  readonly isList: boolean;
  /** The row's JSON, if it may have numbers such as 1.0 whose spelling is not that of JavaScript. */
  readonly json: string | undefined;
}

/** Keys for a row's list of inputs, and for its label. */
export const INPUT_KEYS = ['input', 'inputs', 'features'] as const;
const LABEL_KEYS = ['label', 'target', 'class', 'y'] as const;

/** @throws SparseTrainError INVALID_DATA for what is no row */
export function rowOf(json: unknown): Pick<FoundRow, 'values' | 'isList'> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `a row must be an object such as { "input": [1, 2], "label": "a" }, but it is ${describeValue(json)}`,
    );
  }
  const row = json as Record<string, unknown>;
  const key = INPUT_KEYS.find((name) => Array.isArray(row[name]));
  if (key === undefined) return { values: flatRow(row), isList: false };
  const values: Record<string, unknown> = {};
  for (const [i, value] of (row[key] as unknown[]).entries()) values[`input ${i + 1}`] = value;
  const label = LABEL_KEYS.find((name) => row[name] !== undefined);
  if (label !== undefined) values.label = row[label];
  return { values, isList: true };
}

/** Rows may have at most this many different names, unless the first row alone has more. */
const MOST_NAMES = 10_000;

/**
 * The names of the columns in the order in which they first occur.
 *
 * @throws SparseTrainError INVALID_DATA if there are too many
 */
function namesOf(rows: readonly FoundRow[], { name, unit }: RowsOrigin): string[] {
  const names = new Set<string>();
  let most = MOST_NAMES;
  for (const [i, { place, values }] of rows.entries()) {
    for (const key of Object.keys(values)) names.add(key);
    if (i === 0) most = Math.max(most, names.size);
    if (names.size > most)
      throw new SparseTrainError(
        'INVALID_DATA',
        `${name}: ${unit} ${place} brings the different names of columns to more than ${most}; are the names themselves data?`,
      );
  }
  return [...names];
}

/**
 * Rows as a table. A row that lacks a column has no value in it; of lists, all must be equally long. Columns that `names`
 * does not contain are ignored.
 *
 * @param names - the columns; all that occur if not given
 * @throws SparseTrainError INVALID_DATA
 */
export function foundTable(
  rows: readonly FoundRow[],
  origin: RowsOrigin,
  names?: readonly string[],
): ValueTable {
  const first = rows[0];
  if (first === undefined) throw new SparseTrainError('INVALID_DATA', `${origin.name} has no rows`);
  checkLists(rows, origin);
  const columns = names ?? namesOf(rows, origin);
  let latest: { row: number; values: FoundRow['values'] } | undefined;
  return {
    names: columns,
    header: true,
    rows: rows.length,
    unit: origin.unit,
    value: (row, column) => valueIn(rows[row]?.values, columns[column] as string),
    spelling(row, column) {
      const json = rows[row]?.json;
      if (json === undefined) return undefined;
      if (latest?.row !== row) latest = { row, values: rowOf(parseSpellings(json)).values };
      return valueIn(latest.values, columns[column] as string);
    },
    place: (row) => rows[row]?.place ?? 0,
  };
}

/** A value of a row; undefined if the row lacks it, whatever objects inherit. */
function valueIn(values: FoundRow['values'] | undefined, name: string): unknown {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}

/** Checks that all rows are lists of one length, or that none is a list. */
function checkLists(rows: readonly FoundRow[], { name, unit }: RowsOrigin): void {
  const [first] = rows as [FoundRow];
  const lengthOf = ({ isList, values }: FoundRow) =>
    isList ? Object.keys(values).filter((key) => key !== 'label').length : undefined;
  const wanted = lengthOf(first);
  for (const row of rows) {
    if (row.isList === first.isList && (!row.isList || lengthOf(row) === wanted)) continue;
    const is = row.isList ? `a list of ${lengthOf(row)}` : 'an object with names';
    const others = first.isList ? `a list of ${wanted}` : 'an object with names';
    throw new SparseTrainError(
      'INVALID_DATA',
      `${name}: ${unit} ${row.place} is ${is}, but the first row is ${others}; all rows must be alike`,
    );
  }
}

/**
 * Refuses rows that lack a column but have a name that is nearly the column's.
 *
 * @param wanted - the columns that are needed
 * @param known - all names that are no mistakes
 * @throws SparseTrainError INVALID_DATA
 */
export function refuseMisspelt(
  rows: readonly FoundRow[],
  { name, unit }: RowsOrigin,
  wanted: readonly string[],
  known: ReadonlySet<string>,
): void {
  for (const { place, values } of rows) {
    const lacking = wanted.filter((column) => !Object.hasOwn(values, column));
    if (lacking.length === 0) continue;
    const others = Object.keys(values).filter((key) => !known.has(key));
    if (others.length === 0) continue;
    for (const column of lacking) {
      const near = nearest(shortened(column), others.map(shortened));
      if (near === undefined) continue;
      throw new SparseTrainError(
        'INVALID_DATA',
        `${name}: ${unit} ${place}: there is no column ${quoted(column)}; is it ${quoted(near)}?`,
      );
    }
  }
}

/**
 * Adds the label's column by name if the options do not give a label; by default the label is the last
 * column.
 */
export function withJsonLabel(options: CsvOptions, names: readonly string[]): CsvOptions {
  if (options.label !== undefined) return options;
  return { ...options, label: LABEL_KEYS.find((key) => names.includes(key)) };
}

/** Codes rows by the names of their columns; lists by their places. */
export async function applyToRows(
  rows: readonly FoundRow[],
  schema: CsvSchema,
  options: CsvApplyOptions,
  origin: RowsOrigin,
): Promise<CsvRows> {
  const { name: file } = origin;
  const [first] = rows;
  const isNamed = schema.columns.some(({ name }) => name === 'input 1');
  if (first === undefined || (first.isList && !isNamed)) {
    const table = { ...foundTable(rows, origin), header: false };
    return inSlices(rowSteps(table, schema, options, file));
  }
  // The names are checked as those of a CSV file are; a column that no row has is missing in all of them.
  const named: CsvSchema = { ...schema, header: true };
  const wanted = schema.columns.filter(isInput).map(({ name }) => name);
  refuseMisspelt(rows, origin, wanted, new Set(schema.columns.map(({ name }) => name)));
  const found = namesOf(rows, origin);
  const has = new Set(found);
  if (!wanted.some((name) => has.has(name))) layoutFor(found, true, file, '', named, options);
  const all = [...found, ...wanted.filter((name) => !has.has(name))];
  const { columns, remarks } = layoutFor(all, true, file, '', named, options);
  const used = all.filter((_, i) => columns[i] !== -1);
  const result = await inSlices(rowSteps(foundTable(rows, origin, used), named, options, file));
  return { ...result, remarks: [...remarks, ...result.remarks] };
}
