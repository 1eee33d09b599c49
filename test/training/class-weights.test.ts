import { describe, expect, it } from 'vitest';
import { Dataset } from '../../lib/index.js';
import type { NetworkCore } from '../../lib/network/core.js';
import { resolveClassWeights } from '../../lib/training/class-weights.js';
import { rowWeights } from '../../lib/training/presentations.js';
import { expectRefusal } from '../datasets/refusal.js';

/** The network under test; only its outputs matter. */
const core = (outputs: number, output = 'softmax') =>
  ({ outputs, options: { output } }) as unknown as NetworkCore;
const labelled = (labels: readonly number[], weights?: readonly number[]) => {
  const classes = ['p', 'q', 'r'];
  return Dataset.from({ inputs: new Float32Array(labels.length), labels, classes, weights });
};

describe('class weights', () => {
  it('balance classes by their number of examples, or by the sum of their weights', () => {
    expect(rowWeights(labelled([0, 0, 0, 1]), 'balanced')).toEqual(Float64Array.of(1 / 3, 1 / 3, 1 / 3, 1));
    expect(rowWeights(labelled([0, 0, 1, 1], [1, 3, 0, 5]), 'balanced')).toEqual(
      Float64Array.of(1 / 4, 3 / 4, 0, 1),
    );
    expect(rowWeights(labelled([0, 1, 2]), undefined)).toBe(undefined);
  });

  it('do not count a class of very few rows without end', () => {
    const labels = new Array<number>(10_000).fill(0);
    labels[999] = 1;
    expect(rowWeights(labelled(labels), 'balanced')?.[999]).toBe(4096 / 10_000);
  });

  it('are those that were given, one for each class', async () => {
    expect(resolveClassWeights([1, 0.5], core(2), false)).toEqual(Float64Array.of(1, 0.5));
    expect(resolveClassWeights(undefined, core(2), false)).toBe(undefined);
    expect(resolveClassWeights('balanced', core(2), false)).toBe(undefined);
    await expectRefusal('INVALID_OPTION', ['classWeights', '3 numbers', 'one per class'], () =>
      resolveClassWeights([1, 0.5], core(3), false),
    );
  });

  it('need a softmax, and a data set that can be counted', async () => {
    await expectRefusal('INVALID_OPTION', ['classWeights', 'softmax', 'linear'], () =>
      resolveClassWeights([1], core(1, 'linear'), false),
    );
    await expectRefusal('INVALID_OPTION', ["'balanced'", 'one number per class'], () =>
      resolveClassWeights('balanced', core(3), true),
    );
  });
});
