import type { NetworkOptions } from '../network/options.js';
import type { LearningRate } from '../training/learning-rate.js';
import type { SoakPlan } from './soak/plan.js';

/** A network and how it is trained. */
export interface Recipe {
  readonly name: string;
  readonly network: NetworkOptions;
  readonly epochs: number;
  readonly learningRate: LearningRate;
  /** Examples per update; 1 unless given. */
  readonly batchSize?: number;
}

/** What is measured, and for how long. */
export interface BenchPlan {
  /** Few sizes and short measurements: a check that it works, not a result. */
  readonly quick: boolean;
  /** Numbers of threads to measure with, ascending; the first is 1. */
  readonly threads: readonly number[];
  /** The network of `sparse-train mnist`. */
  readonly mnist: Recipe;
  /** What reaches 97 % soonest. */
  readonly fast: Recipe;
  /** Names of the baselines to compare with. */
  readonly baselines: readonly string[];
  /** Rounds of everything that is compared. */
  readonly rounds: number;
  /** About how long one baseline is measured in a round, in seconds. */
  readonly slice: number;
  /** The folder of another build to compare with. */
  readonly against?: string | undefined;
  /** The long run, if there is to be one. */
  readonly soak: Omit<SoakPlan, 'onStep' | 'signal'>;
  /** Told what is being measured now. */
  readonly onStep: (step: string) => void;
  /** Ends the run between two measurements. */
  readonly signal: AbortSignal;
}
