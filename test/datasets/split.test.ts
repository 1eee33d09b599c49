import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Dataset } from '../../lib/index.js';
import { expectRefusal } from './refusal.js';

/** A dataset whose input is the row's number. */
function numbered(labels: readonly number[]): Dataset {
  const inputs = Float64Array.from(labels, (_, i) => i);
  return Dataset.from({ inputs, columns: 1, labels: Int32Array.from(labels) });
}

const numbers = (data: Dataset) => [...data.inputs.data];
const fractions = fc.double({ min: 0.001, max: 0.999, noNaN: true });
const labelLists = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 2, maxLength: 120 });

describe('split', () => {
  it('is a partition: each row in exactly one part, in order, with its label', () => {
    fc.assert(
      fc.property(labelLists, fractions, fc.maxSafeNat(), (labels, fraction, seed) => {
        const [train, validation] = numbered(labels).split(fraction, seed);
        const both = [...numbers(train), ...numbers(validation)];
        expect(both.sort((a, b) => a - b)).toEqual(labels.map((_, i) => i));
        for (const part of [train, validation]) {
          const rows = numbers(part);
          expect(rows).toEqual([...rows].sort((a, b) => a - b));
          const { targets } = part;
          expect(targets.kind === 'classes' && [...targets.labels]).toEqual(rows.map((row) => labels[row]));
        }
      }),
    );
  });

  it('gives the share that was asked for, at least one row and not all', () => {
    fc.assert(
      fc.property(labelLists, fractions, (labels, fraction) => {
        const [train, validation] = numbered(labels).split(fraction);
        const wanted = Math.round(labels.length * fraction);
        expect(validation.rows).toBe(Math.max(1, Math.min(labels.length - 1, wanted)));
        expect(train.rows).toBeGreaterThan(0);
      }),
    );
  });

  it('takes from each class its share to within one row', () => {
    fc.assert(
      fc.property(labelLists, fractions, fc.nat(), (labels, fraction, seed) => {
        const whole = numbered(labels);
        const [, validation] = whole.split(fraction, seed);
        const before = whole.classCounts();
        for (const [label, count] of validation.classCounts().entries()) {
          expect(Math.abs(count - (before[label] as number) * fraction)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('gives what is left over to the classes with the largest remainders, of equals the first', () => {
    const counts = (sizes: readonly number[], fraction: number) => {
      const labels = sizes.flatMap((size, label) => new Array<number>(size).fill(label));
      return [...numbered(labels).split(fraction)[1].classCounts()];
    };
    // Shares of 3.5, 1.75 and 1.25 rows, 6.5 in all, which rounds to 7.
    expect(counts([14, 7, 5], 0.25)).toEqual([4, 2, 1]);
    expect(counts([5, 7, 14], 0.25)).toEqual([1, 2, 4]);
    // Four shares of 1.5.
    expect(counts([3, 3, 3, 3], 0.5)).toEqual([2, 2, 1, 1]);
    // Shares of 0.5, 1.5 and 2.5, 4.5 in all, which rounds to 5: the first class would lose its only row.
    expect(counts([1, 3, 5], 0.5)).toEqual([0, 2, 3]);
    expect(counts([1, 4, 4], 0.4)).toEqual([0, 2, 2]);
    // Only classes of one row are left to ask.
    expect(counts([1, 1, 2], 0.5)).toEqual([1, 0, 1]);
    // Classes without rows between others.
    expect(counts([2, 0, 2], 0.5)).toEqual([1, 0, 1]);
  });

  it('is done in steps, each of which copies little', () => {
    const rows = 40_000;
    const data = Dataset.from({
      inputs: new Float32Array(rows * 20),
      columns: 20,
      values: new Float64Array(rows),
    });
    let steps = 0;
    for (const _ of data.splitSteps(0.5, 1)) steps++;
    // 800,000 elements are copied, about 2^16 in each step, counting the work for each row; values and bookkeeping add
    // to it.
    expect(steps).toBeGreaterThanOrEqual(3 + 800_000 / 2 ** 16);
    expect(steps).toBeLessThanOrEqual(50);
  });

  it('keeps a class with one row in training', () => {
    for (let seed = 0; seed < 50; seed++) {
      const [train] = numbered([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2]).split(0.5, seed);
      expect(train.classCounts()[2]).toBe(1);
    }
  });

  it('depends on the seed and on nothing else', () => {
    const labels = Array.from({ length: 100 }, (_, i) => i % 3);
    const part = (seed: number) => numbers(numbered(labels).split(0.2, seed)[1]);
    expect(part(5)).toEqual(part(5));
    expect(part(5)).not.toEqual(part(6));
    expect(part(1)).toEqual(numbers(numbered(labels).split(0.2)[1]));
  });

  it('keeps its choice from release to release', () => {
    const labels = Array.from({ length: 20 }, (_, i) => i % 2);
    expect(numbers(numbered(labels).split(0.3, 1)[1])).toMatchInlineSnapshot(`
      [
        3,
        6,
        9,
        13,
        14,
        16,
      ]
    `);
  });

  it('draws every row equally often', () => {
    const drawn = new Array<number>(10).fill(0);
    const whole = Dataset.from({
      inputs: Float64Array.from({ length: 10 }, (_, i) => i),
      columns: 1,
      values: drawn,
    });
    for (let seed = 0; seed < 3000; seed++)
      for (const row of numbers(whole.split(0.3, seed)[1])) (drawn[row] as number) += 1;
    // 900 expected; the standard deviation is 25.
    for (const count of drawn) expect(Math.abs(count - 900)).toBeLessThan(150);
  });

  it.each([0, 1, -0.1, 1.5, Number.NaN, '0.2', 20])('refuses the fraction %s', async (fraction) => {
    await expectRefusal('INVALID_OPTION', ['fraction', 'above 0 and below 1'], () =>
      numbered([0, 1]).split(fraction as number),
    );
  });

  it('refuses to split one row, and seeds that are none', async () => {
    await expectRefusal('INVALID_DATA', ['one row'], () => numbered([0]).split(0.5));
    await expectRefusal('INVALID_OPTION', ['seed'], () => numbered([0, 1]).split(0.5, -3));
  });
});
