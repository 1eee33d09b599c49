/**
 * Statistics of repeated measurements: medians and extremes, because a disturbance always makes a measurement longer.
 */

/** A measurement that was repeated. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** The number of measurements. */
  readonly repeats: number;
}

/** The quantile of a share, interpolated between two values. */
export function quantile(values: readonly number[] | Float64Array, share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  return below + (above - below) * (place - Math.floor(place));
}

/** The value in the middle. */
export function median(values: readonly number[] | Float64Array): number {
  return quantile(values, 0.5);
}

/** The median and the extremes of some values. */
export function summarise(values: readonly number[]): Summary {
  return {
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    repeats: values.length,
  };
}

/** The ratio of `a` to `b`, round by round, so that both sides of a ratio were measured at about the same moment. */
export function ratios(a: readonly number[], b: readonly number[]): Summary {
  const rounds = Math.min(a.length, b.length);
  return summarise(Array.from({ length: rounds }, (_, i) => (a[i] as number) / (b[i] as number)));
}

/** The ratio of two measurements whose rounds are unknown. Its spread is the widest that their extremes allow. */
export function ratioOfSummaries(a: Summary, b: Summary): Summary {
  return {
    median: a.median / b.median,
    min: a.min / b.max,
    max: a.max / b.min,
    repeats: Math.min(a.repeats, b.repeats),
  };
}

/** Applies a monotonic function to every number of a summary, such as 1/x or a change of unit. */
export function mapSummary(summary: Summary, change: (value: number) => number): Summary {
  const ends = [change(summary.min), change(summary.max)];
  return {
    median: change(summary.median),
    min: Math.min(...ends),
    max: Math.max(...ends),
    repeats: summary.repeats,
  };
}

/** Rounds a number for a result file. Further digits would be noise. */
export function rounded(value: number, digits = 5): number {
  return Number.isFinite(value) ? Number(value.toPrecision(digits)) : value;
}

/** Formats a measurement with its spread: `2.6 µs (2.5 to 2.9)`. */
export function quantity(summary: Summary, show: (value: number) => string): string {
  const { median, min, max, repeats } = summary;
  if (repeats < 2) return show(median);
  return `${show(median)} (${show(min)} to ${show(max)})`;
}
