/**
 * A network of the hardware arithmetic, written from docs/arithmetic.md, section "Hardware": plain, slow, with exact
 * integers, one block at a time. Within a block every junction reads the state of the block's start. Shares no code with
 * lib/ or native/.
 */
import {
  clippedRelu,
  type HardwareFormat,
  type HardwareNumbers,
  hardwareInput,
  hardwareNumbers,
  sigmoidTable,
} from './hardware-numbers.js';
import { nearest, range } from './integers.js';
import { irwinHall, junctionKey, randomAt } from './random.js';

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

/** The published initial state of a junction: first its weights in edge order, then its biases. */
export function hardwareStart(
  { left, right, edges }: { left: number; right: number; edges: number },
  format: HardwareFormat,
  seed: number,
  junction: number,
): { weights: number[]; biases: number[] } {
  const { fraction, sat } = hardwareNumbers(format);
  const sigma = Math.sqrt(2 / (edges / right + edges / left));
  const scale = (sigma / 37837.22771) * 2 ** fraction;
  const key = junctionKey(seed, 'weights', junction);
  const drawn = range(edges + right).map((i) => sat(nearest(irwinHall(randomAt(key, i)) * scale)));
  return { weights: drawn.slice(0, edges), biases: drawn.slice(edges) };
}

/**
 * Trains on inputs, one per block, and returns the outputs of each; changes weights and biases in place. `undefined`
 * stands for a block without an input. Tests pass other `numbers` to show that a wrong datapath is noticed.
 */
export function trainReference(
  network: ReferenceNetwork,
  inputs: readonly (readonly number[] | undefined)[],
  labels: readonly number[],
  shifts: readonly number[],
  numbers: HardwareNumbers = hardwareNumbers(network.format),
): number[][] {
  const { layers, format, lefts, weights, biases } = network;
  const { fraction, mul, add, sat, step } = numbers;
  const one = 2 ** fraction;
  const junctions = layers.length - 1;
  const tables = network.activation.map((kind) =>
    kind === 'relu' ? clippedRelu(format) : sigmoidTable(format, network.tableFloor).look,
  );
  const passages: (Passage | undefined)[] = inputs.map(
    (pixels, t) =>
      pixels && {
        label: labels[t] as number,
        shift: shifts[t] as number,
        a: [pixels.map((x) => hardwareInput(x, fraction))],
        slopes: [],
        deltas: [],
      },
  );
  const at = <T>(list: readonly T[] | undefined, i: number) => (list as readonly T[])[i] as T;
  // Here junctions are counted from 1, and loading an input is a block of its own, as in the papers: FF_i of input t runs
  // in block t + i, BP_i and UP_i in t + 2J + 1 - i.
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
      const steps = deltas.map((d) => step(d, backward.shift));
      commits.push(() => {
        for (const [r, change] of steps.entries()) at(biases, j)[r] = add(at(at(oldBiases, j), r), change);
        for (let e = 0; e < left.length; e++) {
          const change = at(steps, Math.floor(e / fanIn));
          at(weights, j)[e] = add(at(w, e), mul(change, at(at(backward.a, j), at(left, e))));
        }
      });
    }
    for (const commit of commits) commit();
  }
  return passages.flatMap((passage) => (passage === undefined ? [] : [at(passage.a, junctions)]));
}
