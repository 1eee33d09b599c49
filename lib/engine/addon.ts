/**
 * The C++ addon's exports as types, matching native/addon. C++ checks every argument and throws a TypeError or
 * RangeError for a wrong value instead of corrupting memory. Only this folder uses the addon; its other modules wrap
 * it in functions and classes for the rest of the package.
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

/** An interleaver with the vectors that were drawn for it; vectors that its type does not use are undefined. */
export interface DrawnInterleaver {
  fanIn: number;
  rows: number;
  startVectors?: Uint32Array;
  rowOrders?: Uint32Array;
  memoryDither?: Uint32Array;
  /** The left neuron of each edge; right neuron r has edges r * fanIn to (r + 1) * fanIn - 1. */
  left: Uint32Array;
  /**
   * How many vectors had to be drawn again: start vectors whose entries are all equal, and vectors of single memories
   * that gave a right neuron straddling two sweeps the same left neuron twice.
   */
  redrawn: number;
  /**
   * Sweeps whose start vector has equal entries, so that neighbouring right neurons read contiguous windows. Drawn
   * vectors are never like that; interleavers with a single memory or row do not count.
   */
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
  /** Whether the text may continue after `end`: a record is then read only if its line break is present. */
  isPart: boolean;
  /** Whether a blank line is a record of one empty field; otherwise it is skipped. */
  keepsBlankLines: boolean;
  /** Receives each field's number, correctly rounded; NaN if the field is not a number. */
  numbers: Float64Array;
  /** Receives each field's first byte and the byte after its last, without surrounding blanks and quotes. */
  starts: Int32Array;
  ends: Int32Array;
  /** Receives the first field of each record; one entry more than there are records. */
  firsts: Uint32Array;
  /** Receives the number of line breaks before each record. */
  lines: Uint32Array;
}

/** How far a scan got. */
export interface CsvScanned {
  /** Where the next record begins. */
  position: number;
  records: number;
  /** Line breaks up to that position. */
  lines: number;
  /** Why scanning stopped (CsvStop in native/csv/scan.hpp). */
  stop: number;
  /** The place of a wrong quote: line breaks before it, and the field's number in its record, from 0. */
  wrongLine: number;
  wrongField: number;
}

/**
 * A network in native memory. While a train(), rewire() or predict() runs, every call except progress(), abort() and
 * pause() throws an Error whose `code` is 'NETWORK_BUSY'.
 */
export interface NativeNetwork {
  readonly kernelSet: KernelSet;
  junctions(): JunctionInfo[];
  /** Trains on threads of its own; the arrays must not be changed until the promise settles. */
  train(job: TrainJob<EngineInputs>): Promise<TrainResult>;
  /**
   * Moves the weakest edges of every junction (docs/arithmetic.md, "Dynamic patterns") on a thread of its own.
   * `share` of them, in units of 2^-16, move to where the recorded gradients are largest, or to random places.
   * Returns how many edges moved in each junction. Only for the wide arithmetic.
   */
  rewire(rule: { share: number; byGradient: boolean }): Promise<Float64Array>;
  /**
   * Replaces a pattern: edges in both patterns keep their weights, new ones start at 0. Only for the wide arithmetic.
   */
  setPattern(junction: number, pattern: EdgeArrays): void;
  predict(job: PredictJob): Promise<{ seconds: number }>;
  /** Trains on a single example, on the calling thread. */
  learn(input: EngineInputs, target: number | Uint8Array | Float64Array, rate: number): void;
  /** Returns the index of the largest output, and fills `scores` if given. Runs on the calling thread. */
  predictOne(input: EngineInputs, scores?: Float32Array): number;
  /**
   * learn() of a label and predictOne() of a whole row, with all arguments and results in memory that the network
   * owns (see lib/engine/shared-row.ts for its layout). The memory also tells whether the call did anything: it does
   * nothing if an argument is wrong, if the network is busy or closed, or if it does not learn labels. Undefined if
   * the runtime does not support such buffers.
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
  /**
   * Exports everything that decides how training continues, including inputs in the pipeline and sums of a paused
   * call. The block is the same for every kernel set and number of threads.
   */
  exportState(): Uint8Array;
  /**
   * Takes over the state of a network with the same spec. If a block does not fit, a RangeError says why and nothing
   * changes.
   */
  importState(state: Uint8Array): void;
  telemetry(): Telemetry;
  /**
   * Sets the number of inputs presented so far, 0 to 2^53 - 1, to continue a saved network: rounding numbers depend
   * on it.
   */
  setInputsPresented(count: number): void;
  /**
   * Edges by right neuron. The hardware arithmetic has its own edge order, which is not ascending. Custom patterns
   * may use either order.
   */
  pattern(junction: number): EdgeArrays;
  /** Weights in the order of pattern()'s edges: Int16Array (wide; hardware up to 16 bits, raw), Int32Array (hardware of 32
   *  bits, raw) or Float32Array (float). */
  weights(junction: number): WeightArray;
  setWeights(junction: number, weights: WeightArray): void;
  /** Biases: Int32Array (wide, 8 + weightFraction fraction bits; hardware, its format) or Float32Array (float). */
  biases(junction: number): BiasArray;
  setBiases(junction: number, biases: BiasArray): void;
  /**
   * Frees the memory. Every later call except kernelSet, progress(), abort() and pause() throws an Error whose `code`
   * is 'NETWORK_CLOSED'.
   */
  close(): void;
}

/**
 * The buffers that pass rows to a learner, and views of their parts in the order in which they lie there: row i has the
 * entries ends[i - 1] to ends[i] - 1 of `slots` and `values`. The plain member network reads only the first plains[i] of
 * them.
 */
export interface LearnerStage {
  /** Holds `slots`, `ends`, `plains` and `values`. */
  entries: ArrayBuffer;
  slots: Uint32Array;
  ends: Uint32Array;
  plains: Uint32Array;
  /** In units of 1/256, each within 2047; the sum of a row's absolute values is at most 32767 - 256. */
  values: Int16Array;
  /** Holds `results`, `outputs` and `numbers`. */
  targets: ArrayBuffer;
  /**
   * Receives three numbers a row: the predicted output (-1: none), its probability or the predicted number, and the
   * probability of the class that was learned.
   */
  results: Float64Array;
  /** The class of each row to learn: the number of an output, or of the next new one. */
  outputs: Int32Array;
  /** The target number of each row, in units of 2^-14 of the target's scale, within 2^17. */
  numbers: Int32Array;
}

/** Everything that a learner has learned. Slots and outputs must be added before it is restored. */
export interface LearnerState {
  learned: number;
  outputs: number;
  shares: Float64Array;
  /** The remembered rows, in the layout of native/learner/learner.hpp. */
  memory: Int32Array;
  inputWeights: Int16Array;
  outputWeights: Int16Array;
  outputBiases: Int32Array;
}

/** A learner in native memory: three networks that read the same rows. All calls run on the calling thread. */
export interface NativeLearner {
  readonly kernelSet: KernelSet;
  /** Adds a slot for each key, a pair of words with the low one first. Their first weights are random or zero. */
  addSlots(keys: Uint32Array, random: boolean): void;
  addOutputs(keys: Uint32Array): void;
  /**
   * Predicts and then learns the first `rows` rows of the stage; `boost` doubles the learning rates of the two slow
   * members.
   */
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
  inStandardFloatMode<T>(action: () => T): T;
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
  /** `hidden` is a multiple of 64. */
  Learner: new (
    spec: { seed: number; classes: boolean; hidden: number } & Pick<LearnerStage, 'entries' | 'targets'>,
  ) => NativeLearner;
}
