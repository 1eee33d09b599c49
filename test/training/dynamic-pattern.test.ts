import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FitOptions, Network, type NetworkOptions } from '../../lib/index.js';
import { movingShare } from '../../lib/training/dynamic-pattern.js';
import { expectRefusal } from '../datasets/refusal.js';
import { clouds } from './data.js';

const data = clouds(120, { features: 40 });
const SPARSE: NetworkOptions = { layers: [40, 48, 3], density: [0.2, 1], pattern: ['tiled', 'dense'] };
const SET = { method: 'set', fraction: 1 } as const;

describe('a dynamic pattern', () => {
  for (const method of ['set', 'rigl'] as const) {
    it(`moves edges and keeps fan-in, ${method}`, async () => {
      const network = new Network(SPARSE);
      const [before] = [network.junction(0).pattern()];
      const run = await network.fit(data, { epochs: 4, dynamicPattern: { method, fraction: 0.6 } });
      const after = network.junction(0).pattern();
      expect(after.offsets).toEqual(before.offsets);
      expect(after.left).not.toEqual(before.left);
      // After three quarters of the training, and in the dense junction, nothing moves.
      expect(run.epochs.map(({ moved }) => moved?.[1])).toEqual([0, 0, undefined, undefined]);
      expect(run.epochs[0]?.moved?.[0]).toBeGreaterThan(run.epochs[1]?.moved?.[0] ?? 0);
      expect(run.epochs[1]?.moved?.[0]).toBeGreaterThan(0);
      expect(run.validation).toBeUndefined();
    });

    it(`is the same with any number of threads and however it is run again, ${method}`, async () => {
      const digest = async (threads: number) => {
        const network = new Network({ ...SPARSE, optimizer: { momentum: 0.9 } });
        await network.fit(data, {
          epochs: 3,
          threads,
          dynamicPattern: { method, fraction: 0.6, every: 50, samples: 20 },
        });
        return network.digest();
      };
      expect(await digest(3)).toBe(await digest(1));
    });
  }

  it('moves edges after a fixed number of examples, over all epochs', async () => {
    const moved = async (every: number) => {
      const network = new Network(SPARSE);
      const run = await network.fit(data, { epochs: 3, dynamicPattern: { ...SET, every, until: 1 } });
      return run.epochs.map((epoch) => epoch.moved?.[0]);
    };
    const [first = 0, second = 0, third] = await moved(50);
    expect(first).toBeGreaterThan(second);
    expect(third).toBeDefined();
    // 150 and 300 examples: after the 30th of the second epoch, and in the middle of the third.
    expect((await moved(150)).map((count) => count !== undefined)).toEqual([false, true, true]);
    expect(await moved(1000)).toEqual([undefined, undefined, undefined]);
  });

  it('trains examples at the rates that they would have had', async () => {
    const log: number[] = [];
    for (const every of [undefined, 37]) {
      const network = new Network(SPARSE);
      // A share so small that nothing moves: only the calls are shorter, with a drained pipeline between them.
      const options = { epochs: 2, dynamicPattern: { ...SET, fraction: 1e-9, every } };
      const run = await network.fit(data, { ...options, learningRate: { kind: 'cosine', rate: 0.05 } });
      expect(run.examples).toBe(240);
      log.push(run.epochs[1]?.learningRate ?? 0);
    }
    expect(log[0]).toBe(log[1]);
  });

  it('is stored in model files in its current state, and can continue', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sparse-train-'));
    try {
      const network = new Network(SPARSE);
      await network.fit(data, { epochs: 2, dynamicPattern: SET });
      const file = join(folder, 'moved.safetensors');
      await network.save(file);
      expect((await Network.load(file)).digest()).toBe(network.digest());
      const loaded = await Network.load(file);
      expect(loaded.junction(0).pattern()).toEqual(network.junction(0).pattern());
      expect(loaded.inspect().junctions.map(({ pattern }) => pattern)).toEqual(['custom', 'dense']);
      const run = await loaded.fit(data, { epochs: 2, dynamicPattern: { method: 'rigl', fraction: 1 } });
      expect(run.epochs[0]?.moved?.[0]).toBeGreaterThan(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('comes back with the weights of the best epoch', async () => {
    const network = new Network(SPARSE);
    const digests: string[] = [];
    const run = await network.fit(data, {
      epochs: 40,
      learningRate: 0.25,
      validation: 0.3,
      earlyStopping: { patience: 2 },
      dynamicPattern: { ...SET, fraction: 1, until: 1 },
      onEpoch: () => void digests.push(network.digest()),
    });
    expect(run.stopped).toBe('early');
    expect(network.digest()).toBe(digests[(run.best?.epoch ?? 0) - 1]);
    expect(digests.at(-1)).not.toBe(network.digest());
  });

  it('is in the run log', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sparse-train-'));
    try {
      const log = join(folder, 'run.jsonl');
      await new Network(SPARSE).fit(data, { epochs: 2, log, dynamicPattern: { ...SET, samples: 7 } });
      const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
      const [start, first] = lines.map((line) => JSON.parse(line));
      expect(start.fit.dynamicPattern).toEqual({ method: 'set', fraction: 1, until: 0.75, samples: 7 });
      expect(first.moved[0]).toBeGreaterThan(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the share that moves', () => {
  it('falls linearly to nothing', () => {
    const rule = { method: 'set', fraction: 0.5, every: undefined, until: 0.5, samples: 1 } as const;
    expect([0, 25, 50, 75].map((presented) => movingShare(rule, presented, 100))).toEqual([
      32768, 16384, 0, 0,
    ]);
  });
});

describe('a dynamic pattern is refused', () => {
  const refuse = (network: NetworkOptions, fit: object, ...parts: string[]) =>
    expectRefusal('INVALID_OPTION', parts, () =>
      new Network(network).fit(data, { dynamicPattern: SET, ...fit } as FitOptions),
    );

  it('where it has no meaning', async () => {
    await refuse({ layers: [40, 8, 3] }, {}, 'dynamicPattern', 'dense', 'density below 1');
    await refuse({ ...SPARSE, arithmetic: { kind: 'float' } }, {}, 'float arithmetic');
    const hardware = { kind: 'hardware', width: 12, integerBits: 3 } as const;
    await refuse({ layers: [40, 16, 3], density: 0.5, arithmetic: hardware }, {}, 'hardware arithmetic');
    await refuse({ layers: [40, 20, 3], fanOut: [5, 3], pattern: 'SV' }, {}, 'clash-free');
    await expectRefusal('INVALID_OPTION', ['dynamicPattern', 'stream'], () =>
      new Network(SPARSE).fit([], { dynamicPattern: SET }),
    );
  });

  it('with values that are none', async () => {
    await refuse(SPARSE, { dynamicPattern: { method: 'rigL' } }, 'dynamicPattern.method', 'rigl');
    await refuse(SPARSE, { dynamicPattern: { ...SET, fraction: 0 } }, 'dynamicPattern.fraction');
    await refuse(SPARSE, { dynamicPattern: { ...SET, until: 1.5 } }, 'dynamicPattern.until');
    await refuse(SPARSE, { dynamicPattern: { ...SET, every: 0 } }, 'dynamicPattern.every');
    await refuse(SPARSE, { dynamicPattern: { ...SET, samples: 2 ** 21 } }, 'dynamicPattern.samples');
    await expectRefusal('UNKNOWN_OPTION', ['fractoin', 'fraction'], () =>
      new Network(SPARSE).fit(data, { dynamicPattern: { ...SET, fractoin: 1 } } as FitOptions),
    );
  });
});
