import type { KernelSet } from '../../engine/kernel-sets.js';
import type { NetworkOptions } from '../../network/options.js';

/** A long run of online learning. */
export interface SoakPlan {
  readonly network: NetworkOptions;
  /** The length of the run. */
  readonly seconds: number;
  /** Examples a second; undefined: as many as possible. */
  readonly rate: number | undefined;
  /** The kernel set of the second engine: 'other' is the best one that the first engine does not use, 'none' omits it. */
  readonly check: KernelSet;
  readonly onStep: (step: string) => void;
  /** Ends the run early, with the result so far. */
  readonly signal: AbortSignal;
}
