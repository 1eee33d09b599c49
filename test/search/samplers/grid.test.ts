import { describe, expect, it } from 'vitest';
import { makeSampler } from '../../../lib/search/samplers/make.js';
import { contextOf } from './context.js';

const space = {
  n: { kind: 'int', low: 2, high: 4 },
  kind: { kind: 'categorical', choices: ['p', 'q'] },
  x: { kind: 'float', low: 0, high: 1, step: 0.5, when: { kind: 'q' } },
} as const;

describe('the grid', () => {
  it('goes through all points in order, the last parameter changing fastest, and each point comes once', () => {
    const sampler = makeSampler({ kind: 'grid' }, contextOf(space));
    const expected = [2, 3, 4].flatMap((n) => [
      { n, kind: 'p' },
      { n, kind: 'q', x: 0 },
      { n, kind: 'q', x: 0.5 },
      { n, kind: 'q', x: 1 },
    ]);
    expect(expected.map((_, number) => sampler.propose(number, []))).toEqual(expected);
    expect(sampler.propose(12, [])).toBe(undefined);
    expect(sampler.propose(3, [])).toEqual(expected[3]);
  });

  it('leaves out points that break constraints', () => {
    const sampler = makeSampler(
      { kind: 'grid' },
      contextOf(space, { isFeasible: ({ n, x }) => n === 3 && x !== 0.5 }),
    );
    expect([0, 1, 2, 3].map((number) => sampler.propose(number, []))).toEqual([
      { n: 3, kind: 'p' },
      { n: 3, kind: 'q', x: 0 },
      { n: 3, kind: 'q', x: 1 },
      undefined,
    ]);
  });
});
