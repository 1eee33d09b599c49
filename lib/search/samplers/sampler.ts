import type { Objectives } from '../pareto.js';
import type { TrialRecord } from '../records.js';
import type { Parameters } from '../space/parameter.js';
import type { Space } from '../space/space.js';

/**
 * Chooses points of a space. A proposal depends only on the study's seed, the trial's number and the earlier trials, so
 * that an interrupted study resumes as if nothing had happened.
 */
export interface Sampler {
  /**
   * @param number - the number of the next trial
   * @param trials - all earlier trials by number, including running ones
   * @returns undefined if there is nothing left to try
   */
  propose(number: number, trials: readonly TrialRecord[]): Parameters | undefined;
}

/** The parts of a study that samplers need. */
export interface SamplerContext {
  readonly space: Space;
  readonly objectives: Objectives;
  readonly seed: number;
  /** Whether a point keeps the study's constraints. */
  readonly isFeasible: (parameters: Parameters) => boolean;
}

/** After this many draws in a row that break constraints, the space counts as empty. */
export const ATTEMPTS = 10_000;
