import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dataset, Network, type NetworkOptions, SparseTrainError } from '../../lib/index.js';
import { INTERLEAVER_NAMES } from '../../lib/network/interleaver.js';
import { resolveOptions } from '../../lib/network/options.js';
import { checkPattern } from '../../lib/public/hardware.js';
import { interleave } from '../reference/hardware.js';

const small = {
  layers: [64, 16, 4],
  fanOut: [2, 2],
  parallelism: [32, 8],
  pattern: 'SS',
  arithmetic: { kind: 'hardware', width: 10, integerBits: 2 },
} as const satisfies NetworkOptions;

/** Four classes: in the inputs of each, another quarter is bright. */
function quarters(rows: number): Dataset {
  const labels = Int32Array.from({ length: rows }, (_, i) => (i * 7) % 4);
  const inputs = Uint8Array.from({ length: rows * 64 }, (_, i) => {
    const row = Math.floor(i / 64);
    const isBright = Math.floor((i % 64) / 16) === labels[row];
    return (isBright ? 160 : 0) + ((Math.imul(i, 2654435761) >>> 24) % 96);
  });
  return Dataset.from({ inputs, columns: 64, labels });
}

describe('options of the hardware arithmetic', () => {
  it('have defaults: sigmoid, cross-entropy, rates that are powers of two', () => {
    const resolved = resolveOptions(small);
    expect(resolved.arithmetic).toEqual({
      kind: 'hardware',
      width: 10,
      integerBits: 2,
      tableFloor: 0,
      cost: 'cross-entropy',
      outputActivation: 'sigmoid',
    });
    expect(resolved.activations).toEqual(['sigmoid']);
    expect(resolved.learningRate).toBe(2 ** -5);
  });

  it.each<[string, object, RegExp]>([
    [
      'a width between 16 and 32',
      { arithmetic: { kind: 'hardware', width: 20, integerBits: 2 } },
      /arithmetic\.width must be a whole number from 4 to 16, or 32/,
    ],
    [
      'a single fraction bit',
      { arithmetic: { kind: 'hardware', width: 8, integerBits: 6 } },
      /arithmetic\.integerBits must be a whole number from 0 to 5/,
    ],
    ['a misspelt name', { arithmetic: { kind: 'hardware', width: 8, integerBit: 2 } }, /integerBit/],
    ['tanh', { activation: 'tanh' }, /tanh/],
    ['momentum', { optimizer: { momentum: 0.9 } }, /momentum/],
    ['weight decay', { optimizer: { weightDecay: 0.1 } }, /weightDecay/],
    ['numbers as targets', { output: 'linear' }, /linear/],
    ['a rate that is not a power of two', { learningRate: 0.1 }, /learningRate must be a power of two/],
  ])('refuse %s', (_, changes, message) => {
    expect(() => resolveOptions({ ...small, ...changes } as NetworkOptions)).toThrow(message);
  });

  it('refuse a schedule whose rates are not powers of two', async () => {
    const network = new Network(small);
    const data = quarters(8);
    await expect(network.fit(data, { learningRate: { kind: 'cosine', rate: 0.125 } })).rejects.toThrow(
      /power/,
    );
    const step = { kind: 'step', rate: 0.125, factor: 0.3, every: 1 } as const;
    await expect(network.fit(data, { learningRate: step })).rejects.toThrow(/factor must be a power of two/);
    await network.fit(data, { learningRate: { ...step, factor: 0.5 }, epochs: 2 });
    await expect(network.fit(data, { classWeights: [1, 2, 1, 1] })).rejects.toThrow(/classWeights/);
    await expect(network.fit(data, { learningRate: 0.3 })).rejects.toThrow(/power of two/);
  });
});

describe('clash-free patterns', () => {
  it.each(INTERLEAVER_NAMES)('%s has the degrees it is to have, no clash and no edge twice', (pattern) => {
    const network = new Network({ ...small, pattern });
    for (const [j, parallelism] of small.parallelism.entries()) {
      const [left, right] = [small.layers[j] as number, small.layers[j + 1] as number];
      const edges = network.junction(j).pattern();
      expect(checkPattern({ left, right, edges, parallelism })).toEqual({
        clashFree: true,
        completeSweeps: true,
      });
      expect(edges.left.length).toBe(2 * left);
    }
  });

  it('of given start vectors are those of the formula', () => {
    const start = [2, 0, 3, 1, 2, 0, 3, 1];
    const network = new Network({
      layers: [32, 8],
      pattern: { kind: 'interleaver', type: 3, fanOut: 2, parallelism: 8, startVectors: [start, start] },
      arithmetic: small.arithmetic,
    });
    const wanted = interleave({ left: 32, fanOut: 2, parallelism: 8, startVectors: [start, start] });
    expect(Array.from(network.junction(0).pattern().left)).toEqual(wanted);
    expect(wanted[45]).toBe(13);
  });

  it('get a parallelism that makes junction cycles equal', () => {
    const { patterns } = resolveOptions({ layers: [1024, 64, 32], fanOut: [4, 16], pattern: 'SS' });
    expect(patterns).toMatchObject([{ parallelism: 128 }, { parallelism: 32 }]);
  });

  it('take the nearest fan-out to a density', () => {
    const { patterns } = resolveOptions({ layers: [784, 112, 10], density: [0.1, 1], pattern: 'SS' });
    expect(patterns).toMatchObject([{ fanOut: 11 }, { fanOut: 10 }]);
  });

  it.each<[string, object, RegExp]>([
    [
      'z that does not divide',
      { parallelism: [30, 8] },
      /z = 30 does not divide the 64 left neurons; the nearest that does is 32/,
    ],
    [
      'a fan-out whose edges do not divide',
      { layers: [9, 6], fanOut: [1], parallelism: 3 },
      /the nearest fan-out that works is 2/,
    ],
    ['z without such a pattern', { pattern: 'structured' }, /parallelism is for clash-free patterns only/],
    ['a misspelt name', { pattern: 'SSS' }, /pattern/],
    [
      'start vectors of the wrong length',
      { pattern: { kind: 'interleaver', startVectors: [[0, 1]] } },
      /start vectors must have/,
    ],
    [
      'a start beyond the rows',
      {
        layers: [8, 8],
        fanOut: 1,
        parallelism: 4,
        pattern: { kind: 'interleaver', startVectors: [[0, 1, 2, 0]] },
      },
      /start 2/,
    ],
  ])('refuse %s', (_, changes, message) => {
    expect(() => new Network({ ...small, ...changes } as NetworkOptions)).toThrow(message);
  });

  it('can be had with the wide arithmetic too', () => {
    const { arithmetic: _, ...wide } = small;
    const network = new Network(wide);
    const hardware = new Network(small);
    const sorted = (edges: Uint32Array) =>
      Array.from({ length: 16 }, (__, r) =>
        Array.from(edges.subarray(8 * r, 8 * r + 8)).sort((a, b) => a - b),
      );
    expect(sorted(network.junction(0).pattern().left)).toEqual(sorted(hardware.junction(0).pattern().left));
  });
});

describe('the checker of patterns', () => {
  const sound = { left: 8, right: 2, parallelism: 4 };
  it('names the first clash', () => {
    const edges = { offsets: Float64Array.of(0, 4, 8), left: Uint32Array.of(0, 1, 2, 4, 4, 5, 6, 7) };
    expect(checkPattern({ ...sound, edges })).toMatchObject({
      clashFree: false,
      violation: { kind: 'clash', edge: 3, other: 0, clock: 0, memory: 0, right: 0, left: 4 },
    });
  });
  it('names the first edge that is there twice', () => {
    const edges = { offsets: Float64Array.of(0, 8, 8), left: Uint32Array.of(0, 1, 2, 3, 7, 6, 1, 0) };
    expect(checkPattern({ ...sound, edges })).toMatchObject({
      clashFree: false,
      violation: { kind: 'duplicate', edge: 6, left: 1 },
    });
  });
  it('takes pairs, and says whether sweeps are complete', () => {
    const pairs = Array.from({ length: 8 }, (_, l) => [l, l < 4 ? 0 : 1] as const);
    expect(checkPattern({ ...sound, edges: pairs })).toEqual({ clashFree: true, completeSweeps: true });
    expect(checkPattern({ ...sound, edges: pairs.slice(0, 4) })).toEqual({
      clashFree: true,
      completeSweeps: false,
    });
  });
  it('refuses neurons that are not there', () => {
    expect(() => checkPattern({ ...sound, edges: [[8, 0]] })).toThrow(/left neuron/);
  });
  it.each(['dense', 'local', null, { kind: 'tiled', edges: 8 }])(
    'refuses %j, which lists no edges',
    (edges) => {
      const given = { left: 784, right: 10, parallelism: 4, edges: edges as never };
      expect(() => checkPattern(given)).toThrow(SparseTrainError);
    },
  );
});

describe('a network of the hardware arithmetic', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sparse-train-hardware-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('learns, by fit() and by learn(), with the same digest for the same seed', async () => {
    const data = quarters(2000);
    const run = async () => {
      const network = new Network(small);
      await network.fit(data, { epochs: 2 });
      network.learn(data.inputs.row(0), 0);
      return network;
    };
    const [one, two] = [await run(), await run()];
    expect(one.digest()).toBe(two.digest());
    const metrics = await one.evaluate(quarters(500));
    expect(metrics.kind === 'classification' && metrics.accuracy).toBeGreaterThan(0.9);
  });

  it.each<[string, Partial<NetworkOptions>]>([
    ['10 bits', {}],
    [
      '8 bits, dithering',
      { arithmetic: { kind: 'hardware', width: 8, integerBits: 2, tableFloor: 1 }, pattern: 'SS+MD' },
    ],
    [
      '16 bits, random rows',
      { arithmetic: { kind: 'hardware', width: 16, integerBits: 4 }, pattern: 'clash-free-1' },
    ],
    ['32 bits, zeros', { arithmetic: { kind: 'hardware', width: 32, integerBits: 10 }, pattern: 'MD' }],
    [
      'given vectors',
      {
        pattern: { kind: 'interleaver', startVectors: new Array(2).fill(new Array(8).fill(1)) },
        layers: [16, 8],
        fanOut: 2,
        parallelism: 8,
      },
    ],
    [
      'other patterns',
      {
        pattern: ['structured', 'random'],
        parallelism: undefined,
        arithmetic: {
          kind: 'hardware',
          width: 12,
          integerBits: 3,
          cost: 'quadratic',
          outputActivation: 'relu',
        },
      },
    ],
  ])('is the same after being saved and loaded: %s', async (name, changes) => {
    const network = new Network({ ...small, ...changes });
    const columns = network.layers[0] as number;
    for (let i = 0; i < 50; i++)
      network.learn(
        Uint8Array.from({ length: columns }, (_, k) => (i * 31 + k * 17) % 256),
        i % 4,
      );
    for (const pattern of ['compact', 'edges'] as const) {
      const file = join(folder, `${name}-${pattern}.safetensors`);
      await network.save(file, { pattern });
      const loaded = await Network.load(file);
      expect(loaded.digest()).toBe(network.digest());
      expect(loaded.arithmetic).toEqual(network.arithmetic);
      expect(loaded.inspect().junctions.map((junction) => junction.pattern)).toEqual(
        network.inspect().junctions.map((junction) => junction.pattern),
      );
      const input = new Uint8Array(columns).fill(99);
      expect(loaded.predict(input)).toEqual(network.predict(input));
    }
  });

  it('gives its raw words and takes them back, within its format', () => {
    const network = new Network(small);
    const weights = network.junction(0).weights();
    expect(weights).toBeInstanceOf(Int16Array);
    expect(Math.max(...weights)).toBeLessThan(512);
    network.junction(0).setWeights(weights.map((w) => -w) as Int16Array);
    expect(network.junction(0).weights()).toEqual(weights.map((w) => -w));
    expect(() => network.junction(0).setWeights(new Float32Array(128))).toThrow(/an Int16Array/);
    const long = new Network({ ...small, arithmetic: { kind: 'hardware', width: 32, integerBits: 10 } });
    expect(long.junction(0).weights()).toBeInstanceOf(Int32Array);
    expect(network.inspect().formats.weights).toMatchObject({
      bits: 10,
      fraction: 7,
      minimum: -4,
      step: 2 ** -7,
    });
  });
});
