import type { Budget } from '../../hardware/plan/types.js';
import type { Template } from '../template.js';

/** Which data a trial learns from. */
export interface DataSpec {
  readonly name: string;
  /** Where this machine has its files; undefined: where they usually are. */
  readonly directory?: string | undefined;
  readonly rows?: number | undefined;
  readonly validation: number | 'test';
}

/** Everything that a trial depends on: plain data. What it trains follows from this alone, wherever it runs. */
export interface TrialTask {
  /** The study's id. */
  readonly study: string;
  readonly number: number;
  readonly seed: number;
  readonly network: Template;
  readonly fit: Template;
  readonly data: DataSpec;
  /** SHA-256 of the contents of the data set. */
  readonly checksum: string;
  readonly budget: Budget;
  /** Objectives that cost something to measure and are left out otherwise. */
  readonly measures: readonly string[];
  /** What is reported after every epoch. */
  readonly epochMeasure: string;
  /** Whether the coordinator decides after every epoch whether the trial goes on. */
  readonly prunes: boolean;
}
