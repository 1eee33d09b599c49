/** Statistics of repeated measurements. A machine disturbs measurements in one direction, so medians and extremes it is. */

/** A measurement that was repeated. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** How often it was measured. */
  readonly repeats: number;
}

/** The value below which a share of the values lies, between two of them in proportion. */
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

/** Median and extremes. */
export function summarise(values: readonly number[]): Summary {
  return {
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    repeats: values.length,
  };
}

/** How many times as large `a` is as `b`, round by round: what both were in the same moment is compared. */
export function ratios(a: readonly number[], b: readonly number[]): Summary {
  const rounds = Math.min(a.length, b.length);
  return summarise(Array.from({ length: rounds }, (_, i) => (a[i] as number) / (b[i] as number)));
}

/** The same for measurements of which only medians are known, with what the extremes allow at most. */
export function ratioOfSummaries(a: Summary, b: Summary): Summary {
  return {
    median: a.median / b.median,
    min: a.min / b.max,
    max: a.max / b.min,
    repeats: Math.min(a.repeats, b.repeats),
  };
}

/** A summary with every number put through a decreasing or increasing function: 1/x of seconds, bytes to gigabytes. */
export function mapSummary(summary: Summary, change: (value: number) => number): Summary {
  const ends = [change(summary.min), change(summary.max)];
  return {
    median: change(summary.median),
    min: Math.min(...ends),
    max: Math.max(...ends),
    repeats: summary.repeats,
  };
}

/** Numbers as they go into result files: more digits than these are noise. */
export function rounded(value: number, digits = 5): number {
  return Number.isFinite(value) ? Number(value.toPrecision(digits)) : value;
}

/** A measurement with its spread: `2.6 µs (2.5 to 2.9)`. */
export function quantity(summary: Summary, show: (value: number) => string): string {
  const { median, min, max, repeats } = summary;
  if (repeats < 2) return show(median);
  return `${show(median)} (${show(min)} to ${show(max)})`;
}
