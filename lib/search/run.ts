import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { SparseTrainError } from '../base/errors.js';
import { callback, instanceOf, text, whole } from '../base/options/kinds.js';
import { checkOptions, type OptionsOf, option } from '../base/options/table.js';
import { engineVersion } from '../engine/kernel-sets.js';
import { MAX_THREADS } from '../engine/limits.js';
import type { Executor } from './execution/executor.js';
import { ThreadPool } from './execution/pool.js';
import type { TrialRecord } from './records.js';
import type { Study, Trial } from './study.js';
import { shareData, type TrialData } from './trial/data.js';
import type { TrialTask } from './trial/task.js';

/** What happens while a study runs. */
export type StudyEvent =
  | { readonly type: 'start'; readonly trial: TrialRecord; readonly worker: string }
  | { readonly type: 'progress'; readonly trial: TrialRecord; readonly fraction: number }
  | {
      readonly type: 'epoch';
      readonly trial: TrialRecord;
      readonly epoch: number;
      readonly value: number;
      readonly verdict: 'continue' | 'prune';
    }
  | { readonly type: 'end'; readonly trial: TrialRecord }
  /** Trials are waiting because no worker is there, or none that can run them. Reported once for each reason. */
  | { readonly type: 'waiting'; readonly reason: string };

/** The options of runStudy(). */
export const RUN_STUDY = {
  /** Trials at once, each on a thread of its own: 1 to 256; as many as there are cores by default. Not with `queue`. */
  parallel: option(whole(1, MAX_THREADS), {
    text: 'trials at once, each on a thread of its own (not with a queue)',
    otherwise: 'as many as there are cores',
    flag: '--parallel',
  }),
  /**
   * A Redis server, `redis://host:port`: trials run wherever `sparse-train worker --queue` names the same server, and
   * not in this process.
   */
  queue: option(text('<url>'), {
    text: 'a Redis server, whose workers run the trials',
    otherwise: 'trials run in this process',
  }),
  /** Stops the run within milliseconds; the next run starts interrupted trials again. */
  signal: option(instanceOf(AbortSignal, 'an AbortSignal'), { text: 'stops within milliseconds' }),
  /** Called for everything that happens. An error that it throws stops the study, and runStudy() throws it. */
  onEvent: option(callback<(event: StudyEvent) => void>(), { text: 'called for everything that happens' }),
};

/** Options of {@link runStudy}. */
export interface RunStudyOptions extends OptionsOf<typeof RUN_STUDY> {}

/**
 * Runs a study's trials, as runStudy() says.
 *
 * @throws SparseTrainError as runStudy()
 */
export async function runTrials(study: Study, options: RunStudyOptions = {}): Promise<void> {
  const given = checkOptions('runStudy options', RUN_STUDY, options);
  const { parallel = Math.min(availableParallelism(), MAX_THREADS), queue } = given;
  const data = await study.loadData();
  const executor = queue === undefined ? threadPool(parallel, data) : await queueExecutor(queue);
  try {
    await conductStudy(study, executor, (trial) => study.task(trial, data.checksum), given);
  } finally {
    await executor.close();
  }
}

function threadPool(parallel: number, data: TrialData): Executor {
  const shared = shareData(data);
  return new ThreadPool(parallel, async () => shared);
}

/** Loaded only when it is needed, because it depends on large libraries. */
async function queueExecutor(url: string): Promise<Executor> {
  const { QueueExecutor } = await import('./queue/queue-executor.js');
  return QueueExecutor.connect(url, engineVersion());
}

/** If the first trials, this many, all fail, the study's definition is taken to be wrong. */
const FAILURES = 10;

/** Milliseconds between looks at the executor's capacity, which changes as workers come and go. */
const LOOK = 200;

/**
 * Keeps an executor busy until the study is done or stopped.
 *
 * @param taskOf - says what the executor has to do for a trial
 */
export async function conductStudy(
  study: Study,
  executor: Executor,
  taskOf: (trial: Trial) => TrialTask,
  { signal, onEvent }: Pick<RunStudyOptions, 'signal' | 'onEvent'>,
): Promise<void> {
  const stop = new AbortController();
  // Every running trial adds a listener.
  setMaxListeners(0, stop.signal);
  const abort = () => stop.abort();
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  let failure: { error: unknown } | undefined;
  let wake: () => void = () => undefined;
  let running = 0;
  let looked = study.ended >= FAILURES || study.isDone;
  const settling = new Set<Promise<void>>();
  // Events come out of timers and messages, where an error that the callback throws would end the process.
  const notify = (event: StudyEvent) => {
    try {
      onEvent?.(event);
    } catch (error) {
      failure ??= { error };
      abort();
      wake();
    }
  };
  executor.onWaiting = (reason) => notify({ type: 'waiting', reason });
  const begin = (trial: Trial) => {
    running++;
    const whole = conductTrial(study, executor, trial, taskOf(trial), stop.signal, notify, () => {
      running--;
      wake();
    }).catch((error: unknown) => {
      failure ??= { error };
      abort();
      wake();
    });
    settling.add(whole);
    whole.finally(() => settling.delete(whole));
  };
  try {
    for (;;) {
      while (!stop.signal.aborted && running < executor.capacity()) {
        const trial = study.ask();
        if (trial === undefined) break;
        begin(trial);
      }
      if (running === 0 && (stop.signal.aborted || study.isDone)) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LOOK);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (!looked && study.ended >= FAILURES) {
        looked = true;
        checkAnySuccess(study);
      }
    }
    if (!looked && study.isDone) checkAnySuccess(study);
  } catch (error) {
    failure ??= { error };
    abort();
  } finally {
    await Promise.all(settling);
    signal?.removeEventListener('abort', abort);
  }
  if (failure !== undefined) throw failure.error;
}

/** Runs one trial and writes its result to the journal. */
async function conductTrial(
  study: Study,
  executor: Executor,
  trial: Trial,
  task: TrialTask,
  signal: AbortSignal,
  notify: (event: StudyEvent) => void,
  onDone: () => void,
): Promise<void> {
  const record = () => study.trials[trial.number] as TrialRecord;
  try {
    if (executor.isRemote) await study.flush();
    const result = await executor.run(
      task,
      {
        onStart: (worker) => {
          study.restart(trial.number);
          notify({ type: 'start', trial: record(), worker });
        },
        onProgress: (fraction) => notify({ type: 'progress', trial: record(), fraction }),
        onEpoch: (epoch, value) => {
          const verdict = trial.report(value);
          notify({ type: 'epoch', trial: record(), epoch, value, verdict });
          return verdict;
        },
      },
      signal,
    );
    if (result === undefined) {
      study.giveBack(trial.number);
      return;
    }
    study.settle(trial.number, result);
  } finally {
    onDone();
  }
  notify({ type: 'end', trial: record() });
  await study.flush();
  await executor.acknowledge(task);
}

/** Stops the study if every trial so far has failed. */
function checkAnySuccess(study: Study): void {
  const ends = study.trials.filter(({ state }) => state !== 'running');
  if (ends.length === 0 || !ends.every(({ state }) => state === 'failed')) return;
  const { code = 'INTERNAL', message = '' } = ends[0]?.error ?? {};
  throw new SparseTrainError(
    code as SparseTrainError['code'],
    `the first ${ends.length} trials all failed, the first with: ${message}`,
  );
}
