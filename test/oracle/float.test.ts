/** The `float` arithmetic against the same computation in double precision. */
import { describe, expect, test } from 'vitest';
import type { NativeNetwork } from '../../lib/engine/addon.js';
import type { NetworkSpec } from '../../lib/engine/spec.js';
import { FloatReference } from '../reference/float-network.js';
import { at, range } from '../reference/integers.js';
import { kernelSets, makeEngine } from './compare.js';
import { makeScenario, type PatternWish, type Wish } from './scenario.js';

/** The documented tolerances: of scores from given weights, and of weights and biases after training. */
const SCORES = { absolute: 1e-5, relative: 1e-4 };
const TRAINED = { absolute: 1e-4, relative: 1e-3 };

/** How much of a tolerance is used: more than 1 is too much. */
function error(actual: ArrayLike<number>, expected: readonly number[], allowed: typeof SCORES): number {
  expect(actual.length).toBe(expected.length);
  const { absolute, relative } = allowed;
  return Math.max(
    0,
    ...expected.map((value, i) => Math.abs(at(actual, i) - value) / (absolute + relative * Math.abs(value))),
  );
}

const MIXED: PatternWish[] = [
  { kind: 'structured', density: 0.3 },
  { kind: 'random', density: 0.5 },
  { kind: 'dense' },
];

async function check(wish: Wish): Promise<void> {
  const made = makeScenario({
    layers: [25, 30, 17, 4],
    patterns: MIXED,
    inputs: 'float32',
    examples: 300,
    rates: [0.05, 0.02, 0.1],
    ...wish,
  });
  const { calls, inputs, scaling } = made;
  const spec: NetworkSpec = { ...made.spec, arithmetic: { kind: 'float' } };
  for (let i = 0; i < inputs.length; i++) inputs[i] = Math.max(-2, Math.min(2, at(inputs, i)));
  const reference = new FloatReference(spec);
  const engines = kernelSets().map((kernelSet) => ({ kernelSet, engine: makeEngine(spec, kernelSet) }));
  const state = (what: string, engine: NativeNetwork) => {
    for (const j of range(spec.patterns.length)) {
      const weights = error(engine.weights(j), reference.weights(j), TRAINED);
      const biases = error(engine.biases(j), reference.biases(j), TRAINED);
      expect(weights, `${what}: weights of junction ${j}`).toBeLessThan(1);
      expect(biases, `${what}: biases of junction ${j}`).toBeLessThan(1);
    }
  };
  for (const { kernelSet, engine } of engines) state(`${kernelSet}, initial state`, engine);
  for (const call of calls) {
    if (call.kind !== 'train') continue;
    if (call.job.targets instanceof Float64Array)
      for (const [i, target] of call.job.targets.entries())
        call.job.targets[i] = Math.max(-2, Math.min(2, target));
    const expected = reference.train(call.job);
    for (const { kernelSet, engine } of engines) {
      const { examples, outputs, lossSum } = await engine.train({ ...call.job, threads: 2 });
      expect([examples, outputs], kernelSet).toEqual([expected.examples, expected.outputs]);
      expect(Math.abs(lossSum - expected.lossSum), kernelSet).toBeLessThan(1e-4 * (1 + expected.lossSum));
    }
  }
  for (const { kernelSet, engine } of engines) state(`${kernelSet}, after training`, engine);

  const rows = inputs.length / at(spec.layers, 0);
  for (const { kernelSet, engine } of engines) {
    // From the same weights.
    for (const j of range(spec.patterns.length)) {
      reference.setWeights(j, engine.weights(j));
      reference.setBiases(j, engine.biases(j));
    }
    const predicted = reference.predict(inputs, scaling, rows);
    const scores = new Float32Array(predicted.scores.length);
    await engine.predict({ inputs, scaling, count: rows, threads: 1, scores });
    expect(error(scores, predicted.scores, SCORES), `${kernelSet}, scores`).toBeLessThan(1);
  }
}

describe('float', () => {
  for (const schedule of ['pipelined', 'sequential'] as const) {
    for (const output of ['softmax', 'sigmoid', 'linear'] as const) {
      test.for(['relu', 'sigmoid', 'tanh'] as const)(`${schedule}, ${output}, %s`, async (activation) => {
        await check({ schedule, output, activation });
      });
    }
  }

  test('momentum and weight decay', async () => {
    await check({ momentum: 0.9, weightDecay: 0.001, rates: [0.005] });
    await check({ momentum: 0.5, weightDecay: 0.001, schedule: 'sequential' });
  });

  test('class weights', async () => {
    await check({ classWeights: true, rates: [0.001] });
  });

  test('inputs of every type', async () => {
    for (const inputs of ['bytes', 'float32', 'float64'] as const)
      await check({ inputs, scaling: inputs === 'float64' });
  });
});
