import { SparseTrainError } from '../../base/errors.js';
import type { Steps } from '../../base/steps.js';
import { optionName, say, type Wording } from '../../base/wording.js';
import type { ColumnKind } from '../../data/column-kinds.js';
import { type DateUnit, timeOf } from '../../data/dates.js';
import { Sketch } from '../../data/hashing.js';
import { isText } from '../../data/words.js';
import { type Candidate, type CloserLook, lookCloser } from './closer-look.js';
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
  inputWidth,
  isInput,
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
  /** The kind that the options give the column. */
  readonly wanted: ColumnKind | undefined;
  /** The smallest and largest number. */
  low: number;
  high: number;
  /** How many texts are ISO dates (not counted on after another text, unless dates are wanted), or several words. */
  dates: number;
  sentences: number;
  /** Counts the different fields, if they are more than categories may be. */
  sketch: Sketch | undefined;
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
  const inferred = yield* inferRecords(() => new TextRecords(rowsOf, { decimal }), head, name, options);
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
 * @param records - gives the records from the first on, each time that it is called
 * @throws SparseTrainError as {@link inferCsv}
 */
export function* inferRecords(
  records: () => Records,
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
  const counts = yield* scanColumns(records(), name, columns, options);
  const { unit } = records();
  if (counts.rows === 0) {
    const why =
      counts.skipped > 0 ? `each of its ${counts.skipped} rows has a missing value` : 'it has no rows';
    const place = header && unit === 'line' ? ' after the header' : '';
    throw new SparseTrainError('INVALID_DATA', `${name}: ${why}${place}`);
  }
  const label = columns.findIndex(({ role }) => role === 'label');
  const decidedLabel = decideColumn(columns[label] as ColumnSeen, name, counts.rows, options, undefined);
  const candidates = columns.flatMap((column, place) => candidateOf(column, place));
  const found =
    candidates.length === 0
      ? undefined
      : yield* lookCloser(
          records(),
          candidates,
          { place: label, isClass: decidedLabel.kind === 'class' },
          new MissingValues(options.missing),
        );
  const decided: CsvColumn[] = [];
  for (const [i, seen] of columns.entries()) {
    decided.push(i === label ? decidedLabel : decideColumn(seen, name, counts.rows, options, found?.get(i)));
    yield;
  }
  if (!decided.some((column) => isInput(column) && inputWidth(column) > 0)) {
    throw new SparseTrainError(
      'INVALID_DATA',
      say`${name}: no column tells rows apart: each has no value, one value, or another value in every row; name columns to use with ${optionName('column')}`,
    );
  }
  return {
    schema: { ...format, columns: decided },
    ...counts,
    fitsFloat32: counts.fitsFloat32 && decided.every(({ kind }) => kind !== 'date'),
    remarks: columns.flatMap((column, i) =>
      remarksOn(column, decided[i] as CsvColumn, counts.rows, options, found?.get(i)),
    ),
  };
}

/** Whole numbers in this range, in seconds or milliseconds, are taken for times: 2001 to 2039. */
const FIRST_SECOND = 1e9;
const LAST_SECOND = 2.2e9;

/** How the dates of a column are written; undefined if it holds no dates. */
function dateUnit(column: ColumnSeen): DateUnit | undefined {
  const { role, wanted, numbers, texts, dates, allWhole, low, high } = column;
  if (role !== 'input' || (wanted !== undefined && wanted !== 'date')) return undefined;
  if (numbers === 0) return texts > 0 && dates === texts ? 'iso' : undefined;
  if (texts > 0) return undefined;
  if (wanted === 'date') return Math.max(Math.abs(low), Math.abs(high)) >= 1e11 ? 'milliseconds' : 'seconds';
  if (!allWhole || low === high) return undefined;
  if (low >= FIRST_SECOND && high <= LAST_SECOND) return 'seconds';
  return low >= 1000 * FIRST_SECOND && high <= 1000 * LAST_SECOND ? 'milliseconds' : undefined;
}

/** Whole numbers with a smaller range are not examined: they are few. */
const LEAST_ID_RANGE = 20;

/** A column that needs a second look. */
function candidateOf(column: ColumnSeen, place: number): Candidate[] {
  const unit = dateUnit(column);
  if (unit !== undefined) return [{ place, unit }];
  const { role, wanted, texts, numbers, allWhole, low, high } = column;
  const mayBeId =
    role === 'input' && wanted === undefined && texts === 0 && numbers > 0 && allWhole && low >= 0;
  return mayBeId && high - low >= LEAST_ID_RANGE ? [{ place, unit: undefined }] : [];
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
  const wanted = new Map<number, ColumnKind>();
  for (const [reference, kind] of Object.entries(options.column ?? {})) {
    const index = findColumn('column', reference, names, header);
    if (index === label) {
      throw new SparseTrainError(
        'INVALID_OPTION',
        say`${optionName('column')}: ${describeColumn({ header }, index, names[index] as string)} is the label; say what it is with ${optionName('task')}`,
      );
    }
    wanted.set(index, kind);
    roles[index] = kind === 'ignore' ? 'ignored' : kind === 'category' ? 'categorical' : 'input';
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
    wanted: wanted.get(i),
    low: Number.POSITIVE_INFINITY,
    high: Number.NEGATIVE_INFINITY,
    dates: 0,
    sentences: 0,
    sketch: undefined,
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
  const lows = new Float64Array(columns.length).fill(Number.POSITIVE_INFINITY);
  const highs = new Float64Array(columns.length).fill(Number.NEGATIVE_INFINITY);
  const fractions = new Uint8Array(columns.length);
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
          if (x < (lows[i] as number)) lows[i] = x;
          if (x > (highs[i] as number)) highs[i] = x;
          if (fractions[i] === 0 && Math.floor(x) !== x) fractions[i] = 1;
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
        if (options.onMissing !== 'impute' || column.role === 'label') complete = false;
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
  for (const [i, column] of columns.entries()) {
    column.numbers += plainNumbers[i] as number;
    column.low = Math.min(column.low, lows[i] as number);
    column.high = Math.max(column.high, highs[i] as number);
    if (fractions[i] === 1) column.allWhole = false;
  }
  ragged.throwIfAny(
    'INVALID_FILE',
    `Each ${records.unit} needs ${width} fields, as the first has; fields that hold the delimiter need quotes`,
  );
  const all = rows + skipped;
  const empty = columns.find(
    ({ role, missing: count }) =>
      all > 1 && count === all && (role === 'label' || options.onMissing !== 'impute'),
  );
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
      say`Fill them in with ${optionName('onMissing', 'impute')}, or leave such rows out with ${optionName('onMissing', 'skip')}`,
    );
  }
  return { rows, skipped, fitsFloat32 };
}

function noteLongWhole(column: ColumnSeen, text: string): void {
  if (column.longWhole === undefined && /^[+-]?\d{1,40}$/.test(text)) column.longWhole = text;
}

/** Whether a column's numbers are also kept as texts. Those of a label only matter as long as they may be classes. */
function needsText({ role, different }: ColumnSeen, { maxCategories }: CheckedCsvOptions): boolean {
  return role === 'categorical' || (role === 'label' && different.size <= maxCategories);
}

function see(column: ColumnSeen, line: number, number: number, text: string | undefined, most: number): void {
  if (Number.isNaN(number)) {
    const given = text as string;
    const mayBeDate = column.dates === column.texts || column.wanted === 'date';
    const isDate = mayBeDate && timeOf(given) !== undefined;
    if (isDate) column.dates++;
    column.texts++;
    if (isText(given)) column.sentences++;
    const isWanted = isDate && column.wanted === 'date';
    if (column.firstTexts.length < 5 && !isWanted) column.firstTexts.push({ line, text: given });
  } else {
    column.numbers++;
    if (number < column.low) column.low = number;
    if (number > column.high) column.high = number;
    if (!Number.isInteger(number)) column.allWhole = false;
  }
  if (text === undefined) return;
  if (column.different.size <= most) column.different.add(text);
  if (column.different.size <= most) return;
  if (column.sketch === undefined) {
    column.sketch = new Sketch();
    for (const known of column.different) column.sketch.add(known);
  }
  column.sketch.add(text);
}

/** About how many different fields a column has. */
function variety({ different, sketch }: ColumnSeen): number {
  return Math.max(different.size, sketch?.estimate ?? 0);
}

/** A column whose values differ in more than this share of the rows identifies rows, and says nothing about others. */
const UNIQUE = 0.9;
/** Hashed columns have this many bits unless the options say otherwise. */
const LEAST_BITS = 8;
const MOST_LEVEL_BITS = 17;
const MOST_WORD_BITS = 14;

/** The bits of a hashed column: at least twice as many places as names. */
function bitsFor(names: number, most: number, { hashBits }: CheckedCsvOptions): number {
  return hashBits ?? Math.min(most, Math.max(LEAST_BITS, Math.ceil(Math.log2(2 * names))));
}

function decideColumn(
  seen: ColumnSeen,
  file: string,
  rows: number,
  options: CheckedCsvOptions,
  look: CloserLook | undefined,
): CsvColumn {
  const { name, role, reference, described, different, wanted } = seen;
  // Without imputation, rows with missing values are not among those that are learned from.
  const missing = options.onMissing === 'impute' ? seen.missing : 0;
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
  const category = (): CsvColumn => {
    if (tooMany) return { name, kind: 'hashed', bits: bitsFor(variety(seen), MOST_LEVEL_BITS, options) };
    const categories = categoriesOf(seen, options);
    return missing > 0
      ? { name, kind: 'category', categories, missing: true }
      : { name, kind: 'category', categories };
  };
  const words = (): CsvColumn => ({
    name,
    kind: 'text',
    // Each row adds a few words that are new.
    bits: bitsFor(2 * rows, MOST_WORD_BITS, options),
  });
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
    case 'categorical':
      if (seen.texts + seen.numbers === 0) return { name, kind: 'ignored' };
      return category();
    case 'input': {
      if (seen.texts + seen.numbers === 0) return { name, kind: 'ignored' };
      const unit = dateUnit(seen);
      const indicator = missing > 0 && missing >= INDICATED * (missing + seen.texts + seen.numbers);
      const marked = indicator ? { indicator } : {};
      if (wanted === 'date' && unit === undefined)
        throw invalid(
          say`is to hold dates, but ${showOthers(seen)}; dates are written as 2024-05-31 or 2024-05-31T12:30, or as seconds or milliseconds since 1970`,
        );
      if (wanted === 'text') return words();
      if (unit !== undefined) {
        const parts = look?.parts ?? [];
        return parts.length === 0
          ? { name, kind: 'ignored' }
          : { name, kind: 'date', unit, parts, ...marked };
      }
      if (seen.texts === 0) {
        if (look?.isId !== true) return { name, kind: 'number', ...marked };
        // The levels are known from the first rows only.
        return { name, kind: 'hashed', bits: bitsFor(look.levels, MOST_LEVEL_BITS, options) };
      }
      refuseMeantNumbers();
      if (seen.numbers > 0 || wanted === 'number') {
        const [first] = seen.firstTexts;
        const names =
          seen.texts === 1 && seen.isUnnamed
            ? say`; if line ${first?.line ?? 1} holds names, say ${optionName('header', true)}`
            : '';
        throw invalid(
          say`holds ${seen.numbers} number${seen.numbers === 1 ? '' : 's'}, but ${showTexts(seen)}; correct ${seen.texts === 1 ? 'it' : 'them'}, or say ${optionName('categorical', reference)}${names}`,
        );
      }
      const differs = variety(seen) / seen.texts;
      const isVaried = tooMany || (rows > MIN_ROWS_FOR_VARIETY && differs > 0.5);
      if (isVaried && 2 * seen.sentences > seen.texts) return words();
      if (isUnique(seen, rows)) return { name, kind: 'ignored' };
      return category();
    }
  }
}

/** Whether a column of text has another value in almost every row. */
function isUnique(seen: ColumnSeen, rows: number): boolean {
  return seen.texts > 0 && rows > MIN_ROWS_FOR_VARIETY && variety(seen) > UNIQUE * seen.texts;
}

/** A number gets an input that says that it is missing if it is missing in at least this share of the rows. */
const INDICATED = 0.01;

/** What a column that should hold dates holds instead. */
function showOthers({ firstTexts, texts, dates, numbers }: ColumnSeen): string {
  return firstTexts.length > 0 ? showTexts({ firstTexts, texts: texts - dates }) : `holds ${numbers} numbers`;
}

/** The different fields that are not numbers. */
function textsOf({ different }: ColumnSeen, { decimal }: CheckedCsvOptions): string[] {
  return [...different].filter((text) => Number.isNaN(textNumber(text, decimal)));
}

/** Returns `line 7 has "abc", line 12 "x" (and 3 more)`. */
function showTexts({ firstTexts, texts }: Pick<ColumnSeen, 'firstTexts' | 'texts'>): string {
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
function remarksOn(
  seen: ColumnSeen,
  column: CsvColumn,
  rows: number,
  options: CheckedCsvOptions,
  look: CloserLook | undefined,
): Wording[] {
  const { described, reference, different, wanted } = seen;
  const remarks: Wording[] = [];
  const as = (kind: ColumnKind) => optionName('column', { [reference]: kind });
  if (seen.role === 'input' && column.kind === 'ignored') {
    if (seen.texts + seen.numbers === 0)
      remarks.push(`${described} has no value in any row, so it is not used`);
    else if (look !== undefined)
      remarks.push(`${described} has the same date in every row, so it is not used`);
    else {
      remarks.push(
        say`${described} has another text in almost every row, so it is not used; say ${as('category')} or ${as('text')} to use it`,
      );
    }
  }
  if (column.kind === 'hashed' && look?.isId === true) {
    remarks.push(
      say`${described} has ${look.levels} whole numbers that are taken for ids, as their order says nothing about the label; say ${as('number')} if they are amounts`,
    );
  }
  if (
    column.kind === 'number' &&
    wanted === undefined &&
    look !== undefined &&
    isRowNumber(seen, look, rows)
  ) {
    remarks.push(
      say`${described} has another whole number in almost every row; if these are ids, say ${as('ignore')}`,
    );
  }
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

/** Names that ids have: `id`, `user_id`, `orderNo`. */
const ID_WORD = /(?:^|[^a-z])(?:id|ids|no|nr|key|code|index)$/i;
const ID_SUFFIX = /[a-z](?:Id|ID|Key|Code|No|Nr)$/;
/** In tables with fewer rows, numbers of rows may just as well be measurements. */
const MIN_ROWS_FOR_NUMBERS = 100;

/** Whether whole numbers, nearly all different, are row numbers or ids. */
function isRowNumber(seen: ColumnSeen, look: CloserLook, rows: number): boolean {
  if (rows <= MIN_ROWS_FOR_VARIETY || look.levels < UNIQUE * Math.min(rows, 2 ** 15)) return false;
  if (ID_WORD.test(seen.name) || ID_SUFFIX.test(seen.name)) return true;
  return rows >= MIN_ROWS_FOR_NUMBERS && look.isAscending && seen.high - seen.low === seen.numbers - 1;
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
