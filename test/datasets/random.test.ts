import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../lib/base/random.js';
import { expectRefusal } from './refusal.js';

describe('Random', () => {
  it('gives the numbers of the published xoshiro128** 1.1', () => {
    const random = Random.fromState([1, 2, 3, 4]);
    const numbers = Array.from({ length: 10 }, () => random.uint32());
    expect(numbers).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('repeats itself for a seed, and differs between seeds that are close, far, or differ above bit 32', () => {
    const first = (seed: number) => {
      const random = new Random(seed);
      return [random.uint32(), random.uint32()].join();
    };
    const seeds = [0, 1, 2, 3, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 33, 2 ** 53 - 1];
    expect(new Set(seeds.map(first)).size).toBe(seeds.length);
    expect(seeds.map(first)).toEqual(seeds.map(first));
  });

  it('keeps its streams for seeds from release to release', () => {
    const random = new Random(1);
    expect([random.uint32(), random.uint32(), random.uint32()]).toMatchInlineSnapshot(`
      [
        3141338868,
        3790938787,
        2843448217,
      ]
    `);
  });

  it('draws evenly below a bound', () => {
    const random = new Random(7);
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < 60_000; i++) (counts[random.below(6)] as number) += 1;
    // Six standard deviations of a count are about 550.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(550);
  });

  it('has no bias towards low numbers where a remainder would have', () => {
    // 2^32 mod (3 x 2^30) = 2^30: a bare remainder would draw the lowest third twice as often.
    const random = new Random(3);
    const bound = 3 * 2 ** 30;
    let low = 0;
    for (let i = 0; i < 30_000; i++) if (random.below(bound) < 2 ** 30) low++;
    expect(Math.abs(low - 10_000)).toBeLessThan(500);
  });

  it('shuffles to a permutation', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.maxSafeNat(), (length, seed) => {
        const items = Int32Array.from({ length }, (_, i) => i);
        new Random(seed).shuffle(items);
        expect([...items].sort((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i));
      }),
    );
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53, '1', null, undefined, 1n])('refuses the seed %s', async (seed) => {
    await expectRefusal('INVALID_OPTION', ['seed', '2^53 - 1'], () => new Random(seed as number));
  });
});
