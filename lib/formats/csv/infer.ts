import { SparseTrainError } from '../../base/errors.js';
import type { Steps } from '../../base/steps.js';
import { optionName, say, type Wording } from '../../base/wording.js';
import type { CsvDelimiter } from './delimiter.js';
import { findHeader, mayBeNumericHeader } from './header.js';
import { adviceOnNumbers } from './looks.js';
import { firstRecords, openText } from './open-text.js';
import { type CheckedCsvOptions, findColumn } from './options.js';
import { CsvProblems, quoted } from './problems.js';
import type { Records } from './records.js';
import {
  type CsvCategories,
  type CsvColumn,
  type CsvSchema,
  describeColumn,
  MissingValues,
} from './schema.js';
import { type CsvText, TextRecords } from './text-records.js';
import { saysTheSame, textNumber } from './value.js';

/**
 * Whole-number labels are classes if at most this many of them are different, unless `task` says otherwise.
 */
export const AUTO_CLASSES = 20;

/**
 * In files with more rows than this, a text column is not a category if more than half of its values are
 * different.
 */
const MIN_ROWS_FOR_VARIETY = 20;

/** The number of records that determine header, delimiter and empty last columns. */
const PEEKED = 10;

/** The number of fields that one step examines. */
const STEP_FIELDS = 8192;

/** The result of the first pass over a table. */
export interface InferredCsv {
  readonly schema: CsvSchema;
  /** The number of rows that will be used. */
  readonly rows: number;
  /** Rows left out because of missing values. */
  readonly skipped: number;
  /** Whether a 32-bit float represents every input number exactly. */
  readonly fitsFloat32: boolean;
  /** Decisions that the user may not expect, one sentence each. */
  readonly remarks: readonly Wording[];
}

/** A text whose columns are known, and the position of its rows. */
export interface InferredText extends InferredCsv {
  /** The text from its first row on. */
  readonly rowsOf: CsvText;
}

type Role = 'input' | 'categorical' | 'label' | 'ignored' | 'empty';

/** The observations in one column. */
interface ColumnSeen {
  readonly role: Role;
  readonly name: string;
  /** The column's name in messages. */
  readonly described: string;
  numbers: number;
  texts: number;
  allWhole: boolean;
  /**
   * The different fields, up to one more than the allowed number. For ordinary input columns, only the texts.
   */
  readonly different: Set<string>;
  /** The first fields that are not numbers. */
  readonly firstTexts: { readonly line: number; readonly text: string }[];
  missing: number;
  /** The column's name in options. */
  readonly reference: string;
  /** Whether the table has no names although the options do not say so. */
  readonly isUnnamed: boolean;
  /** A whole number that a double cannot represent exactly. */
  longWhole: string | undefined;
}

/**
 * Reads a text once to determine its columns.
 *
 * @throws SparseTrainError INVALID_FILE (not CSV, ragged), INVALID_DATA (missing values, columns of numbers and
 * text), INVALID_OPTION (columns that are not there)
 */
export function* inferCsv(bytes: Uint8Array, name: string, options: CheckedCsvOptions): Steps<InferredText> {
  const text = openText(bytes, name, options.delimiter);
  const { decimal } = options;
  const peeked = firstRecords(text, decimal, PEEKED);
  const [first, ...rest] = peeked as [(typeof peeked)[number], ...typeof peeked];
  const { names, isThere: header } = findHeader(peeked, options.header, name);
  const rowsOf = header ? { ...text, ...first.next } : text;
  const head = { names, header, delimiter: text.delimiter, isLastEmpty: isLastEmpty(peeked, names, header) };
  const inferred = yield* inferRecords(new TextRecords(rowsOf, { decimal }), head, name, options);
  if (header || options.header !== undefined || !mayBeNumericHeader(first, rest))
    return { ...inferred, rowsOf };
  const shown = first.texts.slice(0, 5).map(quoted).join(', ');
  const remark = say`line ${first.line} (${shown}${names.length > 5 ? ', ...' : ''}) was read as data; if it holds names, say ${optionName('header', true)}`;
  return { ...inferred, rowsOf, remarks: [remark, ...inferred.remarks] };
}

/** Whether every line ends with a delimiter, which produces an empty column without a name. */
function isLastEmpty(
  peeked: readonly { readonly texts: readonly string[] }[],
  names: readonly string[],
  header: boolean,
): boolean {
  const last = names.length - 1;
  return last >= 2 && peeked.length >= (header ? 2 : 3) && peeked.every(({ texts }) => texts[last] === '');
}

/** Facts about a table that are known before its records are read. */
export interface TableHead {
  readonly names: readonly string[];
  /** Whether the table has its own names. */
  readonly header: boolean;
  /** The delimiter, if the table is text. */
  readonly delimiter: CsvDelimiter;
  /** Whether the last column exists only because lines end with a delimiter. */
  readonly isLastEmpty?: boolean;
}

/**
 * Reads all records of a table to determine its columns.
 *
 * @throws SparseTrainError as {@link inferCsv}
 */
export function* inferRecords(
  records: Records,
  head: TableHead,
  name: string,
  options: CheckedCsvOptions,
): Steps<InferredCsv> {
  const { header, delimiter } = head;
  const columns = assignRoles(head, options);
  const format = {
    version: 1,
    delimiter,
    decimal: options.decimal,
    header,
    missing: [...options.missing],
  } as const;
  const counts = yield* scanColumns(records, name, columns, options);
  if (counts.rows === 0) {
    const why =
      counts.skipped > 0 ? `each of its ${counts.skipped} rows has a missing value` : 'it has no rows';
    const place = header && records.unit === 'line' ? ' after the header' : '';
    throw new SparseTrainError('INVALID_DATA', `${name}: ${why}${place}`);
  }
  const decided: CsvColumn[] = [];
  for (const seen of columns) {
    decided.push(decideColumn(seen, name, counts.rows, options));
    yield;
  }
  return {
    schema: { ...format, columns: decided },
    ...counts,
    remarks: columns.flatMap((column, i) => remarksOn(column, decided[i] as CsvColumn, options)),
  };
}

function assignRoles({ names, header, isLastEmpty }: TableHead, options: CheckedCsvOptions): ColumnSeen[] {
  const roles = new Array<Role>(names.length).fill('input');
  if (isLastEmpty === true) roles[names.length - 1] = 'empty';
  const ignored = new Set(options.ignore.map((reference) => findColumn('ignore', reference, names, header)));
  const isUsed = (role: Role, i: number) => role !== 'empty' && !ignored.has(i);
  const label =
    options.label === undefined
      ? roles.findLastIndex(isUsed)
      : findColumn('label', options.label, names, header);
  if (label === -1)
    throw new SparseTrainError('INVALID_OPTION', say`${optionName('ignore')} leaves no column for the label`);
  roles[label] = 'label';
  for (const option of ['ignore', 'categorical'] as const) {
    for (const reference of options[option]) {
      const index = findColumn(option, reference, names, header);
      if (index === label) {
        const hint =
          option === 'categorical'
            ? say`; for labels that are classes say ${optionName('task', 'classify')}`
            : '';
        throw new SparseTrainError(
          'INVALID_OPTION',
          say`${optionName(option)}: ${describeColumn({ header }, index, names[index] as string)} is the label${hint}`,
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
    missing: 0,
    reference: header ? name : String(i + 1),
    isUnnamed: !header && options.header === undefined,
    longWhole: undefined,
  }));
}

function* scanColumns(
  records: Records,
  name: string,
  columns: readonly ColumnSeen[],
  options: CheckedCsvOptions,
): Steps<Pick<InferredCsv, 'rows' | 'skipped' | 'fitsFloat32'>> {
  const marks = new MissingValues(options.missing);
  const ragged = new CsvProblems(name, records.unit);
  const missing = new CsvProblems(name, records.unit);
  // Numeric inputs only need to be counted.
  const isPlain = Uint8Array.from(columns, ({ role }) => (role === 'input' && !marks.haveNumbers ? 1 : 0));
  const plainNumbers = new Float64Array(columns.length);
  const width = columns.length;
  let rows = 0;
  let skipped = 0;
  let fitsFloat32 = true;
  let looked = 0;
  while (records.next()) {
    const { line, count } = records;
    looked += count;
    if (looked >= STEP_FIELDS) {
      looked = 0;
      yield;
    }
    if (count !== width) {
      ragged.add(line, `${count} field${count === 1 ? '' : 's'}`);
      continue;
    }
    const { block, at } = records;
    let complete = true;
    for (let i = 0; i < width; i++) {
      if (block !== undefined && isPlain[i] === 1) {
        const x = block[at + i] as number;
        if (!Number.isNaN(x)) {
          if (fitsFloat32 && Math.fround(x) !== x) fitsFloat32 = false;
          if (x > Number.MAX_SAFE_INTEGER || x < -Number.MAX_SAFE_INTEGER)
            noteLongWhole(columns[i] as ColumnSeen, records.text(i));
          plainNumbers[i] = (plainNumbers[i] as number) + 1;
          continue;
        }
      }
      const column = columns[i] as ColumnSeen;
      if (column.role === 'ignored') continue;
      if (column.role === 'empty') {
        if (records.text(i) !== '')
          ragged.add(line, `${column.described} is not empty, as it is in the first lines`);
        continue;
      }
      const number = records.number(i);
      const isNumber = !Number.isNaN(number);
      const text = !isNumber || needsText(column, options) ? records.text(i) : undefined;
      if (isNumber ? marks.hasNumber(number) : marks.hasText(text as string)) {
        complete = false;
        column.missing++;
        missing.add(line, `${column.described} is missing`);
      } else {
        see(column, line, number, text, options.maxCategories);
        if (Math.abs(number) > Number.MAX_SAFE_INTEGER) noteLongWhole(column, text ?? records.text(i));
        if (column.role === 'input' && isNumber && Math.fround(number) !== number) fitsFloat32 = false;
      }
    }
    if (complete) rows++;
    else skipped++;
  }
  for (const [i, column] of columns.entries()) column.numbers += plainNumbers[i] as number;
  ragged.throwIfAny(
    'INVALID_FILE',
    `Each ${records.unit} needs ${width} fields, as the first has; fields that hold the delimiter need quotes`,
  );
  const all = rows + skipped;
  const empty = columns.find((column) => all > 1 && column.missing === all);
  if (empty !== undefined) {
    const hint =
      empty.role === 'label'
        ? say`name the column to predict with ${optionName('label')}`
        : say`leave it out with ${optionName('ignore', empty.reference)}`;
    throw new SparseTrainError(
      'INVALID_DATA',
      say`${name}: ${empty.described} has no value in any row; ${hint}`,
    );
  }
  if (options.onMissing === 'error') {
    missing.throwIfAny(
      'INVALID_DATA',
      say`Fill them in, or leave such rows out with ${optionName('onMissing', 'skip')}`,
    );
  }
  return { rows, skipped, fitsFloat32 };
}

function noteLongWhole(column: ColumnSeen, text: string): void {
  if (column.longWhole === undefined && /^[+-]?\d{1,40}$/.test(text)) column.longWhole = text;
}

/**
 * Whether a column's numbers are also kept as texts. This is needed only as long as they may be categories.
 */
function needsText({ role, different }: ColumnSeen, { maxCategories }: CheckedCsvOptions): boolean {
  return role !== 'input' && different.size <= maxCategories;
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

function decideColumn(seen: ColumnSeen, file: string, rows: number, options: CheckedCsvOptions): CsvColumn {
  const { name, role, reference, described, different } = seen;
  const invalid = (what: Wording) => new SparseTrainError('INVALID_DATA', say`${file}: ${described} ${what}`);
  const tooMany = different.size > options.maxCategories;
  const refuseMeantNumbers = () => {
    const advice = adviceOnNumbers(textsOf(seen, options), options.decimal);
    if (advice === undefined) return;
    const otherwise =
      role === 'label' ? optionName('task', 'classify') : optionName('categorical', reference);
    throw invalid(
      say`holds numbers that are written otherwise (${showTexts(seen)}); ${advice}. If they are texts, say ${otherwise}`,
    );
  };
  switch (role) {
    case 'ignored':
    case 'empty':
      return { name, kind: 'ignored' };
    case 'label': {
      const few = seen.allWhole && different.size <= AUTO_CLASSES;
      const automatic = seen.texts > 0 || few ? 'classify' : 'regress';
      if (seen.texts > 0 && options.task !== 'classify') refuseMeantNumbers();
      if ((options.task === 'auto' ? automatic : options.task) === 'regress') {
        if (seen.texts === 0) return { name, kind: 'value' };
        throw invalid(
          say`is to be predicted as a number, but ${showTexts(seen)}; correct it, or say ${optionName('task', 'classify')}`,
        );
      }
      if (tooMany) {
        const hint =
          seen.texts === 0
            ? say`say ${optionName('task', 'regress')} to predict a number, or `
            : 'is it the right label? Or ';
        throw invalid(
          say`has more than ${options.maxCategories} different labels; ${hint}raise ${optionName('maxCategories')}`,
        );
      }
      const categories = categoriesOf(seen, options);
      if (categories.values.length === 1)
        throw invalid('is the label, but is the same in every row; is it the right column?');
      return { name, kind: 'class', categories };
    }
    case 'input':
      if (seen.texts === 0) return { name, kind: 'number' };
      refuseMeantNumbers();
      if (seen.numbers > 0) {
        const [first] = seen.firstTexts;
        const names =
          seen.texts === 1 && seen.isUnnamed
            ? say`; if line ${first?.line ?? 1} holds names, say ${optionName('header', true)}`
            : '';
        throw invalid(
          say`holds ${seen.numbers} number${seen.numbers === 1 ? '' : 's'}, but ${showTexts(seen)}; correct ${seen.texts === 1 ? 'it' : 'them'}, or say ${optionName('categorical', reference)}${names}`,
        );
      }
      if (tooMany || (rows > MIN_ROWS_FOR_VARIETY && different.size > rows / 2)) {
        const many = tooMany ? `more than ${options.maxCategories}` : `${different.size}`;
        const raise = tooMany ? say` and raise ${optionName('maxCategories')}` : '';
        throw invalid(
          say`is text with ${many} different values in ${rows} rows; leave it out with ${optionName('ignore', reference)}, or if it is a category, say ${optionName('categorical', reference)}${raise}`,
        );
      }
      return { name, kind: 'category', categories: categoriesOf(seen, options) };
    case 'categorical':
      if (tooMany)
        throw invalid(
          say`has more than ${options.maxCategories} categories; raise ${optionName('maxCategories')} if that is right`,
        );
      return { name, kind: 'category', categories: categoriesOf(seen, options) };
  }
}

/** The different fields that are not numbers. */
function textsOf({ different }: ColumnSeen, { decimal }: CheckedCsvOptions): string[] {
  return [...different].filter((text) => Number.isNaN(textNumber(text, decimal)));
}

/** Returns `line 7 has "abc", line 12 "x" (and 3 more)`. */
function showTexts({ firstTexts, texts }: ColumnSeen): string {
  const shown = firstTexts.map(({ line, text }, i) => `line ${line} ${i === 0 ? 'has ' : ''}${quoted(text)}`);
  const more = texts - firstTexts.length;
  return shown.join(', ') + (more > 0 ? ` (and ${more} more)` : '');
}

/** Sorts numbers in ascending order, in their shortest form, and texts by their UTF-16 code units. */
function categoriesOf({ texts, different }: ColumnSeen, { decimal }: CheckedCsvOptions): CsvCategories {
  if (texts > 0) return { values: [...different].sort(), numeric: false };
  const numbers = new Map(Array.from(different, (text) => [text, textNumber(text, decimal)]));
  const ascending = [...numbers].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
  if (!ascending.every(([text, number]) => saysTheSame(number, text, decimal)))
    return { values: ascending.map(([text]) => text), numeric: false };
  return { values: [...new Set(ascending.map(([, number]) => String(number)))], numeric: true };
}

/** Remarks on how a column was understood. */
function remarksOn(seen: ColumnSeen, column: CsvColumn, options: CheckedCsvOptions): Wording[] {
  const { described, reference, different } = seen;
  const remarks: Wording[] = [];
  if (seen.role === 'empty') remarks.push(`each line ends in a delimiter, so ${described} is not used`);
  if (seen.longWhole !== undefined && !('categories' in column) && column.kind !== 'ignored') {
    const advice =
      column.kind === 'number' ? say`; if they are ids, say ${optionName('categorical', reference)}` : '';
    remarks.push(
      say`${described} has whole numbers beyond 2^53 such as ${seen.longWhole}, which are rounded${advice}`,
    );
  }
  if (!('categories' in column)) return remarks;
  const { values, numeric } = column.categories;
  if (numeric && values.length < different.size) {
    const [a, b] = sameNumbers(different, options);
    remarks.push(
      `${described} spells a number in more than one way (${a} and ${b}), which count as the same`,
    );
  }
  if (!numeric && seen.texts === 0) {
    const [text] = values.filter(
      (value) => !saysTheSame(textNumber(value, options.decimal), value, options.decimal),
    );
    remarks.push(`${described} has numbers such as ${text}, so its values are compared as texts`);
  }
  if (column.kind === 'class' && options.task === 'auto' && numeric && isDoubtful(values))
    remarks.push(
      say`${described} has ${values.length} different whole numbers (${values[0] ?? ''} to ${values.at(-1) ?? ''}), which are taken for classes; say ${optionName('task', 'regress')} to predict a number`,
    );
  return remarks;
}

/** Whether whole numbers may be counts instead of classes: there are many, or they are not consecutive. */
function isDoubtful(values: readonly string[]): boolean {
  const first = Number(values[0]);
  const areSteps = values.every((value, i) => Number(value) === first + i);
  const areSigns = values.join() === '-1,1';
  return values.length > 10 || !(areSteps || areSigns);
}

function sameNumbers(texts: ReadonlySet<string>, { decimal }: CheckedCsvOptions): [string, string] {
  const known = new Map<number, string>();
  for (const text of texts) {
    const number = textNumber(text, decimal);
    const other = known.get(number);
    if (other !== undefined) return [other, text];
    known.set(number, text);
  }
  throw new SparseTrainError('INTERNAL', 'no two texts say the same number');
}
