/** The result of `sparse-train bench`, as it is printed with --json and kept under scripts/baselines/results. */
import type { Machine } from '../base/machine.js';
import type { SoakResult } from './soak/result.js';
import type { Summary } from './statistics.js';

/** The value of {@link BenchResult.format}. */
export const RESULT_FORMAT = 'sparse-train-bench';

/** Everything that one run measured; parts that were not asked for are missing. */
export interface BenchResult {
  readonly format: typeof RESULT_FORMAT;
  readonly version: 1;
  /** ISO 8601. */
  readonly takenAt: string;
  /** A check that it works, not a result. */
  readonly quick: boolean;
  /** How long the run took. */
  readonly seconds: number;
  readonly machine: BenchMachine;
  readonly versions: Readonly<Record<string, string>>;
  /** What was asked for but cannot be measured in this installation, and what would help; missing if there is nothing. */
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
  /** The one that networks use unless told otherwise. */
  readonly kernelSet: string;
  /** Bytes per level, as far as the system tells: L1, L2, L3. */
  readonly caches: Readonly<Record<string, number>>;
  /** Runnable threads of the last minute, before and after: above the cores, others disturbed the measurements. */
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

/** One case of a comparison of two builds. All but name and unit are missing where it failed. */
export interface AgainstRow {
  readonly name: string;
  readonly unit: 'example' | 'call' | 'image' | 'training';
  /** Microseconds a unit, over windows. */
  readonly here?: Summary;
  readonly there?: Summary;
  /** How many times as fast this build is as the other: in the fastest window of each, and in the median window. */
  readonly best?: number;
  readonly median?: number;
  /** Whether both builds gave the same digest with every network. */
  readonly sameBits?: boolean;
  /** Of 'time to 97 %': the least accuracy that a training reached. */
  readonly leastAccuracy?: number;
  /** Why it could not be measured. */
  readonly failure?: string;
}

/** Whether a baseline was measured. */
export interface BaselineStatus {
  readonly name: string;
  readonly status: 'measured' | 'missing' | 'failed' | 'not asked for';
  /** What it is, with versions and the BLAS. */
  readonly versions?: Readonly<Record<string, string>>;
  /** Why it was not measured. */
  readonly reason?: string;
  /** What installs it. */
  readonly install?: string;
}

/** What one core can do with a kernel set's instructions. */
export interface Limits {
  readonly kernelSet: string;
  /** Clock cycles per second while nothing but additions ran. */
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
  /** Multiply-accumulates for an input, every edge counted: FF and UP in junction 1, FF, BP and UP in the others. */
  readonly products: number;
  /** The same, counting only edges whose left activation is not zero. */
  readonly effectiveProducts: number;
  /** The share of inputs, then of the neurons of each hidden layer, that are not zero. */
  readonly active: readonly number[];
}

/** Our work and that of others, measured in turn. */
export interface Comparison {
  readonly ours: Contender;
  /** The same engine with a dense network, where that was measured too; `ratio`: our sparse one over it. */
  readonly oursDense?: Opponent;
  readonly others: readonly Opponent[];
}

export interface Contender {
  readonly name: string;
  /** Such as eager, compiled. */
  readonly mode?: string;
  readonly layers: readonly number[];
  readonly dense: boolean;
  readonly batch: number;
  readonly threads: number;
  readonly samplesPerSecond: Summary;
}

export interface Opponent extends Contender {
  /** Our samples/s over theirs, round by round. */
  readonly ratio: Summary;
  /** The samples/s of our dense network over theirs, round by round. */
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
  /** Nanoseconds a call, from the time of many. */
  readonly nanoseconds: Summary;
  /** Of single calls, the clock's own cost taken off. */
  readonly p50: number;
  readonly p99: number;
  /** What reading the clock costs. */
  readonly clock: number;
  /** The engine's time for the same work without the calls. */
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
  /** What the FPGA does that it was published for. */
  readonly fpga: { readonly megahertz: number; readonly clocks: number; readonly imagesPerSecond: number };
  readonly rows: readonly {
    readonly width: number;
    readonly integerBits: number;
    readonly kernelSet: string;
    /** Per image, training, on one core. */
    readonly microseconds: Summary;
    /** Of our images per second to the FPGA's. */
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
  /** Seconds of training alone, over the seeds that reached the target. */
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
  /** The passes of one junction beside the products of others; missing where no baseline was there. */
  readonly beside?: PassesBeside;
  /** Whole networks beside others, by network and number of threads. */
  readonly versus: readonly Comparison[];
}

/** The three passes of a junction, one thread, ours and those of others in turn. */
export interface PassesBeside {
  readonly left: number;
  readonly right: number;
  readonly density: number;
  /** Ours first, on the best kernel set. */
  readonly rows: readonly PassesRow[];
}

export interface PassesRow {
  readonly name: string;
  /** Whether it multiplies by all weights. Only the edges of the sparse junction count. */
  readonly dense: boolean;
  /** Edge-samples per second. */
  readonly forward: Summary;
  readonly backward: Summary;
  readonly update: Summary;
  /** The time of a step, over all three passes. */
  readonly step: Summary;
  /** Its time for all three over ours, round by round; 1 for us. */
  readonly ratio: Summary;
}

/** A junction on its own, one thread. */
export interface BatchRow {
  readonly left: number;
  readonly right: number;
  readonly pattern: string;
  readonly layout: string;
  readonly edges: number;
  readonly kernelSet: string;
  /** Of weights and of what says where they belong. */
  readonly bytesPerEdge: number;
  /** Activations and deltas of the batch. */
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
  /** Of the dot products that one core can do. */
  readonly shareOfPeak: number;
  /** Of the most that dot products and bandwidth allow. */
  readonly shareOfLimit: number;
  readonly bound: 'arithmetic' | 'bandwidth';
  /** Where the rows of a strip of samples lie. */
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
  /** Edges (of touched tiles) or neurons of a call. */
  readonly items: number;
  readonly unit: 'edges' | 'neurons';
  /** Clock cycles for 32 of them. */
  readonly cycles: Summary;
  /** Multiply-accumulates of a call; 0 for operations on neurons. */
  readonly products: number;
  readonly bytes: number;
  /** Where its data lie: L1, L2, L3 or memory. */
  readonly level: string;
  /** The share of the most that dot products and that level's bandwidth allow. */
  readonly shareOfLimit: number;
  readonly bound: 'arithmetic' | 'bandwidth';
}

export interface MemoryResult {
  /** Peak resident bytes of `sparse-train mnist`, Node and data included. */
  readonly peakBytes: number;
  /** Of Node alone, doing nothing. */
  readonly nodeBytes: number;
  readonly testAccuracy: number;
  readonly trainSeconds: number;
}
