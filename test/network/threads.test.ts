import { describe, expect, it } from 'vitest';
import { Dataset, Matrix, Network } from '../../lib/index.js';
import { threadCount } from '../../lib/network/threads.js';

const wide = (edges: number) => ({ edges, options: { arithmetic: { kind: 'wide' } } });
const train = { kind: 'train', batchSize: 1 } as const;

describe('threadCount', () => {
  it('uses the requested number', () => {
    expect(threadCount(7, wide(10), train, 2)).toBe(7);
    expect(threadCount(1, wide(1e9), train, 64)).toBe(1);
  });

  it('leaves small networks to one core', () => {
    expect(threadCount('auto', wide(39_936), train, 64)).toBe(1);
    expect(threadCount('auto', wide(1000), { kind: 'train', batchSize: 32 }, 64)).toBe(1);
    expect(threadCount('auto', wide(39_936), { kind: 'predict', rows: 100 }, 64)).toBe(1);
  });

  it('leaves single examples to one core where that is faster whatever the size', () => {
    for (const kind of ['float', 'hardware']) {
      expect(threadCount('auto', { edges: 1e9, options: { arithmetic: { kind } } }, train, 64)).toBe(1);
    }
  });

  it('gives large ones more, but never more than there are cores', () => {
    expect(threadCount('auto', wide(250_000), train, 64)).toBe(2);
    expect(threadCount('auto', wide(10_000_000), train, 4)).toBe(4);
    expect(threadCount('auto', wide(100_000), { kind: 'train', batchSize: 128 }, 2)).toBe(2);
    expect(threadCount('auto', wide(39_936), { kind: 'predict', rows: 10_000 }, 2)).toBe(2);
  });
});

describe('a further thread', () => {
  it.each([
    ['100,000 edges, where examples come one at a time', train, 100_000],
    ['1,000,000 edges times examples, in batches', { kind: 'train', batchSize: 100 }, 10_000],
    ['20,000,000 edges times rows, for predictions', { kind: 'predict', rows: 1000 }, 20_000],
  ] as const)('is used for each %s', (_, work, edges) => {
    for (const threads of [2, 3, 10]) {
      expect(threadCount('auto', wide(threads * edges - 1), work, 64)).toBe(threads - 1);
      expect(threadCount('auto', wide(threads * edges), work, 64)).toBe(threads);
    }
  });
});

describe('threads of a network', () => {
  const data = Dataset.from({
    inputs: new Matrix(new Float32Array(32).fill(1), 4),
    labels: new Int32Array(8),
  });

  it('are chosen unless given', async () => {
    const network = new Network({ layers: [4, 2] });
    expect((await network.fit(data, { epochs: 1 })).threads).toBe(1);
    expect((await network.fit(data, { epochs: 1, threads: 3 })).threads).toBe(3);
  });

  it('change no bit, also of what is learned afterwards', async () => {
    const digests = [];
    for (const threads of [1, 3]) {
      const network = new Network({ layers: [4, 100, 2], seed: 5 });
      await network.fit(data, { epochs: 2, threads });
      network.learn(new Float32Array([1, 2, 3, 4]), 1);
      await network.fit(data, { epochs: 1, threads: 1 });
      digests.push(network.digest());
    }
    expect(digests[1]).toBe(digests[0]);
  });

  it('are refused if they are nonsense', async () => {
    const network = new Network({ layers: [4, 2] });
    for (const threads of [0, 1.5, 257, 'all', null]) {
      const wrong = { epochs: 1, threads } as unknown as { threads: number };
      await expect(network.fit(data, wrong)).rejects.toThrow(
        /threads.*'auto' or a whole number from 1 to 256/s,
      );
    }
  });
});
