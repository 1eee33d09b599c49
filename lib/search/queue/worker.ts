import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import type { Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { SparseTrainError } from '../../base/errors.js';
import type { NetworkOptions } from '../../network/options.js';
import { ThreadPool } from '../execution/pool.js';
import { cutText, type TrialResult } from '../records.js';
import { dataName, loadTrialData, type SharedTrialData, shareData } from '../trial/data.js';
import { wantedEdges } from '../trial/quantities.js';
import { checkTask, type TrialTask } from '../trial/task.js';
import { anotherConnection, connectRedis, serverTime } from './connection.js';
import { queuePackages } from './optional.js';
import {
  MOST_DEATHS,
  parseVerdict,
  queueName,
  REFUSAL_COUNTS,
  refusalsKey,
  SIGN_COUNTS,
  SIGN_EVERY,
  verdictChannel,
  WORKERS,
  type WorkerReport,
  workerMember,
} from './protocol.js';

/** Options of {@link serveQueue}. */
export interface WorkerSettings {
  /** How many trials run at once. */
  readonly parallel: number;
  /** Seconds without a sign of life after which a worker's trials go to other workers. */
  readonly takeover: number;
  /** The folder of data sets on this machine, if it is not the usual one. */
  readonly directory?: string | undefined;
  /** Version of the package; trials of other releases are left to their own workers. */
  readonly release: string;
  /** Networks with more edges are refused. */
  readonly maxEdges: number;
  /** Trials that take longer fail. */
  readonly maxSeconds: number;
  readonly signal: AbortSignal;
  /** Called once the worker is connected to the queue. */
  readonly onReady?: (() => void) | undefined;
  readonly onTrial?: ((task: TrialTask, result: TrialResult) => void) | undefined;
  /** Called when this worker leaves a study to others, once for each study and reason. */
  readonly onRefusal?: ((study: string, reason: string) => void) | undefined;
}

/**
 * Milliseconds after which a worker asks again for a verdict, and how many times it asks before it continues without
 * one.
 */
const ASK_AGAIN = 1_000;
const QUESTIONS = 20;

/** Milliseconds after which a refused job is offered again, to this worker or another. */
const OFFERED_AGAIN = 2_000;

/** Milliseconds after which a worker looks again for data that it did not have. */
const LOOK_AGAIN = 15_000;

/** A study whose data this worker does not have. */
interface Missing {
  readonly reason: string;
  readonly until: number;
}

/** Takes trials from a queue until the signal stops it; running trials then go back to the queue. */
export async function serveQueue(url: string, settings: WorkerSettings): Promise<void> {
  const worker = await QueueWorker.connect(url, settings);
  settings.onReady?.();
  await worker.ended;
}

class QueueWorker {
  readonly #id = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
  readonly #settings: WorkerSettings;
  readonly #redis: Redis;
  /** BullMQ's connection; BullMQ duplicates it and closes the copies. */
  readonly #connection: Redis;
  readonly #subscriber: Redis;
  readonly #pool: ThreadPool;
  readonly #data = new Map<string, Promise<SharedTrialData>>();
  /** The studies whose data this worker does not have, by id. */
  readonly #missing = new Map<string, Missing>();
  /** The reason that was last said for refusing trials of a study. */
  readonly #said = new Map<string, string>();
  readonly #questions = new Map<string, (verdict: 'continue' | 'prune') => void>();
  readonly #timer: NodeJS.Timeout;
  readonly #worker: Worker<unknown, TrialResult>;
  readonly #stop = new AbortController();
  readonly ended: Promise<void>;

  private constructor(redis: Redis, subscriber: Redis, settings: WorkerSettings) {
    const { parallel, takeover, release, signal } = settings;
    this.#redis = redis;
    this.#connection = anotherConnection(redis);
    this.#subscriber = subscriber;
    this.#settings = settings;
    // Every running trial adds a listener.
    setMaxListeners(0, this.#stop.signal);
    this.#pool = new ThreadPool(parallel, (task) => this.#dataOf(task));
    subscriber.on('message', (_channel, text) => this.#hear(text));
    const { bullmq } = queuePackages();
    this.#worker = new bullmq.Worker(queueName(release), (job, token) => this.#process(job, token), {
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
        this.#close().then(resolve, reject);
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

  /** Signals that this worker is alive. */
  async #sign(): Promise<void> {
    try {
      const now = await serverTime(this.#redis);
      const member = this.#member;
      await this.#redis
        .multi()
        .zadd(WORKERS, now + SIGN_COUNTS, member)
        .zremrangebyscore(WORKERS, '-inf', now)
        .exec();
    } catch {
      // The connection is down; the next sign of life follows.
    }
  }

  get #member(): string {
    const { parallel: slots, release } = this.#settings;
    return workerMember({ id: this.#id, release, slots });
  }

  async #process(job: Job<unknown, TrialResult>, token: string | undefined): Promise<TrialResult> {
    const task = checkedTask(job.data, this.#settings.release);
    await this.#prepare(task).catch((error: unknown) => this.#refuse(job, token, task, error));
    const report = (message: WorkerReport) => job.updateProgress(message).catch(() => undefined);
    const limit = AbortSignal.timeout(this.#settings.maxSeconds * 1000);
    const events = {
      onStart: (worker: string) => void report({ type: 'start', worker }),
      onProgress: () => undefined,
      onEpoch: (epoch: number, value: number) =>
        this.#ask(job.id as string, epoch, () =>
          report({ type: 'epoch', epoch, value: Number.isFinite(value) ? value : null, answerTo: this.#id }),
        ),
    };
    const trained = await this.#pool.run(task, events, AbortSignal.any([this.#stop.signal, limit]));
    const result = trained ?? (limit.aborted ? this.#tooLong() : undefined);
    if (result === undefined) throw new SparseTrainError('INTERNAL', 'the worker was stopped');
    this.#settings.onTrial?.(task, result);
    return result;
  }

  #tooLong(): TrialResult {
    const { maxSeconds } = this.#settings;
    const message = `the trial took more than the ${maxSeconds} seconds that this worker allows (--max-seconds)`;
    return { state: 'failed', error: { code: 'INVALID_OPTION', message } };
  }

  /**
   * Checks that this worker can run a task: its size is allowed, and its data are available here.
   *
   * @throws SparseTrainError
   */
  async #prepare(task: TrialTask): Promise<void> {
    const { maxEdges } = this.#settings;
    const { edges, neurons } = sizeOf(task);
    if (edges + neurons > maxEdges) {
      throw new SparseTrainError(
        'NETWORK_TOO_LARGE',
        `a network of ${edges} edges and ${neurons} neurons is asked for, and this worker allows ${maxEdges} of both together (--max-edges)`,
      );
    }
    const known = this.#missing.get(task.study);
    if (known !== undefined && performance.now() < known.until)
      throw new SparseTrainError('INVALID_DATA', known.reason);
    try {
      await this.#dataOf(task);
    } catch (error) {
      if (error instanceof SparseTrainError)
        this.#missing.set(task.study, {
          reason: cutText(error.message),
          until: performance.now() + LOOK_AGAIN,
        });
      throw error;
    }
  }

  /** Leaves a task to other workers, and records why for the coordinator. */
  async #refuse(
    job: Job<unknown, TrialResult>,
    token: string | undefined,
    { study }: TrialTask,
    error: unknown,
  ): Promise<never> {
    if (!(error instanceof SparseTrainError)) throw error;
    const reason = cutText(error.message);
    if (this.#said.get(study) !== reason) {
      this.#said.set(study, reason);
      this.#settings.onRefusal?.(study, reason);
    }
    const key = refusalsKey(study);
    await this.#redis.multi().hset(key, this.#id, reason).expire(key, REFUSAL_COUNTS).exec();
    await job.moveToDelayed(Date.now() + OFFERED_AGAIN, token);
    throw new (queuePackages().bullmq.DelayedError)();
  }

  /** Asks for a verdict until there is one, a limited number of times: the coordinator may have gone. */
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

  #hear(message: string): void {
    const { job, epoch, verdict = 'continue' } = parseVerdict(message) ?? {};
    this.#questions.get(`${job} ${epoch}`)?.(verdict);
  }

  /** Loads data once, and checks that they are the study's. */
  #dataOf(task: TrialTask): Promise<SharedTrialData> {
    const key = JSON.stringify([task.data, task.checksum]);
    let data = this.#data.get(key);
    if (data === undefined) {
      // Keeps the data of the last two studies, which may take turns.
      for (const old of [...this.#data.keys()].slice(0, -1)) this.#data.delete(old);
      data = this.#load(task);
      this.#data.set(key, data);
      data.catch(() => this.#data.delete(key));
    }
    return data;
  }

  async #load({ data, checksum }: TrialTask): Promise<SharedTrialData> {
    const { directory } = this.#settings;
    const loaded = await loadTrialData({ ...data, directory });
    if (loaded.checksum === checksum) return shareData(loaded);
    throw new SparseTrainError(
      'INVALID_DATA',
      `${dataName(data)} of this machine is not the study's (SHA-256 ${loaded.checksum}, wanted ${checksum}); ` +
        'restore it, or give its folder with --data-directory',
    );
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    try {
      await this.#redis.zrem(WORKERS, this.#member);
      await this.#worker.close();
    } finally {
      await this.#pool.close();
      this.#subscriber.disconnect();
      this.#connection.disconnect();
      this.#redis.disconnect();
    }
  }
}

/** A job's task. A job that does not hold one of this release fails for good; other jobs continue. */
function checkedTask(data: unknown, release: string): TrialTask {
  try {
    const task = checkTask(data);
    if (task.release === release) return task;
    throw new SparseTrainError(
      'INVALID_DATA',
      `it is of release ${task.release}, and this worker of ${release}`,
    );
  } catch (error) {
    throw new (queuePackages().bullmq.UnrecoverableError)(
      cutText(`the job is not a trial: ${(error as Error).message}`),
    );
  }
}

/**
 * The edges that a task's network requests, and its neurons: a network of few edges can still fill the memory with
 * neurons. Both are 0 if its options are wrong, which the trial itself then reports.
 */
function sizeOf({ network, seed }: TrialTask): { edges: number; neurons: number } {
  const options = { seed, ...network } as unknown as NetworkOptions;
  try {
    const edges = wantedEdges(options);
    return { edges, neurons: options.layers.reduce((sum, layer) => sum + layer) };
  } catch {
    return { edges: 0, neurons: 0 };
  }
}
