/** The messages that coordinator and workers exchange through Redis. */
import { parseJson } from '../../base/json.js';
import { number, oneOf, text, whole } from '../../base/options/kinds.js';
import { checkValues, option } from '../../base/options/table.js';
import { fingerprint, type TrialTask } from '../trial/task.js';

/** The queue of all studies of a release: workers of that release, and only they, serve all of them. */
export function queueName(release: string): string {
  return `sparse-train-${release}`;
}

/** A sorted set of the live workers, each scored by when it expires, in ms of the Redis server's clock. */
export const WORKERS = 'sparse-train:workers';

/** Milliseconds between a worker's signs of life, and milliseconds for which each one is valid. */
export const SIGN_EVERY = 1_000;
export const SIGN_COUNTS = 5_000;

/** Days for which results are kept if the coordinator is gone. */
export const KEPT_SECONDS = 14 * 24 * 3600;

/** How many times a trial goes to another worker after its worker died, before the trial counts as failed. */
export const MOST_DEATHS = 10;

/** How many times a trial is repeated after a worker failed. */
export const ATTEMPTS = 20;

/** Seconds for which a worker's refusal of a study is valid. */
export const REFUSAL_COUNTS = 60;

/**
 * The id of a trial's job. BullMQ treats jobs with one id as one job, so the id holds everything
 * that the trial depends on: a result is never attributed to other parameters.
 */
export function jobId(task: TrialTask): string {
  return `${task.study}-${task.number}-${fingerprint(task)}`;
}

/** A worker's entry in the set {@link WORKERS}. */
export interface WorkerMember {
  readonly id: string;
  readonly release: string;
  /** How many trials it runs at once. */
  readonly slots: number;
}

export function workerMember({ slots, release, id }: WorkerMember): string {
  return `${slots} ${release} ${id}`;
}

/** Undefined if the entry is not a worker. */
export function parseMember(member: string): WorkerMember | undefined {
  const [slots, release, id] = member.split(' ');
  if (release === undefined || id === undefined || !/^[1-9]\d{0,3}$/.test(slots as string)) return undefined;
  return { slots: Number(slots), release, id };
}

/** The hash of workers that refuse a study, with their reasons. */
export function refusalsKey(study: string): string {
  return `sparse-train:refusals:${study}`;
}

/** The channel on which a worker hears verdicts. */
export function verdictChannel(worker: string): string {
  return `sparse-train:verdicts:${worker}`;
}

/** A report from a worker, sent as the job's progress. */
export type WorkerReport =
  | { readonly type: 'start'; readonly worker: string }
  | {
      readonly type: 'epoch';
      readonly epoch: number;
      /** Null stands for NaN, which JSON cannot hold. */
      readonly value: number | null;
      /** Whether the worker waits for a verdict on {@link verdictChannel} of this id. */
      readonly answerTo: string;
    };

/** A verdict for a worker. */
export interface WorkerVerdict {
  readonly job: string;
  readonly epoch: number;
  readonly verdict: 'continue' | 'prune';
}

const START = { worker: option(text(), { required: true, text: 'host, process and thread' }) };
const EPOCH = {
  epoch: option(whole(1), { required: true, text: 'counted from 1' }),
  value: option(number({}), { text: 'of the measure; null for NaN' }),
  answerTo: option(text(), { required: true, text: "the worker's id" }),
};
const VERDICT = {
  job: option(text(), { required: true, text: "the job's id" }),
  epoch: option(whole(1), { required: true, text: 'counted from 1' }),
  verdict: option(oneOf(['continue', 'prune']), { required: true, text: 'whether the trial goes on' }),
};

/** A report, or undefined for anything else: whoever can write to the server can send anything. */
export function parseReport(given: unknown): WorkerReport | undefined {
  return attempt(given, (fields) => {
    const { type, value = null } = fields;
    if (type === 'start') return { type, ...checkValues(START, fields) };
    if (type !== 'epoch') return undefined;
    const { epoch, answerTo } = checkValues(EPOCH, { ...fields, value: value ?? undefined });
    return { type, epoch, answerTo, value: value as number | null };
  });
}

/** A verdict in a message, or undefined for anything else. */
export function parseVerdict(message: string): WorkerVerdict | undefined {
  return attempt(message, (fields) => checkValues(VERDICT, fields));
}

/** Applies a function to an object, or to one parsed from JSON; undefined for anything else. */
function attempt<T>(given: unknown, read: (fields: Readonly<Record<string, unknown>>) => T): T | undefined {
  try {
    const value: unknown = typeof given === 'string' ? parseJson(given) : given;
    if (typeof value !== 'object' || value === null) return undefined;
    return read(value as Record<string, unknown>);
  } catch {
    return undefined;
  }
}
