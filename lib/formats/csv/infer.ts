import { SparseTrainError } from '../../base/errors.js';
import { quickRecords } from './block-scanner.js';
import { parseNumber } from './number.js';
import { type CheckedCsvOptions, findColumn } from './options.js';
import { CsvProblems } from './problems.js';
import type { Records } from './records.js';
import { type CsvDelimiter, CsvScanner, checkIsText, detectDelimiter } from './scanner.js';
import {
  type CsvCategories,
  type CsvColumn,
  type CsvSchema,
  describeColumn,
  MissingValues,
} from './schema.js';

/** Labels that are whole numbers with at most this many different ones are classes, unless `task` says otherwise. */
const AUTO_CLASSES = 20;

/** A column of texts of which more than half are different is no category; asked of files with more rows than this. */
const MIN_ROWS_FOR_VARIETY = 20;

/** What the first pass over a file found. */
export interface InferredCsv {
  readonly schema: CsvSchema;
  /** Rows that will be used. */
  readonly rows: number;
  /** Rows left out for missing values. */
  readonly skippedRows: number;
  /** Whether each number of the inputs is exactly a 32-bit float. */
  readonly fitsFloat32: boolean;
}

type Role = 'input' | 'categorical' | 'label' | 'ignored';

/** What was seen in one column. */
interface ColumnSeen {
  readonly role: Role;
  readonly name: string;
  /** How messages call it. */
  readonly described: string;
  numbers: number;
  texts: number;
  allWhole: boolean;
  /** Different fields, up to one more than the most allowed; of plain input columns only texts. */
  readonly different: Set<string>;
  /** The first fields that are no numbers. */
  readonly firstTexts: { readonly line: number; readonly text: string }[];
}

/**
 * Reads a file once to find out what its columns are.
 *
 * @throws SparseTrainError INVALID_FILE (not CSV, ragged), INVALID_DATA (missing values, columns of numbers and
 * text), INVALID_OPTION (columns that are not there)
 */
export function inferCsv(bytes: Uint8Array, name: string, options: CheckedCsvOptions): InferredCsv {
  checkIsText(bytes, name);
  if (!new CsvScanner(bytes, ',', name).next())
    throw new SparseTrainError('INVALID_FILE', `${name} has no lines`);
  const delimiter = options.delimiter ?? detectDelimiter(bytes, name);
  if (delimiter === undefined) {
    throw new SparseTrainError(
      'INVALID_FILE',
      `${name}: no comma, semicolon or tab divides its first line; a table needs at least an input and a label`,
    );
  }
  const scanner = new CsvScanner(bytes, delimiter, name);
  scanner.next();
  const decimal = options.decimal.charCodeAt(0);
  const header = options.header ?? looksLikeHeader(scanner, decimal);
  const names = header
    ? headerNames(scanner, name)
    : Array.from({ length: scanner.count }, (_, i) => `column ${i + 1}`);
  if (!header) scanner.rewind();
  const records = quickRecords(scanner, bytes, names.length, decimal);
  return inferRecords(records, { names, header, delimiter }, name, options);
}

/** What is known of a table before its records are read. */
export interface TableHead {
  readonly names: readonly string[];
  /** Whether the names are the table's own. */
  readonly header: boolean;
  /** Between fields, where they are text. */
  readonly delimiter: CsvDelimiter;
}

/**
 * Reads all records of a table to find out what its columns are.
 *
 * @throws SparseTrainError as {@link inferCsv}
 */
export function inferRecords(
  records: Records,
  { names, header, delimiter }: TableHead,
  name: string,
  options: CheckedCsvOptions,
): InferredCsv {
  const columns = assignRoles(names, header, options);
  const format = {
    version: 1,
    delimiter,
    decimal: options.decimal,
    header,
    missing: [...options.missing],
  } as const;
  const counts = scanColumns(records, name, columns, options);
  if (counts.rows === 0) {
    const why =
      counts.skippedRows > 0
        ? `each of its ${counts.skippedRows} rows has a missing value`
        : 'it has no rows';
    const place = header && records.unit === 'line' ? ' after the header' : '';
    throw new SparseTrainError('INVALID_DATA', `${name}: ${why}${place}`);
  }
  const decide = (seen: ColumnSeen) => decideColumn(seen, name, counts.rows, delimiter, options);
  return { schema: { ...format, columns: columns.map(decide) }, ...counts };
}

/** Names are all different and none is a number. One may be empty: tables with row numbers often have none there. */
function looksLikeHeader(scanner: CsvScanner, decimal: number): boolean {
  for (let i = 0; i < scanner.count; i++) if (!Number.isNaN(scanner.number(i, decimal))) return false;
  return new Set(scanner.texts()).size === scanner.count;
}

function headerNames(scanner: CsvScanner, name: string): string[] {
  const names = scanner.texts().map((text, i) => (text === '' ? `column ${i + 1}` : text));
  const twice = names.findIndex((text, i) => names.indexOf(text) !== i);
  if (twice === -1) return names;
  throw new SparseTrainError(
    'INVALID_FILE',
    `${name}: line ${scanner.line}: columns ${names.indexOf(names[twice] as string) + 1} and ${twice + 1} have the ` +
      `same name "${names[twice]}"; rename one, or say header: false if the line is data`,
  );
}

function assignRoles(names: readonly string[], header: boolean, options: CheckedCsvOptions): ColumnSeen[] {
  const roles = new Array<Role>(names.length).fill('input');
  const label = findColumn('label', options.label, names, header);
  roles[label] = 'label';
  for (const option of ['ignore', 'categorical'] as const) {
    for (const reference of options[option]) {
      const index = findColumn(option, reference, names, header);
      if (index === label) {
        const hint = option === 'categorical' ? "; for labels that are classes say task: 'classify'" : '';
        throw new SparseTrainError(
          'INVALID_OPTION',
          `${option}: ${describeColumn({ header }, index, names[index] as string)} is the label${hint}`,
        );
      }
      if (option === 'ignore') roles[index] = 'ignored';
      else if (roles[index] === 'input') roles[index] = 'categorical';
    }
  }
  if (!roles.includes('input') && !roles.includes('categorical')) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      'no column is left for inputs beside the label and those to ignore',
    );
  }
  return names.map((name, i) => ({
    role: roles[i] as Role,
    name,
    described: describeColumn({ header }, i, name),
    numbers: 0,
    texts: 0,
    allWhole: true,
    different: new Set<string>(),
    firstTexts: [],
  }));
}

function scanColumns(
  scanner: Records,
  name: string,
  columns: readonly ColumnSeen[],
  options: CheckedCsvOptions,
): Pick<InferredCsv, 'rows' | 'skippedRows' | 'fitsFloat32'> {
  const decimal = options.decimal.charCodeAt(0);
  const marks = new MissingValues(options.missing);
  const ragged = new CsvProblems(name, scanner.unit);
  const missing = new CsvProblems(name, scanner.unit);
  // Inputs that are numbers need only be counted.
  const isPlain = Uint8Array.from(columns, ({ role }) => (role === 'input' && !marks.haveNumbers ? 1 : 0));
  const plainNumbers = new Float64Array(columns.length);
  let rows = 0;
  let skippedRows = 0;
  let fitsFloat32 = true;
  while (scanner.next()) {
    const { line, count } = scanner;
    if (count !== columns.length) {
      ragged.add(line, `${count} field${count === 1 ? '' : 's'}`);
      continue;
    }
    const { block, at } = scanner;
    let complete = true;
    for (let i = 0; i < count; i++) {
      if (block !== undefined && isPlain[i] === 1) {
        const x = block[at + i] as number;
        if (!Number.isNaN(x)) {
          if (Math.fround(x) !== x) fitsFloat32 = false;
          plainNumbers[i] = (plainNumbers[i] as number) + 1;
          continue;
        }
      }
      const column = columns[i] as ColumnSeen;
      if (column.role === 'ignored') continue;
      const number = scanner.number(i, decimal, true);
      const text = Number.isNaN(number) || column.role !== 'input' ? scanner.text(i) : undefined;
      if (Number.isNaN(number) ? marks.hasText(text as string) : marks.hasNumber(number)) {
        complete = false;
        missing.add(line, `${column.described} is missing`);
      } else {
        see(column, line, number, text, options.maxCategories);
        if (column.role === 'input' && text === undefined && Math.fround(number) !== number)
          fitsFloat32 = false;
      }
    }
    if (complete) rows++;
    else skippedRows++;
  }
  for (const [i, column] of columns.entries()) column.numbers += plainNumbers[i] as number;
  ragged.throwIfAny(
    'INVALID_FILE',
    `Each ${scanner.unit} needs ${columns.length} fields, as the first has; fields that hold the delimiter need quotes`,
  );
  if (options.onMissing === 'error') {
    missing.throwIfAny('INVALID_DATA', "Fill them in, or leave such rows out with onMissing: 'skip'");
  }
  return { rows, skippedRows, fitsFloat32 };
}

function see(column: ColumnSeen, line: number, number: number, text: string | undefined, most: number): void {
  if (Number.isNaN(number)) {
    column.texts++;
    if (column.firstTexts.length < 5) column.firstTexts.push({ line, text: text as string });
  } else {
    column.numbers++;
    if (!Number.isInteger(number)) column.allWhole = false;
  }
  if (text !== undefined && column.different.size <= most) column.different.add(text);
}

function decideColumn(
  seen: ColumnSeen,
  file: string,
  rows: number,
  delimiter: string,
  options: CheckedCsvOptions,
): CsvColumn {
  const { name, role, described, different } = seen;
  const invalid = (what: string) => new SparseTrainError('INVALID_DATA', `${file}: ${described} ${what}`);
  const tooMany = different.size > options.maxCategories;
  switch (role) {
    case 'ignored':
      return { name, kind: 'ignored' };
    case 'label': {
      const few = seen.allWhole && different.size <= AUTO_CLASSES;
      const automatic = seen.texts > 0 || few ? 'classify' : 'regress';
      if ((options.task === 'auto' ? automatic : options.task) === 'regress') {
        if (seen.texts === 0) return { name, kind: 'value' };
        throw invalid(
          `is to be predicted as a number, but ${showTexts(seen)}; correct it, or say task: 'classify'`,
        );
      }
      if (tooMany) {
        const hint =
          seen.texts === 0 ? "say task: 'regress' to predict a number, or " : 'is it the right label? Or ';
        throw invalid(`has more than ${options.maxCategories} different labels; ${hint}raise maxCategories`);
      }
      if (different.size === 1)
        throw invalid('is the label, but is the same in every row; is it the right column?');
      return { name, kind: 'class', categories: categoriesOf(seen, options.decimal) };
    }
    case 'input':
      if (seen.texts === 0) return { name, kind: 'number' };
      if (seen.numbers > 0) {
        throw invalid(
          `holds ${seen.numbers} number${seen.numbers === 1 ? '' : 's'}, but ${showTexts(seen)}; ` +
            'correct them, or name the column in categorical',
        );
      }
      if (options.decimal === '.' && seen.firstTexts.every(({ text }) => /^[+-]?[\d.]*,\d+$/.test(text))) {
        const hint = delimiter === ',' ? '' : ' If the comma is a decimal mark, say decimal: ","';
        throw invalid(
          `has numbers with commas (${showTexts(seen)}); write them without, or name it in categorical.${hint}`,
        );
      }
      if (tooMany || (rows > MIN_ROWS_FOR_VARIETY && different.size > rows / 2)) {
        const many = tooMany ? `more than ${options.maxCategories}` : `${different.size}`;
        throw invalid(
          `is text with ${many} different values in ${rows} rows; leave it out with ignore, or if it is ` +
            `a category, name it in categorical${tooMany ? ' and raise maxCategories' : ''}`,
        );
      }
      return { name, kind: 'category', categories: categoriesOf(seen, options.decimal) };
    case 'categorical':
      if (tooMany)
        throw invalid(
          `has more than ${options.maxCategories} categories; raise maxCategories if that is right`,
        );
      return { name, kind: 'category', categories: categoriesOf(seen, options.decimal) };
  }
}

/** `line 7 has "abc", line 12 "x" (and 3 more)`. */
function showTexts({ firstTexts, texts }: ColumnSeen): string {
  const shown = firstTexts.map(
    ({ line, text }, i) => `line ${line} ${i === 0 ? 'has ' : ''}${JSON.stringify(text)}`,
  );
  const more = texts - firstTexts.length;
  return shown.join(', ') + (more > 0 ? ` (and ${more} more)` : '');
}

/** Numbers in ascending order and their shortest form, texts in the order of their UTF-16 code units. */
function categoriesOf({ texts, different }: ColumnSeen, decimal: string): CsvCategories {
  if (texts > 0) return { values: [...different].sort(), numeric: false };
  const mark = decimal.charCodeAt(0);
  const numbers = new Set(
    Array.from(different, (text) => {
      const bytes = Buffer.from(text);
      return parseNumber(bytes, 0, bytes.length, mark);
    }),
  );
  return { values: [...numbers].sort((a, b) => a - b).map(String), numeric: true };
}
