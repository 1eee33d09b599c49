import { nearest, SparseTrainError } from '../../base/errors.js';
import { detectDelimiter, dividesFirst } from './delimiter.js';
import { hasLines, type PeekedRecord, startOfText } from './open-text.js';
import type { CsvApplyOptions } from './options.js';
import { quoted, shortened } from './problems.js';
import { type CsvSchema, isInput, labelColumn } from './schema.js';
import type { CsvText } from './text-records.js';

/** Which of the schema's columns stand where in a file. */
export interface CsvLayout {
  /** Whether the first record holds names. */
  readonly header: boolean;
  /** For each field of a record the index of its column in the schema, or -1 if it is not used. */
  readonly columns: Int32Array;
  readonly hasLabel: boolean;
}

/** The layout of the file that the schema was made from. */
export function trainingLayout(schema: CsvSchema): CsvLayout {
  const columns = Int32Array.from(schema.columns, ({ kind }, i) => (kind === 'ignored' ? -1 : i));
  return { header: schema.header, columns, hasLabel: true };
}

/**
 * Opens a text for a schema. The delimiter is the schema's, or if that does not divide the first line, the one that
 * does.
 *
 * @throws SparseTrainError INVALID_FILE if it is not text; INVALID_DATA if it has no lines
 */
export function openForSchema(
  bytes: Uint8Array,
  name: string,
  schema: CsvSchema,
  options: CsvApplyOptions,
): CsvText {
  const { named, ...start } = startOfText(bytes, name);
  if (!hasLines(start)) throw new SparseTrainError('INVALID_DATA', `${name} has no lines`);
  const known = options.delimiter ?? named;
  if (known !== undefined) return { ...start, delimiter: known };
  const usual = { ...start, delimiter: schema.delimiter };
  const divides = schema.columns.length <= 2 || dividesFirst(usual);
  return divides ? usual : { ...start, delimiter: detectDelimiter(start) ?? schema.delimiter };
}

/**
 * Finds the schema's columns in a file by its first record.
 *
 * With a header, columns are found by name: their order does not matter, and others are not used. Without, they must
 * be those of the training file in the same order, the label's left out or not.
 *
 * @throws SparseTrainError INVALID_DATA if a column is not there
 */
export function findLayout(
  { texts: first, line }: Pick<PeekedRecord, 'texts' | 'line'>,
  name: string,
  schema: CsvSchema,
  options: CsvApplyOptions,
): CsvLayout {
  const known = new Set(schema.columns.map((column) => column.name));
  const header = options.header ?? (schema.header && first.some((text) => known.has(text)));
  return layoutFor(first, header, name, `line ${line}: `, schema, options);
}

/**
 * Finds the schema's columns among those of a table.
 *
 * @param first - the names of the table's columns, or whatever stands in its first record
 * @param header - whether these are names
 * @param place - what messages say before what is wrong with the names
 * @throws SparseTrainError INVALID_DATA if a column is not there
 */
export function layoutFor(
  first: readonly string[],
  header: boolean,
  name: string,
  place: string,
  schema: CsvSchema,
  options: CsvApplyOptions,
): CsvLayout {
  const layout =
    header && schema.header
      ? layoutByName(first, name, place, schema)
      : layoutByPlace(first, name, schema, header);
  if (options.labels === 'require' && !layout.hasLabel) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `${name} lacks the labels, the column ${quoted(labelColumn(schema).name)}, which this needs`,
    );
  }
  if (options.labels !== 'ignore' || !layout.hasLabel) return layout;
  const label = schema.columns.indexOf(labelColumn(schema));
  return {
    header,
    columns: layout.columns.map((column) => (column === label ? -1 : column)),
    hasLabel: false,
  };
}

function layoutByName(first: readonly string[], file: string, place: string, schema: CsvSchema): CsvLayout {
  const label = labelColumn(schema);
  const columns = new Int32Array(first.length).fill(-1);
  let hasLabel = false;
  for (const [i, column] of schema.columns.entries()) {
    if (column.kind === 'ignored') continue;
    const found = first.indexOf(column.name);
    if (found === -1) {
      if (column === label) continue;
      const near = nearest(shortened(column.name), first.map(shortened));
      throw new SparseTrainError(
        'INVALID_DATA',
        `${file}: ${place}there is no column ${quoted(column.name)}, which the model was trained with; ` +
          (near === undefined
            ? `there are ${first.slice(0, 20).map(shortened).join(', ')}`
            : `is it ${quoted(near)}?`),
      );
    }
    if (first.indexOf(column.name, found + 1) !== -1) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `${file}: ${place}there are two columns ${quoted(column.name)}`,
      );
    }
    columns[found] = i;
    if (column === label) hasLabel = true;
  }
  return { header: true, columns, hasLabel };
}

function layoutByPlace(
  first: readonly string[],
  file: string,
  schema: CsvSchema,
  header: boolean,
): CsvLayout {
  const all = trainingLayout(schema);
  if (first.length === all.columns.length) return { ...all, header };
  if (first.length === all.columns.length - 1) {
    const label = schema.columns.indexOf(labelColumn(schema));
    return { header, columns: all.columns.filter((_, i) => i !== label), hasLabel: false };
  }
  const names = schema.columns.filter(isInput).map((column) => column.name);
  const wanted = `${all.columns.length} columns, or ${all.columns.length - 1} without the label`;
  throw new SparseTrainError(
    'INVALID_DATA',
    `${file} has ${first.length} column${first.length === 1 ? '' : 's'}, but the model was trained with ${wanted}` +
      (schema.header ? `; with a header line, the columns needed are ${names.slice(0, 20).join(', ')}` : ''),
  );
}
