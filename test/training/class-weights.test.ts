import { describe, expect, it } from 'vitest';
import { Dataset } from '../../lib/index.js';
import type { NetworkCore } from '../../lib/network/core.js';
import { resolveClassWeights } from '../../lib/training/class-weights.js';
import { expectRefusal } from '../datasets/refusal.js';

/** The network under test; only its outputs matter. */
const core = (outputs: number, output = 'softmax') =>
  ({ outputs, options: { output } }) as unknown as NetworkCore;
const labelled = (labels: readonly number[]) => {
  const classes = ['p', 'q', 'r'];
  return Dataset.from({ inputs: new Float32Array(labels.length), labels, classes }) as never;
};

describe('class weights', () => {
  it('balance classes by their number of examples, among those that have any', () => {
    const weights = resolveClassWeights('balanced', core(3), labelled([0, 0, 0, 1]));
    // 4 examples of 2 classes: 4 / (2 * 3) and 4 / (2 * 1); the third is never used.
    expect(weights).toEqual(Float64Array.of(4 / 6, 2, 1));
    expect(resolveClassWeights('balanced', core(3), labelled([0, 1, 2]))).toEqual(Float64Array.of(1, 1, 1));
  });

  it('are 127 at most', () => {
    const labels = new Array<number>(1000).fill(0);
    labels[999] = 1;
    expect(resolveClassWeights('balanced', core(3), labelled(labels))?.[1]).toBe(127);
  });

  it('are those that were given, one for each class', async () => {
    expect(resolveClassWeights([1, 0.5], core(2), undefined)).toEqual(Float64Array.of(1, 0.5));
    expect(resolveClassWeights(undefined, core(2), undefined)).toBe(undefined);
    await expectRefusal('INVALID_OPTION', ['classWeights', '3 numbers', 'one per class'], () =>
      resolveClassWeights([1, 0.5], core(3), undefined),
    );
  });

  it('need a softmax, and a data set that can be counted', async () => {
    await expectRefusal('INVALID_OPTION', ['classWeights', 'softmax', 'linear'], () =>
      resolveClassWeights([1], core(1, 'linear'), undefined),
    );
    await expectRefusal('INVALID_OPTION', ["'balanced'", 'one number per class'], () =>
      resolveClassWeights('balanced', core(3), undefined),
    );
  });
});
