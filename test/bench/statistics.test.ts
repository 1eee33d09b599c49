import { describe, expect, it } from 'vitest';
import {
  mapSummary,
  median,
  quantile,
  quantity,
  ratioOfSummaries,
  ratios,
  rounded,
  summarise,
} from '../../lib/bench/statistics.js';

describe('statistics of repeated measurements', () => {
  it('takes the value in the middle, or the mean of the two there', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median(Float64Array.of(7))).toBe(7);
    expect(median([])).toBeNaN();
  });

  it('interpolates quantiles and leaves its input in order', () => {
    const values = [50, 10, 40, 20, 30];
    expect(quantile(values, 0)).toBe(10);
    expect(quantile(values, 0.25)).toBe(20);
    expect(quantile(values, 0.99)).toBeCloseTo(49.6, 10);
    expect(quantile(values, 1)).toBe(50);
    expect(values).toEqual([50, 10, 40, 20, 30]);
  });

  it('summarises by median and extremes', () => {
    expect(summarise([5, 1, 9])).toEqual({ median: 5, min: 1, max: 9, repeats: 3 });
  });

  it('compares round by round, so that a slow round of both changes no ratio', () => {
    expect(ratios([10, 5, 20], [5, 2.5, 10])).toEqual({ median: 2, min: 2, max: 2, repeats: 3 });
    expect(ratios([10, 5, 20], [5])).toMatchObject({ median: 2, repeats: 1 });
  });

  it('takes the widest spread where rounds are unknown', () => {
    const a = { median: 10, min: 8, max: 12, repeats: 5 };
    const b = { median: 2, min: 1, max: 4, repeats: 3 };
    expect(ratioOfSummaries(a, b)).toEqual({ median: 5, min: 2, max: 12, repeats: 3 });
  });

  it('keeps least below most where a function turns them round', () => {
    const speeds = mapSummary({ median: 2, min: 1, max: 4, repeats: 3 }, (seconds) => 1 / seconds);
    expect(speeds).toEqual({ median: 0.5, min: 0.25, max: 1, repeats: 3 });
  });

  it('shows a spread only if there is one', () => {
    expect(quantity({ median: 2, min: 1, max: 3, repeats: 5 }, String)).toBe('2 (1 to 3)');
    expect(quantity({ median: 2, min: 2, max: 2, repeats: 1 }, String)).toBe('2');
  });

  it('writes numbers with the digits that mean something', () => {
    expect(rounded(123456.789)).toBe(123460);
    expect(rounded(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });
});
