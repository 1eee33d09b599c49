/** What coordinator and workers say to each other through Redis. */
import type { TrialResult } from '../records.js';
import type { TrialTask } from '../trial/task.js';

/** The queue that all studies share, so that a worker serves any of them. */
export const QUEUE = 'sparse-train';

/** A sorted set of the workers that are there, by the Redis server's time in ms until which they count. */
export const WORKERS = 'sparse-train:workers';

/** Milliseconds between a worker's signs of life, and how long each one counts. */
export const SIGN_EVERY = 1_000;
export const SIGN_COUNTS = 5_000;

/** Days that results wait for a coordinator that has gone. */
export const KEPT_SECONDS = 14 * 24 * 3600;

/** Times that a trial is given to another worker after its worker has died, before it is taken to be the reason. */
export const MOST_DEATHS = 10;

/** Times that a trial is tried again after a worker could not run it at all, for example for lack of the data. */
export const ATTEMPTS = 20;

/** The id of a trial's job; BullMQ takes one that is there already for the same. */
export function jobId({ study, number }: Pick<TrialTask, 'study' | 'number'>): string {
  return `${study}-${number}`;
}

/** A member of {@link WORKERS}: who, and how many trials at once. */
export function workerMember(id: string, slots: number): string {
  return `${slots} ${id}`;
}

/** Trials at once of a member of {@link WORKERS}. */
export function slotsOf(member: string): number {
  return Number.parseInt(member, 10) || 0;
}

/** The channel on which a worker hears verdicts. */
export function verdictChannel(worker: string): string {
  return `sparse-train:verdicts:${worker}`;
}

/** From a worker, as the job's progress. */
export type WorkerReport =
  | { readonly type: 'start'; readonly worker: string }
  | {
      readonly type: 'epoch';
      readonly epoch: number;
      readonly value: number;
      /** Whether the worker waits for a verdict on {@link verdictChannel} of this id. */
      readonly answerTo: string;
    };

/** To a worker. */
export interface WorkerVerdict {
  readonly job: string;
  readonly epoch: number;
  readonly verdict: 'continue' | 'prune';
}

/** What a job returns; JSON, so NaN is null. */
export type JobResult = TrialResult;
