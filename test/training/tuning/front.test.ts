import { describe, expect, it } from 'vitest';
import { fitInputScaling } from '../../../lib/data/scaling.js';
import { Dataset, Network } from '../../../lib/index.js';
import { frontLayer } from '../../../lib/training/tuning/front.js';
import { type Given, prepare, recipeForTable } from '../../../lib/training/tuning/recipe.js';

/** Columns: 0 to 99 in some order; 0 or 1; a constant. */
const inputs = Float64Array.from({ length: 300 }, (_, i) =>
  i % 3 === 0 ? ((i / 3) * 37) % 100 : i % 3 === 1 ? Math.floor(i / 3) % 2 : 5,
);
const data = Dataset.from({ inputs, labels: Array.from({ length: 100 }, (_, i) => i % 2), columns: 3 });
const scaling = fitInputScaling(data.inputs, 'minmax');

describe('a first layer of steps', () => {
  it('has a straight neuron for each column and steps between the quantiles of numbers', () => {
    const { pattern, weights, biases } = frontLayer(data, scaling, 4);
    expect([...pattern.left]).toEqual([0, 0, 0, 0, 1, 2]);
    expect([...pattern.offsets]).toEqual([0, 1, 2, 3, 4, 5, 6]);
    // Quantiles at 12, 37, 62 and 87 of 0 to 99: steps in their middles, as steep as they are far apart.
    for (const [i, middle] of [24.5, 49.5, 74.5].entries()) {
      expect(weights[i + 1]).toBeCloseTo(99 / 25, 9);
      expect(-(biases[i + 1] as number) / (weights[i + 1] as number)).toBeCloseTo(middle / 99, 9);
    }
    expect(weights[0]).toBeLessThan(1);
  });

  it.each([['wide'], ['float']] as const)('gives the network these weights and biases (%s)', async (kind) => {
    const given: Given = { network: { arithmetic: { kind }, scaling }, fit: {} };
    const recipe = { ...recipeForTable(data, given), steps: 4, hidden: [16] };
    const { network: options, begin } = prepare(recipe, data, given);
    expect(options).toMatchObject({ layers: [3, 6, 16, 2], activation: ['tanh', 'relu'], scaling });
    const network = new Network(options);
    begin(network);
    const { weights, biases } = frontLayer(data, scaling, 4);
    const unit = kind === 'wide' ? 2 ** 12 : 1;
    const biasUnit = kind === 'wide' ? 2 ** 20 : 1;
    for (const [i, weight] of network.junction(0).weights().entries())
      expect(weight / unit).toBeCloseTo(weights[i] as number, 3);
    for (const [i, bias] of network.junction(0).biases().entries())
      expect(bias / biasUnit).toBeCloseTo(biases[i] as number, 5);
    expect((await network.fit(data, { epochs: 1 })).stopped).toBe('finished');
  });

  it('learns thresholds that the usual network needs longer for', async () => {
    const rows = 400;
    const column = Float64Array.from({ length: rows }, (_, i) => (i * 61) % rows);
    const bands = Array.from(column, (x) => Math.floor(x / 50) % 2);
    const banded = Dataset.from({ inputs: column, labels: bands, columns: 1 });
    const accuracyOf = async (steps: number) => {
      const given: Given = { network: {}, fit: {} };
      const plan = prepare({ ...recipeForTable(banded, given), steps }, banded, given);
      const network = new Network(plan.network);
      plan.begin(network);
      await network.fit(banded, plan.fit);
      return ((await network.evaluate(banded)) as { accuracy: number }).accuracy;
    };
    expect(await accuracyOf(8)).toBeGreaterThan((await accuracyOf(0)) + 0.1);
  });
});
