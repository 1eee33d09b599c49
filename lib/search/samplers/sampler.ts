import type { Objectives } from '../pareto.js';
import type { TrialRecord } from '../records.js';
import type { Parameters } from '../space/parameter.js';
import type { Space } from '../space/space.js';

/**
 * Chooses points of a space. A proposal depends on the study's seed, the trial's number and the trials so far alone, so
 * that a study that was stopped goes on as if it had not been.
 */
export interface Sampler {
  /**
   * @param number - of the trial to come
   * @param trials - all before it, by number; those that still run are among them
   * @returns undefined if there is nothing left to try
   */
  propose(number: number, trials: readonly TrialRecord[]): Parameters | undefined;
}

/** What samplers know of a study. */
export interface SamplerContext {
  readonly space: Space;
  readonly objectives: Objectives;
  readonly seed: number;
  /** Whether a point keeps the study's constraints. */
  readonly isFeasible: (parameters: Parameters) => boolean;
}

/** Draws that may break constraints one after the other before the space is taken to be empty. */
export const ATTEMPTS = 10_000;
