import type { Latency } from './latency.js';

/** What happened in one stretch of the run. */
export interface SoakSample {
  /** From the start to the end of the stretch. */
  readonly seconds: number;
  /** All so far. */
  readonly examples: number;
  /** The share of this stretch's examples that predict() knew before learn() was told. */
  readonly accuracy: number;
  /** At the end of the stretch: resident memory, and what JavaScript uses of it. */
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly learn: Latency;
  readonly predict: Latency;
}

export interface SoakResult {
  readonly layers: readonly number[];
  readonly edges: number;
  readonly arithmetic: string;
  readonly schedule: string;
  readonly seed: number;
  readonly kernelSet: string;
  /** Examples a second asked for; null: as many as possible. */
  readonly rate: number | null;
  readonly seconds: number;
  readonly examples: number;
  readonly examplesPerSecond: number;
  /** Ended by a signal before its time. */
  readonly interrupted: boolean;
  /** Of the network in the end. */
  readonly digest: string;
  /** Nanoseconds of a call, reading the clock included. */
  readonly learn: Latency;
  readonly predict: Latency;
  readonly memory: {
    /** The most of the first and of the second half of the run. */
    readonly firstHalfBytes: number;
    readonly secondHalfBytes: number;
    /** By how much the second half needed more: 0 or less if memory is flat. */
    readonly growthBytes: number;
  };
  /** What a second engine said; null if there was none. */
  readonly check: SoakCheck | null;
  readonly samples: readonly SoakSample[];
}

export interface SoakCheck {
  readonly kernelSet: string;
  /** How often digest and scores were compared. */
  readonly chunks: number;
  /** Examples that both had learned at the last comparison. */
  readonly examples: number;
  /** After how many examples they differed first; null: never. */
  readonly differsAt: number | null;
  /** Seconds that the first engine waited for the second. */
  readonly waitedSeconds: number;
}
