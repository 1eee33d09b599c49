import { invalidOption } from '../../base/errors.js';
import { checkedBy, type Kind } from '../../base/options/kinds.js';

/** The length of each unit of time in seconds. */
export const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Reads `30s`, `5m` or `1h` as seconds, above 0 and up to a limit. */
export function duration(most: number): Kind<number> {
  const expected = `a time up to ${most / 3600}h, such as 30s, 5m or 1h`;
  return checkedBy(
    expected,
    (name, value) => {
      const [, digits, unit = ''] =
        typeof value === 'string' ? (/^(\d+(?:\.\d+)?) ?([smh])$/.exec(value) ?? []) : [];
      const seconds = Number(digits) * (SECONDS[unit] ?? Number.NaN);
      if (seconds > 0 && seconds <= most) return seconds;
      throw invalidOption(name, expected, value);
    },
    { placeholder: '<time>' },
  );
}
