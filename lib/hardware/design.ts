import type { KernelSet } from '../engine/kernel-sets.js';
import { EngineNetwork } from '../engine/network.js';
import type { HardwareSpec, JunctionSpec, NetworkSpec } from '../engine/spec.js';

/** A junction's edges: the vectors of an interleaver (docs/edge-processing.md, section 2), or a list. */
export interface JunctionWiring {
  /** z; undefined for a list of edges. */
  readonly parallelism: number | undefined;
  readonly fanOut: number | undefined;
  /** Per sweep, z start rows (clash-free types 2 and 3). */
  readonly startVectors?: readonly (readonly number[])[] | undefined;
  /** Per sweep and memory, the order in which its rows are read (type 1). */
  readonly rowOrders?: readonly (readonly (readonly number[])[])[] | undefined;
  /** Per sweep, a permutation of the memories; undefined: they are not permuted. */
  readonly memoryDither?: readonly (readonly number[])[] | undefined;
  /** Without an interleaver: all edges by right neuron, in the hardware's order. */
  readonly edges?: { readonly offsets: readonly number[]; readonly left: readonly number[] } | undefined;
}

/** A network of the hardware's datapath, without its weights and biases. */
export interface HardwareDesign {
  readonly layers: readonly number[];
  readonly junctions: readonly JunctionWiring[];
  readonly width: number;
  readonly integerBits: number;
  readonly tableFloor: 0 | 1;
  /** One per junction, the output layer's last. */
  readonly activation: readonly ('sigmoid' | 'relu')[];
  readonly cost: 'cross-entropy' | 'quadratic';
}

/** Raw weights and biases of every junction. */
export interface HardwareParameters {
  readonly weights: readonly ArrayLike<number>[];
  readonly biases: readonly ArrayLike<number>[];
}

/** Converts a wiring to the engine's form. */
export function junctionSpec(wiring: JunctionWiring): JunctionSpec {
  const { startVectors, rowOrders, memoryDither, edges, parallelism, fanOut } = wiring;
  if (edges !== undefined) {
    return {
      kind: 'custom',
      offsets: Float64Array.from(edges.offsets),
      left: Uint32Array.from(edges.left),
    };
  }
  return {
    kind: 'interleaver',
    fanOut: fanOut as number,
    parallelism: parallelism as number,
    type: rowOrders === undefined ? 2 : 1,
    dither: memoryDither !== undefined,
    startVectors: startVectors === undefined ? undefined : Uint32Array.from(startVectors.flat()),
    rowOrders: rowOrders === undefined ? undefined : Uint32Array.from(rowOrders.flat(2)),
    memoryDither: memoryDither === undefined ? undefined : Uint32Array.from(memoryDither.flat()),
  };
}

/** Converts the design's arithmetic to the engine's form. */
export function arithmeticSpec(design: HardwareDesign): HardwareSpec {
  return {
    kind: 'hardware',
    width: design.width,
    integerBits: design.integerBits,
    tableFloor: design.tableFloor,
    cost: design.cost,
    outputActivation: design.activation.at(-1) ?? 'sigmoid',
  };
}

/**
 * Makes an engine network of a design that uses one kernel set. The kernel sets of other networks stay.
 *
 * @throws SparseTrainError INVALID_DATA with the engine's reason if there is no such network
 */
export function makeEngine(
  design: HardwareDesign,
  parameters: HardwareParameters,
  kernelSet: KernelSet,
): EngineNetwork {
  const spec: NetworkSpec = {
    layers: Uint32Array.from(design.layers),
    arithmetic: arithmeticSpec(design),
    patterns: design.junctions.map(junctionSpec),
    activations: design.activation.slice(0, -1),
    output: 'softmax',
    schedule: 'pipelined',
    momentum: 0,
    weightDecay: 0,
    seed: 0,
  };
  const engine = new EngineNetwork(spec, { refused: 'INVALID_DATA', kernelSet });
  for (let j = 0; j < design.junctions.length; j++) {
    const weights = parameters.weights[j] as ArrayLike<number>;
    engine.setWeights(j, design.width > 16 ? Int32Array.from(weights) : Int16Array.from(weights));
    engine.setBiases(j, Int32Array.from(parameters.biases[j] as ArrayLike<number>));
  }
  return engine;
}
