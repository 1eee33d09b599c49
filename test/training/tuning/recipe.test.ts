import { describe, expect, it } from 'vitest';
import { CsrMatrix, Dataset, Matrix } from '../../../lib/index.js';
import {
  automaticDensities,
  canHaveSteps,
  type Given,
  prepare,
  recipeForOthers,
  recipeForTable,
} from '../../../lib/training/tuning/recipe.js';

const inputs = (rows: number) => Float64Array.from({ length: 2 * rows }, (_, i) => i % 7);
const classes = (rows: number) =>
  Dataset.from({ inputs: inputs(rows), labels: Array.from({ length: rows }, (_, i) => i % 3), columns: 2 });
const numbers = (rows: number) =>
  Dataset.from({ inputs: inputs(rows), values: Array.from({ length: rows }, (_, i) => i), columns: 2 });
const FREE: Given = { network: {}, fit: {} };
const options = (data: Dataset, given: Given) => prepare(recipeForTable(data, given), data, given);

describe('the recipe for a table', () => {
  it('has weight decay that follows the rows: 2 for classes, 6 for numbers', () => {
    expect(options(classes(200), FREE).network.optimizer).toEqual({ weightDecay: 0.01 });
    expect(options(classes(5000), FREE).network.optimizer).toEqual({ weightDecay: 0.0004 });
    expect(options(numbers(5000), FREE).network.optimizer).toEqual({ weightDecay: 0.0012 });
    expect(options(numbers(3), FREE).network.optimizer).toEqual({ weightDecay: 1 });
  });

  it('leaves weight decay alone if it is given or means something else', () => {
    const given: Given['network'][] = [
      { optimizer: { weightDecay: 0 } },
      { optimizer: { weightDecay: 0.3 } },
      { optimizer: { momentum: 0.9 } },
      { optimizer: { kind: 'adam' }, arithmetic: { kind: 'float' } },
      { arithmetic: { kind: 'hardware', width: 12, integerBits: 3 } },
    ];
    for (const network of given)
      expect(options(classes(200), { network, fit: {} }).network.optimizer).toEqual(network.optimizer);
    expect(options(classes(200), { network: {}, fit: { batchSize: 8 } }).network.optimizer).toBe(undefined);
  });

  it('trains a small regression for more epochs, up to a hundred', () => {
    const epochs = (data: Dataset, fit = {}) => options(data, { network: {}, fit }).fit.epochs;
    expect([300, 100, 10, 30].map((rows) => epochs(numbers(rows)))).toEqual([20, 60, 100, 100]);
    expect(epochs(classes(10))).toBe(20);
    expect(epochs(numbers(10), { epochs: 3 })).toBe(3);
  });

  it('has the hidden layers and the densities that are given', () => {
    const given: Given = { network: { fanOut: 4 }, fit: {}, hidden: [8, 4] };
    expect(options(classes(200), given).network).toMatchObject({ layers: [2, 8, 4, 3], fanOut: 4 });
    expect(options(classes(200), given).network).not.toHaveProperty('density');
    expect(options(classes(200), FREE).network).toMatchObject({ layers: [2, 128, 3], density: [1, 1] });
  });
});

it('other data have no weight decay and the usual epochs', () => {
  const data = numbers(50);
  expect(prepare(recipeForOthers(FREE), data, FREE)).toMatchObject({
    network: { layers: [2, 128, 1], output: 'linear', density: [1, 1] },
    fit: { epochs: 20 },
  });
});

describe('the recipe for sparse rows', () => {
  const rows = new Matrix(Float64Array.from(inputs(50)), 2);
  const labels = Array.from({ length: 50 }, (_, i) => i % 3);
  const sparse = Dataset.from({ inputs: CsrMatrix.fromMatrix(rows), labels });

  it('has a dense first junction, up to 2^24 edges', () => {
    expect(automaticDensities([10_000, 128, 2], sparse)).toEqual([1, 1]);
    expect(automaticDensities([10_000, 128, 2], classes(50))).toEqual([0.1, 1]);
    expect(automaticDensities([2 ** 20, 128, 2], sparse)).toEqual([2 ** 24 / 2 ** 27, 1]);
    expect(automaticDensities([10_000, 128, 1000, 2], sparse)).toEqual([1, 0.25, 1]);
  });

  it('has no layer of steps, whose quantiles need rows in full', () => {
    expect(canHaveSteps(classes(50), FREE)).toBe(true);
    expect(canHaveSteps(sparse, FREE)).toBe(false);
  });
});
