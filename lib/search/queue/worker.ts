import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import { type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { SparseTrainError } from '../../base/errors.js';
import { ThreadPool } from '../execution/pool.js';
import type { TrialResult } from '../records.js';
import { loadTrialData, type SharedTrialData, shareData } from '../trial/data.js';
import type { TrialTask } from '../trial/task.js';
import { anotherConnection, connectRedis, serverTime } from './connection.js';
import {
  type JobResult,
  MOST_DEATHS,
  QUEUE,
  SIGN_COUNTS,
  SIGN_EVERY,
  verdictChannel,
  WORKERS,
  type WorkerReport,
  type WorkerVerdict,
  workerMember,
} from './protocol.js';

/** Options of {@link serveQueue}. */
export interface WorkerSettings {
  /** Trials at once. */
  readonly parallel: number;
  /** Seconds without a sign of life after which a worker's trials are given to others. */
  readonly takeover: number;
  /** Where data sets are on this machine, in place of where studies say. */
  readonly directory?: string | undefined;
  readonly signal: AbortSignal;
  /** Called once the queue is reached. */
  readonly onReady?: (() => void) | undefined;
  readonly onTrial?: ((task: TrialTask, result: TrialResult) => void) | undefined;
}

/** Milliseconds after which a worker asks again for a verdict, and how often before it goes on without. */
const ASK_AGAIN = 1_000;
const QUESTIONS = 20;

/** Takes trials from a queue until the signal stops it; trials that run then go back to the queue. */
export async function serveQueue(url: string, settings: WorkerSettings): Promise<void> {
  const worker = await QueueWorker.connect(url, settings);
  settings.onReady?.();
  await worker.ended;
}

class QueueWorker {
  readonly #id = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
  readonly #settings: WorkerSettings;
  readonly #redis: Redis;
  /** BullMQ's; it makes further ones of it, and closes those. */
  readonly #connection: Redis;
  readonly #subscriber: Redis;
  readonly #pool: ThreadPool;
  readonly #data = new Map<string, Promise<SharedTrialData>>();
  readonly #questions = new Map<string, (verdict: 'continue' | 'prune') => void>();
  readonly #timer: NodeJS.Timeout;
  readonly #worker: Worker<TrialTask, JobResult>;
  readonly #stop = new AbortController();
  readonly ended: Promise<void>;
  #failure: unknown;

  private constructor(redis: Redis, subscriber: Redis, settings: WorkerSettings) {
    const { parallel, takeover, signal } = settings;
    this.#redis = redis;
    this.#connection = anotherConnection(redis);
    this.#subscriber = subscriber;
    this.#settings = settings;
    // Every running trial listens.
    setMaxListeners(0, this.#stop.signal);
    this.#pool = new ThreadPool(parallel, (task) => this.#dataOf(task));
    subscriber.on('message', (_channel, text) => this.#hear(JSON.parse(text) as WorkerVerdict));
    this.#worker = new Worker(QUEUE, (job) => this.#process(job), {
      connection: this.#connection,
      name: this.#id,
      concurrency: parallel,
      lockDuration: takeover * 1000,
      stalledInterval: takeover * 500,
      maxStalledCount: MOST_DEATHS,
    });
    this.#worker.on('error', () => undefined);
    this.#timer = setInterval(() => this.#sign(), SIGN_EVERY);
    this.ended = new Promise((resolve, reject) => {
      this.#stop.signal.addEventListener('abort', () => {
        this.#close().then(() => (this.#failure === undefined ? resolve() : reject(this.#failure)), reject);
      });
    });
    if (signal.aborted) this.#stop.abort();
    signal.addEventListener('abort', () => this.#stop.abort());
  }

  static async connect(url: string, settings: WorkerSettings): Promise<QueueWorker> {
    const redis = await connectRedis(url);
    const subscriber = anotherConnection(redis);
    const worker = new QueueWorker(redis, subscriber, settings);
    await subscriber.subscribe(verdictChannel(worker.#id));
    await worker.#sign();
    return worker;
  }

  /** Shows that this worker is there. */
  async #sign(): Promise<void> {
    try {
      const now = await serverTime(this.#redis);
      const member = workerMember(this.#id, this.#settings.parallel);
      await this.#redis
        .multi()
        .zadd(WORKERS, now + SIGN_COUNTS, member)
        .zremrangebyscore(WORKERS, '-inf', now)
        .exec();
    } catch {
      // The connection is away; the next sign follows.
    }
  }

  async #process(job: Job<TrialTask, JobResult>): Promise<JobResult> {
    const { data: task } = job;
    const report = (message: WorkerReport) => job.updateProgress(message).catch(() => undefined);
    const result = await this.#pool
      .run(
        task,
        {
          onStart: (worker) => void report({ type: 'start', worker }),
          onProgress: () => undefined,
          onEpoch: (epoch, value) =>
            this.#ask(job.id as string, epoch, () =>
              report({ type: 'epoch', epoch, value, answerTo: this.#id }),
            ),
        },
        this.#stop.signal,
      )
      .catch((error: unknown) => {
        // This machine cannot run such trials; others may.
        this.#failure = error;
        this.#stop.abort();
        throw error;
      });
    if (result === undefined) throw new SparseTrainError('INTERNAL', 'the worker was stopped');
    this.#settings.onTrial?.(task, result);
    return result;
  }

  /** Asks for a verdict until there is one; a coordinator that has gone must not hold trials up. */
  async #ask(job: string, epoch: number, ask: () => Promise<void>): Promise<'continue' | 'prune'> {
    const key = `${job} ${epoch}`;
    try {
      return await new Promise((resolve) => {
        this.#questions.set(key, resolve);
        let asked = 0;
        const again = () => {
          if (!this.#questions.has(key)) return;
          if (asked++ === QUESTIONS || this.#stop.signal.aborted) {
            resolve('continue');
            return;
          }
          void ask();
          setTimeout(again, ASK_AGAIN).unref();
        };
        again();
      });
    } finally {
      this.#questions.delete(key);
    }
  }

  #hear({ job, epoch, verdict }: WorkerVerdict): void {
    this.#questions.get(`${job} ${epoch}`)?.(verdict);
  }

  /** Loads data once, and makes sure that they are the study's. */
  #dataOf(task: TrialTask): Promise<SharedTrialData> {
    const key = JSON.stringify([task.data, task.checksum]);
    let data = this.#data.get(key);
    if (data === undefined) {
      // Memory for one study's data, or two where studies take turns.
      for (const old of [...this.#data.keys()].slice(0, -1)) this.#data.delete(old);
      data = this.#load(task);
      this.#data.set(key, data);
      data.catch(() => this.#data.delete(key));
    }
    return data;
  }

  async #load({ data, checksum }: TrialTask): Promise<SharedTrialData> {
    const { directory = data.directory } = this.#settings;
    const loaded = await loadTrialData({ ...data, directory });
    if (loaded.checksum === checksum) return shareData(loaded);
    throw new SparseTrainError(
      'INVALID_DATA',
      `the data set ${data.name} of this machine is not the study's (SHA-256 ${loaded.checksum}, wanted ${checksum}); ` +
        'restore it, or give its folder with --data-directory',
    );
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    try {
      await this.#redis.zrem(WORKERS, workerMember(this.#id, this.#settings.parallel));
      await this.#worker.close();
    } finally {
      await this.#pool.close();
      this.#subscriber.disconnect();
      this.#connection.disconnect();
      this.#redis.disconnect();
    }
  }
}
