/** Mini-batches of the `float` arithmetic against the same computation in double precision, and against each other. */
import { describe, expect, test } from 'vitest';
import type { NativeNetwork } from '../../lib/engine/addon.js';
import type { NetworkSpec } from '../../lib/engine/spec.js';
import { FloatReference } from '../reference/float-network.js';
import { at, range } from '../reference/integers.js';
import { kernelSets, makeEngine } from './compare.js';
import { type Job, makeScenario, type PatternWish, type Wish } from './scenario.js';

/** The documented tolerance of weights and biases after training. */
const ABSOLUTE = 1e-4;
const RELATIVE = 1e-3;

const MIXED: PatternWish[] = [
  { kind: 'structured', density: 0.3 },
  { kind: 'random', density: 0.5 },
  { kind: 'dense' },
];

interface BatchWish extends Wish {
  batchSize?: number;
  optimizer?: NetworkSpec['optimizer'];
}

interface Case {
  spec: NetworkSpec;
  job: Job;
}

function makeCase({ batchSize = 32, optimizer, ...wish }: BatchWish): Case {
  const made = makeScenario({
    layers: [25, 30, 17, 4],
    patterns: MIXED,
    inputs: 'float32',
    examples: 300,
    rates: [0.1, 0.05, 0.2],
    ...wish,
  });
  const { inputs } = made;
  for (let i = 0; i < inputs.length; i++)
    if (!(inputs instanceof Uint8Array)) inputs[i] = Math.max(-2, Math.min(2, at(inputs, i)));
  const call = at(made.calls, 0);
  if (call.kind !== 'train') throw new Error('the scenario begins with training');
  if (call.job.targets instanceof Float64Array)
    for (const [i, target] of call.job.targets.entries())
      call.job.targets[i] = Math.max(-2, Math.min(2, target));
  return {
    spec: { ...made.spec, arithmetic: { kind: 'float' }, optimizer },
    job: { ...call.job, batchSize },
  };
}

function expectClose(
  engine: NativeNetwork,
  reference: FloatReference,
  junctions: number,
  kernelSet: string,
): void {
  const worst = (actual: ArrayLike<number>, expected: readonly number[]) =>
    Math.max(
      0,
      ...expected.map(
        (value, i) => Math.abs(at(actual, i) - value) / (ABSOLUTE + RELATIVE * Math.abs(value)),
      ),
    );
  for (const j of range(junctions)) {
    const where = `of junction ${j} on ${kernelSet}`;
    expect(worst(engine.weights(j), reference.weights(j)), `weights ${where}`).toBeLessThan(1);
    expect(worst(engine.biases(j), reference.biases(j)), `biases ${where}`).toBeLessThan(1);
  }
}

async function check(wish: BatchWish): Promise<void> {
  const { spec, job } = makeCase(wish);
  const reference = new FloatReference(spec);
  const expected = reference.train(job);
  for (const kernelSet of kernelSets()) {
    const engine = makeEngine(spec, kernelSet);
    const { examples, outputs, correct, lossSum } = await engine.train({ ...job, threads: 2 });
    expect([examples, outputs, correct], kernelSet).toEqual([
      expected.examples,
      expected.outputs,
      expected.correct,
    ]);
    expect(Math.abs(lossSum - expected.lossSum), kernelSet).toBeLessThan(1e-4 * (1 + expected.lossSum));
    expectClose(engine, reference, spec.patterns.length, kernelSet);
  }
}

/** Everything that was learned, bit for bit. */
function parameters(engine: NativeNetwork, junctions: number): ArrayLike<number>[] {
  return range(junctions).flatMap((j) => [engine.weights(j), engine.biases(j)]);
}

describe('float mini-batches compute what the page says', () => {
  for (const output of ['softmax', 'sigmoid', 'linear'] as const) {
    test.for(['relu', 'sigmoid', 'tanh'] as const)(`${output}, %s`, async (activation) => {
      await check({ output, activation });
    });
  }

  test.for([2, 16, 17, 100, 128, 129, 299, 1000])('batches of %i', async (batchSize) => {
    await check({ batchSize });
  });

  test.for(['tiled', 'structured', 'random', 'custom'] as const)('the pattern %s', async (kind) => {
    await check({ layers: [53, 49, 35], patterns: { kind, density: 0.2 } });
  });

  test('dense networks, and a single junction', async () => {
    await check({ layers: [19, 23, 7], patterns: { kind: 'dense' } });
    await check({ layers: [19, 5], patterns: { kind: 'dense' } });
  });

  test('momentum and weight decay', async () => {
    await check({ momentum: 0.9, weightDecay: 0.01, rates: [0.02] });
    await check({ weightDecay: 0.01 });
  });

  test('class weights', async () => {
    await check({ classWeights: true, rates: [0.01] });
  });

  test('inputs of every type, zeros and scaling', async () => {
    for (const inputs of ['bytes', 'float32', 'float64'] as const)
      await check({ inputs, scaling: inputs === 'float64', rates: [0.02] });
  });
});

describe('Adam', () => {
  const moments = { beta1: 0.9, beta2: 0.999, epsilon: 1e-3 };

  test.for(['adam', 'adamw'] as const)('%s follows its definition, with decay', async (kind) => {
    for (const batchSize of [1, 25])
      await check({ batchSize, optimizer: { kind, ...moments }, weightDecay: 0.1, rates: [0.003] });
  });

  test.each(kernelSets())('learn() is a batch of one on %s', async (kernelSet) => {
    const { spec, job } = makeCase({
      batchSize: 1,
      inputs: 'bytes',
      optimizer: { kind: 'adam', ...moments },
      rates: [0.01],
      examples: 40,
    });
    const [one, other] = [makeEngine(spec, kernelSet), makeEngine(spec, kernelSet)];
    await one.train({ ...job, threads: 1 });
    for (const row of job.order) {
      const input = job.inputs.slice(row * 25, (row + 1) * 25);
      other.learn(input, at(job.targets, row), 0.01);
    }
    expect(parameters(other, 3)).toEqual(parameters(one, 3));
  });
});

describe('float mini-batches', () => {
  test('give the same bits on every kernel set and number of threads', async () => {
    for (const wish of [
      { inputs: 'bytes', patterns: { kind: 'tiled', density: 0.2 } },
      { momentum: 0.9, weightDecay: 0.01, batchSize: 150 },
      { optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-6 }, weightDecay: 0.1 },
    ] satisfies BatchWish[]) {
      const { spec, job } = makeCase({ layers: [70, 51, 33, 11], rates: [0.01], ...wish });
      const results: ArrayLike<number>[][] = [];
      for (const kernelSet of kernelSets()) {
        for (const threads of [1, 3]) {
          const engine = makeEngine(spec, kernelSet);
          await engine.train({ ...job, threads });
          results.push(parameters(engine, 3));
        }
      }
      for (const result of results) expect(result).toEqual(results[0]);
    }
  });

  test('continue from what online training left, and the other way round', async () => {
    const { spec, job } = makeCase({ momentum: 0.9, rates: [0.01], batchSize: 20 });
    const reference = new FloatReference(spec);
    const engines = kernelSets().map((kernelSet) => ({ kernelSet, engine: makeEngine(spec, kernelSet) }));
    const jobs = [{ ...job, batchSize: 1, drain: false }, job, { ...job, batchSize: 1 }, job];
    for (const each of jobs) {
      const expected = reference.train(each);
      for (const { kernelSet, engine } of engines) {
        const { outputs } = await engine.train({ ...each, threads: 1 });
        expect(outputs).toBe(expected.outputs);
        expectClose(engine, reference, spec.patterns.length, kernelSet);
      }
    }
  });

  test.for(['softmax', 'sigmoid', 'linear'] as const)(
    'step along the finite differences of the mean loss, %s',
    async (output) => {
      const rate = 0.01;
      const made = makeCase({ output, activation: 'tanh', batchSize: 300, rates: [rate] });
      const { spec, job } = made;
      const loss = (weights: readonly number[], junction: number, edge: number, change: number) => {
        const reference = new FloatReference(spec);
        reference.setWeights(
          junction,
          weights.map((w, e) => (e === edge ? w + change : w)),
        );
        const { lossSum, examples } = reference.train({ ...job, rates: Float64Array.of(0) });
        return lossSum / examples;
      };
      const engines = kernelSets().map((kernelSet) => makeEngine(spec, kernelSet));
      const before = range(3).map((j) => Array.from(at(engines, 0).weights(j)));
      for (const engine of engines) await engine.train({ ...job, threads: 1 });
      for (const [j, weights] of before.entries()) {
        for (const edge of [0, 7, weights.length - 1]) {
          const slope = (loss(weights, j, edge, 1e-4) - loss(weights, j, edge, -1e-4)) / 2e-4;
          for (const engine of engines) {
            const step = (at(weights, edge) - at(engine.weights(j), edge)) / rate;
            expect(Math.abs(step - slope)).toBeLessThan(1e-4 + 1e-3 * Math.abs(slope));
          }
        }
      }
    },
  );
});
