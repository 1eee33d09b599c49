import { SparseTrainError } from '../../base/errors.js';
import type { Steps } from '../../base/steps.js';
import { optionName, say, type Wording } from '../../base/wording.js';
import type { ColumnKind } from '../../data/column-kinds.js';
import { timeOf } from '../../data/dates.js';
import { Sketch } from '../../data/hashing.js';
import { isText } from '../../data/words.js';
import { type Candidate, lookCloser } from './closer-look.js';
import { type ColumnSeen, dateUnit, decideColumn, type Role, remarksOn } from './decide-column.js';
import type { CsvDelimiter } from './delimiter.js';
import { findHeader, mayBeNumericHeader } from './header.js';
import { firstRecords, openText } from './open-text.js';
import { type CheckedCsvOptions, type CsvColumnReference, findColumn } from './options.js';
import { CsvProblems, quoted } from './problems.js';
import type { Records } from './records.js';
import {
  type CsvColumn,
  type CsvSchema,
  describeColumn,
  inputWidth,
  isInput,
  MissingValues,
} from './schema.js';
import { type CsvText, TextRecords } from './text-records.js';

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
  const decidedLabels = new Map(
    columns.flatMap((column, i) =>
      column.role === 'label' ? [[i, decideColumn(column, name, counts.rows, options, undefined)]] : [],
    ),
  );
  const candidates = columns.flatMap((column, place) => candidateOf(column, place));
  const found =
    candidates.length === 0
      ? undefined
      : yield* lookCloser(
          records(),
          candidates,
          // Of several labels, the first one shows which numbers are ids.
          { place: label, isClass: decidedLabels.get(label)?.kind === 'class' },
          new MissingValues(options.missing),
        );
  const decided: CsvColumn[] = [];
  for (const [i, seen] of columns.entries()) {
    decided.push(decidedLabels.get(i) ?? decideColumn(seen, name, counts.rows, options, found?.get(i)));
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

/** The columns of the labels. A name with commas in it, which a list on the command line would divide, is one column. */
function labelsAmong(
  references: readonly CsvColumnReference[],
  names: readonly string[],
  header: boolean,
): number[] {
  const whole = names.indexOf(references.join(','));
  if (whole !== -1) return [whole];
  const found = references.map((reference) => findColumn('label', reference, names, header));
  const twice = found.find((index, i) => found.indexOf(index) < i);
  if (twice === undefined) return found;
  throw new SparseTrainError(
    'INVALID_OPTION',
    say`${optionName('label')} names ${describeColumn({ header }, twice, names[twice] as string)} twice`,
  );
}

function assignRoles({ names, header, isLastEmpty }: TableHead, options: CheckedCsvOptions): ColumnSeen[] {
  const roles = new Array<Role>(names.length).fill('input');
  if (isLastEmpty === true) roles[names.length - 1] = 'empty';
  const ignored = new Set(options.ignore.map((reference) => findColumn('ignore', reference, names, header)));
  const weightAt = options.weight === undefined ? -1 : findColumn('weight', options.weight, names, header);
  const isUsed = (role: Role, i: number) => role !== 'empty' && !ignored.has(i) && i !== weightAt;
  const labels =
    options.label === undefined
      ? [roles.findLastIndex(isUsed)].filter((i) => i !== -1)
      : labelsAmong([options.label].flat(), names, header);
  if (labels.length === 0)
    throw new SparseTrainError('INVALID_OPTION', say`${optionName('ignore')} leaves no column for the label`);
  const labelled = new Set(labels);
  for (const label of labels) roles[label] = 'label';
  if (weightAt !== -1) {
    if (labelled.has(weightAt) || ignored.has(weightAt))
      throw new SparseTrainError(
        'INVALID_OPTION',
        say`${optionName('weight')}: ${describeColumn({ header }, weightAt, names[weightAt] as string)} is ${labelled.has(weightAt) ? 'the label' : 'to be ignored'}`,
      );
    roles[weightAt] = 'weight';
  }
  for (const option of ['ignore', 'categorical'] as const) {
    for (const reference of options[option]) {
      const index = findColumn(option, reference, names, header);
      if (labelled.has(index)) {
        const hint =
          option === 'categorical'
            ? say`; for labels that are classes say ${optionName('task', 'classify')}`
            : '';
        throw new SparseTrainError(
          'INVALID_OPTION',
          say`${optionName(option)}: ${describeColumn({ header }, index, names[index] as string)} is the label${hint}`,
        );
      }
      if (roles[index] === 'weight')
        throw new SparseTrainError(
          'INVALID_OPTION',
          say`${optionName(option)}: ${describeColumn({ header }, index, names[index] as string)} is the weight`,
        );
      if (option === 'ignore') roles[index] = 'ignored';
      else if (roles[index] === 'input') roles[index] = 'categorical';
    }
  }
  const wanted = new Map<number, ColumnKind>();
  for (const [reference, kind] of Object.entries(options.column ?? {})) {
    const index = findColumn('column', reference, names, header);
    if (labelled.has(index)) {
      throw new SparseTrainError(
        'INVALID_OPTION',
        say`${optionName('column')}: ${describeColumn({ header }, index, names[index] as string)} is the label; say what it is with ${optionName('task')}`,
      );
    }
    if (roles[index] === 'weight')
      throw new SparseTrainError(
        'INVALID_OPTION',
        say`${optionName('column')}: ${describeColumn({ header }, index, names[index] as string)} is the weight`,
      );
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
        if (options.onMissing !== 'impute' || column.role === 'label' || column.role === 'weight')
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
      all > 1 && count === all && (role === 'label' || role === 'weight' || options.onMissing !== 'impute'),
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
