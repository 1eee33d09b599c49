import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { native } from '../../lib/engine/native.js';
import { Network, type NetworkOptions } from '../../lib/index.js';
import { expectRefusal } from '../datasets/refusal.js';
import { clouds } from '../training/data.js';

describe('weights and biases', () => {
  it('are integers with the wide arithmetic and come back as they were set', () => {
    const network = new Network({ layers: [5, 7, 3], density: 0.6 });
    const weights = network.junction(0).weights();
    expect(weights).toBeInstanceOf(Int16Array);
    expect(network.junction(0).biases()).toEqual(new Int32Array(7));
    const changed = Int16Array.from(weights, (_, i) => i - 3);
    network.junction(0).setWeights(changed);
    network.junction(1).setBiases(Int32Array.of(1, -2, 3));
    expect(network.junction(0).weights()).toEqual(changed);
    expect(network.junction(1).biases()).toEqual(Int32Array.of(1, -2, 3));
  });

  it('are float32 with the float arithmetic', () => {
    const network = new Network({ layers: [2, 2], arithmetic: { kind: 'float' } });
    network.junction(0).setWeights(Float32Array.of(0.5, -0.25, 1, 2));
    expect(network.junction(0).weights()).toEqual(Float32Array.of(0.5, -0.25, 1, 2));
    expect(network.junction(0).biases()).toEqual(new Float32Array(2));
  });

  it('begin with the bias that was asked for, in the unit of the arithmetic', () => {
    // 0.3 in units of 2^-20 and of 2^-14: 314,572.8 and 4,915.2.
    for (const [weightBits, bias] of [
      [16, 314_573],
      [8, 4915],
    ] as const) {
      const arithmetic = { kind: 'wide', weightBits } as const;
      const wide = new Network({ layers: [2, 3, 2], initialBias: 0.3, arithmetic });
      expect(wide.junction(0).biases()).toEqual(Int32Array.of(bias, bias, bias));
      expect(wide.junction(1).biases()).toEqual(Int32Array.of(bias, bias));
    }
    const one = new Network({ layers: [2, 2], initialBias: 1 });
    expect(one.junction(0).biases()).toEqual(Int32Array.of(2 ** 20, 2 ** 20));
    const float = new Network({ layers: [2, 2], initialBias: -0.5, arithmetic: { kind: 'float' } });
    expect(float.junction(0).biases()).toEqual(Float32Array.of(-0.5, -0.5));
  });

  it('have the updates that are still in the pipeline', () => {
    const learned = () => {
      const network = new Network({ layers: [4, 3, 3, 2], seed: 3, schedule: 'pipelined' });
      for (let i = 0; i < 5; i++) network.learn([1, 0, i / 8, 1], i % 2);
      return network;
    };
    const flushed = learned();
    flushed.flush();
    for (const j of [0, 1, 2]) {
      expect(learned().junction(j).biases()).toEqual(flushed.junction(j).biases());
      expect(learned().junction(j).weights()).toEqual(flushed.junction(j).weights());
    }
  });

  it('are copies', () => {
    const network = new Network({ layers: [2, 2] });
    const before = network.digest();
    network.junction(0).weights().fill(1);
    network.junction(0).biases().fill(1);
    network.junction(0).pattern().left.fill(9);
    expect(network.digest()).toBe(before);
  });

  it('belong to a junction, which shows the network as it is now', () => {
    const network = new Network({ layers: [4, 3, 2], schedule: 'sequential' });
    const junction = network.junction(1);
    expect([junction.index, junction.left, junction.right]).toEqual([1, 3, 2]);
    const before = junction.biases();
    network.learn([1, 0, 0, 1], 0);
    expect(junction.biases()).not.toEqual(before);
    network.close();
    expect(() => junction.weights()).toThrow(/closed/);
    expect(() => junction.pattern()).toThrow(/closed/);
  });

  it('are refused when of the wrong type, length or junction', async () => {
    const network = new Network({ layers: [2, 2] });
    const refuse = (code: string, call: () => unknown, ...parts: string[]) =>
      expectRefusal(code, parts, call);
    await refuse(
      'INVALID_OPTION',
      () => network.junction(0).setWeights(new Float32Array(4)),
      'weights',
      'an Int16Array',
    );
    await refuse(
      'INVALID_OPTION',
      () => network.junction(0).setBiases(new Float32Array(2)),
      'biases',
      'an Int32Array',
    );
    await refuse('INVALID_DATA', () => network.junction(0).setWeights(new Int16Array(5)), '4 entries');
    await refuse('INVALID_DATA', () => network.junction(0).setBiases(new Int32Array(3)), '2 entries');
    await refuse('INVALID_OPTION', () => network.junction(1).weights(), 'junction', 'from 0 to 0', 'is 1');
    await refuse('INVALID_OPTION', () => network.junction(-1).biases(), 'junction');
    await refuse('INVALID_OPTION', () => network.junction(0.5).pattern(), 'junction');
  });
});

describe('the digest', () => {
  it('is the SHA-256 that its documentation describes', async () => {
    const network = new Network({ layers: [4, 20, 3], density: [0.5, 1] });
    await network.fit(clouds(200), { epochs: 1 });
    const hash = createHash('sha256');
    for (const j of [0, 1]) {
      const { offsets, left } = network.junction(j).pattern();
      for (const offset of offsets) {
        const bytes = Buffer.alloc(8);
        bytes.writeBigUInt64LE(BigInt(offset));
        hash.update(bytes);
      }
      for (const neuron of left) {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32LE(neuron);
        hash.update(bytes);
      }
      for (const weight of network.junction(j).weights()) {
        const bytes = Buffer.alloc(2);
        bytes.writeInt16LE(weight);
        hash.update(bytes);
      }
      for (const bias of network.junction(j).biases()) {
        const bytes = Buffer.alloc(4);
        bytes.writeInt32LE(bias);
        hash.update(bytes);
      }
    }
    expect(network.digest()).toBe(hash.digest('hex'));
  });

  it('differs with the seed, the pattern and a single weight', () => {
    const make = (seed: number) => new Network({ layers: [40, 32, 4], density: 0.5, seed });
    expect(make(1).digest()).toBe(make(1).digest());
    expect(make(2).digest()).not.toBe(make(1).digest());
    const network = make(1);
    const weights = network.junction(1).weights();
    weights[3] = (weights[3] as number) + 1;
    network.junction(1).setWeights(weights);
    expect(network.digest()).not.toBe(make(1).digest());
  });
});

describe('inspect', () => {
  it('reports layers, degrees, formats, statistics and history', async () => {
    const network = new Network({
      layers: [4, 32, 3],
      density: [0.5, 1],
      seed: 5,
      optimizer: { weightDecay: 0.001 },
    });
    await network.fit(clouds(300), { epochs: 2 });
    const inspection = network.inspect();
    expect(inspection).toMatchObject({
      layers: [4, 32, 3],
      activations: ['relu'],
      output: 'softmax',
      schedule: 'pipelined',
      weightDecay: 0.001,
      seed: 5,
      edges: 64 + 96,
      denseEdges: 128 + 96,
      parameters: 64 + 96 + 32 + 3,
      classes: ['red', 'green', 'blue'],
      scaling: 'robust',
      inputsPresented: 600,
      kernelSet: native().currentKernelSet(),
      training: { epochs: 2, examples: 600 },
    });
    expect(inspection.formats.weights).toEqual({
      type: 'integer',
      bits: 16,
      fraction: 12,
      minimum: -8,
      maximum: 8 - 2 ** -12,
      step: 2 ** -12,
    });
    const [first] = inspection.junctions;
    expect(first).toMatchObject({ left: 4, right: 32, edges: 64, density: 0.5, pattern: 'tiled' });
    expect(first?.fanIn).toEqual({ minimum: 2, maximum: 2, mean: 2 });
    expect(JSON.parse(JSON.stringify(inspection))).toEqual(inspection);
  });

  it('tells the number formats of every arithmetic', () => {
    const formats = (arithmetic: NetworkOptions['arithmetic']) =>
      new Network({ layers: [4, 4], arithmetic }).inspect().formats;
    const integer = (bits: number, fraction: number, minimum: number, maximum: number) => ({
      type: 'integer',
      bits,
      fraction,
      minimum,
      maximum,
      step: 2 ** -fraction,
    });
    expect(formats({ kind: 'wide', weightBits: 8 })).toEqual({
      weights: integer(8, 6, -2, 2 - 2 ** -6),
      biases: integer(32, 14, -(2 ** 15), 2 ** 15),
      activations: integer(16, 8, -2047 / 256, 2047 / 256),
    });
    const word = integer(12, 8, -8, 8 - 2 ** -8);
    expect(formats({ kind: 'hardware', width: 12, integerBits: 3 })).toEqual({
      weights: word,
      biases: word,
      activations: word,
    });
    const float = { type: 'float32' };
    expect(formats({ kind: 'float' })).toEqual({ weights: float, biases: float, activations: float });
  });

  it('counts an untrained network as such', () => {
    const network = new Network({ layers: [2, 2] });
    expect(network.inspect().training).toMatchObject({ epochs: 0, examples: 0, seconds: 0, learned: 0 });
  });

  it('counts weights in histograms of real numbers', () => {
    const network = new Network({ layers: [2, 2] });
    network.junction(0).setWeights(Int16Array.of(-4096, 0, 0, 8192));
    const { weights } = network.inspect().junctions[0] as { weights: unknown };
    expect(weights).toMatchObject({ count: 4, minimum: -1, maximum: 2, mean: 0.25, zeros: 2 });
    const { histogram } = weights as { histogram: { from: number; to: number; counts: number[] } };
    expect(histogram).toMatchObject({ from: -1, to: 2 });
    expect(histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(4);
    expect(histogram.counts[0]).toBe(1);
    expect(histogram.counts.at(-1)).toBe(1);
  });

  it('knows weights that stand at their limit', () => {
    const network = new Network({ layers: [2, 2], arithmetic: { kind: 'wide', weightBits: 8 } });
    network.junction(0).setWeights(Int16Array.of(127, -128, 0, 5));
    expect(network.inspect().junctions[0]?.weightsAtLimit).toBe(2);
  });
});
