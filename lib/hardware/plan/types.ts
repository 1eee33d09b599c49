/** What a plan is asked for (the network and the budget), and the plan. */
import type { Device } from '../devices.js';

/** A network to map. */
export interface PlanRequest {
  /** Neurons per layer, input first. */
  readonly layers: readonly number[];
  /** Edges per left neuron of each junction. */
  readonly fanOut: readonly number[];
  /** Bits of every number. */
  readonly width: number;
  /** Clocks per second. */
  readonly clockHz: number;
  readonly budget: Budget;
}

/** The budget. A part that is undefined has no limit. */
export interface Budget {
  readonly multipliers?: number | undefined;
  readonly memoryBits?: number | undefined;
  /** Block RAMs of 36 kbit. */
  readonly memoryBlocks?: number | undefined;
  readonly lutRams?: number | undefined;
  readonly device?: Device | undefined;
}

/** The resources that a budget limits. */
export type Resource = 'multipliers' | 'memoryBits' | 'memoryBlocks' | 'lutRams';

/** One junction of a plan, counted from 1. */
export interface JunctionPlan {
  readonly junction: number;
  readonly left: number;
  readonly right: number;
  readonly fanOut: number;
  readonly fanIn: number;
  readonly edges: number;
  readonly density: number;
  /** z: edges processed per clock, and memories that hold the left layer. */
  readonly parallelism: number;
  /** p/z: rows of each of these memories, and clocks of a sweep. */
  readonly rows: number;
  readonly sweeps: number;
  /** W/z. */
  readonly clocks: number;
  /** Right neurons whose sums are completed in a clock, on average. */
  readonly rightPerClock: number;
  readonly multipliers: {
    readonly ff: number;
    readonly up: number;
    readonly bp: number;
    readonly total: number;
  };
}

/** Memories of one kind of one layer or junction. */
export interface MemoryBank {
  readonly what: 'activations' | 'derivatives' | 'deltas' | 'weights' | 'biases';
  /**
   * For activations, derivatives and deltas: their layer, counted from 0. For others: their junction, counted from 1.
   */
  readonly of: string;
  /** The number of banks; each holds another input. */
  readonly banks: number;
  /** Memories of a bank. */
  readonly memories: number;
  readonly depth: number;
  /** Bits of a row of a memory. */
  readonly width: number;
  /** Bits of all banks together. */
  readonly bits: number;
  /** Whether it becomes block RAM, or look-up tables, which hold few rows. */
  readonly kind: 'block' | 'lut';
  /** Block RAMs of 36 kbit of all banks together. */
  readonly blocks: number;
  readonly lutRams: number;
}

/** A network on hardware. */
export interface HardwarePlan {
  readonly layers: readonly number[];
  readonly fanOut: readonly number[];
  readonly parallelism: readonly number[];
  readonly width: number;
  readonly clockHz: number;
  readonly edges: number;
  readonly density: number;
  readonly junctions: readonly JunctionPlan[];
  /** W/z, the same for all junctions. */
  readonly clocksPerJunctionCycle: number;
  /** W/z + 2: the pipeline fills in two clocks. */
  readonly clocksPerBlock: number;
  readonly secondsPerBlock: number;
  /** Images per second: one in each block. */
  readonly imagesPerSecond: number;
  readonly latency: {
    /** From loading an input until its output is known: J + 1 blocks. */
    readonly outputBlocks: number;
    readonly outputSeconds: number;
    /** Until its last update is done: 2J + 1 blocks. */
    readonly updateBlocks: number;
    readonly updateSeconds: number;
  };
  readonly memories: readonly MemoryBank[];
  readonly used: Readonly<Record<Resource, number>>;
  /** DSP slices that the multipliers take; more than one each for numbers of more than 18 bits. */
  readonly slices: number;
  /** The share of each budgeted resource that is used. */
  readonly utilisation: Partial<Record<Resource, number>>;
  /** Share of the clocks in which multipliers compute. */
  readonly busy: number;
  readonly notes: readonly string[];
}

/** A plan, or why there is none. */
export type PlanOutcome =
  | {
      readonly possible: true;
      readonly plan: HardwarePlan;
      /** The reason why it cannot be faster. */
      readonly limitedBy: string;
    }
  | {
      readonly possible: false;
      readonly reasons: readonly string[];
      /** The nearest network that works, and how it differs; undefined if none was found. */
      readonly nearest: { readonly plan: HardwarePlan; readonly change: string } | undefined;
    };
