import type { Parameters } from './space/parameter.js';

/** How a trial stands. */
export type TrialState = 'running' | 'complete' | 'pruned' | 'failed';

/** One trial of a study. */
export interface TrialRecord {
  /** Counted from 0, in the order of asking. */
  readonly number: number;
  readonly state: TrialState;
  readonly parameters: Parameters;
  /** What it trains with. */
  readonly seed: number;
  /** Everything measured: the objectives and more, by name; of a trial that did not complete, what there is. */
  readonly values: Readonly<Record<string, number>>;
  /** The first objective (or the loss) after every epoch. */
  readonly curve: readonly number[];
  /** SHA-256 of pattern, weights and biases of what was trained. */
  readonly digest?: string | undefined;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  /** Seconds from its beginning to its end on the worker. */
  readonly seconds?: number | undefined;
  /** Which worker had it: host, process, thread. */
  readonly worker?: string | undefined;
}

/** What ended a trial, for tell(). */
export interface TrialResult {
  readonly state: 'complete' | 'pruned' | 'failed';
  readonly values?: Readonly<Record<string, number>> | undefined;
  readonly curve?: readonly number[] | undefined;
  readonly digest?: string | undefined;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  readonly seconds?: number | undefined;
  readonly worker?: string | undefined;
}
