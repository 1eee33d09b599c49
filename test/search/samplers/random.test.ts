import { describe, expect, it } from 'vitest';
import { Draws } from '../../../lib/search/random.js';
import { makeSampler } from '../../../lib/search/samplers/make.js';
import { contextOf } from './context.js';

const space = { x: { kind: 'float', low: 2, high: 4 }, y: { kind: 'float', low: 0, high: 1 } } as const;

describe('random sampling', () => {
  it("draws the parameters in turn, by the study's seed and the trial's number", () => {
    for (const [seed, number] of [
      [1, 0],
      [1, 7],
      [9, 7],
    ] as const) {
      const draws = new Draws(seed, number);
      const expected = { x: 2 + 2 * draws.uniform(), y: draws.uniform() };
      expect(makeSampler({ kind: 'random' }, contextOf(space, { seed })).propose(number, [])).toEqual(
        expected,
      );
    }
  });

  it('draws until a point keeps the constraints, and gives up after ten thousand', () => {
    for (const last of [2, 10_000, 10_001]) {
      let asked = 0;
      const context = contextOf(space, { isFeasible: () => ++asked === last });
      const proposed = makeSampler({ kind: 'random' }, context).propose(0, []);
      expect(asked).toBe(Math.min(last, 10_000));
      expect(proposed === undefined).toBe(last > 10_000);
    }
  });
});
