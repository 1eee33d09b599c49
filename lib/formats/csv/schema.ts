import { invalidOption, nearest } from '../../base/errors.js';
import { checkStored, fieldsOf, formsOf } from '../../base/options/fields.js';
import { anyText, boolean, checkedBy, type Kind, listOf, oneOf } from '../../base/options/kinds.js';
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
 * - `number`: one input
 * - `category`: one input per category, 1 for the category of the row and 0 for the others (one-hot)
 * - `ignored`: not used
 * - `class`: the label, one of its categories
 * - `value`: the label, a number to predict
 */
export type CsvColumn =
  | { readonly name: string; readonly kind: 'number' | 'ignored' | 'value' }
  | { readonly name: string; readonly kind: 'category' | 'class'; readonly categories: CsvCategories };

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
  /** The columns in the order of the training file; exactly one `class` or `value`. */
  readonly columns: readonly CsvColumn[];
}

/** Whether a column is an input. */
export function isInput(column: CsvColumn): boolean {
  return column.kind === 'number' || column.kind === 'category';
}

/** The number of inputs that a column becomes. */
export function inputWidth(column: CsvColumn): number {
  if (column.kind === 'category') return column.categories.values.length;
  return column.kind === 'number' ? 1 : 0;
}

/** The names of the inputs: a number column's name, and `name=category` for each category. */
export function csvFeatureNames(schema: CsvSchema): string[] {
  return parseCsvSchema(schema).columns.flatMap((column) => {
    if (column.kind === 'category') return column.categories.values.map((value) => `${column.name}=${value}`);
    return column.kind === 'number' ? [column.name] : [];
  });
}

/** The label's column. */
export function labelColumn(schema: CsvSchema): CsvColumn {
  return schema.columns.find(({ kind }) => kind === 'class' || kind === 'value') as CsvColumn;
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

const column: Kind<CsvColumn> = formsOf('kind', {
  number: { name: anyText },
  category: { name: anyText, categories },
  ignored: { name: anyText },
  class: { name: anyText, categories },
  value: { name: anyText },
});

const isLabel = ({ kind }: CsvColumn) => kind === 'class' || kind === 'value';

const columns: Kind<readonly CsvColumn[]> = checkedBy('a list of columns', (name, value) => {
  const checked = listOf(column).check(name, value);
  if (new Set(checked.map((each) => each.name)).size !== checked.length)
    throw invalidOption(name, 'a list of columns with different names', value);
  const labels = checked.filter(isLabel).length;
  if (labels !== 1)
    throw invalidOption(name, `a list of columns with exactly one label (there are ${labels})`, value);
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
