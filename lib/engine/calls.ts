/** The arguments and results of engine calls. */

/**
 * Whole rows of inputs, one after another. A byte x stands for x/256. Int16 values are in the activation format
 * (x/256, within +-2047). Floats go through {@link EngineScaling} and are rounded to 1/256. In the hardware
 * arithmetic a byte is x/256 cut to the format's fraction bits, Int16 values are raw, and floats are rounded to the
 * fraction bits.
 */
export type DenseInputs = Uint8Array | Int16Array | Float32Array | Float64Array;

/**
 * Sparse rows: row r has the values starts[r] to starts[r + 1] - 1, in the columns that `indices` gives for them in
 * ascending order; all other columns are 0. The starts are copied.
 */
export interface SparseInputs {
  values: DenseInputs;
  indices: Uint32Array;
  /** One entry more than there are rows: from 0 to the number of values. */
  starts: Float64Array;
}

/** Whole or sparse rows. */
export type EngineInputs = DenseInputs | SparseInputs;

/** The scaling of floating-point inputs: (x - offset[c]) * scale[c] in column c. */
export interface EngineScaling {
  offset: Float64Array;
  scale: Float64Array;
}

/** One call of the training loop: `order.length` examples, in that order. */
export interface TrainJob<Inputs extends EngineInputs = DenseInputs> {
  inputs: Inputs;
  scaling?: EngineScaling | undefined;
  /**
   * softmax: Int32Array, one label per example; sigmoid: Uint8Array, n x outputs of 0 or 1; linear: Float64Array, n x
   * outputs.
   */
  targets: Int32Array | Uint8Array | Float64Array;
  /** Numbers of examples in the order of presentation. */
  order: Uint32Array;
  /**
   * Where in `order` to begin, 0 by default: how many examples a paused call has presented. Only valid directly after
   * that call, or after importState() of the state that it left: sums and rates then continue as if there had been no
   * pause.
   */
  first?: number | undefined;
  /**
   * Input i of this call uses the learning rate rates[floor(i / rateInterval)], and the last rate beyond the end.
   * Hardware: 2^-k, with k from 0 to 31.
   */
  rates: Float64Array;
  rateInterval: number;
  /** Weight of each class's delta, softmax only; 0 to 127. */
  classWeights?: Float64Array | undefined;
  threads: number;
  /**
   * Examples per update, 1 to 65,536; 1 by default. From 2 on, training runs in mini-batches, one after another and
   * without the pipeline; the last may be smaller. A batch uses the rate of its first example.
   */
  batchSize?: number | undefined;
  /**
   * Records for rewire(): the gradients of this many of the call's last examples are kept, up to 2^20; none by
   * default. Only for the wide arithmetic, without batches.
   */
  record?: number | undefined;
  /**
   * Treats inputs as images with rows of `width` pixels. Each presentation shifts the image by up to `shift` pixels,
   * and half of the presentations mirror it; the seed and the number of the input decide. Not with batches.
   */
  augment?: { width: number; shift: number; mirror: boolean } | undefined;
  /** Whether to empty the pipeline at the end, so that every update is done when the call ends. */
  drain: boolean;
  /**
   * Hardware only: receives order.length x outputs raw output activations from each example's own feed-forward
   * (without `drain`, those that have left the pipeline).
   */
  rawOutputs?: Int32Array | undefined;
}

/** The result of a call of the training loop. */
export interface TrainResult {
  /** Examples loaded, including `first`. Less than order.length only after abort() or pause(). */
  examples: number;
  aborted: boolean;
  /** Whether pause() ended the call; pass `examples` as `first` to continue it. */
  paused: boolean;
  /** The sum of losses over the examples whose output was computed during the call (before their own update). */
  lossSum: number;
  /** How many outputs were computed, and how many of them were classified correctly (softmax). */
  outputs: number;
  correct: number;
  /** Seconds inside the training loop. */
  seconds: number;
}

/** The progress of the running call. */
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
  /** If given, receives count x outputs scores: probabilities (softmax, sigmoid) or values (linear). */
  scores?: Float32Array | undefined;
  /** If given, receives the index of the largest output of each example. */
  decisions?: Uint32Array | undefined;
}

/** How often numbers met the limits of their formats; one entry per junction. */
export interface Telemetry {
  /** Weights that are at the limit of their format now. */
  weightsAtLimit: Float64Array;
  /** Activations of the right layer that were clipped at the format's limit since the start (hardware: sums). */
  activationsClipped: Float64Array;
  /**
   * Deltas of the right layer that were clipped since the start, scaled deltas included (hardware: deltas equal to a
   * limit of the format, whether or not they were clipped).
   */
  deltasClipped: Float64Array;
  /**
   * Counts of mini-batches since the start: weights whose gradient was not zero, one per update, and how many of them
   * rounding left unchanged. Empty where nothing is rounded.
   */
  batchSteps: Float64Array;
  stepsRoundedToZero: Float64Array;
  /** Inputs presented for training since the network was made. */
  inputs: number;
}

/** Describes a junction of the engine. */
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
