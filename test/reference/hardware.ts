/**
 * The hardware's network, written from its description alone: plain, slow, with exact integers. One block at a time, in
 * each of which every junction reads the state of the block's start. Shares no code with lib/ or native/.
 */

export interface HardwareFormat {
  width: number;
  integerBits: number;
}

export interface HardwareNumbers {
  fraction: number;
  max: number;
  min: number;
  sat(value: bigint | number): number;
  mul(a: number, b: number): number;
  add(a: number, b: number): number;
}

export function hardwareNumbers({ width, integerBits }: HardwareFormat): HardwareNumbers {
  const fraction = width - 1 - integerBits;
  const max = 2 ** (width - 1) - 1;
  const min = -(2 ** (width - 1));
  const sat = (value: bigint | number) => Math.min(max, Math.max(min, Number(value)));
  return {
    fraction,
    max,
    min,
    sat,
    mul(a, b) {
      const product = BigInt(a) * BigInt(b);
      const q = sat(product >> BigInt(fraction));
      const roundUp = ((product >> BigInt(fraction - 1)) & 1n) === 1n;
      return roundUp && q !== max ? q + 1 : q;
    },
    add: (a, b) => sat(a + b),
  };
}

export type Activation = (s: number) => { a: number; slope: number };

export function sigmoidTable(format: HardwareFormat, floor: 0 | 1): Activation {
  const { width, integerBits } = format;
  const f = width - 1 - integerBits;
  const domain = Math.min(8, 2 ** integerBits);
  const size = Math.min(4096, 2 ** width, 2 ** (f + Math.log2(domain) + 1));
  const g = Math.log2(size) - 1 - Math.log2(domain);
  const one = 2 ** f;
  return (s) => {
    const value = s / one;
    if (value >= domain) return { a: one - 1, slope: 1 };
    if (value < -domain) return { a: 1, slope: 1 };
    const n = Math.floor(s / 2 ** (f - g));
    const x = n / 2 ** g;
    const sigma = 1 / (1 + Math.exp(-x));
    const a = Math.min(Math.floor(sigma * one + 0.5), one - 1);
    const slope = Math.min(Math.floor(sigma * (1 - sigma) * one + 0.5), one / 4 - 1);
    return { a: Math.max(floor, a), slope: Math.max(floor, slope) };
  };
}

export function clippedRelu(format: HardwareFormat): Activation {
  const one = 2 ** (format.width - 1 - format.integerBits);
  return (s) => {
    if (s <= 0) return { a: 1, slope: 1 };
    return s >= one ? { a: one - 1, slope: 1 } : { a: s, slope: one - 1 };
  };
}

/** Left neuron of every edge from start vectors, or row orders, and memory dithering. */
export function interleave(given: {
  left: number;
  fanOut: number;
  parallelism: number;
  startVectors?: readonly (readonly number[])[] | undefined;
  rowOrders?: readonly (readonly (readonly number[])[])[] | undefined;
  memoryDither?: readonly (readonly number[])[] | undefined;
}): number[] {
  const { left, fanOut, parallelism: z, startVectors, rowOrders, memoryDither } = given;
  const rows = left / z;
  return Array.from({ length: left * fanOut }, (_, w) => {
    const m = w % z;
    const c = Math.floor(w / z);
    const s = Math.floor(c / rows);
    const row = rowOrders?.[s]?.[m]?.[c % rows] ?? ((startVectors?.[s]?.[m] as number) + c) % rows;
    return row * z + (memoryDither?.[s]?.[m] ?? m);
  });
}

export interface ReferenceNetwork {
  layers: number[];
  format: HardwareFormat;
  tableFloor: 0 | 1;
  activation: ('sigmoid' | 'relu')[];
  cost: 'cross-entropy' | 'quadratic';
  /** Per junction: left neuron of every edge; right neuron r has edges r * fanIn to (r + 1) * fanIn - 1. */
  lefts: number[][];
  weights: number[][];
  biases: number[][];
}

interface Passage {
  label: number;
  shift: number;
  a: number[][];
  slopes: number[][];
  deltas: number[][];
}

/** Trains on inputs, one per block, and returns the outputs of each; weights and biases are changed in place. */
export function trainReference(
  network: ReferenceNetwork,
  inputs: readonly (readonly number[])[],
  labels: readonly number[],
  shifts: readonly number[],
): number[][] {
  const { layers, format, lefts, weights, biases } = network;
  const numbers = hardwareNumbers(format);
  const { fraction, min, max, mul, add, sat } = numbers;
  const one = 2 ** fraction;
  const junctions = layers.length - 1;
  const tables = network.activation.map((kind) =>
    kind === 'relu' ? clippedRelu(format) : sigmoidTable(format, network.tableFloor),
  );
  const passages: Passage[] = inputs.map((pixels, t) => ({
    label: labels[t] as number,
    shift: shifts[t] as number,
    a: [pixels.map((x) => (fraction >= 8 ? x * 2 ** (fraction - 8) : Math.floor(x / 2 ** (8 - fraction))))],
    slopes: [],
    deltas: [],
  }));
  const at = <T>(list: readonly T[] | undefined, i: number) => (list as readonly T[])[i] as T;
  // Junctions are counted from 1 in the description: FF_i of input t in block t + i, BP_i and UP_i in t + 2J + 1 - i.
  for (let block = 0; block < inputs.length + 2 * junctions + 1; block++) {
    const oldWeights = weights.map((w) => [...w]);
    const oldBiases = biases.map((b) => [...b]);
    const commits: (() => void)[] = [];
    for (let i = 1; i <= junctions; i++) {
      const j = i - 1;
      const left = at(lefts, j);
      const w = at(oldWeights, j);
      const right = at(layers, i);
      const fanIn = left.length / right;
      const forward = passages[block - i];
      if (forward !== undefined) {
        const a: number[] = [];
        const slopes: number[] = [];
        for (let r = 0; r < right; r++) {
          let sum = BigInt(at(at(oldBiases, j), r));
          for (let e = r * fanIn; e < (r + 1) * fanIn; e++)
            sum += BigInt(mul(at(at(forward.a, j), at(left, e)), at(w, e)));
          const out = at(tables, j)(sat(sum));
          a.push(out.a);
          slopes.push(out.slope);
        }
        commits.push(() => {
          forward.a[i] = a;
          forward.slopes[i] = slopes;
          if (i < junctions) return;
          forward.deltas[i] = a.map((value, k) => {
            const d = sat(value - (k === forward.label ? one : 0));
            return network.cost === 'cross-entropy' ? d : mul(d, at(slopes, k));
          });
        });
      }
      const backward = passages[block - (2 * junctions + 1 - i)];
      if (backward === undefined) continue;
      const deltas = at(backward.deltas, i);
      if (i >= 2) {
        const back = new Array<number>(at(layers, j)).fill(0);
        for (let e = 0; e < left.length; e++) {
          const l = at(left, e);
          const sloped = mul(at(deltas, Math.floor(e / fanIn)), at(at(backward.slopes, j), l));
          back[l] = sat(at(back, l) + mul(sloped, at(w, e)));
        }
        commits.push(() => {
          backward.deltas[j] = back;
        });
      }
      const steps = deltas.map((d) => {
        const nd = d === min ? max : -d;
        const { shift } = backward;
        return Math.floor(nd / 2 ** shift) + (shift > 0 ? Math.floor(nd / 2 ** (shift - 1)) & 1 : 0);
      });
      commits.push(() => {
        for (const [r, step] of steps.entries()) at(biases, j)[r] = add(at(at(oldBiases, j), r), step);
        for (let e = 0; e < left.length; e++) {
          const step = at(steps, Math.floor(e / fanIn));
          at(weights, j)[e] = add(at(w, e), mul(step, at(at(backward.a, j), at(left, e))));
        }
      });
    }
    for (const commit of commits) commit();
  }
  return passages.map((passage) => at(passage.a, junctions));
}
