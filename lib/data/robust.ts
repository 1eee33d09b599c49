/**
 * Measures of numbers that a few extreme values do not change (docs/arithmetic.md). They use only operations that are
 * exact in IEEE doubles, so every machine gives the same bits.
 */

/** The number at `part` (0 to 1) of sorted numbers. */
export function quantileOf(sorted: Float64Array, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] as number;
}

/**
 * A robust width of sorted numbers: like the standard deviation if they are normally distributed. In columns with heavy
 * tails, where most numbers lie close together, it is the width of the middle half.
 *
 * @returns undefined if all numbers are equal, or if their range exceeds that of a double
 */
export function widthOf(sorted: Float64Array): number | undefined {
  const at = (part: number) => quantileOf(sorted, part);
  // Each estimate equals the standard deviation if the values are normally distributed.
  const middle = (at(0.75) - at(0.25)) / 1.349;
  const most = (at(0.95) - at(0.05)) / 3.29;
  const nearlyAll = (at(0.99) - at(0.01)) / 4.65;
  const all = ((sorted[sorted.length - 1] as number) - (sorted[0] as number)) / 4;
  return [middle < most / 10 ? most : middle, nearlyAll, all].find((w) => w > 0 && w < Infinity);
}
