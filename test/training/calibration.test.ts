import { describe, expect, it } from 'vitest';
import { Random } from '../../lib/base/random.js';
import { Dataset, Network } from '../../lib/index.js';
import { applyTemperature, atTemperature, fitTemperature } from '../../lib/training/calibration.js';

/** Noisy classes of two numbers: a network that learns them by heart is too sure. */
function noisy(rows: number, seed: number): Dataset {
  const random = new Random(seed);
  const uniform = () => random.uint32() / 2 ** 32;
  const inputs = Float64Array.from({ length: 8 * rows }, () => uniform() * 2 - 1);
  const labels = Int32Array.from({ length: rows }, (_, i) =>
    (inputs[8 * i] as number) + 2 * (uniform() - 0.5) > 0 ? 1 : 0,
  );
  return Dataset.from({ inputs, labels, columns: 8, classes: ['no', 'yes'] });
}

const train = noisy(150, 1);
const validation = noisy(800, 2);
const make = (options = {}) => new Network({ layers: [8, 64, 2], seed: 3, ...options });
const memorize = { epochs: 60, validation };

describe('the temperature', () => {
  /** 1000 examples for each pair: the score of class 1 is q, and a share p of the labels is 1. */
  function labelled(pairs: readonly [p: number, q: number][]) {
    const scores: number[] = [];
    const labels: number[] = [];
    for (const [p, q] of pairs)
      for (let i = 0; i < 1000; i++) {
        scores.push(1 - q, q);
        labels.push(i < 1000 * p ? 1 : 0);
      }
    return { scores: Float32Array.from(scores), labels };
  }
  const logistic = (x: number) => 1 / (1 + Math.exp(-x));

  it('is the factor by which probabilities are too sure or too unsure', () => {
    for (const factor of [0.5, 1, 2, 3]) {
      const logits = [-1.5, -0.5, 0.4, 1.1];
      const { scores, labels } = labelled(logits.map((x) => [logistic(x), logistic(factor * x)]));
      expect(Math.abs(fitTemperature(scores, labels, 2) - factor)).toBeLessThan(0.03 * factor);
    }
  });

  it('stays near 1 if there are few examples', () => {
    const scores = Float32Array.of(0.3, 0.7, 0.7, 0.3, 0.2, 0.8);
    const temperature = fitTemperature(scores, [1, 0, 1], 2);
    expect(temperature).toBeGreaterThan(0.6);
    expect(temperature).toBeLessThan(1);
  });

  it('changes probabilities as dividing what they are computed from would', () => {
    const logits = [0.3, -1.2, 2];
    const softmax = (t: number) => {
      const powers = logits.map((x) => Math.exp(x / t));
      return powers.map((x) => x / powers.reduce((a, b) => a + b));
    };
    const changed = atTemperature(Float32Array.from(softmax(1)), 3, 2.5);
    for (const [k, p] of softmax(2.5).entries()) expect(changed[k]).toBeCloseTo(p, 5);
  });
});

describe('calibration by the validation', () => {
  it.each([['wide'], ['float']] as const)('lowers the loss and leaves decisions alone (%s)', async (kind) => {
    const [plain, calibrated] = [make({ arithmetic: { kind } }), make({ arithmetic: { kind } })];
    const before = await plain.fit(train, memorize);
    const after = await calibrated.fit(train, { ...memorize, calibration: 'validation' });
    expect(before.temperature).toBe(undefined);
    expect(after.temperature).toBeGreaterThan(1.3);
    expect(after.validation?.loss).toBeLessThan(0.9 * (before.validation?.loss as number));
    const decisions = async (network: Network) => (await network.predictBatch(validation.inputs)).decisions;
    const [old, now] = [await decisions(plain), await decisions(calibrated)];
    expect(now.filter((decision, i) => decision !== old[i]).length).toBeLessThanOrEqual(
      kind === 'float' ? 0 : 2,
    );
    // The metrics of the run and of the network are those of the calibrated network.
    expect(after.validation).toEqual(await calibrated.evaluate(validation));
    expect(calibrated.training.validation?.loss).toBe(after.validation?.loss);
  });

  it('serves a network with one output, too', async () => {
    const network = make({ layers: [8, 64, 1], output: 'sigmoid' });
    const run = await network.fit(train, { ...memorize, calibration: 'validation' });
    expect(run.temperature).toBeGreaterThan(1.2);
  });

  it('takes a number instead', async () => {
    const network = make();
    expect(await network.fit(train, { epochs: 2, calibration: 2 })).toMatchObject({ temperature: 2 });
    const other = make();
    await other.fit(train, { epochs: 2 });
    const halves = Array.from(other.junction(1).weights(), (weight) => Math.round(weight / 2));
    expect(Array.from(network.junction(1).weights())).toEqual(halves);
  });

  it('does not raise weights beyond their format', () => {
    const network = make();
    const last = network.junction(1);
    const weights = last.weights();
    weights[0] = -20_000;
    last.setWeights(weights);
    const core = (network as unknown as { core: Parameters<typeof applyTemperature>[0] }).core;
    expect(applyTemperature(core, 0.25)).toBeCloseTo(20_000 / 32_767, 10);
    expect(last.weights()[0]).toBe(-32_767);
  });

  it('is refused where there are no probabilities of classes or no examples to fit it to', async () => {
    const refused = (options: object, fit: object, says: string) =>
      expect(make(options).fit(train, { epochs: 1, ...fit } as never)).rejects.toThrow(says);
    await refused({}, { calibration: 'validation' }, 'nothing is set aside');
    await refused({ layers: [8, 4, 1], output: 'linear' }, { calibration: 2 }, 'one of several classes');
    await refused({}, { calibration: 9 }, 'calibration');
    const hardware = { arithmetic: { kind: 'hardware', width: 12, integerBits: 3 } };
    await refused(hardware, { calibration: 2 }, 'hardware');
  });
});
