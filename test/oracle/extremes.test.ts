/** Weights, inputs, deltas and biases at the limits of their formats, where 32-bit sums would wrap. */
import { describe, expect, test } from 'vitest';
import { at, range } from '../reference/integers.js';
import { compare, expectSame, manners } from './compare.js';
import { type Call, makeScenario, type PatternWish, type Scenario, Source, type Wish } from './scenario.js';

const SUM_MAX = 2 ** 30;
const BIAS_MAX = 2 ** 29;
/** What a 32-bit accumulator would hold. */
const wrapped = (x: number): number => Number(BigInt.asIntN(32, BigInt(x)));

/** Every edge of a junction gets the same weight, every neuron the same bias. */
function fill({ spec, calls }: Scenario, junction: number, weight: number, bias: number): void {
  const [left, right] = [at(spec.layers, junction), at(spec.layers, junction + 1)];
  const pattern = at(spec.patterns, junction);
  const edges = pattern.kind === 'custom' ? pattern.left.length : left * right;
  const weights = new Int16Array(edges).fill(weight);
  calls.unshift({ kind: 'set', junction, weights, biases: new Int32Array(right).fill(bias) });
}

describe('feed-forward', () => {
  /** One layer of linear outputs, where one is 4096 units of 2^-8-12: a clipped sum is an output of ±1024. */
  const scenario = (
    left: number,
    right: number,
    values: number[],
    weight: number,
    bias: number,
  ): Scenario => {
    const made = makeScenario({ layers: [left, right], output: 'linear', inputs: 'fixed', examples: 3 });
    made.inputs.fill(0);
    for (let row = 0; row < 30; row++) made.inputs.set(values, row * left);
    fill(made, 0, weight, bias);
    return made;
  };

  test.for([
    // 64 tiles of two edges would be stored as a list, so both layouts are tested.
    ['tiles', 128, 16],
    ['list', 128, 2],
  ] as const)('adds beyond 32 bits, %s', async ([layout, left, right]) => {
    for (const weight of [-32768, 32767]) {
      const values = range(left).map(() => 2047);
      const exact = 2047 * left * weight;
      expect(Math.abs(exact)).toBeGreaterThan(2 ** 31);
      expect(Math.abs(wrapped(exact))).toBeLessThan(SUM_MAX);
      const made = scenario(left, right, values, weight, 0);
      made.calls = made.calls.slice(0, 1);
      const reference = await compare(made);
      expect(reference.layout(0)).toBe(layout);
      const { scores } = reference.predict(made.inputs, undefined, 1);
      expectSame('score', scores, new Float32Array(right).fill(weight < 0 ? -1024 : 1024));
      // So that training meets the limit too.
      await compare(scenario(left, right, values, weight, 0));
    }
  });

  test('is exact on both sides of the point where 32 bits no longer suffice', async () => {
    const limit = Math.floor((2 ** 31 - 1 - 2 ** 29) / 2 ** 15);
    expect(limit).toBe(49151);
    for (const total of [limit - 1, limit, limit + 1, limit + 2, 2 * limit - 10]) {
      const values = range(Math.floor(total / 2047)).map(() => 2047);
      values.push(total % 2047, 0, 0);
      for (const [weight, bias] of [
        [-32768, -BIAS_MAX],
        [32767, BIAS_MAX],
        [-32768, BIAS_MAX],
      ] as const) {
        for (const right of [2, 20]) await compare(scenario(values.length, right, values, weight, bias));
      }
    }
  });

  test('is exact on both sides of the fan-in that 32 bits do for', async () => {
    for (const fanIn of [24, 25]) {
      const made = makeScenario({
        layers: [60, 20, 3],
        patterns: [{ kind: 'structured', density: fanIn / 60 }, { kind: 'dense' }],
        inputs: 'fixed',
      });
      made.inputs.fill(2047);
      const weights = new Int16Array(20 * fanIn).fill(-32768);
      made.calls.unshift({ kind: 'set', junction: 0, weights, biases: new Int32Array(20).fill(-BIAS_MAX) });
      await compare(made);
    }
  });

  test('is exact on both sides of the fan-in that 32 bits do for, bytes', async () => {
    for (const fanIn of [192, 193]) {
      const made = makeScenario({ layers: [fanIn, 3], examples: 5 });
      made.inputs.fill(255);
      fill(made, 0, -32768, -BIAS_MAX);
      await compare(made);
    }
  });
});

describe('backpropagation', () => {
  /** Outputs with errors that a delta cannot represent, behind weights at the limit. */
  function scenario(
    outputs: number,
    patterns: PatternWish,
    activation: 'relu' | 'sigmoid' | 'tanh',
    hidden = 3,
  ): Scenario {
    const made = makeScenario({
      layers: [2, hidden, outputs],
      patterns: [{ kind: 'dense' }, patterns],
      activation,
      output: 'linear',
      examples: 4,
      rates: [2 ** -6],
    });
    for (const call of made.calls)
      if (call.kind === 'train' && call.job.targets instanceof Float64Array) call.job.targets.fill(-60_000);
    made.inputs.fill(255);
    return made;
  }

  test.for(['relu', 'sigmoid', 'tanh'] as const)('adds beyond 32 bits, %s', async (activation) => {
    const exact = 64 * 32767 * -32768;
    expect(exact).toBeLessThan(-(2 ** 31));
    expect(wrapped(exact)).toBeGreaterThan(0);
    const made = scenario(64, { kind: 'dense' }, activation);
    fill(made, 1, -32768, 0);
    fill(made, 0, 2000, 0);
    const reference = await compare(made, [...manners([[2, 1, 3], [3]])]);
    expect(reference.layout(1)).toBe('tiles');
    // The error is clipped (a wrapped one would not be), and the biases move in the direction of its sign.
    expect(at(reference.telemetry().deltasClipped, 0)).toBe(3 * 4);
    expect(reference.biases(0).every((bias) => bias > 0)).toBe(true);
  });

  test('is exact on both sides of the point where 32 bits no longer suffice', async () => {
    // Two deltas at the limit times two weights at the limit fit, three do not.
    for (const outputs of [1, 2, 3]) {
      for (const hidden of [3, 12]) {
        for (const weight of [-32768, 32767]) {
          const made = scenario(outputs, { kind: 'dense' }, 'relu', hidden);
          fill(made, 1, weight, 0);
          fill(made, 0, 2000, 0);
          const reference = await compare(made);
          expect(at(reference.telemetry().deltasClipped, 0)).toBe(4 * hidden);
        }
      }
    }
  });

  test('adds beyond 32 bits in a list', async () => {
    const made = scenario(80, { kind: 'custom', density: 0 }, 'relu');
    const rows = range(81).map((r) => 3 * Math.ceil(r / 16));
    const left = Uint32Array.from({ length: 15 }, (_, e) => e % 3);
    made.spec.patterns[1] = { kind: 'custom', offsets: Float64Array.from(rows), left };
    fill(made, 1, -32768, 0);
    fill(made, 0, 2000, 0);
    expect(wrapped(5 * 32767 * -32768)).toBeGreaterThan(-SUM_MAX);
    const reference = await compare(made);
    expect(reference.layout(1)).toBe('list');
    expect(at(reference.telemetry().deltasClipped, 0)).toBe(3 * 4);
  });
});

describe('training', () => {
  /** Everything at a limit, positive or negative. */
  function extreme(wish: Wish, seed: number): Scenario {
    const source = new Source(seed);
    const made = makeScenario({ layers: [45, 42, 40, 5], inputs: 'fixed', examples: 10, seed, ...wish });
    const sign = (): number => (source.chance(50) ? 1 : -1);
    const one = sign();
    for (let i = 0; i < made.inputs.length; i++) made.inputs[i] = source.chance(10) ? 0 : 2047 * one;
    for (const [j, pattern] of made.spec.patterns.entries()) {
      const size = at(made.spec.layers, j) * at(made.spec.layers, j + 1);
      const edges = pattern.kind === 'custom' ? pattern.left.length : size;
      const weights = Int16Array.from({ length: edges }, () =>
        sign() > 0 || source.chance(30) ? 32767 : -32768,
      );
      const biases = Int32Array.from({ length: at(made.spec.layers, j + 1) }, () => sign() * BIAS_MAX);
      made.calls.unshift({ kind: 'set', junction: j, weights, biases });
    }
    for (const call of made.calls)
      if (call.kind === 'train' && call.job.targets instanceof Float64Array)
        for (const [i, target] of call.job.targets.entries()) call.job.targets[i] = target * 1e6;
    return made;
  }

  for (const output of ['softmax', 'sigmoid', 'linear'] as const) {
    test.for(['relu', 'sigmoid', 'tanh'] as const)(`from the limits, %s, ${output}`, async (activation) => {
      let [weights, deltas, activations] = [0, 0, 0];
      for (const [seed, fraction] of [0, 7, 15].entries()) {
        const momentum = seed === 2 ? 0.5 : 0;
        const classWeights = output === 'softmax';
        const wish: Wish = { activation, output, fraction, momentum, classWeights };
        const reference = await compare(
          extreme(
            { ...wish, patterns: [{ kind: 'custom', density: 0.7 }, { kind: 'dense' }, { kind: 'dense' }] },
            seed,
          ),
        );
        const telemetry = reference.telemetry();
        weights += at(telemetry.weightsAtLimit, 1);
        activations += at(telemetry.activationsClipped, 0);
        deltas += at(telemetry.deltasClipped, 0) + at(telemetry.deltasClipped, 1);
      }
      expect(weights).toBeGreaterThan(0);
      // The others have no slope at their limits.
      if (activation === 'relu') expect(Math.min(activations, deltas)).toBeGreaterThan(0);
    });
  }

  test('velocities clip', async () => {
    for (const [hidden, layout] of [
      [17, 'tiles'],
      [2, 'list'],
    ] as const) {
      for (const target of [-1e5, 1e5]) {
        const made = makeScenario({
          layers: [20, hidden, 3],
          output: 'linear',
          inputs: 'fixed',
          momentum: 0.9999,
          rates: [2 ** -6],
        });
        made.inputs.fill(2047);
        const [call] = made.calls;
        if (call?.kind !== 'train') throw new Error('no training');
        const { job } = call;
        if (job.targets instanceof Float64Array) job.targets.fill(target);
        // Up to the limit, then at a rate of 0, where only velocities move weights, and with weights below the limit again.
        const coast = (order: Uint32Array): Call => ({
          kind: 'train',
          job: { ...job, order, rates: Float64Array.of(0) },
        });
        made.calls = [call, coast(job.order.slice(0, 5))];
        for (const junction of [0, 1]) {
          const weights = new Int16Array(hidden * at(made.spec.layers, 2 * junction));
          made.calls.push({ kind: 'set', junction, weights });
        }
        made.calls.push(coast(job.order.slice(0, 8)));
        const reference = await compare(made);
        expect(reference.layout(0)).toBe(layout);
      }
    }
  });
});
