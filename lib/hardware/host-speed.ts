/** Measures how fast this software trains a network on this machine. */
import { availableParallelism } from 'node:os';
import { kernelSets as availableKernelSets } from '../engine/kernel-sets.js';
import { EngineNetwork } from '../engine/network.js';
import { type NetworkOptions, networkSpec, resolveOptions } from '../network/options.js';

/** A measured speed. */
export interface MeasuredSpeed {
  readonly kernelSet: string;
  readonly threads: number;
  readonly inputsPerSecond: number;
  readonly secondsPerInput: number;
}

/** Inputs that the measurement presents again and again. */
const ROWS = 256;
/** One value in this many is not zero, as in images of digits. */
const SPARSENESS = 5;

/**
 * Trains a network of these options on random inputs for about `seconds`, and takes the best of three stretches.
 *
 * @throws SparseTrainError as the network's constructor
 */
export async function measureTraining(
  options: NetworkOptions,
  threads: number,
  seconds = 0.15,
): Promise<MeasuredSpeed> {
  const resolved = resolveOptions(options);
  const engine = new EngineNetwork(networkSpec(resolved));
  const columns = resolved.layers[0] as number;
  const outputs = resolved.layers.at(-1) as number;
  const inputs = Uint8Array.from({ length: ROWS * columns }, (_, i) =>
    Math.imul(i, 0x9e3779b1) >>> 24 < 256 / SPARSENESS ? 1 + ((i * 37) % 255) : 0,
  );
  const targets =
    resolved.output === 'softmax'
      ? Int32Array.from({ length: ROWS }, (_, i) => i % outputs)
      : Uint8Array.from({ length: ROWS * outputs }, (_, i) => i % 2);
  const rates = Float64Array.of(2 ** -7);
  const train = async (count: number) => {
    const order = Uint32Array.from({ length: count }, (_, i) => i % ROWS);
    const job = { inputs, targets, order, rates, rateInterval: 1, threads, drain: true };
    return (await engine.train(job)).seconds / count;
  };
  let each = await train(16);
  each = await train(Math.max(16, Math.min(20_000, Math.ceil(seconds / 10 / each))));
  const count = Math.max(16, Math.min(1_000_000, Math.ceil(seconds / 3 / each)));
  for (let stretch = 0; stretch < 3; stretch++) each = Math.min(each, await train(count));
  return { kernelSet: engine.kernelSet, threads, inputsPerSecond: 1 / each, secondsPerInput: each };
}

/** The layout of a junction on this machine, and the reason for it. */
export interface HostJunction {
  readonly junction: number;
  readonly left: number;
  readonly right: number;
  readonly edges: number;
  readonly pattern: string;
  readonly layout: string;
  readonly why: string;
}

/** The kernel set, threads and layouts of a network on this machine. */
export interface HostPlan {
  readonly kernelSet: string;
  readonly kernelSets: readonly string[];
  readonly whyKernelSet: string;
  readonly junctions: readonly HostJunction[];
  readonly threads: number;
  readonly whyThreads: string;
  /** The speed with each number of threads that was tried. */
  readonly measured: readonly MeasuredSpeed[];
}

/** The least gain for which another thread is used, as it costs a core. */
const WORTHWHILE = 1.15;

/**
 * Decides by measurement how this machine trains a network.
 *
 * @throws SparseTrainError as the network's constructor
 */
export async function planHost(options: NetworkOptions): Promise<HostPlan> {
  const resolved = resolveOptions(options);
  const engine = new EngineNetwork(networkSpec(resolved));
  const kernelSets = availableKernelSets();
  const forced = process.env.SPARSE_TRAIN_ISA;
  const whyKernelSet =
    forced !== undefined && forced !== ''
      ? 'SPARSE_TRAIN_ISA asks for it'
      : `the widest that this CPU has of those in this build (${kernelSets.join(', ')})`;
  const junctions = engine.junctions().map((info, j): HostJunction => {
    const pattern = resolved.patterns[j];
    const edges = info.edges;
    const why =
      resolved.arithmetic.kind === 'hardware'
        ? info.layout === 'memories'
          ? 'a clash-free pattern without dithering in memories that are a multiple of 32: rows are loaded as vectors'
          : 'its left neurons stand in no rows of 32 that vectors could load, so values are gathered edge by edge'
        : resolved.arithmetic.kind === 'float'
          ? 'the yardstick has one layout'
          : info.layout === 'tiles'
            ? 'its edges fill tiles of 2 x 16 neurons well enough (6 edges or more in each): no index per edge is read'
            : 'its edges lie in tiles of 2 x 16 neurons with fewer than 6 each, which a list of edges goes through faster';
    const { left, right, layout } = info;
    return { junction: j + 1, left, right, edges, pattern: pattern?.kind ?? 'custom', layout, why };
  });
  const measured: MeasuredSpeed[] = [];
  const cores = availableParallelism();
  for (
    let threads = 1;
    threads <= cores;
    threads = Math.min(threads * 2, threads === cores ? cores + 1 : cores)
  ) {
    measured.push(await measureTraining(options, threads));
  }
  let best = measured[0] as MeasuredSpeed;
  for (const speed of measured) if (speed.inputsPerSecond > WORTHWHILE * best.inputsPerSecond) best = speed;
  const whyThreads =
    cores === 1
      ? 'this process may use one core'
      : best.threads === 1
        ? `more gain less than ${Math.round(100 * (WORTHWHILE - 1))} %: threads meet at barriers in every input, and each ` +
          "input's work is too small"
        : 'measured below to be worth it';
  return {
    kernelSet: engine.kernelSet,
    kernelSets,
    whyKernelSet,
    junctions,
    threads: best.threads,
    whyThreads,
    measured,
  };
}
