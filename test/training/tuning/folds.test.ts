import { describe, expect, it } from 'vitest';
import { Dataset } from '../../../lib/index.js';
import { dealFolds } from '../../../lib/training/tuning/folds.js';
import { foldsFor } from '../../../lib/training/tuning/held-out.js';

const classes = (labels: readonly number[]) =>
  Dataset.from({ inputs: Float64Array.from(labels, (_, i) => i), labels: [...labels], columns: 1 });
const labels = Array.from({ length: 97 }, (_, i) => (i % 10 === 0 ? 1 : 0));

describe('folds', () => {
  it('hold every row out once, in parts of equal size', () => {
    const folds = dealFolds(classes(labels), 5, 1);
    expect(folds.flatMap(({ held }) => [...held]).sort((a, b) => a - b)).toEqual(labels.map((_, i) => i));
    for (const { train, held } of folds) {
      expect([19, 20]).toContain(held.length);
      expect([...train, ...held].sort((a, b) => a - b)).toEqual(labels.map((_, i) => i));
    }
  });

  it('share out a rare class evenly', () => {
    const counts = dealFolds(classes(labels), 5, 1).map(
      ({ held }) => held.filter((i) => labels[i] === 1).length,
    );
    expect(counts).toEqual([2, 2, 2, 2, 2]);
  });

  it('share out the values of a regression evenly', () => {
    const values = Float64Array.from({ length: 100 }, (_, i) => (i * 37) % 100);
    const data = Dataset.from({ inputs: values, values, columns: 1 });
    for (const { held } of dealFolds(data, 4, 3)) {
      const mean = held.reduce((sum, i) => sum + (values[i] as number), 0) / held.length;
      expect(Math.abs(mean - 49.5)).toBeLessThan(1.5);
    }
  });

  it('follow the seed', () => {
    const held = (seed: number) => [...(dealFolds(classes(labels), 5, seed)[0] as { held: Int32Array }).held];
    expect(held(7)).toEqual(held(7));
    expect(held(7)).not.toEqual(held(8));
  });

  it('of a table are fewer the more rows it has, and never use more rows than wanted', () => {
    const shape = (rows: number, most = 6000) => {
      const { folds, first } = foldsFor(classes(Array.from({ length: rows }, (_, i) => i % 3)), most, 1);
      const { train, held } = folds[0] as (typeof folds)[number];
      return [folds.length, first, train.rows + held.rows];
    };
    expect([3, 149, 399, 400, 1000, 2500].map((rows) => shape(rows))).toEqual([
      [6, 3, 3],
      [16, 8, 149],
      [10, 5, 399],
      [5, 5, 400],
      [3, 3, 1000],
      [1, 1, 2500],
    ]);
    expect(shape(9000, 3000)).toEqual([1, 1, 3000]);
  });

  it('of few rows hold out every row again, beside other rows', () => {
    const { folds, first } = foldsFor(classes(Array.from({ length: 90 }, (_, i) => i % 2)), 6000, 1);
    const held = (some: typeof folds) => some.reduce((sum, fold) => sum + fold.held.rows, 0);
    expect([held(folds.slice(0, first)), held(folds.slice(first))]).toEqual([90, 90]);
    expect(folds[0]?.train).not.toEqual(folds[first]?.train);
  });
});
