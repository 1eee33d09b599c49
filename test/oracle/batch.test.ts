/** Mini-batches of the `wide` arithmetic: engine and reference agree to the last bit. */
import { describe, expect, test } from 'vitest';
import { at, range, sum } from '../reference/integers.js';
import { compare, manners } from './compare.js';
import { makeScenario, type PatternWish, type Wish } from './scenario.js';

/** Numbers of threads besides one, for the calls in turn. */
const THREADS = [[2], [3], [7, 1]];

const agree = (wish: Wish) => compare(makeScenario(wish), manners(THREADS));

describe('mini-batches', () => {
  const patterns: [string, PatternWish, number[]][] = [
    ['dense', { kind: 'dense' }, [20, 17, 5]],
    ['tiled', { kind: 'tiled', density: 0.3 }, [45, 50, 33]],
    ['structured', { kind: 'structured', density: 0.2 }, [31, 26, 7]],
    ['random', { kind: 'random', density: 0.15 }, [40, 37, 9]],
    ['masked tiles', { kind: 'custom', density: 0.6 }, [23, 35, 18]],
    ['scattered custom edges', { kind: 'custom', density: 0.08 }, [50, 40, 6]],
  ];
  test.each(patterns)('%s pattern, the last batch smaller', async (_, pattern, layers) => {
    await agree({ patterns: pattern, layers, examples: 100, batchSizes: [36], seed: 11 });
  });

  test.each([2, 31, 32, 33, 64, 97, 128])('batches of %i', async (batchSize) => {
    await agree({
      layers: [19, 34, 20, 4],
      patterns: [{ kind: 'tiled', density: 0.4 }, { kind: 'random', density: 0.2 }, { kind: 'dense' }],
      examples: 2 * batchSize + 3,
      batchSizes: [batchSize],
      seed: batchSize,
    });
  });

  test.each([0.3, 1])('layers whose rows no cache near the core holds, density %d', async (density) => {
    // With all edges, sums of a left neuron may not fit 32 bits.
    await agree({
      layers: [6, 12, 4200, 3],
      patterns: [{ kind: 'dense' }, { kind: 'tiled', density }, { kind: 'structured', density: 0.01 }],
      bits: 16,
      fraction: density === 1 ? 15 : 12,
      examples: 100,
      batchSizes: [64],
      seed: 8,
    });
  });

  test('more samples than are added in one go', async () => {
    await agree({ layers: [9, 18, 3], examples: 1100, batchSizes: [1087], seed: 3, momentum: 0.9 });
  });

  test.each(['relu', 'sigmoid', 'tanh'] as const)('%s activations', async (activation) => {
    await agree({ activation, layers: [20, 33, 18, 5], examples: 70, batchSizes: [35], seed: 5 });
  });

  test.each(['softmax', 'sigmoid', 'linear'] as const)('%s outputs', async (output) => {
    await agree({
      output,
      layers: [20, 33, 5],
      examples: 70,
      batchSizes: [35],
      classWeights: output === 'softmax',
    });
  });

  test.each(['bytes', 'fixed', 'float32', 'float64'] as const)('inputs as %s', async (inputs) => {
    await agree({ inputs, scaling: inputs.startsWith('float'), examples: 70, batchSizes: [33] });
  });

  test.each([
    [4, 0],
    [4, 3],
    [8, 5],
    [12, 8],
    [16, 15],
  ])('%i bits, %i of them fraction bits', async (bits, fraction) => {
    for (const momentum of [0, 0.9])
      await agree({ bits, fraction, momentum, examples: 80, batchSizes: [40], layers: [33, 20, 6] });
  });

  test.each(['stochastic', 'nearest'] as const)('momentum and decay, %s rounding', async (rounding) => {
    for (const momentum of [0, 0.9])
      await agree({
        rounding,
        momentum,
        weightDecay: 0.01,
        patterns: [
          { kind: 'tiled', density: 0.4 },
          { kind: 'structured', density: 0.3 },
        ],
        layers: [30, 40, 12],
        examples: 90,
        batchSizes: [30],
        rates: [0.5, 1, 1e-7, 0.03],
      });
  });

  test('sums beyond 32 bits', async () => {
    const scenario = makeScenario({
      layers: [70, 40, 3],
      output: 'linear',
      inputs: 'fixed',
      examples: 80,
      batchSizes: [40],
    });
    scenario.inputs.fill(2047);
    for (const call of scenario.calls) if (call.kind === 'train') call.job.targets.fill(-1e6);
    scenario.calls.unshift(
      ...range(2).map((junction) => ({
        kind: 'set' as const,
        junction,
        weights: Int16Array.from({ length: junction === 0 ? 2800 : 120 }, (_, i) =>
          i % 3 === 0 ? -32768 : 32767,
        ),
      })),
    );
    const reference = await compare(scenario, manners(THREADS));
    expect(sum(reference.telemetry().deltasClipped)).toBeGreaterThan(0);
    expect(at(reference.telemetry().activationsClipped, 0)).toBeGreaterThan(0);
  });

  test.each(['pipelined', 'sequential'] as const)('from online to batches and back, %s', async (schedule) => {
    for (const momentum of [0, 0.8])
      await agree({
        schedule,
        momentum,
        layers: [30, 40, 20, 5],
        patterns: [{ kind: 'tiled', density: 0.4 }, { kind: 'random', density: 0.2 }, { kind: 'dense' }],
        examples: 160,
        chunks: [7, 33, 5, 40],
        batchSizes: [1, 32, 10, 1, 50],
      });
  });

  test('steps that round to zero are counted', async () => {
    const reference = await agree({ examples: 60, batchSizes: [30], rates: [1e-6] });
    const { batchSteps, stepsRoundedToZero } = reference.telemetry();
    expect(sum(batchSteps)).toBeGreaterThan(0);
    expect(sum(stepsRoundedToZero)).toBeGreaterThan(0.9 * sum(batchSteps));
  });
});
