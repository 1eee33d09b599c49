import { describe, expect, it } from 'vitest';
import { Dataset, Network } from '../../lib/index.js';

describe('the evaluation of a network with one output', () => {
  it('counts the probability of the class that is right, whichever it is', async () => {
    const network = new Network({ layers: [1, 1], output: 'sigmoid' });
    network.junction(0).setWeights(Int16Array.of(4096));
    const inputs = Float32Array.of(-2, -0.5, 0.5, 2);
    const labels = [0, 1, 1, 0];
    const { scores } = await network.predictBatch(inputs);
    const right = labels.map((label, i) => (label === 1 ? (scores[i] as number) : 1 - (scores[i] as number)));
    const metrics = await network.evaluate(Dataset.from({ inputs, labels, classes: ['no', 'yes'] }));
    expect(metrics).toMatchObject({ kind: 'classification', examples: 4, accuracy: 0.5 });
    const expected = right.reduce((sum, share) => sum - Math.log(share), 0) / 4;
    expect(metrics.kind === 'classification' && metrics.loss).toBeCloseTo(expected, 6);
    expect(metrics.kind === 'classification' && metrics.confusion).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });
});
