import type { Latency } from './latency.js';

/** Measurements of one stretch of the run. */
export interface SoakSample {
  /** Seconds from the start of the run to the end of the stretch. */
  readonly seconds: number;
  /** Examples since the start of the run. */
  readonly examples: number;
  /** The share of the stretch's examples that predict() classified correctly before learn() saw them. */
  readonly accuracy: number;
  /** At the end of the stretch: resident memory, and the heap of JavaScript. */
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
  /** The requested examples a second; null: as many as possible. */
  readonly rate: number | null;
  readonly seconds: number;
  readonly examples: number;
  readonly examplesPerSecond: number;
  /** Whether a signal ended the run early. */
  readonly interrupted: boolean;
  /** The digest of the network at the end. */
  readonly digest: string;
  /** Nanoseconds of a call, including the time that reading the clock takes. */
  readonly learn: Latency;
  readonly predict: Latency;
  readonly memory: {
    /** The peaks in the first and in the second half of the run. */
    readonly firstHalfBytes: number;
    readonly secondHalfBytes: number;
    /** The difference of the two: 0 or less if memory does not grow. */
    readonly growthBytes: number;
  };
  /** The comparison with a second engine; null if there was none. */
  readonly check: SoakCheck | null;
  readonly samples: readonly SoakSample[];
}

export interface SoakCheck {
  readonly kernelSet: string;
  /** The number of comparisons of digest and scores. */
  readonly chunks: number;
  /** The number of examples that both had learned at the last comparison. */
  readonly examples: number;
  /** The number of examples at the first difference; null if there was none. */
  readonly differsAt: number | null;
  /** Seconds that the first engine waited for the second. */
  readonly waitedSeconds: number;
}
