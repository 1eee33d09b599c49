import { describe, expect, it } from 'vitest';
import { Matrix, Network } from '../../lib/index.js';
import { expectRefusal } from '../datasets/refusal.js';
import { clouds } from './data.js';

const data = clouds(3000);
const wide = () => new Network({ layers: [4, 300, 3] });

describe('a network that is being trained', () => {
  it('refuses a second fit and learn, and what would read it at once', async () => {
    const network = wide();
    const fitting = network.fit(data, { epochs: 8 });
    await expectRefusal('NETWORK_BUSY', ['fit()', 'await'], () => network.fit(data));
    await expectRefusal('NETWORK_BUSY', ['learn()', 'await'], () => network.learn([1, 2, 3, 4], 0));
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const call of [
      () => network.predict([1, 2, 3, 4]),
      () => network.classify([1, 2, 3, 4]),
      () => network.junction(0).weights(),
      () => network.junction(0).setBiases(new Int32Array(300)),
      () => network.digest(),
      () => network.inspect(),
      () => network.flush(),
      () => network.save('/tmp/never-written'),
    ]) {
      await expectRefusal('NETWORK_BUSY', ['await'], call);
    }
    expect((await fitting).stopped).toBe('finished');
    expect(network.predict([50, 50, 50, 50])).toHaveLength(3);
  });

  it('predicts batches between its epochs', async () => {
    const network = wide();
    const fitting = network.fit(data, { epochs: 5 });
    const batch = await network.predictBatch(data.inputs);
    expect(batch.count).toBe(3000);
    const metrics = await network.evaluate(data);
    expect(metrics.examples).toBe(3000);
    expect((await fitting).examples).toBe(15_000);
  });

  it('begins when a prediction that is running has ended', async () => {
    const network = wide();
    await network.fit(data.slice(0, 500), { epochs: 1 });
    const many = new Float32Array(4 * 400_000).fill(0.5);
    const batch = network.predictBatch(new Matrix(many, 4), { threads: 1 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    // Were the prediction over by now, the test would show nothing.
    await expectRefusal('NETWORK_BUSY', ['await'], () => network.junction(0).weights());
    expect((await network.fit(data, { epochs: 1 })).stopped).toBe('finished');
    expect((await batch).count).toBe(400_000);
  });

  it('may be fitted again when the first fit has failed', async () => {
    const network = wide();
    await expectRefusal('INVALID_DATA', [], () => network.fit(clouds(10, { features: 3 })));
    expect((await network.fit(data, { epochs: 1 })).stopped).toBe('finished');
  });
});

describe('several networks', () => {
  it('train at once without noticing each other', async () => {
    const alone = wide();
    await alone.fit(data.slice(0, 1000), { epochs: 2 });
    const together = Array.from({ length: 6 }, wide);
    await Promise.all(
      together.map((network, i) => network.fit(data.slice(0, 1000), { epochs: 2, threads: 1 + (i % 2) })),
    );
    for (const network of together) expect(network.digest()).toBe(alone.digest());
  });

  it('may be made and dropped while they train', async () => {
    const runs = Array.from({ length: 20 }, () => wide().fit(data.slice(0, 200), { epochs: 1 }));
    for (const run of await Promise.all(runs)) expect(run.examples).toBe(200);
  });
});
