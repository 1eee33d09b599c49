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

/** Which measurements a run makes, and how long they take. */
export interface BenchPlan {
  /** Few sizes and short measurements: a check that everything works, not a result. */
  readonly quick: boolean;
  /** Numbers of threads to measure with, ascending; the first is 1. */
  readonly threads: readonly number[];
  /** The network of `sparse-train mnist`. */
  readonly mnist: Recipe;
  /** The recipe that reaches 97 % soonest. */
  readonly fast: Recipe;
  /** Names of the baselines to compare with. */
  readonly baselines: readonly string[];
  /** The number of rounds of each comparison. */
  readonly rounds: number;
  /** Roughly how many seconds a baseline is measured in a round. */
  readonly slice: number;
  /** The folder of another build to compare with. */
  readonly against?: string | undefined;
  /** Options of the long run. */
  readonly soak: Omit<SoakPlan, 'onStep' | 'signal'>;
  /** Called with the name of each step. */
  readonly onStep: (step: string) => void;
  /** Ends the run before the next measurement. */
  readonly signal: AbortSignal;
}
