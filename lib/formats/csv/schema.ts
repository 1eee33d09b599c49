import { invalidOption, nearest } from '../../base/errors.js';
import { checkStored, fieldsOf, formsOf, optional } from '../../base/options/fields.js';
import {
  anyText,
  boolean,
  checkedBy,
  type Kind,
  listOf,
  number,
  oneOf,
  whole,
} from '../../base/options/kinds.js';
import { DATE_PART_INPUTS, DATE_PARTS, type DatePart, type DateUnit } from '../../data/dates.js';
import { LEAST_HASH_BITS, MOST_HASH_BITS } from '../../data/hashing.js';
import { type CsvDelimiter, delimiterKind } from './delimiter.js';
import { quoted, shortened } from './problems.js';
import { saysTheSame } from './value.js';

/** The different texts of a column, in the order of their codes. */
export interface CsvCategories {
  /**
   * All different. If they are all numbers that represent their texts completely, they are in their shortest
   * form (`1`, not `1.0`). Leading zeros, and digits that a double cannot hold, make a column a column of
   * texts.
   */
  readonly values: readonly string[];
  /** Whether all categories are numbers, so that `1.0` in a file means the category `1`. */
  readonly numeric: boolean;
}

/**
 * The meaning of a column:
 *
 * - `number`: one input, and with `indicator` another one that is 1 where the number is missing
 * - `category`: one input per category, 1 for the category of the row and 0 for the others (one-hot); with `missing` one
 *   more for rows where it is missing
 * - `hashed`: 2^bits inputs; each category has one of them, found by its hash, which is 1 in its rows
 * - `text`: 2^bits inputs; those of the words and pairs of words in the text, found by their hashes, are 1
 * - `date`: the inputs of its parts, and with `indicator` another one that is 1 where the date is missing
 * - `ignored`: not used
 * - `weight`: how much each row counts in training
 * - `class`: the label, one of its categories
 * - `value`: the label, a number to predict
 */
export type CsvColumn =
  | { readonly name: string; readonly kind: 'ignored' | 'weight' | 'value' }
  | ({ readonly name: string; readonly kind: 'number' } & NumberCoding)
  | {
      readonly name: string;
      readonly kind: 'category';
      readonly categories: CsvCategories;
      readonly missing?: boolean | undefined;
    }
  | { readonly name: string; readonly kind: 'class'; readonly categories: CsvCategories }
  | { readonly name: string; readonly kind: 'hashed' | 'text'; readonly bits: number }
  | {
      readonly name: string;
      readonly kind: 'date';
      readonly unit: DateUnit;
      readonly parts: readonly DatePart[];
      /** The age, in days since 1970, of rows where the date is missing: the median. */
      readonly fill?: number | undefined;
      readonly indicator?: boolean | undefined;
    };

/** How a column of numbers becomes inputs. */
export interface NumberCoding {
  /** The median, which replaces missing numbers. Without it, a missing number is an error. */
  readonly fill?: number | undefined;
  readonly indicator?: boolean | undefined;
  /**
   * For columns with heavy tails, such as amounts of money: pairs of a number and what it becomes, ascending. Between
   * them and beyond them the numbers follow straight lines, to at most 4 and at least -4.
   */
  readonly bend?: readonly (readonly [number: number, becomes: number])[] | undefined;
}

/**
 * How the columns of a CSV file become numbers. Plain JSON, stored in a model, so that files for prediction
 * are encoded like the training file.
 */
export interface CsvSchema {
  readonly version: 1;
  readonly delimiter: CsvDelimiter;
  readonly decimal: '.' | ',';
  /** Whether the names come from the file's first line; otherwise columns are called `column 1` and so on. */
  readonly header: boolean;
  /** Texts that mean a missing value, compared without regard to case. */
  readonly missing: readonly string[];
  /** The columns in the order of the training file; at least one `class` or `value`. */
  readonly columns: readonly CsvColumn[];
}

/** Whether a column is an input. */
export function isInput({ kind }: CsvColumn): boolean {
  return kind !== 'ignored' && kind !== 'weight' && kind !== 'class' && kind !== 'value';
}

/** The number of inputs that a column becomes. */
export function inputWidth(column: CsvColumn): number {
  switch (column.kind) {
    case 'number':
      return column.indicator === true ? 2 : 1;
    case 'category':
      return column.categories.values.length + (column.missing === true ? 1 : 0);
    case 'hashed':
    case 'text':
      return 2 ** column.bits;
    case 'date':
      return (
        column.parts.reduce((sum, part) => sum + DATE_PART_INPUTS[part], 0) +
        (column.indicator === true ? 1 : 0)
      );
    default:
      return 0;
  }
}

/** The number of inputs that all columns become. */
export function schemaWidth({ columns }: CsvSchema): number {
  return columns.reduce((sum, column) => sum + inputWidth(column), 0);
}

/** Tables with fewer inputs are full rows: sparse ones would save nothing. */
const LEAST_SPARSE_WIDTH = 256;
/** A guess how many inputs of a text are not 0. */
const WORDS_OF_A_TEXT = 32;

/** Whether so many inputs are 0 in every row that only the others are stored. */
export function isSparseSchema(schema: CsvSchema): boolean {
  const width = schemaWidth(schema);
  if (width < LEAST_SPARSE_WIDTH) return false;
  const used = schema.columns.reduce((sum, column) => {
    if (column.kind === 'text') return sum + Math.min(WORDS_OF_A_TEXT, 2 ** column.bits);
    return sum + (column.kind === 'category' || column.kind === 'hashed' ? 1 : inputWidth(column));
  }, 0);
  return 8 * used <= width;
}

/**
 * The names of the inputs: a number column's name, `name=category` for each category, `name#0` and so on for hashed
 * columns and texts, `name age`, `name hour 1` and so on for dates, and `name missing` for what says that a value is.
 */
export function csvFeatureNames(schema: CsvSchema): string[] {
  return parseCsvSchema(schema).columns.flatMap((column) => {
    const { name } = column;
    switch (column.kind) {
      case 'number':
        return column.indicator === true ? [name, `${name} missing`] : [name];
      case 'category': {
        const names = column.categories.values.map((value) => `${name}=${value}`);
        return column.missing === true ? [...names, `${name} missing`] : names;
      }
      case 'hashed':
      case 'text':
        return Array.from({ length: 2 ** column.bits }, (_, i) => `${name}#${i}`);
      case 'date': {
        const names = column.parts.flatMap((part) =>
          part === 'age'
            ? [`${name} age`]
            : Array.from({ length: DATE_PART_INPUTS[part] }, (_, i) => `${name} ${part} ${i + 1}`),
        );
        return column.indicator === true ? [...names, `${name} missing`] : names;
      }
      default:
        return [];
    }
  });
}

/** The name of a column in messages: `column 3 ("age")`, or without a header `column 3`. */
export function describeColumn(schema: Pick<CsvSchema, 'header'>, index: number, name: string): string {
  return schema.header ? `column ${index + 1} (${quoted(name)})` : `column ${index + 1}`;
}

/** Different texts, at least one. */
const differentTexts: Kind<readonly string[]> = distinct(
  listOf(anyText, { least: 1 }),
  'different texts, at least one',
);

const categories = fieldsOf({ values: differentTexts, numeric: boolean });

const finite = number({});
const hashed = { name: anyText, bits: whole(LEAST_HASH_BITS, MOST_HASH_BITS) };

/** A number, and what it becomes. */
const bendPoint: Kind<readonly [number, number]> = checkedBy('two finite numbers', (name, value) => {
  const pair = listOf(finite, { least: 2, most: 2 }).check(name, value);
  return pair as unknown as readonly [number, number];
});

const bend: Kind<readonly (readonly [number, number])[]> = checkedBy(
  'a list of at least two pairs of ascending numbers',
  (name, value) => {
    const points = listOf(bendPoint, { least: 2 }).check(name, value);
    if (points.every(([x], i) => i === 0 || x > (points[i - 1] as readonly [number, number])[0]))
      return points;
    throw invalidOption(name, 'a list of at least two pairs of ascending numbers', value);
  },
);

const column: Kind<CsvColumn> = formsOf('kind', {
  number: {
    name: anyText,
    fill: optional(finite),
    indicator: optional(boolean),
    bend: optional(bend),
  },
  category: { name: anyText, categories, missing: optional(boolean) },
  hashed,
  text: hashed,
  date: {
    name: anyText,
    unit: oneOf(['iso', 'seconds', 'milliseconds']),
    parts: listOf(oneOf(DATE_PARTS), { least: 1, most: DATE_PARTS.length }),
    fill: optional(finite),
    indicator: optional(boolean),
  },
  ignored: { name: anyText },
  weight: { name: anyText },
  class: { name: anyText, categories },
  value: { name: anyText },
});

const columns: Kind<readonly CsvColumn[]> = checkedBy('a list of columns', (name, value) => {
  const checked = listOf(column).check(name, value);
  if (new Set(checked.map((each) => each.name)).size !== checked.length)
    throw invalidOption(name, 'a list of columns with different names', value);
  if (!checked.some(({ kind }) => kind === 'class' || kind === 'value'))
    throw invalidOption(name, 'a list of columns with at least one label', value);
  if (!checked.some(isInput)) throw invalidOption(name, 'a list of columns with at least one input', value);
  return checked;
});

const schemaKind: Kind<CsvSchema> = fieldsOf({
  version: checkedBy<1>('1', (name, value) => {
    if (value === 1) return 1;
    throw invalidOption(name, '1', value, 'it may come from a newer release');
  }),
  delimiter: delimiterKind,
  decimal: oneOf(['.', ',']),
  header: boolean,
  missing: listOf(anyText),
  columns,
});

/** A list whose items are all different. */
function distinct(list: Kind<readonly string[]>, expected: string): Kind<readonly string[]> {
  return checkedBy(expected, (name, value) => {
    const items = list.check(name, value);
    if (new Set(items).size === items.length) return items;
    throw invalidOption(name, expected, value);
  });
}

/**
 * Checks a schema that comes from a file.
 *
 * @param json - parsed JSON, not trusted
 * @throws SparseTrainError INVALID_FILE
 */
export function parseCsvSchema(json: unknown): CsvSchema {
  return checkStored(schemaKind, json, 'CSV schema: ');
}

/** Finds the index of a category by its text or number in a file. */
export class CategoryIndex {
  readonly #indices: ReadonlyMap<string, number>;
  readonly #categories: CsvCategories;
  readonly #decimal: '.' | ',';

  /** @param decimal - the decimal mark of the texts */
  constructor(categories: CsvCategories, decimal: '.' | ',') {
    this.#categories = categories;
    this.#decimal = decimal;
    this.#indices = new Map(categories.values.map((value, i) => [value, i]));
  }

  /**
   * The category of a field, or -1 if it is unknown.
   *
   * @param number - the field as a number, NaN if it is none (which is the name of no category of numbers)
   */
  find(number: number, text: string): number {
    if (!this.#categories.numeric) return this.#indices.get(text) ?? -1;
    const shortest = String(number);
    // A number may have lost digits, or zeros before it, that distinguish two categories: 01 is not 1.
    if (text !== shortest && !saysTheSame(number, text, this.#decimal)) return -1;
    return this.#indices.get(shortest) ?? -1;
  }

  /** Reports that a text is not a category, with the known categories or the nearest one. */
  describeUnknown(text: string): string {
    const { values } = this.#categories;
    const near = nearest(shortened(text), values.slice(0, 1000).map(shortened));
    const known =
      values.length <= 10 ? `known: ${values.map(shortened).join(', ')}` : `${values.length} are known`;
    const hint = near === undefined ? known : `did you mean ${quoted(near)}?`;
    return `${quoted(text)} was not in the training data (${hint})`;
  }
}

/** Recognises missing values. */
export class MissingValues {
  readonly #texts: ReadonlySet<string>;
  /** Marks that are numbers, such as -999. They are compared as numbers. */
  readonly #numbers: ReadonlySet<number>;

  constructor(marks: readonly string[]) {
    this.#texts = new Set(marks.map((mark) => mark.trim().toLowerCase()));
    this.#numbers = new Set(
      marks
        .filter((mark) => mark.trim() !== '')
        .map(Number)
        .filter(Number.isFinite),
    );
  }

  /** Whether any mark is a number. */
  get haveNumbers(): boolean {
    return this.#numbers.size > 0;
  }

  /** Whether a number stands for a missing value. */
  hasNumber(number: number): boolean {
    return this.#numbers.size > 0 && this.#numbers.has(number);
  }

  /** Whether a text that is not a number means a missing value. */
  hasText(text: string): boolean {
    return this.#texts.has(text.trim().toLowerCase());
  }
}
