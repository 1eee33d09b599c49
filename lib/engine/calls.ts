/** What calls of the engine take and return. */

/**
 * Whole rows of inputs, one after the other. Bytes are x/256; Int16 values are in the activation format (x/256, within
 * +-2047); floats first go through {@link EngineScaling} and then to the nearest 1/256. Hardware: bytes are x/256 cut to
 * its fraction bits, Int16 values are raw, floats are rounded to its fraction bits.
 */
export type DenseInputs = Uint8Array | Int16Array | Float32Array | Float64Array;

/**
 * Sparse rows: row r has the values starts[r] to starts[r + 1] - 1 in the columns given by the same indices, ascending,
 * and zeros elsewhere. The starts are copied.
 */
export interface SparseInputs {
  values: DenseInputs;
  indices: Uint32Array;
  /** One more than there are rows: from 0 to the number of values. */
  starts: Float64Array;
}

/** Whole or sparse rows. */
export type EngineInputs = DenseInputs | SparseInputs;

/** Applied to floating point inputs: (x - offset[c]) * scale[c] in column c. */
export interface EngineScaling {
  offset: Float64Array;
  scale: Float64Array;
}

/** One call of the training loop: `order.length` examples, in that order. */
export interface TrainJob<Inputs extends EngineInputs = DenseInputs> {
  inputs: Inputs;
  scaling?: EngineScaling | undefined;
  /** softmax: Int32Array, one label per example; sigmoid: Uint8Array, n x outputs of 0 or 1; linear: Float64Array,
   *  n x outputs. */
  targets: Int32Array | Uint8Array | Float64Array;
  /** Numbers of examples in the order of presentation. */
  order: Uint32Array;
  /** Where in `order` to begin, 0 unless given: how many examples a paused call has presented. Only directly after that
   *  call, or after importState() of the state that it left: sums and rates continue as if there had been no pause. */
  first?: number | undefined;
  /** Input i of this call uses the learning rate rates[floor(i / rateInterval)], and the last one beyond the end. Hardware:
   *  2^-k, with k from 0 to 31. */
  rates: Float64Array;
  rateInterval: number;
  /** Weight of each class's delta, softmax only; 0 to 127. */
  classWeights?: Float64Array | undefined;
  threads: number;
  /** Examples per update, 1 to 65,536; 1 unless given. From 2 on: mini-batches, one after another, without the pipeline;
   *  the last may be smaller. A batch has the rate of its first example. */
  batchSize?: number | undefined;
  /** For rewire(): keep the gradients of this many of the call's last examples, up to 2^20; none unless given. Only the
   *  wide arithmetic, without batches. */
  record?: number | undefined;
  /** Inputs are images with rows of `width` pixels. Each presentation moves them by up to `shift` pixels, and half of the
   *  presentations mirror them, decided by the seed and the number of the input; without batches. */
  augment?: { width: number; shift: number; mirror: boolean } | undefined;
  /** Empty the pipeline at the end, so that every update is done when the call ends. */
  drain: boolean;
  /** Hardware only: filled with order.length x outputs raw output activations, as each example's own feed-forward in
   *  the last junction gives them (without `drain`, those that came out). */
  rawOutputs?: Int32Array | undefined;
}

/** What a call of the training loop did. */
export interface TrainResult {
  /** Examples loaded, `first` included. Less than order.length only after abort() or pause(). */
  examples: number;
  aborted: boolean;
  /** Whether pause() ended the call; `first` then continues it. */
  paused: boolean;
  /** Sum over the examples whose output came out during the call (before their own update). */
  lossSum: number;
  /** How many outputs came out, and how many of them were classified correctly (softmax). */
  outputs: number;
  correct: number;
  /** Seconds inside the training loop. */
  seconds: number;
}

/** How far the running call is. */
export interface CallProgress {
  running: boolean;
  examples: number;
  lossSum: number;
  outputs: number;
  correct: number;
}

/** One call that predicts `count` rows. */
export interface PredictJob {
  inputs: EngineInputs;
  scaling?: EngineScaling | undefined;
  count: number;
  threads: number;
  /** Filled with count x outputs scores if given: probabilities (softmax, sigmoid) or values (linear). */
  scores?: Float32Array | undefined;
  /** Filled with the index of the largest output of each example if given. */
  decisions?: Uint32Array | undefined;
}

/** How often numbers met the limits of their formats; one entry per junction. */
export interface Telemetry {
  /** Weights that stand at the limit of their format now. */
  weightsAtLimit: Float64Array;
  /** Activations of the right layer clipped at the format's limit since the start (hardware: sums). */
  activationsClipped: Float64Array;
  /** Deltas of the right layer clipped since the start, scaled deltas included (hardware: deltas that stand at a limit of
   *  the format, whether or not they would be beyond). */
  deltasClipped: Float64Array;
  /** Of mini-batches since the start: weights, one per update, whose gradient was not zero, and how many of them rounding
   *  left where they were. Empty where nothing is rounded. */
  batchSteps: Float64Array;
  stepsRoundedToZero: Float64Array;
  /** Inputs presented for training since the network was made. */
  inputs: number;
}

/** A junction as the engine holds it. */
export interface JunctionInfo {
  left: number;
  right: number;
  edges: number;
  fanInMin: number;
  fanInMax: number;
  fanOutMin: number;
  fanOutMax: number;
  /** 'tiles' or 'list'; hardware: 'memories' (an interleaver whose rows the kernels rotate) or 'edges'. */
  layout: string;
}
