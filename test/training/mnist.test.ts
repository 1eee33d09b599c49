import { beforeAll, describe, expect, it } from 'vitest';
import type { TrainTest } from '../../lib/catalog/registry.js';
import { loadDataset, Network } from '../../lib/index.js';

describe('MNIST', () => {
  let mnist: TrainTest;
  beforeAll(async () => {
    mnist = await loadDataset('mnist');
  });

  it('is learned by a sparse network of integers from 12,000 of its images', async () => {
    const network = new Network({ layers: [784, 512, 10], density: [0.0867, 1] });
    const run = await network.fit(mnist.train.slice(0, 12_000), {
      epochs: 3,
      learningRate: { kind: 'exponential', rate: 0.03, factor: 0.3 },
      validation: mnist.test.slice(0, 3000),
    });
    expect(network.inspect().density).toBeLessThan(0.1);
    expect((run.validation as { accuracy: number }).accuracy).toBeGreaterThan(0.92);
  });
});
