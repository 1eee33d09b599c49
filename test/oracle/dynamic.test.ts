/** Dynamic patterns and augmentation: engine and reference agree to the last bit. */
import { describe, expect, test } from 'vitest';
import { range } from '../reference/integers.js';
import { compare } from './compare.js';
import { makeScenario, type PatternWish, type Wish } from './scenario.js';

const check = (wish: Wish) => compare(makeScenario(wish));

/** Several moves: the first records fewer examples than it presents, the last records all. */
const moves = (byGradient: boolean) => [
  { share: 20_000, byGradient, examples: 25, record: 10 },
  { share: 9000, byGradient, examples: 8, record: 8 },
  { share: 40_000, byGradient, examples: 6, record: 100 },
];

describe('edges that move', () => {
  const cases: [string, PatternWish, 'tiles' | 'list'][] = [
    ['whole tiles', { kind: 'tiled', density: 0.3 }, 'tiles'],
    ['single edges of a list', { kind: 'structured', density: 0.15 }, 'list'],
    ['single edges of tiles', { kind: 'random', density: 0.6 }, 'tiles'],
    ['custom patterns', { kind: 'custom', density: 0.1 }, 'list'],
  ];
  for (const [name, patterns, layout] of cases) {
    for (const method of ['anywhere', 'by gradient'] as const) {
      test(`${name}, ${method}`, async () => {
        for (const schedule of ['pipelined', 'sequential'] as const) {
          const wish = { layers: [51, 49, 34], patterns, schedule, seed: 5, examples: 60 };
          const before = await check(wish);
          expect(before.layout(0)).toBe(layout);
          const after = await check({ ...wish, moves: moves(method === 'by gradient') });
          expect(after.pattern(0)).not.toEqual(before.pattern(0));
          const degrees = (j: number, { pattern }: typeof before) => pattern.call(before, j);
          for (const j of [0, 1]) {
            const fanIns = (reference: typeof before) => reference.pattern(j).map((lefts) => lefts.length);
            expect(fanIns(after)).toEqual(fanIns(before));
          }
          expect(degrees(0, before)).toBe(before.pattern(0));
        }
      });
    }
  }

  test('with momentum, decay and every activation', async () => {
    for (const activation of ['relu', 'sigmoid', 'tanh'] as const) {
      const patterns: PatternWish[] = [
        { kind: 'tiled', density: 0.3 },
        { kind: 'random', density: 0.2 },
      ];
      const wish = { layers: [40, 33, 20], patterns, momentum: 0.9, weightDecay: 0.01, activation };
      await check({ ...wish, moves: moves(true), examples: 300 });
      await check({ ...wish, moves: moves(false), examples: 60, rounding: 'nearest', output: 'linear' });
    }
  });

  test('while inputs are in the pipeline', async () => {
    const scenario = makeScenario({
      layers: [30, 20, 5],
      patterns: { kind: 'structured', density: 0.3 },
      chunks: [7, 9],
    });
    scenario.calls.splice(2, 0, { kind: 'rewire', rule: { share: 30_000, byGradient: false } });
    await compare(scenario);
  });

  test('between mini-batches, which continue with the new pattern', async () => {
    const patterns = { kind: 'structured', density: 0.3 } as const;
    const wish = { layers: [30, 20, 5], patterns, momentum: 0.9, examples: 60 };
    const scenario = makeScenario({
      ...wish,
      moves: [{ share: 30_000, byGradient: false, examples: 20 }],
      batchSizes: [8],
    });
    scenario.calls.push(
      { kind: 'rewire', rule: { share: 30_000, byGradient: false } },
      ...scenario.calls.slice(0, 1),
    );
    await compare(scenario);
  });

  test('not in dense junctions, nor where no gradient points', async () => {
    const dense = makeScenario({ layers: [18, 17, 5], moves: moves(true) });
    await compare(dense);
    // Without any record all gradients are zero, so that nothing moves.
    const wish = { layers: [30, 20, 5], patterns: { kind: 'structured', density: 0.3 } as const };
    const stays = await check({ ...wish, moves: [{ share: 65_536, byGradient: true, examples: 9 }] });
    expect(stays.pattern(0)).toEqual((await check(wish)).pattern(0));
  });

  test('all of them, and patterns of any shape', async () => {
    for (const layers of [
      [3, 1, 2],
      [5, 17, 2],
      [33, 16, 2],
      [7, 31, 6, 4],
    ]) {
      for (const kind of ['tiled', 'structured', 'random', 'custom'] as const) {
        for (const byGradient of [true, false]) {
          const share = byGradient ? 65_536 : 50_000;
          await check({
            layers,
            patterns: { kind, density: 0.4 },
            moves: [{ share, byGradient, examples: 12, record: 12 }],
          });
        }
      }
    }
  });

  test('to a pattern that is given', async () => {
    const scenario = makeScenario({
      layers: [30, 20, 5],
      patterns: { kind: 'structured', density: 0.3 },
      chunks: [7, 9],
      momentum: 0.9,
    });
    const offsets = Float64Array.from(range(21), (r) => 3 * r);
    const left = Uint32Array.from({ length: 60 }, (_, e) => ((e * 7) % 10) + 10 * (e % 3)).map(
      (l, e) => (e % 3) * 10 + (l % 10),
    );
    scenario.calls.splice(2, 0, { kind: 'pattern', junction: 0, pattern: { offsets, left } });
    await compare(scenario);
  });
});

describe('images that vary', () => {
  for (const inputs of ['bytes', 'fixed', 'float32', 'float64'] as const) {
    test(`${inputs}`, async () => {
      for (const augment of [
        { width: 6, shift: 1, mirror: false },
        { width: 5, shift: 0, mirror: true },
        { width: 10, shift: 7, mirror: true },
        { width: 1, shift: 2, mirror: true },
      ]) {
        for (const output of ['softmax', 'sigmoid', 'linear'] as const)
          await check({
            layers: [30, 12, 3],
            inputs,
            augment,
            output,
            scaling: inputs === 'float32',
            chunks: [5, 1],
          });
      }
    });
  }
});
