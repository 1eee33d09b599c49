/** What a column of a table holds, from what was seen of its fields. */

import { SparseTrainError } from '../../base/errors.js';
import { optionName, say, type Wording } from '../../base/wording.js';
import type { ColumnKind } from '../../data/column-kinds.js';
import type { DateUnit } from '../../data/dates.js';
import type { Sketch } from '../../data/hashing.js';
import type { CloserLook } from './closer-look.js';
import { adviceOnNumbers } from './looks.js';
import type { CheckedCsvOptions } from './options.js';
import { quoted } from './problems.js';
import type { CsvCategories, CsvColumn } from './schema.js';
import { saysTheSame, textNumber } from './value.js';

/**
 * Whole-number labels are classes if at most this many of them are different, unless `task` says otherwise.
 */
export const AUTO_CLASSES = 20;

/** In tables with at most this many rows, texts are a category, however many of them are different. */
const MIN_ROWS_FOR_VARIETY = 20;

/** What the options make of a column; `empty` is one without a name or values, after a last delimiter. */
export type Role = 'input' | 'categorical' | 'label' | 'weight' | 'ignored' | 'empty';

/** The observations in one column. */
export interface ColumnSeen {
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

/** Whole numbers in this range, in seconds or milliseconds, are taken for times: 2001 to 2039. */
const FIRST_SECOND = 1e9;
const LAST_SECOND = 2.2e9;

/** How the dates of a column are written; undefined if it holds no dates. */
export function dateUnit(column: ColumnSeen): DateUnit | undefined {
  const { role, wanted, numbers, texts, dates, allWhole, low, high } = column;
  if (role !== 'input' || (wanted !== undefined && wanted !== 'date')) return undefined;
  if (numbers === 0) return texts > 0 && dates === texts ? 'iso' : undefined;
  if (texts > 0) return undefined;
  if (wanted === 'date') return Math.max(Math.abs(low), Math.abs(high)) >= 1e11 ? 'milliseconds' : 'seconds';
  if (!allWhole || low === high) return undefined;
  if (low >= FIRST_SECOND && high <= LAST_SECOND) return 'seconds';
  return low >= 1000 * FIRST_SECOND && high <= 1000 * LAST_SECOND ? 'milliseconds' : undefined;
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

/** The bits of a hashed column, enough for twice as many places as there are names. */
function bitsFor(names: number, most: number, { hashBits }: CheckedCsvOptions): number {
  return hashBits ?? Math.min(most, Math.max(LEAST_BITS, Math.ceil(Math.log2(2 * names))));
}

/**
 * Decides what a column holds.
 *
 * @param file - the name of the table in messages
 * @param look - what a closer look at its fields has found, if there was one
 * @throws SparseTrainError INVALID_DATA if its fields are not of one kind, or not of the kind that the options give it
 */
export function decideColumn(
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
    case 'weight':
      if (seen.texts > 0)
        throw invalid(say`holds the weights of the rows, but ${showTexts(seen)}; weights are numbers`);
      if (seen.low < 0)
        throw invalid(`holds the weights of the rows, but also ${seen.low}; weights are 0 or more`);
      if (!(seen.high > 0)) throw invalid('holds the weights of the rows, but no weight is above 0');
      return { name, kind: 'weight' };
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
export function remarksOn(
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
