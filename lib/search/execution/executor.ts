import type { TrialResult } from '../records.js';
import type { TrialTask } from '../trial/task.js';

/** What goes on with a trial while it is with an executor. */
export interface TrialEvents {
  /** A worker has begun it; again if another worker had to begin it anew. */
  readonly onStart: (worker: string) => void;
  /** The share that is done, 0 to 1. */
  readonly onProgress: (fraction: number) => void;
  /** A value after an epoch, counted from 1; whether the trial goes on. Asked only of tasks that may be pruned. */
  readonly onEpoch: (epoch: number, value: number) => Verdict | Promise<Verdict>;
}

/** Whether a trial goes on. */
export type Verdict = 'continue' | 'prune';

/**
 * Where trials run: threads of this process, or machines behind a queue. The coordinator asks for as many trials as
 * {@link capacity} says, writes down what comes of each, and then acknowledges it.
 */
export interface Executor {
  /** Whether trials outlive this process, so that what they are must be on the disk before they begin. */
  readonly isRemote: boolean;
  /** Called when trials wait for a reason that people should know: no worker, or none that can run them. */
  onWaiting: ((reason: string) => void) | undefined;
  /** Trials that may be with it at once; asked again and again, as workers come and go. */
  capacity(): number;
  /**
   * Runs a trial to its end.
   *
   * @param signal - stops it; a trial that is stopped leaves nothing behind
   * @returns undefined if it was stopped
   */
  run(task: TrialTask, events: TrialEvents, signal: AbortSignal): Promise<TrialResult | undefined>;
  /** A result is safe in the journal and may be forgotten. */
  acknowledge(task: TrialTask): Promise<void>;
  /** Lets go of all that it has. No trial is with it any more. */
  close(): Promise<void>;
}
