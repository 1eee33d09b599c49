/**
 * The C++ addon's exports, as types: what native/addon defines. Every argument is checked in C++, where a wrong value
 * throws a TypeError or RangeError instead of corrupting memory. Only this folder knows the addon; the other modules
 * here give it functions and classes for the rest of the package.
 */
import type { BiasArray, WeightArray } from './arrays.js';
import type {
  CallProgress,
  EngineInputs,
  EngineScaling,
  JunctionInfo,
  PredictJob,
  Telemetry,
  TrainJob,
  TrainResult,
} from './calls.js';
import type { EdgeArrays, HardwareSpec, InterleaverSpec, NetworkSpec } from './spec.js';

/** The name of a kernel set, which is one implementation of the engine's inner loops for one instruction set. */
export type KernelSet = string;

/** An interleaver as drawn; the vectors that its type does not have are undefined. */
export interface DrawnInterleaver {
  fanIn: number;
  rows: number;
  startVectors?: Uint32Array;
  rowOrders?: Uint32Array;
  memoryDither?: Uint32Array;
  /** The left neuron of each edge; right neuron r has edges r * fanIn to (r + 1) * fanIn - 1. */
  left: Uint32Array;
  /** How often something was drawn again: start vectors whose entries are all equal, and vectors of single memories that
   *  gave a right neuron straddling two sweeps the same left neuron twice. */
  redrawn: number;
  /** Sweeps whose start vector has equal entries: neighbouring right neurons read contiguous windows. Only given
   *  vectors are like that (and those of a single memory or row never count). */
  constantSweeps: Uint32Array;
}

/** The first edge, in edge order, that breaks a rule. */
export interface PatternViolation {
  /** 'range': there is no such left neuron; 'clash': edge `other` reads the same memory (left mod parallelism) in the same
   *  clock; 'duplicate': edge `other` joins the same two neurons. */
  kind: 'range' | 'clash' | 'duplicate';
  edge: number;
  other: number;
  clock: number;
  memory: number;
  right: number;
  left: number;
  message: string;
}

/**
 * Tables of the wide arithmetic for sums in units of 2^-8 (docs/arithmetic.md, "Activations"); entry u + 2047 belongs to
 * the sum u, from -2047 to 2047.
 */
export interface WideTables {
  /** In units of 2^-8. */
  sigmoid: Int16Array;
  tanh: Int16Array;
  /** Of sigmoid outputs, in units of 2^-14. */
  probability: Int16Array;
}

/** The sigmoid table of a hardware format: an entry for each address from -size/2 to size/2 - 1. */
export interface HardwareTable {
  /** Fraction bits of the sums that are the addresses. */
  addressFraction: number;
  values: Int32Array;
  slopes: Int32Array;
}

/** A CSV text to scan, from the beginning of a record. */
export interface CsvScanTask {
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

/** How far a scan came. */
export interface CsvScanned {
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

/**
 * A network in native memory. Synchronous calls throw an Error whose `code` is 'NETWORK_BUSY' while a train(), rewire()
 * or predict() runs, except progress(), abort() and pause().
 */
export interface NativeNetwork {
  readonly kernelSet: KernelSet;
  junctions(): JunctionInfo[];
  /** Runs on its own thread(s); the arrays must not be changed until it settles. */
  train(job: TrainJob<EngineInputs>): Promise<TrainResult>;
  /** Moves the weakest edges of every junction (docs/arithmetic.md, "Dynamic patterns") on a thread of its own: `share` of
   *  them, in units of 2^-16, to where the recorded gradients are largest, or anywhere. Returns how many edges moved in
   *  each junction. Only the wide arithmetic. */
  rewire(rule: { share: number; byGradient: boolean }): Promise<Float64Array>;
  /** Replaces a pattern: edges that both have keep their weights, new ones begin with 0. Only the wide arithmetic. */
  setPattern(junction: number, pattern: EdgeArrays): void;
  predict(job: PredictJob): Promise<{ seconds: number }>;
  /** Trains on a single example, on the calling thread. */
  learn(input: EngineInputs, target: number | Uint8Array | Float64Array, rate: number): void;
  /** Returns the index of the largest output; fills `scores` if given. On the calling thread. */
  predictOne(input: EngineInputs, scores?: Float32Array): number;
  /**
   * learn() of a label and predictOne() of a whole row with all arguments and results in memory of the network's own (its
   * layout is in lib/engine/shared-row.ts). They say in the memory whether they did anything: not if an argument is wrong,
   * the network is busy or closed, or learns no labels. Undefined where the runtime has no such buffers.
   */
  sharedCalls(): { memory: ArrayBuffer; learn: () => void; predict: () => void } | undefined;
  /** The scaling of float inputs of single examples (undefined: none). */
  setScaling(scaling: EngineScaling | undefined): void;
  /** Finishes the updates that are still in the pipeline. */
  drain(): void;
  progress(): CallProgress;
  /** Asks the running call to stop; it settles within milliseconds with a usable network. */
  abort(): void;
  /** Asks a running train() to stop with the pipeline as it is; predict() ignores it. */
  pause(): void;
  /** Everything that decides how training continues, inputs in the pipeline and sums of a paused call included, as a block
   *  that is the same for every kernel set and number of threads. */
  exportState(): Uint8Array;
  /** Takes over the state of a network of the same spec. A RangeError says why a block does not fit; nothing has changed
   *  then. */
  importState(state: Uint8Array): void;
  telemetry(): Telemetry;
  /** Continues the count of inputs of a saved network, from which rounding numbers follow; 0 to 2^53 - 1. */
  setInputsPresented(count: number): void;
  /** Edges by right neuron; hardware: in its own edge order, which is not ascending. Custom patterns take either order. */
  pattern(junction: number): EdgeArrays;
  /** Weights in the order of pattern()'s edges: Int16Array (wide; hardware up to 16 bits, raw), Int32Array (hardware of 32
   *  bits, raw) or Float32Array (float). */
  weights(junction: number): WeightArray;
  setWeights(junction: number, weights: WeightArray): void;
  /** Biases: Int32Array (wide, 8 + weightFraction fraction bits; hardware, its format) or Float32Array (float). */
  biases(junction: number): BiasArray;
  setBiases(junction: number, biases: BiasArray): void;
  /** Frees the memory. Every later call throws an Error whose `code` is 'NETWORK_CLOSED', except kernelSet, progress(),
   *  abort() and pause(). */
  close(): void;
}

/**
 * Where rows are handed to a learner: row i has the entries from ends[i - 1] to ends[i] - 1 of `slots` and `values`, the
 * first plains[i] of which the plain member network reads, too.
 */
export interface LearnerStage {
  slots: Uint32Array;
  /** In units of 1/256, within 2047; a row's together within 32767 - 256. */
  values: Int16Array;
  ends: Uint32Array;
  plains: Uint32Array;
  /** The class of each row to learn: an output's number, or that of the next new one. */
  outputs: Int32Array;
  /** The number of each row to learn, in units of 2^-14 of the target's scale, within 2^17. */
  numbers: Int32Array;
  /** Filled with three numbers a row: the predicted output (-1: none), its probability or the predicted number, and the
   *  probability of the class that was learned. */
  results: Float64Array;
}

/** Everything that a learner has learned; slots and outputs have to be added before it is put back. */
export interface LearnerState {
  learned: number;
  outputs: number;
  shares: Float64Array;
  /** The remembered rows, as native/learner/learner.hpp lays them out. */
  memory: Int32Array;
  inputWeights: Int16Array;
  outputWeights: Int16Array;
  outputBiases: Int32Array;
}

/** A learner in native memory: three networks that read the same rows. Every call is on the calling thread. */
export interface NativeLearner {
  readonly kernelSet: KernelSet;
  /** Adds a slot for each key, a pair of words with the low one first; their first weights are random or zero. */
  addSlots(keys: Uint32Array, random: boolean): void;
  addOutputs(keys: Uint32Array): void;
  /** Predicts and learns the first `rows` rows of the stage; `boost` doubles the rates of the two slow members. */
  learn(rows: number, boost: boolean): void;
  predict(rows: number): void;
  /** The probability of each output in use, for the row that was predicted last. */
  probabilities(): Float64Array;
  exportState(): LearnerState;
  importState(state: LearnerState): void;
  close(): void;
}

/** What the addon exports. */
export interface NativeAddon {
  readonly version: string;
  kernelSets(): KernelSet[];
  useKernelSet(name: KernelSet): void;
  currentKernelSet(): KernelSet;
  permutation(n: number, seed: number, stream: number): Uint32Array;
  interleaver(
    spec: InterleaverSpec & { left: number; right: number; seed: number; junction: number },
  ): DrawnInterleaver;
  checkClashFree(pattern: EdgeArrays & { leftNeurons: number; rightNeurons: number; parallelism: number }): {
    violation?: PatternViolation;
    completeSweeps: boolean;
  };
  hardwareTable(format: Pick<HardwareSpec, 'width' | 'integerBits' | 'tableFloor'>): HardwareTable;
  wideTables(): WideTables;
  scanCsv(task: CsvScanTask): CsvScanned;
  Network: new (spec: NetworkSpec) => NativeNetwork;
  Learner: new (spec: { seed: number; classes: boolean; stage: LearnerStage }) => NativeLearner;
}
