import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { packageFile } from '../../base/package.js';
import type { TrialResult } from '../records.js';
import type { SharedTrialData } from '../trial/data.js';
import type { TrialTask } from '../trial/task.js';
import type { Executor, TrialEvents } from './executor.js';
import type { ThreadEvent, ThreadJob, ThreadOrder } from './thread.js';

/** Runs trials on threads of this process, one thread for each trial. */
export class ThreadPool implements Executor {
  readonly isRemote = false;
  onWaiting: ((reason: string) => void) | undefined;
  readonly #threads: number;
  readonly #data: (task: TrialTask) => Promise<SharedTrialData>;
  readonly #pool: Piscina<ThreadJob, TrialResult | undefined>;

  /**
   * @param threads - 1 or more
   * @param data - returns the data that a task learns from
   */
  constructor(threads: number, data: (task: TrialTask) => Promise<SharedTrialData>) {
    this.#threads = threads;
    this.#data = data;
    this.#pool = new Piscina({
      filename: packageFile('#trial-thread'),
      minThreads: 1,
      maxThreads: threads,
      idleTimeout: 60_000,
      // Threads that wait for the next trial must not spin.
      atomics: 'disabled',
    });
  }

  capacity(): number {
    return this.#threads;
  }

  async run(
    task: TrialTask,
    { onStart, onProgress, onEpoch }: TrialEvents,
    signal: AbortSignal,
  ): Promise<TrialResult | undefined> {
    const data = await this.#data(task);
    if (signal.aborted) return undefined;
    const { port1, port2 } = new MessageChannel();
    const order = (message: ThreadOrder) => port1.postMessage(message);
    const stop = () => order({ type: 'stop' });
    signal.addEventListener('abort', stop);
    let failure: { error: unknown } | undefined;
    port1.on('message', (event: ThreadEvent) => {
      if (event.type === 'start') onStart(event.worker);
      else if (event.type === 'progress') onProgress(event.fraction);
      else
        Promise.resolve(onEpoch(event.epoch, event.value)).then(
          (verdict) => order({ type: 'verdict', verdict }),
          (error: unknown) => {
            failure ??= { error };
            stop();
          },
        );
    });
    try {
      const result = await this.#pool.run({ task, data, port: port2 }, { transferList: [port2] });
      if (failure !== undefined) throw failure.error;
      return result;
    } finally {
      signal.removeEventListener('abort', stop);
      port1.close();
    }
  }

  async acknowledge(): Promise<void> {
    // The result was in the thread's message: nothing is left to discard.
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}
