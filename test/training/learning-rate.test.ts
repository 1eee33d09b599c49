import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LearningRate } from '../../lib/public/types.js';
import { ratesOf, resolveLearningRate } from '../../lib/training/learning-rate.js';
import { expectRefusal } from '../datasets/refusal.js';

const float = { arithmetic: { kind: 'float' }, momentum: 0 } as const;
const wide = {
  arithmetic: { kind: 'wide', weightBits: 16, weightFraction: 12, rounding: 'stochastic' },
  momentum: 0,
} as const;

/** The rate of every example of an epoch. */
function everyRate(
  rate: LearningRate,
  epoch: number,
  epochs: number,
  examples: number,
  presented = epoch * examples,
) {
  const { rates, interval } = ratesOf(resolveLearningRate(rate, float), {
    epoch,
    epochs,
    presented,
    examples,
  });
  return Array.from(
    { length: examples },
    (_, i) => rates[Math.min(Math.floor(i / interval), rates.length - 1)],
  );
}

describe('a learning rate', () => {
  it('may stay', () => {
    expect(everyRate(0.1, 3, 5, 4)).toEqual([0.1, 0.1, 0.1, 0.1]);
    expect(everyRate({ kind: 'constant', rate: 0.1 }, 0, 1, 2)).toEqual([0.1, 0.1]);
  });

  it('falls by steps or exponentially from epoch to epoch', () => {
    const step = { kind: 'step', rate: 0.8, factor: 0.5, every: 2 } as const;
    expect([0, 1, 2, 3, 4].map((epoch) => everyRate(step, epoch, 5, 1)[0])).toEqual([
      0.8, 0.8, 0.4, 0.4, 0.2,
    ]);
    const exponential = { kind: 'exponential', rate: 0.8, factor: 0.5 } as const;
    expect([0, 1, 2].map((epoch) => everyRate(exponential, epoch, 3, 1)[0])).toEqual([0.8, 0.4, 0.2]);
  });

  it('follows half a cosine over all epochs', () => {
    const cosine = { kind: 'cosine', rate: 0.5, final: 0.1 } as const;
    const all = [0, 1, 2].flatMap((epoch) => everyRate(cosine, epoch, 3, 1000));
    expect(all[0]).toBe(0.5);
    expect(all[1500]).toBeCloseTo(0.3, 2);
    expect(all.at(-1)).toBeCloseTo(0.1, 3);
    for (let i = 1; i < all.length; i++) expect(all[i]).toBeLessThanOrEqual(all[i - 1] as number);
    expect(everyRate({ kind: 'cosine', rate: 0.5 }, 2, 3, 1000).at(-1)).toBeCloseTo(0.005, 3);
  });

  it('is halved at boundaries counted in examples, wherever calls begin', () => {
    const schedule = { kind: 'powers-of-two', exponent: 1, boundaries: [3, 10, 11] } as const;
    const expected = Array.from(
      { length: 15 },
      (_, i) => 2 ** -(1 + (i >= 3 ? 1 : 0) + (i >= 10 ? 1 : 0) + (i >= 11 ? 1 : 0)),
    );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 15 }), { maxLength: 6 }), (cuts) => {
        const ends = [...new Set([...cuts, 15])].sort((a, b) => a - b);
        const rates = ends.flatMap((end, i) => {
          const presented = ends[i - 1] ?? 0;
          return everyRate(schedule, 0, 1, end - presented, presented);
        });
        expect(rates).toEqual(expected);
      }),
    );
  });

  it('has an entry for every interval, however few examples there are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (examples) => {
        const rates = everyRate({ kind: 'cosine', rate: 0.1 }, 0, 1, examples);
        for (const rate of rates) expect(rate).toBeGreaterThan(0);
      }),
    );
  });
});

describe('a learning rate is refused', () => {
  const refuse = (rate: unknown, code: string, ...parts: string[]) =>
    expectRefusal(code, parts, () => resolveLearningRate(rate as LearningRate, wide));

  it('when it is out of range', async () => {
    await refuse(0, 'INVALID_OPTION', 'learningRate', 'above 0', 'is 0');
    await refuse(0.3, 'INVALID_OPTION', 'at most 0.25', '12 fraction bits');
    await refuse(Number.NaN, 'INVALID_OPTION', 'NaN');
    await refuse(
      { kind: 'exponential', rate: 0.1, factor: 2 },
      'INVALID_OPTION',
      'learningRate.factor',
      'is 2',
    );
    await refuse(
      { kind: 'step', rate: 0.1, factor: 0.5 },
      'INVALID_OPTION',
      'learningRate.every',
      'undefined',
    );
    await refuse({ kind: 'cosine', rate: 0.1, final: 0.2 }, 'INVALID_OPTION', 'learningRate.final', '0.2');
    await refuse({ kind: 'powers-of-two', exponent: 1 }, 'INVALID_OPTION', '2^-exponent', 'at most 0.25');
    await refuse(
      { kind: 'powers-of-two', exponent: 3, boundaries: [5, 5] },
      'INVALID_OPTION',
      'boundaries[1]',
      'from 6',
    );
  });

  it('when it is misspelt', async () => {
    await refuse({ kind: 'cosinus', rate: 0.1 }, 'INVALID_OPTION', 'learningRate.kind', "'cosine'?");
    await refuse({ kind: 'cosine', rat: 0.1 }, 'UNKNOWN_OPTION', '"rat"', '"rate"');
    await refuse({ kind: 'constant', rate: 0.1, factor: 1 }, 'INVALID_OPTION', 'learningRate.factor');
    await refuse('0.1', 'INVALID_OPTION', '"0.1"', "kind: 'cosine'");
  });
});
