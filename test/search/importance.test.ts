import { describe, expect, it } from 'vitest';
import type { TrialRecord } from '../../lib/public/search.js';
import { importances } from '../../lib/search/importance.js';
import { crowdingDistances, nonDominatedRanks, paretoFront } from '../../lib/search/pareto.js';
import { Draws } from '../../lib/search/random.js';
import { Space } from '../../lib/search/space/space.js';

const trial = (number: number, values: Record<string, number>, parameters = {}): TrialRecord => ({
  number,
  state: 'complete',
  parameters,
  seed: 1,
  values,
  curve: [],
});

const both = [
  { measure: 'a', direction: 'minimize' },
  { measure: 'b', direction: 'maximize' },
] as const;

describe('the Pareto front', () => {
  it('has the complete trials that no other beats in all objectives', () => {
    const trials = [
      trial(0, { a: 1, b: 1 }),
      trial(1, { a: 2, b: 5 }),
      trial(2, { a: 2, b: 4 }),
      trial(3, { a: 3, b: 5 }),
      trial(4, { a: 4, b: 9 }),
      trial(5, { a: 1, b: 1 }),
      trial(6, { a: Number.NaN, b: 99 }),
      { ...trial(7, { a: 0, b: 99 }), state: 'pruned' as const },
    ];
    expect(paretoFront(trials, both).map(({ number }) => number)).toEqual([0, 1, 4, 6]);
    expect(paretoFront(trials, both.slice(0, 1)).map(({ number }) => number)).toEqual([0]);
  });

  it('is rank 0, and ranks continue as fronts are removed', () => {
    const points = [
      [3, 3],
      [1, 4],
      [2, 2],
      [4, 4],
      [1, 4],
      [3, 1],
    ];
    expect(nonDominatedRanks(points)).toEqual([1, 0, 0, 2, 0, 0]);
  });

  it('knows how lonely its points are', () => {
    expect(
      crowdingDistances([
        [0, 10],
        [1, 5],
        [10, 0],
        [2, 4],
      ]),
    ).toEqual([Number.POSITIVE_INFINITY, 2 / 10 + 6 / 10, Number.POSITIVE_INFINITY, 9 / 10 + 5 / 10]);
  });
});

describe('the importance of parameters', () => {
  const space = new Space({
    strong: { kind: 'float', low: 0, high: 1 },
    weak: { kind: 'categorical', choices: ['p', 'q'] },
    none: { kind: 'int', low: 1, high: 9 },
  });
  const make = (value: (strong: number, weak: string) => number, count: number) =>
    Array.from({ length: count }, (_, i) => {
      const draws = new Draws(5, i);
      const [strong, weak] = [draws.uniform(), draws.uniform() < 0.5 ? 'p' : 'q'];
      return trial(i, { a: value(strong, weak) }, { strong, weak, none: 1 + draws.below(9) });
    });

  it('is in order, between 0 and 1, and next to 0 for what does nothing', () => {
    const trials = make((strong, weak) => (strong - 0.5) ** 2 + (weak === 'p' ? 0.05 : 0), 400);
    const [first, second, third] = importances(trials, space, both[0]);
    expect([first?.parameter, second?.parameter, third?.parameter]).toEqual(['strong', 'weak', 'none']);
    expect(first?.share).toBeGreaterThan(0.6);
    expect(second?.share).toBeGreaterThan(0.05);
    expect(third?.share).toBeLessThan(0.03);
  });

  it('is not given for too few trials', () => {
    expect(
      importances(
        make((strong) => strong, 15),
        space,
        both[0],
      ),
    ).toEqual([]);
  });
});
