/**
 * The place of a moment in its cycles, each from 0 to below the length of the cycle. All times are UTC, so that every
 * machine gives the same result.
 */
export interface Moment {
  readonly days: number;
  readonly hour: number;
  readonly weekday: number;
  readonly month: number;
}

const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 24 * MS_PER_HOUR;

/** An ISO 8601 date, with or without a time: the format of Date.toJSON() and of most tables. */
const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * The time of a text that is an ISO date, in milliseconds since 1970 (UTC unless it names a zone); otherwise
 * undefined.
 */
export function timeOf(text: string): number | undefined {
  if (text.length < 10 || text.length > 35 || !ISO.test(text)) return undefined;
  const hasZone = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text.slice(10));
  const iso = text.replace(' ', 'T');
  const time = Date.parse(text.length === 10 || hasZone ? iso : `${iso}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** The place of a time in the day, the week and the year. */
export function momentOf(time: number): Moment {
  const days = time / MS_PER_DAY;
  const day = Math.floor(days);
  const date = new Date(time);
  return {
    days,
    hour: (time - day * MS_PER_DAY) / MS_PER_HOUR,
    // 1 January 1970 was a Thursday.
    weekday: (((day + 4) % 7) + 7) % 7,
    month: date.getUTCMonth() + (date.getUTCDate() - 1) / 31,
  };
}

/**
 * What a time may become: its age, and its place in the day, the week and the year. The places go round, so that the
 * end of a cycle is next to its beginning.
 */
export type DatePart = 'age' | 'hour' | 'weekday' | 'month';

/** All parts in the order of their inputs. */
export const DATE_PARTS: readonly DatePart[] = ['age', 'hour', 'weekday', 'month'];

/** How many inputs each part becomes. */
export const DATE_PART_INPUTS: Readonly<Record<DatePart, number>> = { age: 1, hour: 2, weekday: 7, month: 2 };

/** How times are written: as ISO dates, or as seconds or milliseconds since 1970. */
export type DateUnit = 'iso' | 'seconds' | 'milliseconds';

/** The place of `part` in a cycle of length 1 as two triangle waves, a quarter of a cycle apart, from -1 to 1. */
export function cycleInputs(part: number): [number, number] {
  const wave = (at: number) => 4 * Math.abs(at - Math.floor(at) - 0.5) - 1;
  return [wave(part), wave(part + 0.75)];
}
