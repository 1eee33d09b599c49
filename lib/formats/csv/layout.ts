import { nearest, SparseTrainError } from '../../base/errors.js';
import { optionName, say, type Wording } from '../../base/wording.js';
import { detectDelimiter, dividesFirst } from './delimiter.js';
import { isLabel, type LabelColumn, labelColumns } from './labels.js';
import { hasLines, type PeekedRecord, startOfText } from './open-text.js';
import type { CsvApplyOptions } from './options.js';
import { quoted, shortened } from './problems.js';
import { CategoryIndex, type CsvColumn, type CsvSchema, isInput, MissingValues } from './schema.js';
import type { CsvText } from './text-records.js';

/** The positions of the schema's columns in a file. */
export interface CsvLayout {
  /** Whether the first record holds names. */
  readonly header: boolean;
  /** For each field of a record the index of its column in the schema, or -1 if the field is ignored. */
  readonly columns: Int32Array;
  readonly hasLabel: boolean;
  /** What was decided about the columns that may not be what was meant, a sentence each. */
  readonly remarks: readonly Wording[];
}

/** The layout of the file that the schema was made from. */
export function trainingLayout(schema: CsvSchema): CsvLayout {
  const columns = Int32Array.from(schema.columns, ({ kind }, i) => (kind === 'ignored' ? -1 : i));
  return { header: schema.header, columns, hasLabel: true, remarks: [] };
}

/**
 * Opens a text that a schema describes. Uses the schema's delimiter or, if that does not divide the first
 * line, one that does.
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
 * With a header, columns are found by name: their order does not matter, and other columns are ignored.
 * Without a header, or if the schema has no names, the file must have the columns of the training file in the
 * same order, with or without the label.
 *
 * @throws SparseTrainError INVALID_DATA if a column is not there
 */
export function findLayout(
  first: Pick<PeekedRecord, 'texts' | 'numbers' | 'line'>,
  name: string,
  schema: CsvSchema,
  options: CsvApplyOptions,
): CsvLayout {
  const header = options.header ?? holdsNames(first, schema);
  return layoutFor(first.texts, header, name, `line ${first.line}: `, schema, options);
}

/**
 * Whether a first record holds names. It does if all of the model's names are among its fields. Otherwise it may hold
 * other names or be a row: it is a row if any field is a number or a known category in a column where the training file
 * had such values.
 */
function holdsNames(first: Pick<PeekedRecord, 'texts' | 'numbers'>, schema: CsvSchema): boolean {
  const inputs = schema.columns.filter(isInput);
  if (!schema.header) {
    // Texts may be categories that the model does not know.
    return inputs.some(({ kind }) => kind === 'number') && likenessToRow(first, schema) === 'none';
  }
  const texts = new Set(first.texts);
  if (inputs.every(({ name }) => texts.has(name))) return true;
  const likeness = likenessToRow(first, schema);
  return inputs.some(({ name }) => texts.has(name)) ? likeness !== 'all' : likeness === 'none';
}

/**
 * How many of a record's fields are what the training file had in their columns: numbers, or known categories. Missing
 * values say nothing; `blank` means that there is nothing else.
 */
function likenessToRow(
  { texts, numbers }: Pick<PeekedRecord, 'texts' | 'numbers'>,
  schema: CsvSchema,
): 'none' | 'some' | 'all' | 'blank' {
  const columns = columnsByPlace(texts.length, schema);
  // A record of another length is a row if there is any number in it.
  if (columns === undefined) return numbers.every(Number.isNaN) ? 'none' : 'some';
  const missing = new MissingValues(schema.missing);
  let [fits, unfit] = [0, 0];
  for (const [i, column] of columns.entries()) {
    if (!isInput(column)) continue;
    const [text, number] = [texts[i] as string, numbers[i] as number];
    if (isValueOf(column, text, number, schema)) fits++;
    else if (!missing.hasText(text)) unfit++;
  }
  if (fits > 0) return unfit === 0 ? 'all' : 'some';
  const areLabels = texts.every((text, i) => {
    const column = columns[i] as CsvColumn;
    return !isLabel(column) || missing.hasText(text) || isValueOf(column, text, Number(text), schema);
  });
  return unfit === 0 && areLabels ? 'blank' : 'none';
}

function isValueOf(column: CsvColumn, text: string, number: number, { decimal }: CsvSchema): boolean {
  return 'categories' in column
    ? new CategoryIndex(column.categories, decimal).find(number, text) !== -1
    : !Number.isNaN(number);
}

/**
 * Finds the schema's columns among the columns of a table.
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
      : layoutByPlace(first, name, schema, header, options);
  if (options.labels === 'require' && !layout.hasLabel) {
    const found = new Set(Array.from(layout.columns, (index) => schema.columns[index]));
    const label = labelColumns(schema).find((column) => !found.has(column)) as LabelColumn;
    const near = header ? nearest(shortened(label.name), unusedNames(first, layout.columns)) : undefined;
    throw new SparseTrainError(
      'INVALID_DATA',
      `${name} lacks the labels, the column ${quoted(label.name)}, which this needs` +
        (near === undefined ? '' : `; is it ${quoted(near)}?`),
    );
  }
  if (options.labels !== 'ignore' && layout.hasLabel) return layout;
  return {
    ...layout,
    columns: layout.columns.map((index) => {
      const column = schema.columns[index];
      return column !== undefined && isLabel(column) ? -1 : index;
    }),
    hasLabel: false,
  };
}

function unusedNames(first: readonly string[], columns: Int32Array): string[] {
  return first.filter((_, i) => columns[i] === -1).map(shortened);
}

function layoutByName(first: readonly string[], file: string, place: string, schema: CsvSchema): CsvLayout {
  const columns = new Int32Array(first.length).fill(-1);
  const lacking: CsvColumn[] = [];
  let hasLabel = true;
  for (const [i, column] of schema.columns.entries()) {
    if (column.kind === 'ignored' || column.kind === 'weight') continue;
    const found = first.indexOf(column.name);
    if (found === -1) {
      if (isLabel(column)) hasLabel = false;
      else lacking.push(column);
      continue;
    }
    if (first.indexOf(column.name, found + 1) !== -1) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `${file}: ${place}there are two columns ${quoted(column.name)}`,
      );
    }
    columns[found] = i;
  }
  if (lacking.length > 0) throw lackingColumns(lacking, first, columns, file, place);
  return { header: true, columns, hasLabel, remarks: remarkOnUnused(first, columns, file, schema) };
}

/** Names the first of the columns that are not there, and a name that is near it among those that are not used. */
function lackingColumns(
  lacking: readonly CsvColumn[],
  first: readonly string[],
  columns: Int32Array,
  file: string,
  place: string,
): SparseTrainError {
  const [{ name }] = lacking as [CsvColumn];
  const near = nearest(shortened(name), unusedNames(first, columns));
  const others = lacking.slice(1, 4).map((column) => quoted(column.name));
  const more = lacking.length > 4 ? ` and ${lacking.length - 4} more` : '';
  const nor = others.length === 0 ? '' : ` (nor ${others.join(', ')}${more})`;
  const there = first
    .slice(0, MOST_NAMES)
    .map((text) => (text === '' ? '""' : shortened(text)))
    .join(', ');
  const isLine = place === '' ? '' : say`; if this line is a row, say ${optionName('header', false)}`;
  const hint =
    near === undefined
      ? say`there are ${there}${first.length > MOST_NAMES ? ', ...' : ''}${isLine}`
      : `is it ${quoted(near)}?`;
  return new SparseTrainError(
    'INVALID_DATA',
    say`${file}: ${place}there is no column ${quoted(name)}${nor}, which the model was trained with; ${hint}`,
  );
}

/** The most names that a message lists. */
const MOST_NAMES = 20;

/** Columns that the training file did not have. */
function remarkOnUnused(
  first: readonly string[],
  columns: Int32Array,
  file: string,
  schema: CsvSchema,
): Wording[] {
  const known = new Set(schema.columns.map(({ name }) => name));
  // Spreadsheets and data frames write an index without a name.
  const unused = first.filter((text, i) => columns[i] === -1 && !known.has(text) && text !== '');
  if (unused.length === 0) return [];
  const more = unused.length > 5 ? ` and ${unused.length - 5} more` : '';
  const names = unused.slice(0, 5).map(quoted).join(', ');
  const isAre = unused.length === 1 ? 'column' : 'columns';
  return [
    `${file}: the model was trained without the ${isAre} ${names}${more}, so ${unused.length === 1 ? 'it is' : 'they are'} not used`,
  ];
}

/** The columns of a record by their places, if it has those of the training file, or all but the label and the weight. */
function columnsByPlace(fields: number, schema: CsvSchema): readonly CsvColumn[] | undefined {
  const { columns } = schema;
  const withoutLabel = columns.filter((column) => !isLabel(column));
  const unlabelled = withoutLabel.filter(({ kind }) => kind !== 'weight');
  return [columns, withoutLabel, unlabelled].find(({ length }) => length === fields);
}

function layoutByPlace(
  first: readonly string[],
  file: string,
  schema: CsvSchema,
  header: boolean,
  options: CsvApplyOptions,
): CsvLayout {
  const names = schema.columns.filter(isInput).map((column) => column.name);
  const found = columnsByPlace(first.length, schema);
  if (found === undefined) {
    const all = schema.columns.length;
    throw new SparseTrainError(
      'INVALID_DATA',
      `${file} has ${first.length} column${first.length === 1 ? '' : 's'}, but the model was trained with ` +
        `${all} columns, or ${all - 1} without the label` +
        (schema.header
          ? `; with a header line, the columns needed are ${names.slice(0, MOST_NAMES).join(', ')}`
          : ''),
    );
  }
  const columns = Int32Array.from(found, (column) =>
    column.kind === 'ignored' || column.kind === 'weight' ? -1 : schema.columns.indexOf(column),
  );
  return {
    header,
    columns,
    hasLabel: found.some(isLabel),
    remarks: options.header === false ? [] : remarkOnPlaces(file, names, schema, header),
  };
}

/** Says of data without names that a model with names takes their columns by place. */
export function remarkOnNameless(file: string, schema: CsvSchema | undefined): Wording[] {
  if (schema === undefined) return [];
  return remarkOnPlaces(
    file,
    schema.columns.filter(isInput).map(({ name }) => name),
    schema,
    false,
  );
}

/** Says of data with names that the model has none. */
export function remarkOnNames(file: string): Wording {
  return `${file}: the model knows no names of columns, so they are taken by their places`;
}

/** Says that columns were taken by their places where only one of file and model has names. */
function remarkOnPlaces(
  file: string,
  names: readonly string[],
  schema: CsvSchema,
  header: boolean,
): Wording[] {
  if (header && !schema.header) return [remarkOnNames(file)];
  if (header || !schema.header) return [];
  const shown = names.slice(0, MOST_NAMES).map(shortened).join(', ');
  const more = names.length > MOST_NAMES ? ', ...' : '';
  return [`${file} has no names of columns, so they are taken by their places: ${shown}${more}`];
}
