import fc from 'fast-check';
import type { Fixture, HardwareDesign, JunctionWiring } from '../../lib/public/hardware.js';
import { interleave, trainReference } from '../reference/hardware.js';

/** A repeatable source of numbers for one network. */
function source(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

function permutation(n: number, below: (n: number) => number): number[] {
  const items = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = below(i + 1);
    [items[i], items[j]] = [items[j] as number, items[i] as number];
  }
  return items;
}

export interface Shape {
  width: number;
  integerBits: number;
  tableFloor: 0 | 1;
  cost: 'cross-entropy' | 'quadratic';
  activation: ('sigmoid' | 'relu')[];
  layers: number[];
  fanOut: number[];
  parallelism: number[];
  kinds: ('starts' | 'one start' | 'orders')[];
  dither: boolean[];
  inputs: number;
  shifts: 'same' | 'different';
  seed: number;
}

/** Networks of 1 to 4 junctions whose fan-in divides the left layer, so that no right neuron straddles two sweeps. */
export const shapes: fc.Arbitrary<Shape> = fc
  .integer({ min: 1, max: 4 })
  .chain((junctions) => {
    const each = <T>(arbitrary: fc.Arbitrary<T>) =>
      fc.array(arbitrary, { minLength: junctions, maxLength: junctions });
    return fc.record({
      width: fc.constantFrom(4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 32),
      integerShare: fc.double({ min: 0, max: 1, noNaN: true }),
      tableFloor: fc.constantFrom<0 | 1>(0, 1),
      cost: fc.constantFrom<'cross-entropy' | 'quadratic'>('cross-entropy', 'quadratic'),
      activation: each(fc.constantFrom<'sigmoid' | 'relu'>('sigmoid', 'relu')),
      logLayers: fc.array(fc.integer({ min: 1, max: 6 }), {
        minLength: junctions + 1,
        maxLength: junctions + 1,
      }),
      fanOutShare: each(fc.double({ min: 0, max: 1, noNaN: true })),
      rowShare: each(fc.double({ min: 0, max: 1, noNaN: true })),
      kinds: each(fc.constantFrom<'starts' | 'one start' | 'orders'>('starts', 'one start', 'orders')),
      dither: each(fc.boolean()),
      inputs: fc.integer({ min: 1, max: 20 }),
      shifts: fc.constantFrom<'same' | 'different'>('same', 'different'),
      seed: fc.integer({ min: 0, max: 2 ** 31 }),
    });
  })
  .map(({ integerShare, logLayers, fanOutShare, rowShare, ...shape }): Shape => {
    const layers = logLayers.map((log) => 2 ** log);
    const pick = (low: number, high: number, share: number) => low + Math.round(share * (high - low));
    const fanOut = fanOutShare.map((share, j) => {
      const [p, n] = [logLayers[j] as number, logLayers[j + 1] as number];
      return 2 ** pick(Math.max(0, n - p), n, share);
    });
    return {
      ...shape,
      integerBits: Math.round(integerShare * Math.min(12, shape.width - 3)),
      layers,
      fanOut,
      parallelism: rowShare.map((share, j) => 2 ** pick(0, logLayers[j] as number, share)),
    };
  });

/** A fixture of such a network, with results from the reference. */
export function referenceFixture(shape: Shape): Fixture {
  const { layers, fanOut, parallelism, width, integerBits, tableFloor, activation, cost, kinds, dither } =
    shape;
  const below = source(shape.seed);
  const junctions = fanOut.map((fo, j): JunctionWiring => {
    const z = parallelism[j] as number;
    const rows = (layers[j] as number) / z;
    const start = Array.from({ length: z }, () => below(rows));
    const perSweep = <T>(make: () => T) => Array.from({ length: fo }, make);
    const wiring = {
      parallelism: z,
      fanOut: fo,
      memoryDither: dither[j] ? perSweep(() => permutation(z, below)) : undefined,
    };
    if (kinds[j] === 'orders') {
      return {
        ...wiring,
        rowOrders: perSweep(() => Array.from({ length: z }, () => permutation(rows, below))),
      };
    }
    const fresh = () => Array.from({ length: z }, () => below(rows));
    return { ...wiring, startVectors: perSweep(() => (kinds[j] === 'one start' ? start : fresh())) };
  });
  const design: HardwareDesign = { layers, junctions, width, integerBits, tableFloor, activation, cost };
  const scale = 2 ** (width - 1);
  // Weights of a size that saturates now and then.
  const word = () => below(2 * scale) - scale;
  const small = () => Math.trunc(word() / 2 ** below(Math.min(6, width - 1)));
  const weights = fanOut.map((fo, j) => Array.from({ length: (layers[j] as number) * fo }, small));
  const biases = fanOut.map((_, j) => Array.from({ length: layers[j + 1] as number }, small));
  const inputs = Array.from({ length: shape.inputs }, () =>
    Array.from({ length: layers[0] as number }, () => below(256)),
  );
  const labels = inputs.map(() => below(layers.at(-1) as number));
  const first = below(Math.min(width + 2, 31));
  const etaShifts = inputs.map(() => (shape.shifts === 'same' ? first : below(8)));
  const network = {
    layers,
    format: { width, integerBits },
    tableFloor,
    activation,
    cost,
    lefts: junctions.map((wiring, j) =>
      interleave({
        left: layers[j] as number,
        fanOut: wiring.fanOut as number,
        parallelism: wiring.parallelism as number,
        startVectors: wiring.startVectors,
        rowOrders: wiring.rowOrders,
        memoryDither: wiring.memoryDither,
      }),
    ),
    weights: weights.map((w) => [...w]),
    biases: biases.map((b) => [...b]),
  };
  const outputs = trainReference(network, inputs, labels, etaShifts);
  return {
    design,
    etaShifts,
    initial: { weights, biases },
    inputs: Uint8Array.from(inputs.flat()),
    labels,
    expected: { weights: network.weights, biases: network.biases, outputs },
  };
}
