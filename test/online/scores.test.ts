import { describe, expect, it } from 'vitest';
import { ClassProgress } from '../../lib/online/class-metrics.js';
import { NumberProgress } from '../../lib/online/number-metrics.js';

describe('scores of classes', () => {
  it('are worked out as by hand', () => {
    const progress = new ClassProgress(3);
    // actual, predicted, probability of the actual one
    for (const [actual, predicted, probability] of [
      [0, -1, 0],
      [0, 0, 0.5],
      [1, 0, 0.25],
      [1, 1, 1],
      [1, 1, 0.5],
    ] as const)
      progress.add(actual, predicted, probability);
    const metrics = progress.metrics(['a', 'b']);
    expect(metrics.accuracy).toBe(3 / 5);
    // Chance agrees in (2 * 2 + 3 * 2) / 25.
    expect(metrics.kappa).toBeCloseTo((0.6 - 0.4) / 0.6, 14);
    expect(metrics.logLoss).toBeCloseTo((14 * Math.LN2 + Math.LN2 + 2 * Math.LN2 + 0 + Math.LN2) / 5, 14);
    expect(metrics.f1).toEqual({ a: (2 * 1) / 4, b: (2 * 2) / 5 });
    expect(metrics.macroF1).toBeCloseTo((0.5 + 0.8) / 2, 14);
    expect(metrics.window).toMatchObject({ rows: 3, accuracy: 2 / 3 });
    expect(metrics.window.logLoss).toBeCloseTo(Math.LN2, 12);
  });

  it('are refused from a file that holds others', () => {
    const progress = new ClassProgress(5);
    for (let i = 0; i < 9; i++) progress.add(i % 2, 0, 0.5);
    const state = progress.toState();
    const wrong = (change: (numbers: number[]) => void) => () => {
      const numbers = [...state];
      change(numbers);
      new ClassProgress(5).restore(numbers);
    };
    expect(() => new ClassProgress(5).restore(state)).not.toThrow();
    expect(() => new ClassProgress(4).restore(state)).toThrow(RangeError);
    expect(wrong((numbers) => numbers.splice(4, 1, 1e15))).toThrow(RangeError);
    expect(wrong((numbers) => numbers.splice(6, 1, 1e9))).toThrow(RangeError);
    expect(wrong((numbers) => numbers.splice(-3, 1, 1e9))).toThrow(RangeError);
    expect(wrong((numbers) => numbers.splice(-3, 1, Number.NaN))).toThrow(RangeError);
  });
});

describe('scores of numbers', () => {
  it('are worked out as by hand', () => {
    const progress = new NumberProgress(2);
    for (const [actual, predicted] of [
      [1, 2],
      [2, 2],
      [6, 3],
    ] as const)
      progress.add(actual, predicted);
    const { rmse, mae, r2, window } = progress.metrics();
    expect(rmse).toBeCloseTo(Math.sqrt(10 / 3), 14);
    expect(mae).toBeCloseTo(4 / 3, 14);
    // The numbers lie 2, 1 and 3 from their mean.
    expect(r2).toBeCloseTo(1 - 10 / 14, 14);
    expect(window).toMatchObject({ rows: 2, mae: 1.5 });
  });

  it('are refused from a file that holds others', () => {
    const progress = new NumberProgress(3);
    for (let i = 0; i < 5; i++) progress.add(i, 0);
    const state = progress.toState();
    expect(() => new NumberProgress(3).restore(state)).not.toThrow();
    expect(() => new NumberProgress(2).restore(state)).toThrow(RangeError);
    expect(() => new NumberProgress(3).restore([...state.slice(0, 6), 1e12, ...state.slice(7)])).toThrow(
      RangeError,
    );
  });
});
