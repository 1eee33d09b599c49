import { invalidOption, SparseTrainError, unknownName } from '../../base/errors.js';
import { checkOptionNames } from '../../base/options/names.js';
import { optionName, say } from '../../base/wording.js';
import { type CsvDelimiter, isDelimiter } from './delimiter.js';
import { quoted, shortened } from './problems.js';

/**
 * A column by its name or its number: 1 is the first, -1 the last. A text of digits that is not a name is
 * read as a number.
 */
export type CsvColumnReference = string | number;

/** The format of the text; what is not given is detected. */
export interface CsvFormatOptions {
  /**
   * The delimiter between fields: any single character except a quote or a line break. By default the one of
   * tab, `;`, `|`, `,` and space that divides the first lines evenly, or the one that a first line such as
   * `sep=;` names. With a space, a run of spaces counts as one.
   */
  delimiter?: CsvDelimiter | undefined;
  /**
   * Whether the first line holds names. By default it does if its fields are all different and none of them
   * is a number.
   */
  header?: boolean | undefined;
  /** The decimal mark: `.` by default. */
  decimal?: '.' | ',' | undefined;
  /** The most bytes that a gzip file may inflate to: 1 GiB by default. */
  maxBytes?: number | undefined;
}

/** How to read a CSV file for training. */
export interface CsvOptions extends CsvFormatOptions {
  /** The column to predict: by default the last one that is not ignored. */
  label?: CsvColumnReference | undefined;
  /**
   * The kind of label: `classify` for a class, `regress` for a number. `auto`, the default, chooses classes
   * if there is text among the labels, or if they are whole numbers with at most 20 different values;
   * otherwise it chooses regression.
   */
  task?: 'auto' | 'classify' | 'regress' | undefined;
  /**
   * Columns that are categories although some or all of their values are numbers. Columns that hold only text
   * always are categories.
   */
  categorical?: CsvColumnReference | readonly CsvColumnReference[] | undefined;
  /** Columns to ignore. */
  ignore?: CsvColumnReference | readonly CsvColumnReference[] | undefined;
  /**
   * Texts that mean a missing value, regardless of case: by default the empty text, `?`, `NA`, `N/A`, `NaN`
   * and `null`.
   */
  missing?: readonly string[] | undefined;
  /** What to do about a missing value: `error`, the default, or `skip` its row. */
  onMissing?: 'error' | 'skip' | undefined;
  /**
   * In a stream, what to do about a value that the first rows did not have (another class or category, text in a column
   * of numbers): `error`, the default, or `skip` its row.
   */
  onUnknown?: 'error' | 'skip' | undefined;
  /** The most different texts in a column of categories or of class labels: 1000 by default. */
  maxCategories?: number | undefined;
}

/** How to read a CSV file with an existing schema. */
export interface CsvApplyOptions extends CsvFormatOptions {
  /**
   * What to do with the label's column: `auto`, the default, uses it if it exists, `ignore` never uses it,
   * `require` reports an error if it is missing.
   */
  labels?: 'auto' | 'ignore' | 'require' | undefined;
}

export const DEFAULT_MISSING: readonly string[] = ['', '?', 'NA', 'N/A', 'NaN', 'null'];
const DEFAULT_MAX_BYTES = 2 ** 30;
const FORMAT_NAMES = ['delimiter', 'header', 'decimal', 'maxBytes'] as const;
const TRAINING_NAMES = [
  'label',
  'task',
  'categorical',
  'ignore',
  'missing',
  'onMissing',
  'onUnknown',
  'maxCategories',
] as const;

/** {@link CsvOptions} checked, with defaults filled in. */
export type CheckedCsvOptions = Required<{
  [K in Exclude<keyof CsvOptions, 'delimiter' | 'header' | 'label'>]: K extends 'categorical' | 'ignore'
    ? readonly CsvColumnReference[]
    : Exclude<CsvOptions[K], undefined>;
}> &
  Pick<CsvOptions, 'delimiter' | 'header' | 'label'>;

/**
 * @throws SparseTrainError UNKNOWN_OPTION or INVALID_OPTION
 */
export function checkCsvOptions(options: CsvOptions): CheckedCsvOptions {
  checkOptionNames('CSV options', options, [...FORMAT_NAMES, ...TRAINING_NAMES]);
  checkFormat(options);
  const {
    delimiter,
    header,
    decimal = '.',
    maxBytes = DEFAULT_MAX_BYTES,
    label,
    task = 'auto',
    missing = DEFAULT_MISSING,
    onMissing = 'error',
    onUnknown = 'error',
    maxCategories = 1000,
  } = options;
  checkChoice('task', task, ['auto', 'classify', 'regress']);
  checkChoice('onMissing', onMissing, ['error', 'skip']);
  checkChoice('onUnknown', onUnknown, ['error', 'skip']);
  const [categorical, ignore] = [columnList(options, 'categorical'), columnList(options, 'ignore')];
  if (!Array.isArray(missing)) throw invalidOption('missing', 'an array', missing);
  const notText = missing.find((mark) => typeof mark !== 'string');
  if (notText !== undefined) throw invalidOption('missing', 'an array of texts', notText);
  checkCount('maxCategories', maxCategories);
  return {
    delimiter,
    header,
    decimal,
    maxBytes,
    label,
    task,
    categorical,
    ignore,
    missing,
    onMissing,
    onUnknown,
    maxCategories,
  };
}

function columnList(options: CsvOptions, name: 'categorical' | 'ignore'): readonly CsvColumnReference[] {
  const value: unknown = options[name] ?? [];
  if (Array.isArray(value)) return value;
  if (typeof value === 'string' || typeof value === 'number') return [value];
  throw invalidOption(name, 'an array of columns, or one column', value);
}

/**
 * @throws SparseTrainError UNKNOWN_OPTION or INVALID_OPTION
 */
export function checkCsvApplyOptions(options: CsvApplyOptions): void {
  checkOptionNames('CSV options', options, [...FORMAT_NAMES, 'labels']);
  checkFormat(options);
  if (options.labels !== undefined) checkChoice('labels', options.labels, ['auto', 'ignore', 'require']);
}

/** The limit on inflated bytes, from the options. */
export function maxCsvBytes(options: CsvFormatOptions): number {
  return options.maxBytes ?? DEFAULT_MAX_BYTES;
}

function checkFormat({ delimiter, header, decimal, maxBytes }: CsvFormatOptions): void {
  if (delimiter !== undefined && !isDelimiter(delimiter)) {
    throw invalidOption('delimiter', 'one character, but no quote and no line break', delimiter);
  }
  if (decimal !== undefined) checkChoice('decimal', decimal, ['.', ',']);
  if (header !== undefined && typeof header !== 'boolean')
    throw invalidOption('header', 'true or false', header);
  if (maxBytes !== undefined) checkCount('maxBytes', maxBytes);
}

function checkChoice(name: string, value: unknown, choices: readonly string[]): void {
  if (typeof value === 'string' && choices.includes(value)) return;
  throw invalidOption(name, `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`, value);
}

function checkCount(name: string, value: unknown): void {
  if (!Number.isSafeInteger(value) || (value as number) < 1) {
    throw invalidOption(name, 'a whole number of at least 1', value);
  }
}

/**
 * Finds the column that an option names.
 *
 * @param option - the option's name, for messages
 * @param hasHeader - whether the names are from the file
 * @returns its index, from 0
 * @throws SparseTrainError INVALID_OPTION with the nearest name
 */
export function findColumn(
  option: string,
  reference: CsvColumnReference,
  names: readonly string[],
  hasHeader: boolean,
): number {
  if (typeof reference === 'string') {
    const index = names.indexOf(reference);
    if (index !== -1) return index;
    if (!/^-?\d+$/.test(reference)) {
      if (hasHeader)
        throw unknownName(
          'INVALID_OPTION',
          `column in ${option}:`,
          shortened(reference),
          names.map(shortened),
        );
      throw new SparseTrainError(
        'INVALID_OPTION',
        say`${optionName(option)} is ${quoted(reference)}, but the file has no header; give a column's number, or ${optionName('header', true)} if its first line holds names`,
      );
    }
  }
  const isPlain = typeof reference === 'string' || typeof reference === 'number';
  const number = isPlain ? Number(reference) : Number.NaN;
  const valid = Number.isInteger(number);
  if (!valid || number === 0 || Math.abs(number) > names.length) {
    throw invalidOption(
      option,
      `a column's name or number (1 to ${names.length}, or -1 for the last to -${names.length})`,
      reference,
    );
  }
  return number > 0 ? number - 1 : names.length + number;
}
