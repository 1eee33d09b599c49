/** Every option of the `wide` arithmetic on its own: engine and reference agree to the last bit. */
import { describe, expect, test } from 'vitest';
import { range } from '../reference/integers.js';
import { compare, manners } from './compare.js';
import { makeScenario, type PatternWish, type Wish } from './scenario.js';

const SCHEDULES = ['pipelined', 'sequential'] as const;
const ACTIVATIONS = ['relu', 'sigmoid', 'tanh'] as const;
const OUTPUTS = ['softmax', 'sigmoid', 'linear'] as const;
const ROUNDINGS = ['stochastic', 'nearest'] as const;
const MIXED: PatternWish[] = [{ kind: 'random', density: 0.3 }, { kind: 'dense' }];

const check = (wish: Wish) => compare(makeScenario(wish));

describe('layers of any size and number', () => {
  const sizes = [
    [1, 1],
    [1, 7, 1],
    [3, 1, 2],
    [16, 16],
    [33, 31],
    [2, 17, 15],
    [40, 48, 32, 16],
    [31, 33, 17, 10],
    [50, 29, 30, 21, 11],
    [3, 2, 4, 2, 3],
  ];
  for (const layers of sizes) {
    test.for(SCHEDULES)(`${layers.join('-')}, %s`, async (schedule) => {
      await check({ layers, schedule, seed: layers.length });
    });
  }
});

describe('activations, outputs and schedules', () => {
  for (const activation of ACTIVATIONS) {
    for (const output of OUTPUTS) {
      test.for(SCHEDULES)(`${activation}, ${output}, %s`, async (schedule) => {
        await check({ layers: [21, 19, 18, 7], activation, output, schedule, seed: 2 });
      });
    }
  }

  test('a different activation in every layer', async () => {
    await check({ layers: [20, 18, 17, 16, 5], activation: ['tanh', 'relu', 'sigmoid'] });
  });
});

describe('patterns and layouts', () => {
  const cases: [string, PatternWish, 'tiles' | 'list'][] = [
    ['tiled', { kind: 'tiled', density: 0.25 }, 'tiles'],
    ['structured, dense enough for tiles', { kind: 'structured', density: 0.5 }, 'tiles'],
    ['structured', { kind: 'structured', density: 0.1 }, 'list'],
    ['random, dense enough for tiles', { kind: 'random', density: 0.6 }, 'tiles'],
    ['random', { kind: 'random', density: 0.05 }, 'list'],
    ['dense', { kind: 'dense' }, 'tiles'],
    ['custom, dense enough for tiles', { kind: 'custom', density: 0.4 }, 'tiles'],
    ['custom', { kind: 'custom', density: 0.03 }, 'list'],
  ];
  test.for(cases)('%s', async ([, patterns, layout]) => {
    for (const momentum of [0, 0.9]) {
      const reference = await check({ layers: [51, 49, 34], patterns, momentum, weightDecay: 0.01, seed: 3 });
      expect(reference.layout(0)).toBe(layout);
    }
  });

  test('a custom pattern without any edge', async () => {
    const scenario = makeScenario({ layers: [5, 4, 3] });
    const offsets = new Float64Array(5);
    scenario.spec.patterns[0] = { kind: 'custom', offsets, left: new Uint32Array() };
    await compare(scenario);
  });
});

describe('weight formats', () => {
  test.for(range(13).map((i) => i + 4))('%i bits', async (bits) => {
    for (const fraction of new Set([0, 3, bits >> 1, bits - 4, bits - 2, bits - 1])) {
      for (const [i, output] of OUTPUTS.entries()) {
        const rounding = ROUNDINGS[(fraction + i) % 2] ?? 'nearest';
        const wish = { layers: [18, 17, 6], patterns: MIXED, output, bits, fraction, rounding, examples: 12 };
        await check({ ...wish, activation: ACTIVATIONS[(bits + i) % 3] ?? 'relu' });
      }
    }
  });
});

describe('updates', () => {
  for (const rounding of ROUNDINGS) {
    test.for([0, 0.5, 0.9, 0.9999])(`${rounding} rounding, momentum %f`, async (momentum) => {
      for (const schedule of SCHEDULES)
        await check({ layers: [37, 21, 8], patterns: MIXED, rounding, momentum, schedule, examples: 80 });
    });
  }

  test('many learning rates, so that every shift of activations occurs', async () => {
    const rates = range(24).map((i) => 0.25 * 0.66 ** i);
    await check({ rates: [...rates, 0], examples: 75 });
    await check({ rates: rates.map((rate) => rate / 16), momentum: 0.75, examples: 75 });
  });

  for (const schedule of SCHEDULES) {
    test.for([0, 0.9])(`weight decay, ${schedule}, momentum %f`, async (momentum) => {
      for (const [i, rounding] of ROUNDINGS.entries()) {
        const wish = {
          layers: [12, 18, 5],
          patterns: MIXED,
          weightDecay: i === 0 ? 0.004 : 1,
          examples: 530,
        };
        await check({ ...wish, rounding, momentum, schedule, activation: i === 0 ? 'relu' : 'tanh' });
      }
    });
  }

  test('class weights', async () => {
    await check({ classWeights: true, examples: 60 });
    await check({ classWeights: true, layers: [9, 4], schedule: 'sequential' });
  });
});

describe('inputs', () => {
  for (const inputs of ['bytes', 'fixed', 'float32', 'float64'] as const) {
    test.for([false, true])(`${inputs}, scaling %s`, async (scaling) => {
      for (const momentum of [0, 0.9]) await check({ layers: [35, 20, 4], inputs, scaling, momentum });
    });
  }

  test('numbers halfway between two units, infinite ones and none', async () => {
    const scenario = makeScenario({ layers: [12, 9, 3], inputs: 'float64' });
    const values = [0.5, 1.5, -0.5, -1.5, 0.49999999999999994, 2046.5, 2047.5, -2047.5, -2046.5, 1e300];
    scenario.inputs.fill(0);
    for (const [i, units] of values.entries()) scenario.inputs[i * 13] = units / 256;
    scenario.inputs[11] = Number.NaN;
    scenario.inputs[10] = -Infinity;
    await compare(scenario);
  });
});

describe('calls', () => {
  for (const schedule of SCHEDULES) {
    test(`continue where the last one stopped, ${schedule}`, async () => {
      for (const layers of [
        [9, 4],
        [14, 18, 17, 16, 5],
      ]) {
        await check({
          layers,
          schedule,
          chunks: [1, 5, 0, 2, 7],
          momentum: 0.9,
          examples: 50,
          inputs: 'float32',
          scaling: true,
        });
        // Inputs are left in the pipeline at the end.
        await check({ layers, schedule, chunks: [3, 4], examples: 0 });
      }
    });
  }

  test('may set weights and biases while inputs are in the pipeline', async () => {
    const scenario = makeScenario({ layers: [14, 18, 17, 5], bits: 12, chunks: [9, 9], examples: 30 });
    const weights = Int16Array.from({ length: 14 * 18 }, (_, e) => 37 * e - 4000);
    const biases = Int32Array.from({ length: 17 }, (_, r) => (r - 8) * 2 ** 27);
    scenario.calls.splice(2, 0, { kind: 'set', junction: 0, weights }, { kind: 'set', junction: 1, biases });
    scenario.calls.splice(4, 0, { kind: 'drain' }, { kind: 'drain' });
    await compare(scenario);
  });

  test('may use more threads than there is work for', async () => {
    await compare(
      makeScenario({ layers: [30, 70, 33, 3], patterns: MIXED.concat(MIXED), chunks: [5, 5, 5] }),
      manners([[5], [4, 1, 2, 3]]),
    );
  });
});
