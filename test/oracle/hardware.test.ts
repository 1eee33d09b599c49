/** The check numbers of the hardware arithmetic in docs/arithmetic.md, from the engine. */
import { createHash } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import { native } from '../../lib/engine/native.js';
import { makeEngine } from '../../lib/hardware/design.js';
import type { HardwareDesign } from '../../lib/public/hardware.js';
import {
  formatName,
  HARDWARE_EXAMPLE,
  HARDWARE_INPUTS,
  HARDWARE_LABELS,
  HARDWARE_SHIFT,
  PRODUCTS,
  PUBLISHED_FORMATS,
  runHardwareExample,
  SMALL,
  STEPS,
  SUMS,
  tableDigests,
} from '../reference/document-hardware.js';
import { hardwareStart } from '../reference/hardware.js';
import { hardwareNumbers } from '../reference/hardware-numbers.js';
import { at, range } from '../reference/integers.js';
import { kernelSets } from './compare.js';

const { mul, add, step, max, min } = hardwareNumbers(SMALL);
const one = 2 ** hardwareNumbers(SMALL).fraction;

/** Every left neuron with every right neuron. */
const dense = (left: number, right: number) => ({
  parallelism: undefined,
  fanOut: undefined,
  edges: {
    offsets: range(right + 1).map((r) => r * left),
    left: range(right).flatMap(() => range(left)),
  },
});

/** A dense network of clipped relus in the small format. */
function smallNetwork(layers: number[], weights: number[][], biases: number[][], kernelSet: string) {
  const design: HardwareDesign = {
    layers,
    junctions: layers.slice(1).map((right, j) => dense(at(layers, j), right)),
    ...SMALL,
    tableFloor: 0,
    activation: layers.slice(1).map(() => 'relu'),
    cost: 'cross-entropy',
  };
  return makeEngine(design, { weights, biases }, kernelSet as Parameters<typeof makeEngine>[2]);
}

/** Presents one input of words, and drains. */
const present = (
  network: ReturnType<typeof smallNetwork>,
  inputs: readonly number[],
  label: number,
  k: number,
) =>
  network.train({
    inputs: Int16Array.from(inputs),
    targets: Int32Array.of(label),
    order: Uint32Array.of(0),
    rates: Float64Array.of(2 ** -k),
    rateInterval: 1,
    threads: 1,
    drain: true,
  });

describe.each(kernelSets())('on %s', (kernelSet) => {
  it.each(PRODUCTS)('mul(%i, %i)', async (a, b) => {
    // The relu shows a sum of 1 to 3 unchanged. The lowest products get there with 7 added.
    for (const shown of [1, 2, 3]) {
      const product = mul(a, b);
      const lift = product < 0 ? max : 0;
      const network = smallNetwork([2, 1], [[b, lift]], [[shown - lift - product]], kernelSet);
      const scores = new Float32Array(1);
      await network.predict({ inputs: Int16Array.of(a, one), count: 1, threads: 1, scores });
      expect(at(scores, 0) * one).toBe(shown);
    }
  });

  it.each(SUMS)('add(%i, %i)', async (a, b) => {
    // The output is 1 and its target 4, so the step is 3: an input x changes the weight by mul(3, x).
    const x = range(2 * one * 2)
      .map((i) => i + min)
      .find((word) => mul(step(1 - one, 0), word) === b) as number;
    const network = smallNetwork([1, 1], [[a]], [[min]], kernelSet);
    await present(network, [x], 0, 0);
    expect(Array.from(network.weights(0))).toEqual([add(a, b)]);
  });

  it.each(STEPS)('step(%i, %i)', async (delta, k) => {
    // Outputs of 3 with target 0 have the delta 3; mul(3, a') is 2, and mul(2, w) is w / 2 rounded. Output 0 has the label.
    const first = Math.max(-4, Math.min(4, delta));
    const weightFor = (d: number) => (d === 4 ? max : 2 * d);
    const weights = [0, weightFor(first), weightFor(delta - first)];
    const network = smallNetwork([1, 1, 3], [[2], weights], [[0], [max, max, max]], kernelSet);
    await present(network, [one], 0, k);
    expect(Array.from(network.biases(0))).toEqual([step(delta, k)]);
  });

  const exampleDesign: HardwareDesign = {
    layers: HARDWARE_EXAMPLE.layers,
    junctions: [dense(2, 2), dense(2, 2)],
    ...HARDWARE_EXAMPLE.format,
    tableFloor: 0,
    activation: HARDWARE_EXAMPLE.activation,
    cost: 'cross-entropy',
  };
  const results = async (calls: { inputs: number[]; drain: boolean }[]) => {
    const network = makeEngine(exampleDesign, HARDWARE_EXAMPLE, kernelSet as 'scalar');
    for (const { inputs, drain } of calls) {
      await network.train({
        inputs: Uint8Array.from(HARDWARE_INPUTS.flat()),
        targets: Int32Array.from(HARDWARE_LABELS),
        order: Uint32Array.from(inputs),
        rates: Float64Array.of(2 ** -HARDWARE_SHIFT),
        rateInterval: 1,
        threads: 1,
        drain,
      });
    }
    const values = (read: (j: number) => ArrayLike<number>) => [0, 1].map((j) => Array.from(read(j)));
    return { weights: values((j) => network.weights(j)), biases: values((j) => network.biases(j)) };
  };
  const reference = (blocks: (number | undefined)[]) => {
    const { weights, biases } = runHardwareExample(blocks);
    return { weights, biases };
  };

  it('runs the example as the page says', async () => {
    expect(await results([{ inputs: [0, 1, 2], drain: true }])).toEqual(reference([0, 1, 2]));
  });

  it('waits where no input comes, which changes nothing', async () => {
    const calls = [0, 1, 2].map((t) => ({ inputs: [t], drain: t === 2 }));
    expect(await results(calls)).toEqual(reference([0, 1, 2]));
  });

  it('drains by blocks without an input, which changes what follows', async () => {
    const drained = await results([
      { inputs: [0], drain: true },
      { inputs: [1, 2], drain: true },
    ]);
    expect(drained).toEqual(reference([0, undefined, undefined, undefined, 1, 2]));
    expect(drained).not.toEqual(reference([0, 1, 2]));
  });
});

test.each(PUBLISHED_FORMATS)('the tables of $width bits, $integerBits before the point', (format) => {
  const hash = (values: ArrayLike<number>) =>
    createHash('sha256').update(Int32Array.from(values)).digest('hex');
  for (const tableFloor of [0, 1] as const) {
    const { values, slopes } = native().hardwareTable({ ...format, tableFloor });
    expect({ name: formatName(format), values: hash(values), slopes: hash(slopes) }).toEqual({
      name: formatName(format),
      ...tableDigests(format, tableFloor),
    });
  }
});

test.each(PUBLISHED_FORMATS)('the start of $width bits, $integerBits before the point', (format) => {
  const layers = [24, 12, 4];
  const network = new (native().Network)({
    layers: Uint32Array.from(layers),
    arithmetic: {
      kind: 'hardware',
      ...format,
      tableFloor: 0,
      cost: 'cross-entropy',
      outputActivation: 'sigmoid',
    },
    patterns: [{ kind: 'structured', edges: 48 }, { kind: 'dense' }],
    activations: ['sigmoid'],
    output: 'softmax',
    schedule: 'pipelined',
    momentum: 0,
    weightDecay: 0,
    seed: 5,
  });
  for (const j of [0, 1]) {
    const ends = { left: at(layers, j), right: at(layers, j + 1), edges: network.weights(j).length };
    const { weights, biases } = hardwareStart(ends, format, 5, j);
    expect(Array.from(network.weights(j))).toEqual(weights);
    expect(Array.from(network.biases(j))).toEqual(biases);
  }
});
