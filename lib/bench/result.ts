/** The result of `sparse-train bench`, as it is printed with --json and kept under scripts/baselines/results. */
import type { Machine } from '../base/machine.js';
import type { SoakResult } from './soak/result.js';
import type { Summary } from './statistics.js';

/** The value of {@link BenchResult.format}. */
export const RESULT_FORMAT = 'sparse-train-bench';

/** The measurements of one run; parts that were not requested are missing. */
export interface BenchResult {
  readonly format: typeof RESULT_FORMAT;
  readonly version: 1;
  /** ISO 8601. */
  readonly takenAt: string;
  /** Whether the measurements were short: a check that they work, not a result. */
  readonly quick: boolean;
  /** How long the run took. */
  readonly seconds: number;
  readonly machine: BenchMachine;
  readonly versions: Readonly<Record<string, string>>;
  /** What this installation cannot measure although it was requested, with a remedy; missing if there is nothing. */
  readonly omitted?: string;
  readonly limits?: readonly Limits[];
  readonly online?: OnlineResult;
  readonly predict?: PredictResult;
  readonly learn?: LearnResult;
  readonly timeToAccuracy?: AccuracyResult;
  readonly kernels?: readonly KernelRow[];
  readonly batch?: BatchResult;
  readonly memory?: MemoryResult;
  readonly hardware?: HardwareResult;
  readonly soak?: SoakResult;
  readonly against?: AgainstResult;
  readonly baselines: readonly BaselineStatus[];
}

export interface BenchMachine extends Machine {
  /** Kernel sets, the best last. */
  readonly kernelSets: readonly string[];
  /** The default kernel set of networks. */
  readonly kernelSet: string;
  /** Bytes per level (L1, L2, L3), as far as the system reports them. */
  readonly caches: Readonly<Record<string, number>>;
  /**
   * Runnable threads of the last minute, before and after. If there were more than cores, other programs disturbed the
   * measurements.
   */
  readonly loadBefore: number;
  readonly loadAfter: number;
}

/** A build of the package. */
export interface BuildFacts {
  readonly folder: string;
  readonly version: string;
  /** The commit of a checkout, with "+changes" where files differ from it. */
  readonly commit?: string;
}

/** Two builds of this package, measured in turn. */
export interface AgainstResult {
  readonly here: BuildFacts;
  readonly there: BuildFacts;
  readonly rows: readonly AgainstRow[];
}

/** One case of a comparison of two builds. If it failed, all but name and unit are missing. */
export interface AgainstRow {
  readonly name: string;
  readonly unit: 'example' | 'call' | 'image' | 'training';
  /** Microseconds per unit, over all windows. */
  readonly here?: Summary;
  readonly there?: Summary;
  /** How many times faster this build is than the other: by the fastest window of each, and by the median window. */
  readonly best?: number;
  readonly median?: number;
  /** Whether both builds gave the same digest with every network. */
  readonly sameBits?: boolean;
  /** For 'time to 97 %': the lowest accuracy that a training reached. */
  readonly leastAccuracy?: number;
  /** The reason why it could not be measured. */
  readonly failure?: string;
}

/** Whether a baseline was measured. */
export interface BaselineStatus {
  readonly name: string;
  readonly status: 'measured' | 'missing' | 'failed' | 'not asked for';
  /** A description, with versions and the BLAS library. */
  readonly versions?: Readonly<Record<string, string>>;
  /** The reason why it was not measured. */
  readonly reason?: string;
  /** The command that installs it. */
  readonly install?: string;
}

/** The limits of one core with a kernel set's instructions. */
export interface Limits {
  readonly kernelSet: string;
  /** Clock cycles per second in a loop of additions. */
  readonly clock: number;
  /** 16-bit multiply-accumulates per second. */
  readonly dotProducts: number;
  /** Bytes read per second. */
  readonly reading: readonly {
    readonly level: string;
    readonly bytes: number;
    readonly bytesPerSecond: number;
  }[];
}

export interface OnlineResult {
  readonly networks: readonly OnlineRow[];
  readonly versus?: Comparison;
}

/** Training one network online, one example after another. */
export interface OnlineRow {
  readonly layers: readonly number[];
  readonly edges: number;
  readonly denseEdges: number;
  readonly kernelSet: string;
  readonly threads: number;
  readonly examples: number;
  /** Microseconds for an input. */
  readonly microseconds: Summary;
  /**
   * Multiply-accumulates for an input, counting every edge: FF and UP in junction 1, and FF, BP and UP in the others.
   */
  readonly products: number;
  /** The same, counting only edges whose left activation is not zero. */
  readonly effectiveProducts: number;
  /** The share of inputs, then of the neurons of each hidden layer, that are not zero. */
  readonly active: readonly number[];
}

/** Our engine and other programs, measured in turn. */
export interface Comparison {
  readonly ours: Contender;
  /** The same engine with a dense network, if that was measured too; `ratio` is our sparse network over it. */
  readonly oursDense?: Opponent;
  readonly others: readonly Opponent[];
}

export interface Contender {
  readonly name: string;
  /** How the baseline was used, such as `eager` or `compiled`. */
  readonly mode?: string;
  readonly layers: readonly number[];
  readonly dense: boolean;
  readonly batch: number;
  readonly threads: number;
  readonly samplesPerSecond: Summary;
}

export interface Opponent extends Contender {
  /** Our samples per second divided by theirs, round by round. */
  readonly ratio: Summary;
  /** The samples per second of our dense network divided by theirs, round by round. */
  readonly denseRatio?: Summary;
}

export interface PredictResult {
  /** Many images in one call, by kernel set and threads. */
  readonly batches: readonly (Contender & { readonly kernelSet: string })[];
  /** predict(x) from JavaScript. */
  readonly call: CallTiming;
  readonly versus?: Comparison;
}

/** One call from JavaScript at a time. */
export interface CallTiming {
  readonly layers: readonly number[];
  readonly calls: number;
  /** Nanoseconds per call, from the time of many calls. */
  readonly nanoseconds: Summary;
  /** Nanoseconds of single calls, less the cost of reading the clock. */
  readonly p50: number;
  readonly p99: number;
  /** What reading the clock costs. */
  readonly clock: number;
  /** The engine's time for the same work in one call. */
  readonly engine: number;
}

export interface LearnResult {
  readonly learn: CallTiming;
  readonly predict: CallTiming;
}

/** The published network in the hardware's arithmetic. */
export interface HardwareResult {
  readonly layers: readonly number[];
  readonly fanOut: readonly number[];
  /** The published figures of the FPGA. */
  readonly fpga: { readonly megahertz: number; readonly clocks: number; readonly imagesPerSecond: number };
  readonly rows: readonly {
    readonly width: number;
    readonly integerBits: number;
    readonly kernelSet: string;
    /** Training time per image on one core. */
    readonly microseconds: Summary;
    /** Our images per second divided by the FPGA's. */
    readonly ratio: Summary;
  }[];
}

export interface AccuracyResult {
  readonly target: number;
  readonly checksPerEpoch: number;
  readonly ours: readonly AccuracyRow[];
  readonly others: readonly (AccuracyRow & { readonly ratio: Summary | undefined })[];
}

export interface AccuracyRow {
  readonly name: string;
  readonly mode?: string;
  readonly layers: readonly number[];
  readonly dense: boolean;
  readonly edges?: number;
  readonly batch: number;
  readonly threads: number;
  readonly settings: string;
  /** Seconds of training alone, for the seeds that reached the target. */
  readonly seconds: Summary | undefined;
  readonly epochs: number;
  readonly accuracy: number;
  readonly reached: number;
  readonly seeds: number;
}

/** Training in mini-batches. */
export interface BatchResult {
  /** Samples. */
  readonly batch: number;
  readonly passes: readonly BatchRow[];
  /** The passes of one junction beside the same products in other programs; missing if there was no baseline. */
  readonly beside?: PassesBeside;
  /** Whole networks beside other programs, by network and number of threads. */
  readonly versus: readonly Comparison[];
}

/** The three passes of a junction on one thread: ours and those of other programs, measured in turn. */
export interface PassesBeside {
  readonly left: number;
  readonly right: number;
  readonly density: number;
  /** Ours first, on the best kernel set. */
  readonly rows: readonly PassesRow[];
}

export interface PassesRow {
  readonly name: string;
  /** Whether it computes all weights of a dense matrix. Rates count only the edges of the sparse junction. */
  readonly dense: boolean;
  /** Edge-samples per second. */
  readonly forward: Summary;
  readonly backward: Summary;
  readonly update: Summary;
  /** The time of a step: the sum of the three passes. */
  readonly step: Summary;
  /** Its time for all three passes divided by ours, round by round; 1 for our own row. */
  readonly ratio: Summary;
}

/** A single junction on one thread. */
export interface BatchRow {
  readonly left: number;
  readonly right: number;
  readonly pattern: string;
  readonly layout: string;
  readonly edges: number;
  readonly kernelSet: string;
  /** Bytes of the weights and of their positions. */
  readonly bytesPerEdge: number;
  /** Bytes of the activations and deltas of the batch. */
  readonly layerBytes: number;
  readonly forward: BatchPassRow;
  readonly backward: BatchPassRow;
  readonly update: BatchPassRow;
  /** Multiply-accumulates per second over all three passes. */
  readonly step: Summary;
}

/** One pass over a batch. */
export interface BatchPassRow {
  readonly edgeSamplesPerSecond: Summary;
  /** The share of one core's dot-product peak. */
  readonly shareOfPeak: number;
  /** The share of the most that dot products and bandwidth allow. */
  readonly shareOfLimit: number;
  readonly bound: 'arithmetic' | 'bandwidth';
  /** The cache level that holds the rows of a strip of samples. */
  readonly level: string;
}

/** One operation of a kernel set on one junction. */
export interface KernelRow {
  readonly operation: string;
  readonly kernelSet: string;
  readonly left: number;
  readonly right: number;
  readonly edges: number;
  readonly nanoseconds: Summary;
  /** The edges (of touched tiles) or neurons that a call works on. */
  readonly items: number;
  readonly unit: 'edges' | 'neurons';
  /** Clock cycles per 32 edges or neurons. */
  readonly cycles: Summary;
  /** Multiply-accumulates of a call; 0 for operations on neurons. */
  readonly products: number;
  readonly bytes: number;
  /** The level that holds its data: L1, L2, L3 or memory. */
  readonly level: string;
  /** The reached share of what dot products and the bandwidth of that level allow. */
  readonly shareOfLimit: number;
  readonly bound: 'arithmetic' | 'bandwidth';
}

export interface MemoryResult {
  /** Peak resident bytes of `sparse-train mnist`, Node and data included. */
  readonly peakBytes: number;
  /** Peak resident bytes of Node when it runs nothing. */
  readonly nodeBytes: number;
  readonly testAccuracy: number;
  readonly trainSeconds: number;
}
