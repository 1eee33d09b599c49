/**
 * The typed seam to the C++ engine: the only module that touches the addon. Everything here is validated
 * again at the native boundary, where a wrong value throws a TypeError or RangeError instead of corrupting
 * memory; friendly messages are the job of the layers above.
 */
import { SparseTrainError } from '../base/errors.js';
import { loadAddon } from './loader.js';

/** A kernel set: one implementation of the engine's inner loops for one instruction set. */
export type KernelSet = 'scalar' | 'avx2' | 'avx2vnni' | 'avx512' | 'neon';

export type NativeArithmetic =
  | { kind: 'wide'; weightBits: number; weightFraction: number; rounding: 'stochastic' | 'nearest' }
  | { kind: 'float' };

/** The hardware's datapath, bit for bit. Schedule, patterns and hidden activations ('relu', clipped, or 'sigmoid') are
 *  those of the spec; `output` only says how targets are given: 'softmax' as labels, 'sigmoid' as flags. No momentum,
 *  weight decay or class weights. */
export interface NativeHardware {
  kind: 'hardware';
  /** 4 to 16, or 32. */
  width: number;
  /** 0 to width - 3: one bit is the sign, two at least stand after the point. */
  integerBits: number;
  /** The least value of the sigmoid tables within their range. */
  tableFloor: 0 | 1;
  cost: 'cross-entropy' | 'quadratic';
  outputActivation: 'sigmoid' | 'relu';
}

export type NativePattern =
  /** `tiled`: 2 left x 16 right neurons per tile; `structured`: fixed fan-in and fan-out; `random`: only the
   *  number of edges is fixed; `dense`: every edge. `edges` is the wish; the pattern rounds it to what it can. */
  | { kind: 'tiled' | 'structured' | 'random'; edges: number }
  | { kind: 'dense' }
  /** Edges by right neuron: right neuron r reads left neurons `left[offsets[r]] .. left[offsets[r + 1] - 1]`. */
  | { kind: 'custom'; offsets: Float64Array; left: Uint32Array };

/** A clash-free pattern. Edge w is read by memory m = w mod z in clock c = floor(w / z), which is in sweep s =
 *  floor(c / rows), rows = left / z. Types 2 and 3 read row (startVectors[s * z + m] + c) mod rows, type 1 row
 *  rowOrders[(s * z + m) * rows + c mod rows]; the left neuron is row * z + memoryDither[s * z + m]. What is not given is
 *  drawn from the seed. */
export interface NativeInterleaver {
  fanOut: number;
  /** z, a divisor of the left neurons. */
  parallelism: number;
  /** 3: one start vector for all sweeps; 2: one per sweep; 1: every memory reads its rows in a random order. */
  type: 1 | 2 | 3;
  /** Permute the memories: per sweep, for type 3 the same in all. */
  dither: boolean;
  startVectors?: Uint32Array | undefined;
  rowOrders?: Uint32Array | undefined;
  memoryDither?: Uint32Array | undefined;
}

/** An interleaver as drawn; the vectors that the type does not have are undefined. */
export interface NativeInterleaverEdges {
  fanIn: number;
  rows: number;
  startVectors?: Uint32Array;
  rowOrders?: Uint32Array;
  memoryDither?: Uint32Array;
  /** The left neuron of each edge; right neuron r has edges r * fanIn to (r + 1) * fanIn - 1. */
  left: Uint32Array;
  /** What was drawn again: start vectors all of whose entries are equal, and vectors of single memories that gave a
   *  right neuron straddling two sweeps a left neuron twice. */
  redrawn: number;
  /** Sweeps whose start vector has equal entries: neighbouring right neurons read contiguous windows. Only given
   *  vectors are like that (and those of a single memory or row never count). */
  constantSweeps: Uint32Array;
}

/** The first edge, in edge order, that breaks a rule. */
export interface NativeViolation {
  /** 'range': no such left neuron; 'clash': its memory (left mod parallelism) is read in this clock already, by edge
   *  `other`; 'duplicate': the right neuron reads this left neuron already, by edge `other`. */
  kind: 'range' | 'clash' | 'duplicate';
  edge: number;
  other: number;
  clock: number;
  memory: number;
  right: number;
  left: number;
  message: string;
}

export interface NativeSpec {
  /** Neurons per layer, input first. */
  layers: Uint32Array;
  arithmetic: NativeArithmetic | NativeHardware;
  /** One per junction (layers.length - 1). */
  patterns: (NativePattern | ({ kind: 'interleaver' } & NativeInterleaver))[];
  /** One per hidden layer. */
  activations: ('relu' | 'sigmoid' | 'tanh')[];
  output: 'softmax' | 'sigmoid' | 'linear';
  schedule: 'pipelined' | 'sequential';
  /** 0, or 0.5 to 0.9999. */
  momentum: number;
  /** Weight decay per unit of learning rate (decoupled: w -= rate * decay * w); adam: decay * w is added to the gradient. */
  weightDecay: number;
  /** Plain gradient descent unless given; float only. */
  optimizer?: { kind: 'adam' | 'adamw'; beta1: number; beta2: number; epsilon: number } | undefined;
  /** Integer, 0 to 2^53 - 1. */
  seed: number;
}

/** Inputs as the engine reads them: bytes are x/256; Int16 values are in the activation format (x/256, within
 *  +-2047); floats go through `scaling` first: (x - offset[c]) * scale[c], then to the nearest 1/256. Hardware: bytes are
 *  x/256 cut to its fraction bits, Int16 values raw, floats rounded to its fraction bits. */
export type NativeInputs = Uint8Array | Int16Array | Float32Array | Float64Array;

/** Sparse rows: row r consists of values starts[r] .. starts[r + 1] - 1, in the columns of the same indices, ascending,
 *  and of zeros. The starts are copied. */
export interface NativeSparseInputs {
  values: NativeInputs;
  indices: Uint32Array;
  /** One more than rows: from 0 to the number of values. */
  starts: Float64Array;
}

/** Whole or sparse rows. */
export type NativeAnyInputs = NativeInputs | NativeSparseInputs;

export interface NativeScaling {
  offset: Float64Array;
  scale: Float64Array;
}

/** One call of the training loop: `order.length` examples, in that order. */
export interface NativeTrainJob<Inputs extends NativeAnyInputs = NativeInputs> {
  inputs: Inputs;
  scaling?: NativeScaling | undefined;
  /** softmax: Int32Array of one label per example; sigmoid: Uint8Array n x outputs of 0/1;
   *  linear: Float64Array n x outputs. */
  targets: Int32Array | Uint8Array | Float64Array;
  /** Example numbers in the order of presentation. */
  order: Uint32Array;
  /** Where in `order` to begin, 0 if not given: what a call that was paused has presented already. Only directly after that
   *  call, or after importState() of the state that it left: sums and rates go on as if there had been no pause. */
  first?: number | undefined;
  /** Learning rates (hardware: 2^-k, k from 0 to 31): input i of this call uses rates[floor(i / rateInterval)] (the last one from there on). */
  rates: Float64Array;
  rateInterval: number;
  /** Weight of each class's delta, softmax only; 0 to 127. */
  classWeights?: Float64Array | undefined;
  threads: number;
  /** Examples per update, 1 to 65,536; 1 unless given. From 2 on: mini-batches, one after another, without the pipeline;
   *  the last may be smaller. A batch has the rate of its first example. */
  batchSize?: number | undefined;
  /** Keep the gradients of so many of the call's last examples for rewire(), up to 2^20; none unless given. Only the wide
   *  arithmetic, without batches. */
  record?: number | undefined;
  /** Inputs are images of rows of `width` pixels, moved by up to `shift` pixels and mirrored in half of the presentations,
   *  by seed and number of the input; without batches. */
  augment?: { width: number; shift: number; mirror: boolean } | undefined;
  /** Empty the pipeline at the end, so that every update is done when the call ends. */
  drain: boolean;
  /** Hardware only: filled with order.length x outputs raw output activations, as each example's own feed-forward in
   *  the last junction gives them (without `drain`, those that came out). */
  rawOutputs?: Int32Array | undefined;
}

export interface NativeTrainResult {
  /** Examples loaded, `first` included. Less than order.length only after abort() or pause(). */
  examples: number;
  aborted: boolean;
  /** Whether pause() ended the call: it is then to be continued with `first`. */
  paused: boolean;
  /** Sum over the examples whose output came out during the call (before their own update). */
  lossSum: number;
  /** Of those: how many, and how many were classified correctly (softmax). */
  outputs: number;
  correct: number;
  /** Seconds inside the training loop. */
  seconds: number;
}

export interface NativeProgress {
  running: boolean;
  examples: number;
  lossSum: number;
  outputs: number;
  correct: number;
}

export interface NativePredictJob {
  inputs: NativeAnyInputs;
  scaling?: NativeScaling | undefined;
  count: number;
  threads: number;
  /** Filled with count x outputs scores if given: probabilities (softmax, sigmoid) or values (linear). */
  scores?: Float32Array | undefined;
  /** Filled with the index of the largest output of each example if given. */
  decisions?: Uint32Array | undefined;
}

export interface NativeTelemetry {
  /** Per junction. Weights that stand at the limit of their format now. */
  weightsAtLimit: Float64Array;
  /** Per junction i: activations of its right layer clipped at the format's limit since the start (hardware: sums). */
  activationsClipped: Float64Array;
  /** Per junction i: deltas of its right layer clipped since the start (scaled deltas included; hardware: that
   *  stand at a limit of the format, whether or not they would be beyond). */
  deltasClipped: Float64Array;
  /** Per junction, of mini-batches since the start: weights, one per update, whose gradient was not zero, and those of
   *  them that rounding left where they were. Empty where nothing is rounded. */
  batchSteps: Float64Array;
  stepsRoundedToZero: Float64Array;
  /** Inputs presented for training since the network was made. */
  inputs: number;
}

export interface NativeJunctionInfo {
  left: number;
  right: number;
  edges: number;
  fanInMin: number;
  fanInMax: number;
  fanOutMin: number;
  fanOutMax: number;
  /** How the engine holds it: 'tiles' or 'list'; hardware 'memories' (an interleaver whose rows the kernels rotate) or
   *  'edges'. */
  layout: string;
}

/** A network in native memory. Synchronous calls throw while a train() or predict() call is running
 *  (an Error whose `code` property is 'NETWORK_BUSY'), except progress() and abort(). */
export interface NativeNetwork {
  readonly kernelSet: KernelSet;
  junctions(): NativeJunctionInfo[];
  /** Runs on its own thread(s); the arrays must not be changed until it settles. */
  train(job: NativeTrainJob<NativeAnyInputs>): Promise<NativeTrainResult>;
  /** Moves the weakest edges of every junction (docs/arithmetic.md, "Dynamic patterns") on a thread of its own: `share` of
   *  them, in units of 2^-16, to where the recorded gradients are largest or to anywhere. Returns how many edges moved in
   *  each junction. Only the wide arithmetic. */
  rewire(rule: { share: number; byGradient: boolean }): Promise<Float64Array>;
  /** Another pattern, as pattern() returns them: edges that both have keep their weights, new ones begin with 0. Only the
   *  wide arithmetic. */
  setPattern(junction: number, pattern: { offsets: Float64Array; left: Uint32Array }): void;
  predict(job: NativePredictJob): Promise<{ seconds: number }>;
  /** Synchronous forms for single examples. */
  learn(input: NativeAnyInputs, target: number | Uint8Array | Float64Array, rate: number): void;
  /** Returns the index of the largest output; fills `scores` if given. */
  predictOne(input: NativeAnyInputs, scores?: Float32Array): number;
  /** The scaling applied to float inputs of learn() and predictOne() (undefined: none). */
  setScaling(scaling: NativeScaling | undefined): void;
  /** Runs the blocks still in the pipeline. */
  drain(): void;
  progress(): NativeProgress;
  /** Asks the running call to stop; it settles within milliseconds with a usable network. */
  abort(): void;
  /** Asks a running train() to stop with the pipeline as it is; predict() takes no notice. */
  pause(): void;
  /** Everything that decides how training goes on, inputs in the pipeline and sums of a paused call included, as a block
   *  that is the same for every kernel set and number of threads. */
  exportState(): Uint8Array;
  /** Takes over the state of a network of the same spec; a RangeError says why a block is none, and changes nothing. */
  importState(state: Uint8Array): void;
  telemetry(): NativeTelemetry;
  /** Edges by right neuron, as NativePattern's custom form; hardware: in its own edge order, which is no ascending one
   *  and which the custom form takes as well. */
  pattern(junction: number): { offsets: Float64Array; left: Uint32Array };
  /** Weights in the order of pattern()'s edges: Int16Array (wide; hardware up to 16 bits, raw), Int32Array (hardware of 32
   *  bits, raw) or Float32Array (float). */
  weights(junction: number): Int16Array | Int32Array | Float32Array;
  setWeights(junction: number, weights: Int16Array | Int32Array | Float32Array): void;
  /** Biases: Int32Array (wide, 8 + weightFraction fraction bits; hardware, its format) or Float32Array (float). */
  biases(junction: number): Int32Array | Float32Array;
  setBiases(junction: number, biases: Int32Array | Float32Array): void;
}

/** A network with the hardware arithmetic. Edges are in the hardware's own order. */
export interface NativeHardwareNetwork extends Omit<NativeNetwork, 'weights' | 'setWeights'> {
  /** Raw weights in the order of pattern()'s edges, Int32Array if the width is 32. */
  weights(junction: number): Int16Array | Int32Array;
  setWeights(junction: number, weights: Int16Array | Int32Array): void;
}

/** Of the wide arithmetic (docs/arithmetic.md, "Activations"). */
export interface NativeWideTables {
  /** In units of 2^-8. */
  sigmoid: Int16Array;
  tanh: Int16Array;
  /** Of sigmoid outputs, in units of 2^-14. */
  probability: Int16Array;
}

/** A CSV text to scan, from the beginning of a record. */
export interface NativeCsvTask {
  bytes: Uint8Array;
  begin: number;
  end: number;
  /** One character in UTF-8, and the decimal mark's byte. */
  delimiter: Uint8Array;
  decimal: number;
  /** Whether more text may follow `end`: a record is then only read if the line break after it is there. */
  isPart: boolean;
  /** Whether a blank line is a record of one empty field; otherwise it is skipped. */
  keepsBlankLines: boolean;
  /** Filled with each field's number, correctly rounded; NaN where it is not a number. */
  numbers: Float64Array;
  /** Filled with each field's first byte and the one after its last, blanks and quotes around it left out. */
  starts: Int32Array;
  ends: Int32Array;
  /** Filled with the first field of each record; one entry more than there are records. */
  firsts: Uint32Array;
  /** Filled with the line breaks before each record. */
  lines: Uint32Array;
}

export interface NativeCsvScanned {
  /** Where the next record begins. */
  position: number;
  records: number;
  /** Line breaks up to there. */
  lines: number;
  /** Why scanning stopped (CsvStop in native/csv/scan.hpp). */
  stop: number;
  /** Where a wrong quote is: line breaks before it, and the field's number in its record, from 0. */
  wrongLine: number;
  wrongField: number;
}

export interface NativeAddon {
  readonly version: string;
  /** Kernel sets that this build has and this CPU can run, best last. */
  kernelSets(): KernelSet[];
  /** Chooses the kernel set of networks made from now on. Throws if it is not in kernelSets(). */
  useKernelSet(name: KernelSet): void;
  currentKernelSet(): KernelSet;
  /** A permutation of 0..n-1 made from (seed, stream): the order of presentation of one epoch. */
  permutation(n: number, seed: number, stream: number): Uint32Array;
  /** The vectors and edges of an interleaver, as a network of that seed gets them in that junction (from 0). Throws a
   *  RangeError that says why where there is no such pattern. */
  interleaver(
    spec: NativeInterleaver & { left: number; right: number; seed: number; junction: number },
  ): NativeInterleaverEdges;
  /** Looks for the first violation of a pattern (edges by right neuron, in clock order); parallelism 0: only for
   *  duplicates. `completeSweeps`: every sweep of left / z clocks reads every left neuron once. */
  checkClashFree(pattern: {
    leftNeurons: number;
    rightNeurons: number;
    offsets: Float64Array;
    left: Uint32Array;
    parallelism: number;
  }): { violation?: NativeViolation; completeSweeps: boolean };
  /** The sigmoid table of a hardware format: entries for the addresses -size/2 .. size/2 - 1, which are sums with
   *  `addressFraction` fraction bits. */
  hardwareTable(format: Pick<NativeHardware, 'width' | 'integerBits' | 'tableFloor'>): {
    addressFraction: number;
    values: Int32Array;
    slopes: Int32Array;
  };
  /** The tables of the wide arithmetic for sums in units of 2^-8; entry u + 2047 is that of u, from -2047 to 2047. */
  wideTables(): NativeWideTables;
  /** Scans records of CSV text until the arrays are full, the text ends, or a quote is wrong. */
  scanCsv(task: NativeCsvTask): NativeCsvScanned;
  Network: {
    new (spec: NativeSpec & { arithmetic: NativeHardware }): NativeHardwareNetwork;
    new (spec: NativeSpec): NativeNetwork;
  };
}

let loaded: NativeAddon | undefined;

/**
 * The addon, loaded at first use; SPARSE_TRAIN_ISA chooses the kernel set.
 * @throws SparseTrainError NATIVE_UNAVAILABLE if it cannot be loaded, ISA_UNAVAILABLE if SPARSE_TRAIN_ISA names a
 * kernel set that this build or CPU lacks.
 */
export function native(): NativeAddon {
  if (loaded === undefined) {
    const addon = loadAddon() as NativeAddon;
    const wanted = process.env.SPARSE_TRAIN_ISA;
    if (wanted !== undefined && wanted !== '') {
      const known: readonly string[] = addon.kernelSets();
      if (!known.includes(wanted)) {
        throw new SparseTrainError(
          'ISA_UNAVAILABLE',
          `SPARSE_TRAIN_ISA is "${wanted}", but this build on this CPU has ${known.join(', ')}; unset it or choose one of these`,
        );
      }
      addon.useKernelSet(wanted as KernelSet);
    }
    loaded = addon;
  }
  return loaded;
}
