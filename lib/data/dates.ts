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
