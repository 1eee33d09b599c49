import type { Dataset } from '../data/dataset.js';
import { type KernelSet, kernelSets } from '../engine/kernel-sets.js';
import { type KernelTiming, measuring } from '../engine/measuring.js';
import { cacheSizes } from './environment.js';
import { levelOf } from './limits.js';
import type { BenchPlan } from './plan.js';
import type { KernelRow, Limits } from './result.js';
import { mapSummary, rounded, summarise } from './statistics.js';

/** Multiply-accumulates for an edge. Operations on neurons have none. */
const PRODUCTS: Readonly<Record<string, number>> = {
  forwardTiles: 1,
  forwardRelu: 1,
  forwardFour: 1,
  forwardOutputs: 1,
  updateListed: 1,
  // How many times backpropagation through a junction calls each operation: for the errors, and for the update.
  backwardOutputs: 2,
  backwardTiles: 1,
  updateTiles: 1,
  // Three multiplications: the velocity's decay, the gradient, and the step.
  momentumTiles: 3,
  decayTiles: 1,
};

/** The number of images that the operations use in turn. */
const IMAGES = 256;

interface Junction {
  readonly left: number;
  readonly right: number;
  readonly edges: number;
  readonly rows: Uint8Array;
}

interface Cell extends Junction {
  readonly operation: string;
  readonly kernelSet: KernelSet;
  readonly timings: KernelTiming[];
}

/** Times every operation of every kernel set on the junctions of the default network and of a wide one. */
export function measureKernels(plan: BenchPlan, train: Dataset, limits: readonly Limits[]): KernelRow[] {
  const addon = measuring();
  const seconds = plan.quick ? 0.0005 : 0.01;
  const junctions = plan.quick ? junctionsOf(plan, train).slice(0, 1) : junctionsOf(plan, train);
  const cells = junctions.flatMap((junction) =>
    kernelSets().flatMap((kernelSet) =>
      addon.kernelOperations().map((operation): Cell => ({ ...junction, operation, kernelSet, timings: [] })),
    ),
  );
  for (let round = 0; round < plan.rounds; round++) {
    plan.onStep(`kernels: round ${round + 1} of ${plan.rounds}`);
    for (const { timings, ...task } of cells) {
      plan.signal.throwIfAborted();
      timings.push(addon.measureKernel({ ...task, seconds }));
    }
  }
  return cells.map((cell) => describe(cell, limits));
}

/** Both junctions of the default network (images, then hidden activations) and the first of a network twice as wide. */
function junctionsOf(plan: BenchPlan, train: Dataset): Junction[] {
  const { layers, density } = plan.mnist.network;
  const [left = 784, right = 512, outputs = 10] = layers;
  const share = Array.isArray(density) ? (density[0] as number) : ((density as number | undefined) ?? 1);
  const images = (train.inputs.data as Uint8Array).slice(0, IMAGES * left);
  const hidden = hiddenRows(right);
  return [
    { left, right, edges: Math.round(share * left * right), rows: images },
    { left: right, right: outputs, edges: right * outputs, rows: hidden },
    { left, right: 2 * right, edges: Math.round(share * left * 2 * right), rows: images },
  ];
}

/** Activations, half of them zero, as after a relu; the same in every run. */
function hiddenRows(neurons: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: IMAGES * neurons }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 31 === 0 ? 0 : 1 + (state >>> 25);
  });
}

function describe(
  { timings, operation, kernelSet, left, right, edges }: Cell,
  limits: readonly Limits[],
): KernelRow {
  const limit = limits.find((entry) => entry.kernelSet === kernelSet) as Limits;
  const first = timings[0] as KernelTiming;
  const perCall = (value: number) => value / first.calls;
  const isEdges = first.edges > 0;
  const items = perCall(isEdges ? first.edges : first.neurons);
  const bytes = perCall(first.bytes);
  const products = isEdges ? (PRODUCTS[operation] ?? 0) * items : 0;
  const nanoseconds = summarise(timings.map(({ seconds, calls }) => (1e9 * seconds) / calls));
  const { level, bytesPerSecond } = levelOf(limit, first.workingSet, cacheSizes());
  const arithmetic = products / limit.dotProducts;
  const bandwidth = bytes / bytesPerSecond;
  return {
    operation,
    kernelSet,
    left,
    right,
    edges,
    nanoseconds: mapSummary(nanoseconds, rounded),
    items: rounded(items),
    unit: isEdges ? 'edges' : 'neurons',
    cycles: mapSummary(nanoseconds, (ns) => rounded((ns * 1e-9 * limit.clock * 32) / items)),
    products: rounded(products),
    bytes: rounded(bytes),
    level,
    shareOfLimit: rounded(Math.max(arithmetic, bandwidth) / (nanoseconds.median * 1e-9), 4),
    bound: arithmetic >= bandwidth ? 'arithmetic' : 'bandwidth',
  };
}
