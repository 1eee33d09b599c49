/**
 * The engine's specification of a network. C++ checks every value again; the floors above check first, so that
 * messages use the caller's words.
 */

/** 16-bit integer weights and activations: docs/arithmetic.md. */
export interface WideSpec {
  kind: 'wide';
  weightBits: number;
  weightFraction: number;
  rounding: 'stochastic' | 'nearest';
}

/** Single precision throughout. */
export interface FloatSpec {
  kind: 'float';
}

/**
 * The datapath of the hardware, bit for bit. {@link NetworkSpec} gives the schedule, patterns and hidden activations
 * ('relu', clipped, or 'sigmoid'); its `output` only says whether targets are labels ('softmax') or flags
 * ('sigmoid'). Momentum, weight decay and class weights are not available.
 */
export interface HardwareSpec {
  kind: 'hardware';
  /** 4 to 16, or 32. */
  width: number;
  /** 0 to width - 3: one bit is the sign, and at least two are fraction bits. */
  integerBits: number;
  /** The smallest value inside the range of the sigmoid tables. */
  tableFloor: 0 | 1;
  cost: 'cross-entropy' | 'quadratic';
  outputActivation: 'sigmoid' | 'relu';
}

/** The arithmetic of a network. */
export type ArithmeticSpec = WideSpec | FloatSpec | HardwareSpec;

/** Edges by right neuron: right neuron r reads the left neurons `left[offsets[r]]` to `left[offsets[r + 1] - 1]`. */
export interface EdgeArrays {
  offsets: Float64Array;
  left: Uint32Array;
}

/** The edges of a junction, except those of a clash-free pattern. */
export type PatternSpec =
  /**
   * `tiled`: tiles of 2 left x 16 right neurons; `structured`: fixed fan-in and fan-out; `random`: only the number of
   * edges is fixed. `edges` is the requested number, which the pattern rounds to a possible one.
   */
  { kind: 'tiled' | 'structured' | 'random'; edges: number } | { kind: 'dense' } | CustomSpec;

/** Edges one by one. */
export interface CustomSpec extends EdgeArrays {
  kind: 'custom';
}

/**
 * A clash-free pattern (docs/edge-processing.md). Edge w is read by memory m = w mod z in clock c = floor(w / z), in
 * sweep s = floor(c / rows), where rows = left / z. Types 2 and 3 read row (startVectors[s * z + m] + c) mod rows; type 1
 * reads row rowOrders[(s * z + m) * rows + c mod rows]. The left neuron is row * z + memoryDither[s * z + m]. Vectors that
 * are not given are drawn from the seed.
 */
export interface InterleaverSpec {
  fanOut: number;
  /** z, a divisor of the left neurons. */
  parallelism: number;
  /** 3: one start vector for all sweeps; 2: one per sweep; 1: every memory reads its rows in a random order. */
  type: 1 | 2 | 3;
  /** Whether the memories are permuted in each sweep; type 3 uses one permutation for all sweeps. */
  dither: boolean;
  startVectors?: Uint32Array | undefined;
  rowOrders?: Uint32Array | undefined;
  memoryDither?: Uint32Array | undefined;
}

/** The edges of a junction. */
export type JunctionSpec = PatternSpec | ({ kind: 'interleaver' } & InterleaverSpec);

/** Everything that determines a network and its first weights. */
export interface NetworkSpec {
  /** Neurons per layer, input first. */
  layers: Uint32Array;
  arithmetic: ArithmeticSpec;
  /** One per junction (layers.length - 1). */
  patterns: JunctionSpec[];
  /** One per hidden layer. */
  activations: ('relu' | 'sigmoid' | 'tanh')[];
  output: 'softmax' | 'sigmoid' | 'linear';
  schedule: 'pipelined' | 'sequential';
  /** 0, or 0.5 to 0.9999. */
  momentum: number;
  /** Per unit of learning rate, decoupled: w -= rate * decay * w. With adam, decay * w is added to the gradient. */
  weightDecay: number;
  /** Only with the float arithmetic; plain gradient descent unless given. */
  optimizer?: { kind: 'adam' | 'adamw'; beta1: number; beta2: number; epsilon: number } | undefined;
  /** Integer, 0 to 2^53 - 1. */
  seed: number;
}
