import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { native } from '../../lib/engine/native.js';
import type { HardwareSpec, NetworkSpec } from '../../lib/engine/spec.js';

const arithmetic: HardwareSpec = {
  kind: 'hardware',
  width: 12,
  integerBits: 3,
  tableFloor: 0,
  cost: 'cross-entropy',
  outputActivation: 'sigmoid',
};

function spec(changes: Partial<NetworkSpec> = {}): NetworkSpec & { arithmetic: HardwareSpec } {
  return {
    layers: Uint32Array.of(32, 16, 4),
    activations: ['sigmoid'],
    patterns: [
      { kind: 'interleaver', type: 2, fanOut: 2, parallelism: 8, dither: false },
      { kind: 'structured', edges: 16 },
    ],
    output: 'softmax',
    schedule: 'pipelined',
    momentum: 0,
    weightDecay: 0,
    seed: 1,
    ...changes,
    arithmetic: { ...arithmetic, ...(changes.arithmetic as HardwareSpec | undefined) },
  };
}

const job = {
  inputs: new Uint8Array(64),
  targets: Int32Array.of(1, 3),
  order: Uint32Array.of(0, 1),
  rates: Float64Array.of(0.125),
  rateInterval: 1,
  threads: 1,
  drain: true,
};

describe('interleavers of the engine', () => {
  it('do the worked example', () => {
    const startVectors = Uint32Array.from([0, 1].flatMap(() => [2, 0, 3, 1, 2, 0, 3, 1]));
    const { left, fanIn, rows } = native().interleaver({
      ...{ left: 32, right: 16, fanOut: 2, parallelism: 8, type: 3, dither: false },
      ...{ startVectors, seed: 1, junction: 0 },
    });
    expect([left[45], fanIn, rows]).toEqual([13, 4, 4]);
  });

  it('are those of a network of the same seed', () => {
    const wiring = { type: 1, fanOut: 2, parallelism: 8, dither: true } as const;
    const drawn = native().interleaver({ ...wiring, left: 16, right: 4, seed: 7, junction: 1 });
    const patterns = [{ kind: 'dense' } as const, { kind: 'interleaver', ...wiring } as const];
    const network = new (native().Network)(spec({ patterns, seed: 7 }));
    expect(network.pattern(1).left).toEqual(drawn.left);
  });

  it('reach wide networks in ascending order', () => {
    const wide = spec();
    const network = new (native().Network)({
      ...wide,
      arithmetic: { kind: 'wide', weightBits: 16, weightFraction: 12, rounding: 'nearest' },
    });
    const { offsets, left } = network.pattern(0);
    const hardware = new (native().Network)(wide).pattern(0).left;
    for (let r = 0; r < 16; r++) {
      const neuron = left.slice(offsets[r], offsets[r + 1]);
      expect(neuron).toEqual(hardware.slice(offsets[r], offsets[r + 1]).sort());
    }
  });

  it('are checked, and the first violation is named', () => {
    const pattern = { leftNeurons: 8, rightNeurons: 2, offsets: Float64Array.of(0, 4, 8), parallelism: 4 };
    const check = (...left: number[]) =>
      native().checkClashFree({ ...pattern, left: Uint32Array.from(left) });
    expect(check(0, 1, 2, 3, 4, 5, 6, 7)).toEqual({ completeSweeps: true });
    expect(check(0, 1, 2, 3, 4, 1, 6, 7)).toEqual({ completeSweeps: false });
    expect(check(0, 1, 2, 3, 4, 1, 5, 7).violation).toMatchObject({
      kind: 'clash',
      edge: 6,
      other: 5,
      clock: 1,
    });
    expect(check(0, 1, 2, 8, 4, 1, 5, 7).violation).toMatchObject({ kind: 'range', edge: 3 });
    const twice = native().checkClashFree({
      ...pattern,
      parallelism: 1,
      left: Uint32Array.of(0, 1, 2, 0, 4, 5, 6, 7),
    });
    expect(twice.violation).toMatchObject({ kind: 'duplicate', edge: 3, other: 0, right: 0, left: 0 });
  });
});

describe('the seam of the hardware arithmetic', () => {
  it('takes its own edge order back as a custom pattern', async () => {
    const first = new (native().Network)(spec());
    const patterns = [0, 1].map((j) => ({ kind: 'custom' as const, ...first.pattern(j) }));
    const second = new (native().Network)(spec({ patterns, seed: 99 }));
    for (const j of [0, 1]) {
      second.setWeights(j, first.weights(j));
      second.setBiases(j, first.biases(j));
    }
    await Promise.all([first, second].map((network) => network.train(job)));
    for (const j of [0, 1]) expect(second.weights(j)).toEqual(first.weights(j));
  });

  it('gives weights of 32 bits as such', () => {
    const wide = { ...arithmetic, width: 32, integerBits: 10 };
    const network = new (native().Network)(spec({ arithmetic: wide }));
    const weights = network.weights(0);
    expect(weights).toBeInstanceOf(Int32Array);
    weights[0] = -(2 ** 31);
    network.setWeights(0, weights);
    expect(network.weights(0)).toEqual(weights);
    expect(() => network.setWeights(0, new Int16Array(64))).toThrow(TypeError);
  });

  it('refuses what the hardware does not have', async () => {
    const make = (changes: Partial<NetworkSpec>) => () => new (native().Network)(spec(changes));
    expect(make({ momentum: 0.9 })).toThrow(/momentum/);
    expect(make({ weightDecay: 0.1 })).toThrow(/decay/);
    expect(make({ output: 'linear' })).toThrow(/linear/);
    expect(make({ activations: ['tanh'] })).toThrow(/tanh/);
    expect(make({ arithmetic: { ...arithmetic, width: 17 } })).toThrow(RangeError);
    expect(make({ arithmetic: { ...arithmetic, width: 8, integerBits: 6 } })).toThrow(/0 to 5 integer bits/);
    const network = new (native().Network)(spec());
    await expect(async () => network.train({ ...job, rates: Float64Array.of(0.1) })).rejects.toThrow(/2\^-k/);
    await expect(async () => network.train({ ...job, rawOutputs: new Int32Array(7) })).rejects.toThrow(
      RangeError,
    );
    const classWeights = new Float64Array(4).fill(1);
    await expect(async () => network.train({ ...job, classWeights })).rejects.toThrow(/class weights/);
  });

  it('survives any interleaver that it is asked for', () => {
    const sizes = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(
        fc.record({
          ...{ left: sizes, right: sizes, fanOut: sizes, parallelism: sizes },
          type: fc.integer({ min: 0, max: 4 }),
          dither: fc.boolean(),
          seed: fc.nat(),
          junction: fc.constant(0),
          startVectors: fc.option(fc.uint32Array({ maxLength: 80, max: 6 }), { nil: undefined }),
          rowOrders: fc.option(fc.uint32Array({ maxLength: 80, max: 6 }), { nil: undefined, freq: 1 }),
          memoryDither: fc.option(fc.uint32Array({ maxLength: 80, max: 6 }), { nil: undefined, freq: 1 }),
        }),
        (wanted) => {
          type Wanted = Parameters<ReturnType<typeof native>['interleaver']>[0];
          try {
            const { left, fanIn } = native().interleaver(wanted as Wanted);
            const offsets = Float64Array.from({ length: wanted.right + 1 }, (_, r) => r * fanIn);
            const { parallelism } = wanted;
            const check = {
              leftNeurons: wanted.left,
              rightNeurons: wanted.right,
              offsets,
              left,
              parallelism,
            };
            expect(native().checkClashFree(check)).toEqual({ completeSweeps: true });
          } catch (error) {
            if (!(error instanceof RangeError)) throw error;
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
