/**
 * Whole numbers as JavaScript's doubles: exact up to 2^53, and no sum of a network exceeds 2^50. Division by a power
 * of two is exact too, so floor(x / 2^k) is an arithmetic shift.
 */

/** The element at a position that must exist. */
export function at<T>(
  values: { readonly [position: number]: T; readonly length: number },
  position: number,
): T {
  const value = values[position];
  if (value === undefined) throw new RangeError(`no element ${position} in ${values.length}`);
  return value;
}

export const clip = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);

/** Clips to -limit .. limit. */
export const within = (x: number, limit: number): number => clip(x, -limit, limit);

/** x >> k for numbers of any size. */
export const shiftRight = (x: number, k: number): number => Math.floor(x / 2 ** k);

/** To the nearest multiple of 2^k, in units of 2^k; ties towards plus infinity. */
export const round = (x: number, k: number): number => (k === 0 ? x : shiftRight(x + 2 ** (k - 1), k));

/** To the nearest whole number, computed in doubles. */
export const nearest = (x: number): number => Math.floor(x + 0.5);

/** The numbers 0 .. n - 1. */
export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
