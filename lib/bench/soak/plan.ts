import type { KernelSet } from '../../engine/kernel-sets.js';
import type { NetworkOptions } from '../../network/options.js';

/** A long run of online learning. */
export interface SoakPlan {
  readonly network: NetworkOptions;
  /** How long examples come. */
  readonly seconds: number;
  /** Examples a second; undefined: as many as possible. */
  readonly rate: number | undefined;
  /** The kernel set of the second engine, 'other' for the best that the first one has not, or 'none' for no second engine. */
  readonly check: KernelSet | 'other' | 'none';
  readonly onStep: (step: string) => void;
  /** Ends the run early, with the result so far. */
  readonly signal: AbortSignal;
}
