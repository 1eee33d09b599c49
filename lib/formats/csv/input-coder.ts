import { cycleInputs, momentOf, timeOf } from '../../data/dates.js';
import { hashedPlace } from '../../data/hashing.js';
import type { InputSink } from '../../data/input-rows.js';
import { slotName } from '../../data/key.js';
import { wordsOf } from '../../data/words.js';
import { CategoryIndex, type CsvColumn, type NumberCoding } from './schema.js';
import { saysTheSame } from './value.js';

/**
 * What became of a value: it is coded, there is none, it is a category that the training data did not have, or it is not
 * what its column holds.
 */
export type Coded = 'known' | 'missing' | 'unknown' | 'wrong';

/** How {@link InputCoder} codes a column. */
export interface CodingRules {
  /** The decimal mark of texts. */
  readonly decimal: '.' | ',';
  /**
   * Whether the schema is being made: numbers stay as they are, NaN where they are missing, because medians are not
   * known yet.
   */
  readonly isFitting: boolean;
}

/** Codes the values of one column as inputs. */
export interface InputCoder {
  /** Whether a missing value has a place: a median, a level of its own, or zeros. */
  readonly fills: boolean;
  /**
   * Codes a value.
   *
   * @param number - the value as a number, NaN if it is not a number
   * @param text - the value as text; not needed if it is a number and {@link needsText} is false
   */
  code(number: number, text: string, sink: InputSink): Coded;
  /** Codes a row that lacks the value. */
  codeMissing(sink: InputSink): void;
  /** Whether `code` needs the text of a number. */
  readonly needsText: boolean;
  /** What the column holds, for messages about values that it cannot hold. */
  readonly holds: 'number' | 'date' | 'category' | 'text';
  /** Says what is unknown about a text, for messages. */
  describeUnknown(text: string): string;
}

/**
 * Makes the coder of an input column.
 *
 * @param at - the column's first input
 */
export function inputCoder(column: CsvColumn, at: number, rules: CodingRules): InputCoder {
  switch (column.kind) {
    case 'number':
      return numberCoder(column, at, rules);
    case 'category':
      return categoryCoder(column, at, rules);
    case 'hashed':
      return hashedCoder(column, at, rules);
    case 'text':
      return textCoder(column, at);
    case 'date':
      return dateCoder(column, at, rules);
    default:
      throw new TypeError(`a column of kind ${column.kind} is not an input`);
  }
}

/** Beyond this, bent numbers are cut off. */
const MOST_BENT = 4;

/** What a number becomes. */
export function bentNumber(x: number, bend: NonNullable<NumberCoding['bend']>): number {
  let upper = 1;
  while (upper < bend.length - 1 && (bend[upper]?.[0] as number) < x) upper++;
  const [x0, y0] = bend[upper - 1] as readonly [number, number];
  const [x1, y1] = bend[upper] as readonly [number, number];
  const y = y0 + ((x - x0) / (x1 - x0)) * (y1 - y0);
  // A 32-bit float holds it, as it holds the numbers of most tables.
  return Math.fround(Math.min(MOST_BENT, Math.max(-MOST_BENT, y)));
}

const noText = () => '';

function numberCoder(
  { fill, indicator, bend }: NumberCoding,
  at: number,
  { isFitting }: CodingRules,
): InputCoder {
  const stored = isFitting || bend === undefined ? (x: number) => x : (x: number) => bentNumber(x, bend);
  return {
    holds: 'number',
    fills: isFitting || fill !== undefined,
    needsText: false,
    code(number, _, sink) {
      if (Number.isNaN(number)) return 'wrong';
      sink.put(at, stored(number));
      return 'known';
    },
    codeMissing(sink) {
      sink.put(at, isFitting ? Number.NaN : stored(fill as number));
      if (indicator === true) sink.put(at + 1, 1);
    },
    describeUnknown: noText,
  };
}

function categoryCoder(
  { categories, missing }: Extract<CsvColumn, { kind: 'category' }>,
  at: number,
  { decimal }: CodingRules,
): InputCoder {
  const index = new CategoryIndex(categories, decimal);
  return {
    holds: 'category',
    fills: true,
    needsText: true,
    code(number, text, sink) {
      const category = index.find(number, text);
      if (category === -1) return 'unknown';
      sink.put(at + category, 1);
      return 'known';
    },
    codeMissing(sink) {
      if (missing === true) sink.put(at + categories.values.length, 1);
    },
    describeUnknown: (text) => index.describeUnknown(text),
  };
}

/** Longer levels are cut to this length. */
const LONGEST_LEVEL = 256;

function hashedCoder(
  { name, bits }: Extract<CsvColumn, { kind: 'hashed' | 'text' }>,
  at: number,
  { decimal }: CodingRules,
): InputCoder {
  const place = (level: string) => at + hashedPlace(slotName(name, '=', level), bits);
  return {
    holds: 'category',
    fills: true,
    needsText: true,
    code(number, text, sink) {
      // 1.0 and 1 are one level.
      const isPlain = !Number.isNaN(number) && saysTheSame(number, text, decimal);
      const level = isPlain ? String(number) : text.trim();
      sink.put(place(level.length > LONGEST_LEVEL ? level.slice(0, LONGEST_LEVEL) : level), 1);
      return 'known';
    },
    codeMissing(sink) {
      sink.put(place(''), 1);
    },
    describeUnknown: noText,
  };
}

function textCoder({ name, bits }: Extract<CsvColumn, { kind: 'hashed' | 'text' }>, at: number): InputCoder {
  return {
    holds: 'text',
    fills: true,
    needsText: true,
    code(_, text, sink) {
      for (const word of wordsOf(text)) sink.put(at + hashedPlace(slotName(name, '~', word), bits), 1);
      return 'known';
    },
    codeMissing: () => undefined,
    describeUnknown: noText,
  };
}

/** The time of a value of a column of dates in milliseconds since 1970; undefined if it is not a time. */
export function timeOfValue(
  number: number,
  text: string,
  unit: Extract<CsvColumn, { kind: 'date' }>['unit'],
): number | undefined {
  if (unit === 'iso') return timeOf(text.trim());
  // Rows of a program may hold a Date, which is an ISO date as text.
  const time = Number.isNaN(number) ? timeOf(text.trim()) : unit === 'seconds' ? 1000 * number : number;
  if (time === undefined) return undefined;
  // Beyond this, there are no dates.
  return Math.abs(time) <= 8.64e15 ? time : undefined;
}

function dateCoder(
  { unit, parts, fill, indicator }: Extract<CsvColumn, { kind: 'date' }>,
  at: number,
  { isFitting }: CodingRules,
): InputCoder {
  const hasAge = parts.includes('age');
  return {
    holds: 'date',
    fills: isFitting || !hasAge || fill !== undefined,
    needsText: true,
    code(number, text, sink) {
      const time = timeOfValue(number, text, unit);
      if (time === undefined) return 'wrong';
      const { days, hour, weekday, month } = momentOf(time);
      let input = at;
      for (const part of parts) {
        if (part === 'age') sink.put(input++, days);
        else if (part === 'weekday') {
          sink.put(input + weekday, 1);
          input += 7;
        } else {
          const [first, second] = cycleInputs(part === 'hour' ? hour / 24 : month / 12);
          sink.put(input++, first);
          sink.put(input++, second);
        }
      }
      if (indicator === true) sink.put(input, 0);
      return 'known';
    },
    codeMissing(sink) {
      let input = at;
      for (const part of parts) {
        if (part === 'age') sink.put(input++, isFitting ? Number.NaN : (fill as number));
        else input += part === 'weekday' ? 7 : 2;
      }
      if (indicator === true) sink.put(input, 1);
    },
    describeUnknown: noText,
  };
}
