import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Dataset, Network, type NetworkOptions, type StreamExample } from '../../lib/index.js';
import { expectRefusal } from '../datasets/refusal.js';
import { clouds } from './data.js';

const float: NetworkOptions = { layers: [4, 24, 3], arithmetic: { kind: 'float' }, scaling: 'none' };

async function* rowsOf(data: Dataset): AsyncGenerator<StreamExample> {
  for (let i = 0; i < data.rows; i++) {
    if (i % 97 === 0) await new Promise((resolve) => setImmediate(resolve));
    if (data.targets.kind === 'classes') yield { input: data.inputs.row(i), label: data.targets.labels[i] };
  }
}

describe('fit in batches', () => {
  it('learns, and says in what batches', async () => {
    const network = new Network({ ...float, scaling: 'auto' });
    const run = await network.fit(clouds(2000), { batchSize: 32, validation: clouds(300, { seed: 2 }) });
    expect(run).toMatchObject({ batchSize: 32, examples: 10_000, stopped: 'finished' });
    expect(run.validation).toMatchObject({ kind: 'classification' });
    expect(run.epochs.at(-1)?.accuracy).toBeGreaterThan(0.97);
    expect(run.epochs.at(-1)?.validation?.accuracy).toBeGreaterThan(0.97);
  });

  it('learns with Adam, in batches and one by one', async () => {
    for (const batchSize of [1, 16]) {
      const network = new Network({ ...float, scaling: 'auto', optimizer: { kind: 'adam' } });
      const run = await network.fit(clouds(2000), { batchSize, learningRate: 0.003 });
      expect(run.epochs.at(-1)?.accuracy).toBeGreaterThan(0.97);
    }
  });

  it('with Adam does not vary images, which only online training does', async () => {
    const network = new Network({ ...float, optimizer: { kind: 'adam' } });
    await expectRefusal('INVALID_OPTION', ['augment', "'adam'"], () =>
      network.fit(clouds(20), { augment: { mirror: true } }),
    );
  });

  it('learns from a stream what the same data set teaches, whatever the size of batches', async () => {
    const data = clouds(2500);
    for (const batchSize of [3, 100, 1500]) {
      const [whole, flowing] = [new Network(float), new Network(float)];
      const options = { batchSize, learningRate: 0.0001 };
      await whole.fit(data, { ...options, epochs: 1, shuffle: false });
      const run = await flowing.fit(rowsOf(data), options);
      expect(run).toMatchObject({ examples: 2500, batchSize });
      expect(flowing.digest()).toBe(whole.digest());
    }
  });

  it('stops between batches when aborted, and the network remains usable', async () => {
    const network = new Network(float);
    const stop = new AbortController();
    const run = await network.fit(clouds(20_000), {
      batchSize: 8,
      epochs: 1000,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    expect(run.stopped).toBe('aborted');
    expect(run.examples % 8).toBe(0);
    const next = await network.fit(clouds(100), { batchSize: 8, epochs: 1 });
    expect(next.stopped).toBe('finished');
  });
});

describe('the optimizer and the first bias', () => {
  it('begin from the bias in units of the arithmetic', () => {
    const wide = new Network({ layers: [4, 3], initialBias: 0.25 });
    expect(wide.junction(0).biases()).toEqual(new Int32Array(3).fill(2 ** 18));
  });

  it('are in the model file and in the result of inspect()', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sparse-train-'));
    try {
      const optimizer = { kind: 'adamw', weightDecay: 0.01, beta1: 0.8, beta2: 0.99, epsilon: 1e-6 } as const;
      const network = new Network({ ...float, optimizer, initialBias: 0.1 });
      const file = join(folder, 'model.safetensors');
      await network.save(file);
      const loaded = await Network.load(file);
      expect(loaded.inspect().optimizer).toEqual({ ...optimizer, momentum: 0 });
      expect(loaded.digest()).toBe(network.digest());
      expect(loaded.junction(1).biases()).toEqual(Float32Array.of(0.1, 0.1, 0.1));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
