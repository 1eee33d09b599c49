/** Patterns, permutations and initial weights of the engine are those of docs/arithmetic.md. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { native } from '../../lib/engine/native.js';
import type { PatternSpec } from '../../lib/engine/spec.js';
import { makePattern } from '../reference/patterns.js';
import { permutation } from '../reference/random.js';
import { WideReference } from '../reference/wide-network.js';
import { expectSame } from './compare.js';
import { makeScenario } from './scenario.js';

function expectSamePattern(pattern: PatternSpec, left: number, right: number, seed: number): void {
  const spec = { ...makeScenario({ layers: [left, right], seed }).spec, patterns: [pattern] };
  const expected = makePattern(pattern, left, right, seed, 0);
  const actual = new (native().Network)(spec).pattern(0);
  expectSame(
    'fan-in of neuron',
    actual.offsets.slice(1).map((offset, r) => offset - (actual.offsets[r] ?? 0)),
    expected.map((lefts) => lefts.length),
  );
  expectSame('left neuron of edge', actual.left, expected.flat());
}

const KINDS = ['tiled', 'structured', 'random'] as const;

test.for(KINDS)('%s patterns', (kind) => {
  const sizes = [
    [1, 1],
    [1, 40],
    [40, 1],
    [2, 16],
    [33, 31],
    [100, 47],
    [47, 130],
  ] as const;
  for (const [left, right] of sizes) {
    const cells = left * right;
    const counts = [1, right, left, 0.1 * cells, 0.5 * cells, 0.5 * cells + 1, 0.9 * cells, cells - 1, cells];
    for (const count of counts) {
      const edges = Math.min(cells, Math.max(1, Math.floor(count)));
      expectSamePattern({ kind, edges }, left, right, 5);
    }
  }
});

test('generated patterns', () => {
  const size = fc.integer({ min: 1, max: 90 });
  const arbitrary = fc.record({
    kind: fc.constantFrom(...KINDS),
    left: size,
    right: size,
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    seed: fc.maxSafeNat(),
  });
  fc.assert(
    fc.property(arbitrary, ({ kind, left, right, share, seed }) => {
      expectSamePattern({ kind, edges: Math.max(1, Math.round(share * left * right)) }, left, right, seed);
    }),
    { seed: 1, numRuns: 200, interruptAfterTimeLimit: 4000 },
  );
});

test('every junction has its own pattern and weights', () => {
  const { spec } = makeScenario({
    layers: [30, 30, 30, 30],
    patterns: { kind: 'structured', density: 0.2 },
    activation: ['relu', 'tanh'],
    seed: Number.MAX_SAFE_INTEGER,
  });
  const reference = new WideReference(spec);
  const engine = new (native().Network)(spec);
  for (const j of [0, 1, 2]) {
    expectSame('left neuron of edge', engine.pattern(j).left, reference.pattern(j).flat());
    expectSame('weight of edge', engine.weights(j), reference.weights(j));
  }
  expect(reference.pattern(0)).not.toEqual(reference.pattern(1));
});

test('permutations', () => {
  for (const n of [0, 1, 2, 3, 100, 3000]) {
    for (const [seed, stream] of [
      [0, 0],
      [1, 7],
      [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ] as const)
      expectSame(`place`, native().permutation(n, seed, stream), permutation(n, seed, stream));
  }
});
