/** Runs a reproduction as a study of lib/search: a grid over its runs, a journal, and a pool of threads. */

import { rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { SparseTrainError } from '../base/errors.js';
import { makeFolder } from '../base/files/make-folder.js';
import { currentKernelSet, engineVersion } from '../engine/kernel-sets.js';
import type { Threads } from '../network/threads.js';
import type { StudyDefinition } from '../search/definition/definition.js';
import type { TrialEvents } from '../search/execution/executor.js';
import { ThreadPool } from '../search/execution/pool.js';
import { openStudy } from '../search/open.js';
import type { TrialRecord, TrialResult } from '../search/records.js';
import { conductStudy } from '../search/run.js';
import type { Study } from '../search/study.js';
import type { Template } from '../search/template.js';
import { loadTrialData, type SharedTrialData, shareData } from '../search/trial/data.js';
import type { TrialTask } from '../search/trial/task.js';
import { loadResults, type Results, type RunResult, saveResults } from './results.js';
import type { Run } from './run.js';

/** Options of {@link reproduce}. */
export interface ReproduceOptions {
  /** The folder for `NAME.json` and, until all runs are done, the journal; created if it does not exist. */
  readonly folder: string;
  /** Whether these are fewer and shorter runs, which are kept apart from the full ones. */
  readonly quick: boolean;
  /** Threads of each run; one run trains at a time. */
  readonly threads: Threads;
  readonly signal?: AbortSignal | undefined;
  /** Called with every result, those of earlier calls included. */
  readonly onResult?: ((progress: { done: number; of: number; last: RunResult }) => void) | undefined;
}

/** The file of a reproduction's results. */
export function resultsFile(folder: string, name: string): string {
  return join(folder, `${name}.json`);
}

/**
 * Trains the runs that have no result yet. Every result is in the journal as soon as it is known, so that the next call
 * resumes a reproduction that was interrupted or killed. The results file is written at the end.
 *
 * @throws SparseTrainError as loadDataset(), Network and fit(); INVALID_FILE for results or a journal of something else;
 * STUDY_BUSY if another process reproduces the same; FILE_ACCESS
 */
export async function reproduce(
  name: string,
  runs: readonly Run[],
  options: ReproduceOptions,
): Promise<Results> {
  const { folder, quick, onResult } = options;
  const file = resultsFile(folder, name);
  const kept = await keptResults(file, name, quick);
  const known = new Map(kept?.trials.map((result) => [result.key, result]));
  let done = 0;
  const report = (last: RunResult) => onResult?.({ done: ++done, of: runs.length, last });
  if (kept !== undefined && runs.every(({ key }) => known.has(key))) {
    for (const { key } of runs) report(known.get(key) as RunResult);
    return kept;
  }

  await makeFolder(folder, `--out: ${folder}`);
  const journal = join(folder, `${name}${quick ? '.quick' : ''}.jsonl`);
  const study = await open(name, runs, journal);
  try {
    if (known.size > 0) tellKnown(study, runs, known);
    for (const result of resultsOf(study, runs)) report(result);
    await train(study, runs, options, report);
  } finally {
    await study.close();
  }
  const results: Results = {
    study: name,
    quick,
    machine: cpus()[0]?.model ?? 'unknown',
    kernelSet: currentKernelSet(),
    trials: resultsOf(study, runs),
  };
  await saveResults(file, results);
  if (study.isDone) await rm(journal);
  return results;
}

/** Results of earlier calls; undefined if there are none, or if they are quick ones and these are not, or vice versa. */
async function keptResults(file: string, name: string, quick: boolean): Promise<Results | undefined> {
  const results = await loadResults(file);
  if (results === undefined || results.quick !== quick) return undefined;
  if (results.study === name) return results;
  throw new SparseTrainError(
    'INVALID_FILE',
    `${file} holds results of ${results.study}, not of ${name}; choose another folder`,
  );
}

async function open(name: string, runs: readonly Run[], journal: string): Promise<Study> {
  const definition: StudyDefinition = {
    name,
    trials: runs.length,
    sampler: 'grid',
    objectives: [{ measure: 'accuracy' }],
    space: { run: { kind: 'categorical', choices: runs.map(({ key }) => key) } },
  };
  try {
    return await openStudy(definition, { journal });
  } catch (error) {
    if (!(error instanceof SparseTrainError) || error.code !== 'INVALID_OPTION') throw error;
    const message = `${journal} is the journal of other runs than those of ${name}; delete it to start again`;
    throw new SparseTrainError('INVALID_FILE', message, { cause: error });
  }
}

/** Ends the trials whose results the results file holds. */
function tellKnown(study: Study, runs: readonly Run[], known: ReadonlyMap<string, RunResult>): void {
  const unknown: number[] = [];
  for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
    const result = known.get(runOf(runs, trial).key);
    if (result === undefined) {
      unknown.push(trial.number);
      continue;
    }
    const { accuracy, density, weightsAtLimit, trainSeconds, digest } = result;
    const values = { accuracy, density, weightsAtLimit, trainSeconds };
    study.settle(trial.number, { state: 'complete', values, digest });
  }
  for (const number of unknown) study.giveBack(number);
}

function runOf(runs: readonly Run[], { parameters }: Pick<TrialRecord, 'parameters'>): Run {
  return runs.find(({ key }) => key === parameters.run) as Run;
}

/** Results so far, in the order of the runs. */
function resultsOf(study: Study, runs: readonly Run[]): RunResult[] {
  const complete = study.trials.filter(({ state }) => state === 'complete');
  const trials = new Map(complete.map((trial) => [trial.parameters.run, trial]));
  return runs.flatMap((run) => {
    const trial = trials.get(run.key);
    return trial === undefined ? [] : [resultOf(run, trial)];
  });
}

function resultOf({ key, group, seed }: Run, { values, digest = '' }: TrialRecord): RunResult {
  const value = (name: string) => values[name] as number;
  return {
    key,
    group,
    seed,
    accuracy: value('accuracy'),
    density: value('density'),
    weightsAtLimit: value('weightsAtLimit'),
    digest,
    trainSeconds: value('trainSeconds'),
  };
}

async function train(
  study: Study,
  runs: readonly Run[],
  { threads, signal }: ReproduceOptions,
  report: (result: RunResult) => void,
): Promise<void> {
  if (study.isDone) return;
  const loaded = new Map<string, Promise<SharedTrialData>>();
  const load = async ({ data }: TrialTask) => {
    const key = JSON.stringify(data);
    const sharing = loaded.get(key) ?? loadTrialData(data).then(shareData);
    loaded.set(key, sharing);
    return sharing;
  };
  const pool = new StrictPool(1, load);
  try {
    await conductStudy(study, pool, (trial) => taskOf(study, trial.number, runOf(runs, trial), threads), {
      signal,
      onEvent: (event) => {
        if (event.type === 'end') report(resultOf(runOf(runs, event.trial), event.trial));
      },
    });
  } finally {
    await pool.close();
  }
}

function taskOf(study: Study, number: number, run: Run, threads: Threads): TrialTask {
  const { network, fit, data, seed } = run;
  return {
    study: study.id,
    release: engineVersion(),
    number,
    seed,
    // Threads get copies of typed arrays, such as those of a custom pattern, which a template for JSON cannot hold.
    network: network as unknown as Template,
    fit: { ...fit, threads } as unknown as Template,
    data,
    checksum: '', // for workers on other machines
    budget: {},
    measures: ['accuracy'],
    epochMeasure: 'accuracy',
    prunes: false,
  };
}

/** A pool in which the first run that fails ends the study: it has no result, and the next call tries it again. */
class StrictPool extends ThreadPool {
  override async run(
    task: TrialTask,
    events: TrialEvents,
    signal: AbortSignal,
  ): Promise<TrialResult | undefined> {
    const result = await super.run(task, events, signal);
    if (result?.state !== 'failed') return result;
    const { code = 'INTERNAL', message = 'a run failed' } = result.error ?? {};
    throw new SparseTrainError(code as SparseTrainError['code'], message);
  }
}
