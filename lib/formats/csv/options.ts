import { invalidOption, SparseTrainError, unknownName } from '../../base/errors.js';
import { anyText, boolean, checkedBy, type Kind, listOf, oneOf, whole } from '../../base/options/kinds.js';
import { type CheckedOptions, checkOptions, type OptionsOf, option } from '../../base/options/table.js';
import { optionName, say } from '../../base/wording.js';
import { columnKindsKind } from '../../data/column-kinds.js';
import { LEAST_HASH_BITS, MOST_HASH_BITS } from '../../data/hashing.js';
import { delimiterKind } from './delimiter.js';
import { quoted, shortened } from './problems.js';

/**
 * A column by its name or its number: 1 is the first, -1 the last. A text of digits that is not a name is
 * read as a number.
 */
export type CsvColumnReference = string | number;

/** Texts that mean a missing value. */
export const DEFAULT_MISSING: readonly string[] = ['', '?', 'NA', 'N/A', 'NaN', 'null'];

const COLUMN = "a column's name or number";

const columnKind: Kind<CsvColumnReference> = checkedBy(
  COLUMN,
  (name, value) => {
    // Which numbers are right depends on the file: findColumn() checks them.
    if (typeof value === 'string' || typeof value === 'number') return value as CsvColumnReference;
    throw invalidOption(name, COLUMN, value);
  },
  {
    placeholder: '<column>',
    fromText: (text) => text,
    bounds: { within: ['a', 1, -1], beyond: [true, null] },
  },
);

const columnList = listOf(columnKind);

/** One column, or several. */
const columnsKind: Kind<readonly CsvColumnReference[], CsvColumnReference | readonly CsvColumnReference[]> =
  checkedBy(
    'a column, or an array of columns',
    (name, value) => (Array.isArray(value) ? columnList.check(name, value) : [columnKind.check(name, value)]),
    {
      placeholder: '<columns>',
      fromText: (text) => columnList.fromText?.(text),
      toText: (value) => [value].flat().join(','),
      bounds: { within: [['a', 1]], beyond: [{}, [true]] },
    },
  );

/** The label's column, or several; unlike {@link columnsKind} it stays as it is given. */
const labelKind: Kind<CsvColumnReference | readonly CsvColumnReference[]> = checkedBy(
  'a column, or an array of columns',
  (name, value) => (Array.isArray(value) ? columnsKind.check(name, value) : columnKind.check(name, value)),
  {
    placeholder: '<columns>',
    fromText: (text) => (text.includes(',') ? columnList.fromText?.(text) : text),
    toText: (value) => [value].flat().join(','),
    bounds: { within: ['a', ['a', 1]], beyond: [{}, [true]] },
  },
);

const missingAction = oneOf(['impute', 'skip', 'error'], '<action>');
const unknownAction = oneOf(['other', 'skip', 'error'], '<action>');

/** The options on the format of CSV text. What is not given is detected. */
export const CSV_FORMAT = {
  /**
   * The delimiter between fields: any single character except a quote or a line break. By default the one of
   * tab, `;`, `|`, `,` and space that divides the first lines evenly, or the one that a first line such as
   * `sep=;` names. With a space, a run of spaces counts as one.
   */
  delimiter: option(delimiterKind, { text: 'between fields: any single character', otherwise: 'detected' }),
  /**
   * Whether the first line holds names. By default it does if its fields are all different and none of them
   * is a number.
   */
  header: option(boolean, { text: 'whether the first line holds names', otherwise: 'detected' }),
  /** The decimal mark: `.` by default. */
  decimal: option(oneOf(['.', ','], '<mark>'), { text: 'the decimal mark', default: '.', flag: '--decimal' }),
  /** The most bytes that a gzip file may inflate to, or a pipe may have: 1 GiB by default. */
  maxBytes: option(whole(1), {
    text: 'the most bytes that a gzip file may inflate to, or a pipe may have',
    default: 2 ** 30,
    flag: '--max-bytes',
  }),
};

/** The options for reading a table for training. */
export const CSV_OPTIONS = {
  ...CSV_FORMAT,
  /**
   * The column to predict: by default the last one that is not ignored. Several columns, numbers and classes, are learned
   * together by one network: a number has one output, a class one output for each of its values.
   */
  label: option(labelKind, {
    text: 'the column to predict, by name or number (1 is the first, -1 the last), or several',
    otherwise: 'the last column',
    flag: '--label',
  }),
  /**
   * The kind of label: `classify` for a class, `regress` for a number. `auto`, the default, chooses classes
   * if there is text among the labels, or if they are whole numbers with at most 20 different values;
   * otherwise it chooses regression.
   */
  task: option(oneOf(['auto', 'classify', 'regress']), {
    text: 'classify (a class), regress (a number) or auto (decided by the labels)',
    default: 'auto',
    flag: '--task',
  }),
  /**
   * Columns that are categories although some or all of their values are numbers. Columns that hold only text
   * always are categories.
   */
  categorical: option(columnsKind, {
    text: 'columns of numbers that are categories',
    default: [],
    flag: '--categorical',
  }),
  /**
   * A column with the weight of each row in training: numbers that are 0 or more, of which only the ratios matter. It is
   * not an input, and later data need not have it. A row without a weight is left out.
   */
  weight: option(columnKind, {
    text: 'a column of numbers that say how much each row counts in training',
    otherwise: 'every row counts the same',
    flag: '--weight',
  }),
  /** Columns to ignore. */
  ignore: option(columnsKind, { text: 'columns to ignore', default: [], flag: '--ignore' }),
  /**
   * Texts that mean a missing value, regardless of case: by default the empty text, `?`, `NA`, `N/A`, `NaN`
   * and `null`.
   */
  missing: option(listOf(anyText, { expected: 'an array of texts' }), {
    text: 'texts that mean a missing value, regardless of case',
    default: DEFAULT_MISSING,
  }),
  /**
   * What to do about a missing value: `impute`, the default, fills in the median of a column of numbers, and gives a
   * column of categories a level of its own; a row without its label is left out. `skip` leaves the row out, `error`
   * refuses the table.
   */
  onMissing: option(missingAction, {
    text: 'what to do about a missing value: impute (the median of numbers, a level of its own for categories), skip its row, or error',
    default: 'impute',
    flag: '--on-missing',
  }),
  /**
   * What to do about a category that the training data (in a stream: the first rows) did not have: `other`, the
   * default, codes it as none of the known ones; `skip` leaves the row out, also for classes and for text in a column of
   * numbers; `error` refuses the table. With `other`, such classes and texts are errors.
   */
  onUnknown: option(unknownAction, {
    text: 'what to do about a category that did not occur in the training data (in a stream: its first rows): other (none of the known ones), skip its row, or error',
    default: 'other',
    flag: '--on-unknown',
  }),
  /**
   * The most different texts in a column of categories, each of which gets an input of its own; more are hashed. Also
   * the most class labels. 1000 by default.
   */
  maxCategories: option(whole(1), {
    text: 'the most different texts in a column of categories, more are hashed; also the most class labels',
    default: 1000,
    flag: '--max-categories',
  }),
  /** Columns of very many categories, and texts, become 2^hashBits inputs; by default as many as they need. */
  hashBits: option(whole(LEAST_HASH_BITS, MOST_HASH_BITS), {
    text: 'columns of more categories, and texts, become 2 to the power of this many inputs',
    otherwise: 'as many as they need',
    flag: '--hash',
  }),
  /** The kinds of columns whose values do not make them clear: `{ zip: 'category', when: 'date', id: 'ignore' }`. */
  column: option(columnKindsKind, {
    text: 'kinds of columns whose values do not show it: number, category, text, date or ignore',
    otherwise: 'decided by the values',
    flag: '--column',
  }),
};

/** The options for reading a table with an existing schema. */
export const CSV_APPLY = {
  ...CSV_FORMAT,
  /**
   * What to do with the label's column: `auto`, the default, uses it if it exists, `ignore` never uses it,
   * `require` reports an error if it is missing.
   */
  labels: option(oneOf(['auto', 'ignore', 'require']), {
    text: "what to do with the label's column: use it if it is there (auto), ignore it, or require it",
    default: 'auto',
  }),
  /** As for training: by default missing values are filled in. */
  onMissing: option(missingAction, {
    text: 'what to do about a missing value: impute, skip its row, or error',
    default: 'impute',
    flag: '--on-missing',
  }),
  /** As for training: by default unknown categories are coded as none of the known ones. */
  onUnknown: option(unknownAction, {
    text: 'what to do about a category that the training data did not have: other (none of the known ones), skip its row, or error',
    default: 'other',
    flag: '--on-unknown',
  }),
};

/** The format of the text; what is not given is detected. */
export interface CsvFormatOptions extends OptionsOf<typeof CSV_FORMAT> {}

/** How to read a CSV file for training. */
export interface CsvOptions extends OptionsOf<typeof CSV_OPTIONS> {}

/** {@link CsvApplyOptions} checked, with defaults filled in. */
export type CheckedCsvApplyOptions = CheckedOptions<typeof CSV_APPLY>;

/** How to read a CSV file with an existing schema. */
export interface CsvApplyOptions extends OptionsOf<typeof CSV_APPLY> {}

/** {@link CsvOptions} checked, with defaults filled in. */
export type CheckedCsvOptions = CheckedOptions<typeof CSV_OPTIONS>;

/**
 * @throws SparseTrainError UNKNOWN_OPTION or INVALID_OPTION
 */
export function checkCsvOptions(options: CsvOptions): CheckedCsvOptions {
  return checkOptions('CSV options', CSV_OPTIONS, options);
}

/**
 * @throws SparseTrainError UNKNOWN_OPTION or INVALID_OPTION
 */
export function checkCsvApplyOptions(options: CsvApplyOptions): CheckedCsvApplyOptions {
  return checkOptions('CSV options', CSV_APPLY, options);
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
          say`column in ${optionName(option)}:`,
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
