import { describeValue, nearest, SparseTrainError } from '../../base/errors.js';
import { type CsvDelimiter, isDelimiter } from './delimiter.js';
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

/**
 * Checks a schema that comes from a file.
 *
 * @param json - parsed JSON, not trusted
 * @throws SparseTrainError INVALID_FILE
 */
export function parseCsvSchema(json: unknown): CsvSchema {
  const schema = record(json, 'an object');
  if (schema.version !== 1) throw invalid('version', '1; it may come from a newer release', schema.version);
  const { delimiter, decimal, header, missing, columns } = schema;
  if (!isDelimiter(delimiter)) throw invalid('delimiter', 'one character', delimiter);
  if (decimal !== '.' && decimal !== ',') throw invalid('decimal', '. or ,', decimal);
  if (typeof header !== 'boolean') throw invalid('header', 'true or false', header);
  if (!Array.isArray(columns)) throw invalid('columns', 'an array', columns);
  const checked = Array.from(columns, parseColumn);
  if (new Set(checked.map(({ name }) => name)).size !== checked.length) {
    throw invalid('columns', 'of different names', columns);
  }
  const labels = checked.filter(({ kind }) => kind === 'class' || kind === 'value').length;
  if (labels !== 1) throw invalid('columns', `with exactly one label (there are ${labels})`, columns);
  if (!checked.some(isInput)) throw invalid('columns', 'with at least one input', columns);
  return {
    version: 1,
    delimiter,
    decimal,
    header,
    missing: texts(missing, 'missing'),
    columns: checked,
  };
}

function parseColumn(json: unknown, index: number): CsvColumn {
  const what = `columns[${index}]`;
  const { name, kind, categories } = record(json, what);
  if (typeof name !== 'string') throw invalid(`${what}.name`, 'text', name);
  switch (kind) {
    case 'number':
    case 'ignored':
    case 'value':
      return { name, kind };
    case 'category':
    case 'class': {
      const { values, numeric } = record(categories, `${what}.categories`);
      const checked = texts(values, `${what}.categories.values`);
      if (typeof numeric !== 'boolean') throw invalid(`${what}.categories.numeric`, 'true or false', numeric);
      if (checked.length === 0 || new Set(checked).size !== checked.length) {
        throw invalid(`${what}.categories.values`, 'different texts, at least one', values);
      }
      return { name, kind, categories: { values: checked, numeric } };
    }
    default:
      throw invalid(`${what}.kind`, 'number, category, ignored, class or value', kind);
  }
}

function record(json: unknown, what: string): Record<string, unknown> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json))
    return json as Record<string, unknown>;
  throw invalid(what, 'an object', json);
}

function texts(json: unknown, what: string): string[] {
  if (!Array.isArray(json)) throw invalid(what, 'an array of texts', json);
  // Not every(), which skips holes.
  for (const text of json) if (typeof text !== 'string') throw invalid(what, 'an array of texts', json);
  return json;
}

function invalid(what: string, expected: string, actual: unknown): SparseTrainError {
  return new SparseTrainError(
    'INVALID_FILE',
    `CSV schema: ${what} must be ${expected}, but it is ${describeValue(actual)}`,
  );
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
