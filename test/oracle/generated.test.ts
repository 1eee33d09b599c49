/** Random networks, data and calls. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compare } from './compare.js';
import { largestRate, makeScenario, type PatternWish, type Wish } from './scenario.js';

const pattern: fc.Arbitrary<PatternWish> = fc.oneof(
  fc.constant({ kind: 'dense' } as const),
  fc.record({
    kind: fc.constantFrom('tiled' as const, 'structured' as const, 'random' as const, 'custom' as const),
    density: fc.double({ min: 0.01, max: 1, noNaN: true }),
  }),
);

const activation = fc.constantFrom('relu' as const, 'sigmoid' as const, 'tanh' as const);

const wish: fc.Arbitrary<Wish> = fc
  .record({
    layers: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 5 }),
    patterns: fc.array(pattern, { minLength: 4, maxLength: 4 }),
    activation: fc.array(activation, { minLength: 3, maxLength: 3 }),
    output: fc.constantFrom('softmax' as const, 'sigmoid' as const, 'linear' as const),
    schedule: fc.constantFrom('pipelined' as const, 'sequential' as const),
    rounding: fc.constantFrom('stochastic' as const, 'nearest' as const),
    momentum: fc.oneof(fc.constant(0), fc.double({ min: 0.5, max: 0.9999, noNaN: true })),
    weightDecay: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true })),
    seed: fc.maxSafeNat(),
    inputs: fc.constantFrom('bytes' as const, 'fixed' as const, 'float32' as const, 'float64' as const),
    scaling: fc.boolean(),
    chunks: fc.array(fc.nat(9), { maxLength: 3 }),
    bits: fc.integer({ min: 4, max: 16 }),
    bitsBeforePoint: fc.integer({ min: 1, max: 16 }),
    relativeRates: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
    weighted: fc.boolean(),
    many: fc.integer({ min: 0, max: 9 }),
    examples: fc.integer({ min: 0, max: 40 }),
  })
  .map(({ bitsBeforePoint, relativeRates, weighted, many, ...rest }) => {
    const fraction = Math.max(0, rest.bits - bitsBeforePoint);
    const most = largestRate(fraction, rest.momentum);
    const examples = many === 0 ? 256 + rest.examples : rest.examples;
    const rates = relativeRates.map((rate) => rate * most);
    return { ...rest, fraction, rates, examples, classWeights: weighted && rest.output === 'softmax' };
  });

test('generated networks equal the reference', async () => {
  let networks = 0;
  await fc.assert(
    fc.asyncProperty(wish, async (made) => {
      await compare(makeScenario(made));
      networks++;
    }),
    { seed: 20171104, numRuns: 40, interruptAfterTimeLimit: 10_000 },
  );
  expect(networks).toBeGreaterThan(0);
});
