import type { Job, Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { shortened } from '../../base/errors.js';
import { USUAL_EPOCHS } from '../../training/fit-options.js';
import type { Executor, TrialEvents } from '../execution/executor.js';
import { checkResult, cutText, type TrialResult } from '../records.js';
import { portable, type TrialTask } from '../trial/task.js';
import { anotherConnection, connectRedis, serverTime } from './connection.js';
import { queuePackages } from './optional.js';
import {
  ATTEMPTS,
  jobId,
  KEPT_SECONDS,
  parseMember,
  parseReport,
  queueName,
  refusalsKey,
  SIGN_EVERY,
  verdictChannel,
  WORKERS,
  type WorkerMember,
  type WorkerVerdict,
} from './protocol.js';
import { queueError } from './queue-error.js';

/** A trial in the queue. */
interface Pending {
  readonly task: TrialTask;
  readonly events: TrialEvents;
  readonly resolve: (result: TrialResult | undefined) => void;
  /** The last epoch for which a verdict was sent; workers ask again if they hear nothing. */
  epoch: number;
  verdict: 'continue' | 'prune';
}

/**
 * How many trials wait in the queue, as a share of the running ones, so that no worker has to wait for the coordinator.
 */
const AHEAD = 0.25;

/**
 * Milliseconds between sweeps, which look for results whose event did not arrive, and for trials that the server lost.
 */
const SWEEP = 3_000;

/** Milliseconds that trials wait before the reason is reported: workers may only be changing. */
const PATIENCE = 3_000;

/** The most characters of a worker's reason that are shown. */
const LONGEST_REASON = 500;

/** The number of trials that each sweep looks up on the server. */
const SWEPT = 200;

/**
 * Runs trials on any number of machines, through BullMQ. The queue's state decides; events only save time. So nothing
 * is lost if the server restarts or the connection is cut, or if this coordinator is killed: the next one finds the
 * results that workers have left.
 */
export class QueueExecutor implements Executor {
  readonly isRemote = true;
  onWaiting: ((reason: string) => void) | undefined;
  readonly #release: string;
  readonly #redis: Redis;
  /** BullMQ's connection; BullMQ duplicates it where it needs more, and closes the copies. */
  readonly #connection: Redis;
  readonly #queue: Queue<TrialTask, unknown>;
  readonly #events: QueueEvents;
  readonly #pending = new Map<string, Pending>();
  readonly #timers: NodeJS.Timeout[] = [];
  #workers: readonly WorkerMember[] = [];
  /** The time since which no worker could run the pending trials, from performance.now(). */
  #waitingSince: number | undefined;
  /** The last reported reason for waiting. */
  #said: string | undefined;
  #sweeping = false;
  #next = 0;
  #closed = false;

  private constructor(redis: Redis, release: string) {
    this.#redis = redis;
    this.#release = release;
    this.#connection = anotherConnection(redis);
    const { bullmq } = queuePackages();
    this.#queue = new bullmq.Queue(queueName(release), { connection: this.#connection });
    this.#events = new bullmq.QueueEvents(queueName(release), { connection: this.#connection });
    // Ignores errors of connections that are being restored; the delayed work is done later.
    this.#queue.on('error', () => undefined);
    this.#events.on('error', () => undefined);
    this.#events.on('completed', ({ jobId: id }) => void this.#look(id));
    this.#events.on('failed', ({ jobId: id }) => void this.#look(id));
    this.#events.on('progress', ({ jobId: id, data }) => this.#report(id, data));
    this.#every(SIGN_EVERY, () => this.#countWorkers());
    this.#every(SWEEP, () => this.#sweep());
  }

  /**
   * @param release - the package's version; only workers of the same release take the trials
   * @throws SparseTrainError INVALID_OPTION, QUEUE_UNAVAILABLE
   */
  static async connect(url: string, release: string): Promise<QueueExecutor> {
    const redis = await connectRedis(url);
    const executor = new QueueExecutor(redis, release);
    await executor.#events.waitUntilReady();
    await executor.#countWorkers();
    return executor;
  }

  capacity(): number {
    const slots = this.#workers.reduce((sum, worker) => sum + worker.slots, 0);
    // At least one, so that results of workers that have left are found.
    return Math.max(1, Math.ceil(slots * (1 + AHEAD)));
  }

  run(task: TrialTask, events: TrialEvents, signal: AbortSignal): Promise<TrialResult | undefined> {
    const id = jobId(task);
    return new Promise((resolve, reject) => {
      const stop = () => {
        // A waiting trial is removed; a running one continues, and the next coordinator finds its result.
        this.#pending.delete(id);
        this.#queue.remove(id).catch(() => undefined);
        resolve(undefined);
      };
      if (signal.aborted) {
        resolve(undefined);
        return;
      }
      signal.addEventListener('abort', stop);
      const settle = (result: TrialResult | undefined) => {
        signal.removeEventListener('abort', stop);
        resolve(result);
      };
      this.#pending.set(id, { task, events, resolve: settle, epoch: 0, verdict: 'continue' });
      this.#add(task).then(
        () => this.#look(id),
        (error: unknown) => {
          if (!this.#pending.delete(id)) return;
          signal.removeEventListener('abort', stop);
          reject(queueError(error));
        },
      );
    });
  }

  async acknowledge(task: TrialTask): Promise<void> {
    await this.#queue.remove(jobId(task));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([this.#events.close(), this.#queue.close()]);
    this.#connection.disconnect();
    this.#redis.disconnect();
  }

  async #add(task: TrialTask): Promise<void> {
    await this.#queue.add('trial', portable(task), {
      jobId: jobId(task),
      attempts: ATTEMPTS,
      backoff: { type: 'fixed', delay: 500 },
      removeOnComplete: { age: KEPT_SECONDS },
      removeOnFail: { age: KEPT_SECONDS },
    });
  }

  #every(milliseconds: number, action: () => Promise<void>): void {
    // If the connection is down, the next sweep removes it.
    this.#timers.push(setInterval(() => action().catch(() => undefined), milliseconds));
  }

  async #countWorkers(): Promise<void> {
    const now = await serverTime(this.#redis);
    const members = await this.#redis.zrangebyscore(WORKERS, now, '+inf');
    const all = members.map(parseMember).filter((worker) => worker !== undefined);
    this.#workers = all.filter(({ release }) => release === this.#release);
    const others = all.filter(({ release }) => release !== this.#release);
    this.#noteWaiting(this.#pending.size === 0 ? undefined : await this.#reasonToWait(others));
  }

  /** The reason why no worker can run the pending trials; undefined if one can. */
  async #reasonToWait(others: readonly WorkerMember[]): Promise<string | undefined> {
    if (this.#workers.length === 0) {
      const releases = [...new Set(others.map(({ release }) => release))].sort();
      return releases.length === 0
        ? 'no worker is there; start one with sparse-train worker --queue and the same address'
        : `the workers that are there are of release ${releases.join(', ')}, but this search is of ${this.#release}; ` +
            'install the same release on both sides';
    }
    const studies = new Set([...this.#pending.values()].map(({ task }) => task.study));
    for (const study of studies) {
      const refusals = await this.#redis.hgetall(refusalsKey(study));
      const reasons = this.#workers.map(({ id }) => refusals[id]);
      if (reasons.every((reason) => reason !== undefined)) {
        const count =
          reasons.length === 1 ? 'the only worker refuses' : `all ${reasons.length} workers refuse`;
        return `${count} this study: ${shortened(reasons[0] as string, LONGEST_REASON)}`;
      }
    }
    return undefined;
  }

  /**
   * Reports a reason for waiting after it has lasted for a while. Reports it again only if trials could run in between.
   */
  #noteWaiting(reason: string | undefined): void {
    const now = performance.now();
    if (reason === undefined) {
      this.#waitingSince = undefined;
      this.#said = undefined;
      return;
    }
    this.#waitingSince ??= now;
    if (reason === this.#said || now - this.#waitingSince < PATIENCE) return;
    this.#said = reason;
    this.onWaiting?.(reason);
  }

  /** Checks whether a trial has ended. */
  async #look(id: string): Promise<void> {
    if (!this.#pending.has(id) || this.#closed) return;
    const job = await this.#queue.getJob(id).catch(() => 'away' as const);
    if (job === 'away') return;
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    // The server has lost it, for example in a restart without its latest writes.
    if (job === undefined) await this.#add(pending.task).catch(() => undefined);
    else this.#settle(id, pending, job);
  }

  /**
   * Queues a trial again that the server still knows but no longer offers to workers: it has evicted the list that named
   * it. A trial that a worker holds is left to that worker.
   */
  async #offerAgain(id: string): Promise<void> {
    const task = this.#pending.get(id)?.task;
    if (task === undefined || this.#closed) return;
    const state = await this.#queue.getJobState(id).catch(() => 'away');
    if (state === 'unknown' && (await this.#queue.remove(id)) === 1) await this.#add(task);
  }

  #settle(id: string, { task, resolve }: Pending, job: Job<TrialTask, unknown>): void {
    const { finishedOn, returnvalue, failedReason } = job;
    if (finishedOn === undefined) return;
    this.#pending.delete(id);
    if (returnvalue !== null && returnvalue !== undefined) {
      resolve(checkedResult(returnvalue, task));
      return;
    }
    const message = cutText(failedReason ?? 'the queue gives no reason');
    resolve({ state: 'failed', error: { code: 'INTERNAL', message } });
  }

  /** Checks some of the pending trials each time, in case an event was lost. */
  async #sweep(): Promise<void> {
    if (this.#sweeping) return;
    this.#sweeping = true;
    try {
      const ids = [...this.#pending.keys()];
      const from = this.#next % Math.max(1, ids.length);
      const part = [...ids.slice(from), ...ids.slice(0, from)].slice(0, SWEPT);
      this.#next = from + part.length;
      await Promise.all(part.map((id) => this.#look(id).then(() => this.#offerAgain(id))));
    } finally {
      this.#sweeping = false;
    }
  }

  #report(id: string, data: unknown): void {
    const pending = this.#pending.get(id);
    const report = parseReport(data);
    if (pending === undefined || report === undefined) return;
    if (report.type === 'start') {
      pending.epoch = 0;
      pending.events.onStart(report.worker);
      return;
    }
    const { epoch, value, answerTo } = report;
    // If the epoch is earlier than the expected one, our verdict was lost; if it is later, a report was lost.
    if (epoch > pending.epoch) {
      pending.epoch = epoch;
      pending.verdict = pending.events.onEpoch(epoch, value ?? Number.NaN) as 'continue' | 'prune';
    }
    const verdict: WorkerVerdict = { job: id, epoch, verdict: pending.verdict };
    this.#redis.publish(verdictChannel(answerTo), JSON.stringify(verdict)).catch(() => undefined);
  }
}

/** Names of measures, and the most that a result may have. */
const MEASURE = /^[a-z][\w.]{0,40}$/i;
const MOST_VALUES = 100;

/** Checks a worker's result. An answer that is no result, or lacks an objective, counts as a failed trial. */
function checkedResult(answer: unknown, { measures, fit }: TrialTask): TrialResult {
  const failed = (message: string): TrialResult => ({
    state: 'failed',
    error: { code: 'INVALID_DATA', message: `the worker's answer is not a result: ${message}` },
  });
  try {
    const result = checkResult(answer);
    const names = Object.keys(result.values ?? {});
    if (names.length > MOST_VALUES || !names.every((name) => MEASURE.test(name)))
      return failed('its values are not measures of a trial');
    const epochs = typeof fit.epochs === 'number' ? fit.epochs : USUAL_EPOCHS;
    if ((result.curve?.length ?? 0) > epochs) return failed(`its curve has more than ${epochs} epochs`);
    const missing = measures.find((measure) => result.values?.[measure] === undefined);
    return result.state === 'complete' && missing !== undefined ? failed(`it has no ${missing}`) : result;
  } catch (error) {
    return failed((error as Error).message);
  }
}
