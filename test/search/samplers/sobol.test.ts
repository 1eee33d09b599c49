import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeSampler } from '../../../lib/search/samplers/make.js';
import { SOBOL_DIMENSIONS, SobolSequence } from '../../../lib/search/samplers/sobol.js';
import { contextOf } from './context.js';

const float = (low: number, high: number) => ({ kind: 'float', low, high }) as const;

describe('the Sobol sequence', () => {
  it('is the same in every release, in all dimensions, for small and large seeds', () => {
    const digestOf = (seed: number) => {
      const sequence = new SobolSequence(SOBOL_DIMENSIONS, seed);
      const points = [...Array(512).keys(), 2 ** 31 + 12345].map((i) => sequence.point(i));
      return createHash('sha256').update(Float64Array.from(points.flat())).digest('hex').slice(0, 16);
    };
    expect(SOBOL_DIMENSIONS).toBe(64);
    expect([0, 1, 2 ** 32 + 1, 2 ** 53 - 1].map(digestOf)).toMatchInlineSnapshot(`
      [
        "a72ed0dded82dd34",
        "341e3863782203cf",
        "ea0e71d7fe6e9c1f",
        "34970895d5845ea0",
      ]
    `);
  });

  it('begins with the van der Corput sequence once its scrambling is undone', () => {
    // Points 2 i and 2 i + 1 lie in different halves, points 4 i to 4 i + 3 in different quarters, and so on.
    const sequence = new SobolSequence(1, 77);
    for (const size of [2, 4, 8, 16, 32]) {
      for (let start = 0; start < 128; start += size) {
        const parts = Array.from({ length: size }, (_, i) =>
          Math.floor((sequence.point(start + i)[0] as number) * size),
        );
        expect(parts.sort((a, b) => a - b)).toEqual([...Array(size).keys()]);
      }
    }
  });
});

describe('the Sobol sampler', () => {
  it('has a dimension for each parameter, up to 64', () => {
    const space = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, float(0, 1)]));
    const proposed = makeSampler({ kind: 'sobol' }, contextOf(space(64))).propose(0, []);
    expect(Object.values(proposed ?? {})).toEqual(new SobolSequence(64, 1).point(0));
    expect(() => makeSampler({ kind: 'sobol' }, contextOf(space(65)))).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringMatching(
          /sobol.* 64 dimensions, but the space has 65 parameters; use "random"/,
        ),
      }),
    );
  });

  it('leaves out points that break constraints, and gives up after ten thousand in a row', () => {
    const sequence = new SobolSequence(1, 1);
    const kept = Array.from({ length: 40 }, (_, i) => (sequence.point(i) as [number])[0]).filter(
      (x) => x > 0.5,
    );
    const half = makeSampler(
      { kind: 'sobol' },
      contextOf({ x: float(0, 1) }, { isFeasible: ({ x }) => Number(x) > 0.5 }),
    );
    expect(kept.map((_, i) => half.propose(i, [])?.x)).toEqual(kept);

    let asked = 0;
    const isFeasible = () => ++asked === 10_000 || asked === 20_000;
    const rare = makeSampler({ kind: 'sobol' }, contextOf({ x: float(0, 1) }, { isFeasible }));
    expect(rare.propose(0, [])).toEqual({ x: sequence.point(9_999)[0] });
    expect(rare.propose(1, [])).toEqual({ x: sequence.point(19_999)[0] });
    expect(rare.propose(2, [])).toBe(undefined);
    expect(asked).toBe(30_000);
  });

  it('proposes the same point again if asked again', () => {
    const sampler = makeSampler({ kind: 'sobol' }, contextOf({ x: float(0, 1) }));
    const later = sampler.propose(5, []);
    const first = sampler.propose(0, []);
    expect(sampler.propose(5, [])).toEqual(later);
    expect(first).not.toEqual(later);
  });
});
