import { describe, expect, it } from 'vitest';
import { checkOptions } from '../../lib/base/options/table.js';
import { Dataset, Network } from '../../lib/index.js';
import type { NetworkCore } from '../../lib/network/core.js';
import { EARLY_STOPPING, EarlyStopping } from '../../lib/training/early-stopping.js';
import { clouds } from './data.js';

/** Records values and returns after which epoch (from 1) training stops. */
function stopsAfter(values: number[], options = {}): number | undefined {
  const rule = checkOptions('earlyStopping', EARLY_STOPPING, { restoreBest: false, ...options });
  const stopping = new EarlyStopping(rule, {} as NetworkCore, false);
  const index = values.findIndex((value, i) => stopping.note(i + 1, value));
  return index < 0 ? undefined : index + 1;
}

describe('early stopping', () => {
  it('waits for patience epochs without a smaller loss', () => {
    expect(stopsAfter([5, 4, 3, 2, 1])).toBeUndefined();
    expect(stopsAfter([5, 4, 4, 4, 4])).toBe(5);
    expect(stopsAfter([5, 4, 4, 3, 4, 5, 3, 1])).toBe(7);
    expect(stopsAfter([1, 2], { patience: 1 })).toBe(2);
  });

  it('wants larger accuracies', () => {
    expect(stopsAfter([0.1, 0.2, 0.3, 0.4], { metric: 'accuracy', patience: 1 })).toBeUndefined();
    expect(stopsAfter([0.3, 0.2], { metric: 'accuracy', patience: 1 })).toBe(2);
  });

  it('takes small gains for none', () => {
    expect(stopsAfter([1, 0.99, 0.98, 0.97], { minDelta: 0.1, patience: 3 })).toBe(4);
  });

  it('goes back to the best weights', async () => {
    // A third of the labels are wrong, so that they can only be memorised.
    const { inputs, targets } = clouds(60);
    const labels =
      targets.kind === 'classes' ? targets.labels.map((label, i) => (i % 3 === 0 ? i % 2 : label)) : [];
    const data = Dataset.from({ inputs, labels, classes: ['red', 'green', 'blue'] });
    const validation = clouds(300, { seed: 7 });
    const network = new Network({ layers: [4, 64, 3] });
    const digests: string[] = [];
    const run = await network.fit(data, {
      epochs: 100,
      learningRate: 0.05,
      validation,
      earlyStopping: { patience: 2 },
      onEpoch: () => void digests.push(network.digest()),
    });
    expect(run.stopped).toBe('early');
    expect(run.epochs.length).toBe((run.best?.epoch ?? 0) + 2);
    const losses = run.epochs.map((epoch) => epoch.validation?.loss ?? 0);
    expect(run.best).toEqual({
      epoch: losses.indexOf(Math.min(...losses)) + 1,
      metric: 'loss',
      value: Math.min(...losses),
    });
    expect(network.digest()).toBe(digests[(run.best?.epoch ?? 0) - 1]);
    expect(await network.evaluate(validation)).toEqual(run.validation);
    expect(network.training.validation?.loss).toBe(run.best?.value);
  });

  it('or keeps the last ones if requested', async () => {
    const network = new Network({ layers: [4, 16, 3] });
    const digests: string[] = [];
    await network.fit(clouds(300), {
      epochs: 40,
      learningRate: 0.2,
      earlyStopping: { patience: 2, restoreBest: false, metric: 'accuracy' },
      onEpoch: () => void digests.push(network.digest()),
    });
    expect(network.digest()).toBe(digests.at(-1));
  });
});
