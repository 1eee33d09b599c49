import type { TrialResult } from '../records.js';
import type { TrialTask } from '../trial/task.js';

/** Events of a trial while an executor runs it. */
export interface TrialEvents {
  /** A worker has started it; called again if another worker had to start it again. */
  readonly onStart: (worker: string) => void;
  /** The share that is done, 0 to 1. */
  readonly onProgress: (fraction: number) => void;
  /** A value after an epoch (from 1); returns whether to continue. Called only for tasks that may be pruned. */
  readonly onEpoch: (epoch: number, value: number) => Verdict | Promise<Verdict>;
}

/** The decision whether a trial continues. */
export type Verdict = 'continue' | 'prune';

/**
 * Where trials run: threads of this process, or machines behind a queue. The coordinator asks for as many trials as
 * {@link capacity} allows, records the result of each, and then acknowledges it.
 */
export interface Executor {
  /** Whether trials outlive this process, so that they must be in the journal on disk before they start. */
  readonly isRemote: boolean;
  /** Called with the reason why trials wait: there is no worker, or none that can run them. */
  onWaiting: ((reason: string) => void) | undefined;
  /** Trials that it can hold at once; changes as workers come and go. */
  capacity(): number;
  /**
   * Runs a trial to its end.
   *
   * @param signal - stops it; a stopped trial leaves nothing behind
   * @returns undefined if it was stopped
   */
  run(task: TrialTask, events: TrialEvents, signal: AbortSignal): Promise<TrialResult | undefined>;
  /** Called once a result is safe in the journal; the executor may discard it. */
  acknowledge(task: TrialTask): Promise<void>;
  /** Releases everything. Called when it holds no trial. */
  close(): Promise<void>;
}
