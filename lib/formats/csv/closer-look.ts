/** A second look at columns whose kind depends on more than the kind of their fields: dates, and whole numbers that may be ids. */

import type { Steps } from '../../base/steps.js';
import { type DatePart, type DateUnit, momentOf } from '../../data/dates.js';
import { timeOfValue } from './input-coder.js';
import type { Records } from './records.js';
import type { MissingValues } from './schema.js';

/** This many rows at the beginning are looked at. */
const ROWS = 2 ** 15;
/** Rows between two steps. */
const STEP_ROWS = 512;

/** A column to look at. */
export interface Candidate {
  /** Its place in a record. */
  readonly place: number;
  /** How its dates are written; undefined if it may be ids. */
  readonly unit: DateUnit | undefined;
}

/** What the second look found. */
export interface CloserLook {
  /** The parts of a date that vary. */
  readonly parts: readonly DatePart[];
  /** Whether the order of the numbers says nothing about the label, but the numbers themselves do. */
  readonly isId: boolean;
  /** The different numbers, as far as they were counted. */
  readonly levels: number;
  /** Whether each number is larger than the one before, as row numbers are. */
  readonly isAscending: boolean;
  /** Whether these were all rows. */
  readonly isComplete: boolean;
}

/** Looks at the first rows. */
export function* lookCloser(
  records: Records,
  candidates: readonly Candidate[],
  label: { readonly place: number; readonly isClass: boolean },
  marks: MissingValues,
): Steps<ReadonlyMap<number, CloserLook>> {
  const dates = candidates.flatMap(({ place, unit }) =>
    unit === undefined ? [] : [{ place, unit, spread: new DateSpread() }],
  );
  const ids = candidates.flatMap(({ place, unit }) =>
    unit === undefined
      ? [{ place, levels: new Map<number, number[]>(), last: -Infinity, ascends: true }]
      : [],
  );
  const labels: number[] = [];
  const classes = new Map<string, number>();
  let isComplete = true;
  while (records.next()) {
    if (labels.length % STEP_ROWS === 0) yield;
    if (labels.length === ROWS) {
      isComplete = false;
      break;
    }
    const row = labels.length;
    labels.push(labelOf(records, label, classes, marks));
    for (const { place, unit, spread } of dates) {
      const number = records.number(place);
      const text = unit === 'iso' ? records.text(place) : '';
      if (Number.isNaN(number) ? unit === 'iso' && !marks.hasText(text) : !marks.hasNumber(number)) {
        const time = timeOfValue(number, text, unit);
        if (time !== undefined) spread.add(time);
      }
    }
    for (const id of ids) {
      const number = records.number(id.place);
      if (Number.isNaN(number) || marks.hasNumber(number)) continue;
      if (!(number > id.last)) id.ascends = false;
      id.last = number;
      const rows = id.levels.get(number);
      if (rows === undefined) id.levels.set(number, [row]);
      else rows.push(row);
    }
  }
  const values = centred(labels, label.isClass ? classes.size : 0);
  const found = new Map<number, CloserLook>();
  for (const { place, spread } of dates)
    found.set(place, { parts: spread.parts, isId: false, levels: 0, isAscending: false, isComplete });
  for (const { place, levels, ascends } of ids) {
    yield;
    const isId = isIdOf(levels, values);
    found.set(place, { parts: [], isId, levels: levels.size, isAscending: ascends, isComplete });
  }
  return found;
}

/** The label of a row: the number of its class, or its value; NaN if there is none. */
function labelOf(
  records: Records,
  { place, isClass }: { readonly place: number; readonly isClass: boolean },
  classes: Map<string, number>,
  marks: MissingValues,
): number {
  const number = records.number(place);
  if (!isClass) return marks.hasNumber(number) ? Number.NaN : number;
  const text = records.text(place);
  if (Number.isNaN(number) ? marks.hasText(text) : marks.hasNumber(number)) return Number.NaN;
  const known = classes.get(text);
  if (known !== undefined) return known;
  classes.set(text, classes.size);
  return classes.size - 1;
}

/** Which parts of the times of a column vary. */
class DateSpread {
  #first = 0;
  #last = 0;
  #count = 0;
  #hour = 0;
  #hasHours = false;
  readonly #weekdays = new Set<number>();

  add(time: number): void {
    const { days, hour, weekday } = momentOf(time);
    if (this.#count++ === 0) {
      this.#first = this.#last = days;
      this.#hour = hour;
    }
    this.#first = Math.min(this.#first, days);
    this.#last = Math.max(this.#last, days);
    this.#hasHours ||= hour !== this.#hour;
    this.#weekdays.add(weekday);
  }

  /** Months vary within less than two months only by chance. */
  get parts(): DatePart[] {
    const span = this.#last - this.#first;
    const parts: DatePart[] = [];
    if (span > 0) parts.push('age');
    if (this.#hasHours) parts.push('hour');
    if (this.#weekdays.size > 1) parts.push('weekday');
    if (span > 60) parts.push('month');
    return parts;
  }
}

/** The labels minus their means: of classes one list for each, 1 for its rows and 0 for others; NaN becomes 0. */
function centred(labels: readonly number[], classes: number): Float64Array[] {
  const lists =
    classes === 0
      ? [Float64Array.from(labels)]
      : Array.from({ length: Math.min(classes, 20) }, (_, k) =>
          Float64Array.from(labels, (label) => (Number.isNaN(label) ? Number.NaN : label === k ? 1 : 0)),
        );
  for (const list of lists) {
    const known = list.filter((y) => !Number.isNaN(y));
    const mean = known.reduce((sum, y) => sum + y, 0) / Math.max(1, known.length);
    for (const [i, y] of list.entries()) list[i] = Number.isNaN(y) ? 0 : y - mean;
  }
  return lists;
}

/** Fewer different numbers are not worth being told apart. */
const LEAST_LEVELS = 21;
/** What levels say must exceed chance by this many standard deviations. */
const CERTAIN = 5;

/**
 * Whether numbers say something about the label as names, but nothing as numbers. Of rows with one number, the labels
 * are compared with each other, and with those of the next smaller and larger numbers: age and size resemble their
 * neighbours, ids do not.
 */
function isIdOf(levels: ReadonlyMap<number, readonly number[]>, values: readonly Float64Array[]): boolean {
  const rows = [...levels.values()].reduce((sum, of) => sum + of.length, 0);
  if (levels.size < LEAST_LEVELS || levels.size > rows / 2) return false;
  const ascending = [...levels].sort(([a], [b]) => a - b).map(([, of]) => of);
  let own = 0;
  let near = 0;
  let chance = 0;
  let all = 0;
  for (const value of values) {
    const sums = ascending.map((of) => of.reduce((sum, row) => sum + (value[row] as number), 0));
    const squares = ascending.map((of) => of.reduce((sum, row) => sum + (value[row] as number) ** 2, 0));
    const variance = squares.reduce((sum, q) => sum + q, 0) / rows;
    let pairs = 0;
    for (const [l, of] of ascending.entries()) {
      const n = of.length;
      const sum = sums[l] as number;
      if (n >= 2) {
        // The mean of the products of different rows of the level, times its rows.
        own += (sum * sum - (squares[l] as number)) / (n - 1);
        pairs += (2 * n) / (n - 1);
      }
      const besides = (ascending[l - 1]?.length ?? 0) + (ascending[l + 1]?.length ?? 0);
      near += (sum * ((sums[l - 1] ?? 0) + (sums[l + 1] ?? 0))) / besides;
    }
    chance += variance * Math.sqrt(pairs);
    all += variance * rows;
  }
  return own > CERTAIN * chance && own > 0.01 * all && near < own / 4;
}
