/** The messages between `bench online --against` and the process of a build: one JSON document a line. */
import type { ComparedCase } from './cases.js';

/** The first message of a process. */
export interface Hello {
  readonly ready: true;
  /** Whether parts of an epoch can be timed. Otherwise whole epochs of fit() are timed. */
  readonly stretches: boolean;
  readonly kernelSet: string;
}

export type SideRequest =
  /** Makes a new network for a case. */
  | {
      readonly ask: 'prepare';
      readonly task: ComparedCase;
      readonly seed: number;
      readonly stretches: boolean;
    }
  /** Does the work once. `size`: examples of a stretch, or calls. */
  | { readonly ask: 'measure'; readonly size: number }
  /** Requests the digest of the network in its present state. */
  | { readonly ask: 'digest' };

export interface SideReply {
  readonly error?: string;
  /** Microseconds per example or call; for `time-to-accuracy`, of the whole training. */
  readonly microseconds?: number;
  /** Test accuracy after `time-to-accuracy`. */
  readonly accuracy?: number;
  readonly digest?: string;
}
