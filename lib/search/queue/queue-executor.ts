import { type Job, Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Executor, TrialEvents } from '../execution/executor.js';
import type { TrialResult } from '../records.js';
import type { TrialTask } from '../trial/task.js';
import { anotherConnection, connectRedis, serverTime } from './connection.js';
import {
  ATTEMPTS,
  type JobResult,
  jobId,
  KEPT_SECONDS,
  QUEUE,
  SIGN_EVERY,
  slotsOf,
  verdictChannel,
  WORKERS,
  type WorkerReport,
  type WorkerVerdict,
} from './protocol.js';

/** A trial that is with the queue. */
interface Pending {
  readonly task: TrialTask;
  readonly events: TrialEvents;
  readonly resolve: (result: TrialResult | undefined) => void;
  /** The last epoch that was decided on; workers ask again if they hear nothing. */
  epoch: number;
  verdict: 'continue' | 'prune';
}

/** Trials beyond those at work that wait in the queue, as a share of them, so that no worker waits for the coordinator. */
const AHEAD = 0.25;

/** Milliseconds between looks for results whose event did not arrive, and for trials that the server has lost. */
const SWEEP = 3_000;

/** Trials of which each sweep makes sure that the server still has them. */
const SWEPT = 200;

/**
 * Trials on any number of machines, through BullMQ. What the queue says decides; events only make it quick. So nothing
 * is lost if the server restarts or the connection is cut, or if this coordinator is killed: the next one finds the
 * results that workers have left.
 */
export class QueueExecutor implements Executor {
  readonly #redis: Redis;
  /** BullMQ's; it makes further ones of it where it needs them, and closes those. */
  readonly #connection: Redis;
  readonly #queue: Queue<TrialTask, JobResult>;
  readonly #events: QueueEvents;
  readonly #pending = new Map<string, Pending>();
  readonly #timers: NodeJS.Timeout[] = [];
  #slots = 0;
  #sweeping = false;
  #next = 0;
  #closed = false;

  private constructor(redis: Redis) {
    this.#redis = redis;
    this.#connection = anotherConnection(redis);
    this.#queue = new Queue(QUEUE, { connection: this.#connection });
    this.#events = new QueueEvents(QUEUE, { connection: this.#connection });
    // Errors of connections that are being made again; what they delay is done later.
    this.#queue.on('error', () => undefined);
    this.#events.on('error', () => undefined);
    this.#events.on('completed', ({ jobId: id }) => void this.#look(id));
    this.#events.on('failed', ({ jobId: id }) => void this.#look(id));
    this.#events.on('progress', ({ jobId: id, data }) => this.#report(id, data as WorkerReport));
    this.#every(SIGN_EVERY, () => this.#countSlots());
    this.#every(SWEEP, () => this.#sweep());
  }

  /** @throws SparseTrainError INVALID_OPTION, QUEUE_UNAVAILABLE */
  static async connect(url: string): Promise<QueueExecutor> {
    const redis = await connectRedis(url);
    const executor = new QueueExecutor(redis);
    await executor.#events.waitUntilReady();
    await executor.#countSlots();
    return executor;
  }

  /** Workers' slots that are there now. */
  get slots(): number {
    return this.#slots;
  }

  capacity(): number {
    // At least one, so that results which workers left before they went are found.
    return Math.max(1, Math.ceil(this.#slots * (1 + AHEAD)));
  }

  run(task: TrialTask, events: TrialEvents, signal: AbortSignal): Promise<TrialResult | undefined> {
    const id = jobId(task);
    return new Promise((resolve, reject) => {
      const stop = () => {
        // A trial that waits is taken out; one at work goes on, and the next coordinator finds its result.
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
          reject(error);
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
    await this.#queue.add('trial', task, {
      jobId: jobId(task),
      attempts: ATTEMPTS,
      backoff: { type: 'fixed', delay: 500 },
      removeOnComplete: { age: KEPT_SECONDS },
      removeOnFail: { age: KEPT_SECONDS },
    });
  }

  #every(milliseconds: number, action: () => Promise<void>): void {
    // What fails because the connection is away is done the next time.
    this.#timers.push(setInterval(() => action().catch(() => undefined), milliseconds));
  }

  async #countSlots(): Promise<void> {
    const now = await serverTime(this.#redis);
    const members = await this.#redis.zrangebyscore(WORKERS, now, '+inf');
    this.#slots = members.reduce((sum, member) => sum + slotsOf(member), 0);
  }

  /** Looks whether a trial has ended. */
  async #look(id: string): Promise<void> {
    if (!this.#pending.has(id) || this.#closed) return;
    const job = await this.#queue.getJob(id).catch(() => 'away' as const);
    if (job === 'away') return;
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    // The server has lost it, for example because it came back without its latest writes.
    if (job === undefined) await this.#add(pending.task).catch(() => undefined);
    else this.#settle(id, pending, job);
  }

  #settle(id: string, { resolve }: Pending, job: Job<TrialTask, JobResult>): void {
    const { finishedOn, returnvalue, failedReason } = job;
    if (finishedOn === undefined) return;
    this.#pending.delete(id);
    if (returnvalue !== null && returnvalue !== undefined) resolve(returnvalue);
    else
      resolve({
        state: 'failed',
        error: { code: 'INTERNAL', message: failedReason ?? 'the queue gives no reason' },
      });
  }

  /** Finds what events did not tell: a part of the pending trials each time. */
  async #sweep(): Promise<void> {
    if (this.#sweeping) return;
    this.#sweeping = true;
    try {
      const ids = [...this.#pending.keys()];
      const from = this.#next % Math.max(1, ids.length);
      const part = [...ids.slice(from), ...ids.slice(0, from)].slice(0, SWEPT);
      this.#next = from + part.length;
      await Promise.all(part.map((id) => this.#look(id)));
    } finally {
      this.#sweeping = false;
    }
  }

  #report(id: string, report: WorkerReport): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    if (report.type === 'start') {
      pending.epoch = 0;
      pending.events.onStart(report.worker);
      return;
    }
    const { epoch, value, answerTo } = report;
    // An epoch before the next one was asked about again: the answer was lost. A later one: a report was.
    if (epoch > pending.epoch) {
      pending.epoch = epoch;
      pending.verdict = pending.events.onEpoch(epoch, value ?? Number.NaN) as 'continue' | 'prune';
    }
    const verdict: WorkerVerdict = { job: id, epoch, verdict: pending.verdict };
    this.#redis.publish(verdictChannel(answerTo), JSON.stringify(verdict)).catch(() => undefined);
  }
}
