/** Rates that follow from the time of an input. */
import type { Limits, OnlineRow } from './result.js';

/** Edges that are trained per second. */
export function edgesPerSecond({ edges, microseconds }: OnlineRow): number {
  return (1e6 * edges) / microseconds.median;
}

/**
 * The share of the dot-product peak, times the number of cores, that training reaches; undefined if the peak was not
 * measured.
 *
 * @param effective - counts only edges whose left activation is not zero
 */
export function shareOfPeak(
  row: OnlineRow,
  limit: Limits | undefined,
  effective: boolean,
): number | undefined {
  if (limit === undefined) return undefined;
  const products = effective ? row.effectiveProducts : row.products;
  return (1e6 * products) / row.microseconds.median / (limit.dotProducts * row.threads);
}
