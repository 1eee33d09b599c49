/** Studies: many small runs whose results are kept as they come, so that a study that was stopped goes on. */

import { mkdir } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { SparseTrainError } from '../base/errors.js';
import { readTextFile } from '../base/files/read-text.js';
import { writeText } from '../base/files/write-text.js';
import { parseJson } from '../base/json.js';
import type { Dataset } from '../data/dataset.js';
import type { NetworkOptions } from '../network/options.js';
import type { Threads } from '../network/threads.js';
import type { FitOptions } from '../training/fit-options.js';
import { Network } from '../training/network.js';

/** One run that a study asks for. */
export interface Trial {
  /** Tells it from all others; a result with the same key is not computed again. */
  readonly key: string;
  /** Trials of a group differ in their seed only. */
  readonly group: string;
  readonly network: NetworkOptions;
  readonly fit: Pick<
    FitOptions,
    'epochs' | 'learningRate' | 'batchSize' | 'shuffle' | 'augment' | 'dynamicPattern'
  >;
  /** Which data: the study's data sets by name. */
  readonly data: string;
  readonly seed: number;
}

/** What came of a run. */
export interface TrialResult {
  readonly key: string;
  readonly group: string;
  readonly seed: number;
  /** Share of the test examples decided right after the last epoch. */
  readonly accuracy: number;
  readonly density: number;
  /** Share of the weights that stand at a limit of their format in the end. */
  readonly weightsAtLimit: number;
  readonly digest: string;
  readonly trainSeconds: number;
}

/** Results of a study, as they are kept. */
export interface StudyResults {
  readonly study: string;
  readonly quick: boolean;
  readonly machine: string;
  readonly kernelSet: string;
  readonly trials: TrialResult[];
}

/** Data of a trial. */
export interface StudyData {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** How a study goes on. */
export interface StudyProgress {
  readonly done: number;
  readonly of: number;
  readonly last: TrialResult | undefined;
}

/**
 * Runs the trials whose results are not in `file` yet; writes the file after each.
 *
 * @throws SparseTrainError as Network and fit(); INVALID_FILE for a file that holds no results of this study
 */
export async function runStudy(
  study: string,
  trials: readonly Trial[],
  load: (name: string) => Promise<StudyData>,
  options: {
    file: string;
    quick: boolean;
    threads: Threads;
    signal?: AbortSignal | undefined;
    onProgress?: ((progress: StudyProgress) => void) | undefined;
  },
): Promise<StudyResults> {
  const { file, quick, threads, signal, onProgress } = options;
  const kept = await readResults(file, study, quick);
  const loaded = new Map<string, StudyData>();
  const known = new Map(kept.map((result) => [result.key, result]));
  let results = ordered(trials, known, study, quick, '');
  for (const [i, trial] of trials.entries()) {
    if (signal?.aborted) break;
    onProgress?.({ done: i, of: trials.length, last: known.get(trials[i - 1]?.key ?? '') });
    if (known.has(trial.key)) continue;
    const data = loaded.get(trial.data) ?? (await load(trial.data));
    loaded.set(trial.data, data);
    const network = new Network({ ...trial.network, seed: trial.seed });
    const run = await network.fit(data.train, { ...trial.fit, threads, signal });
    if (run.stopped === 'aborted') break;
    const metrics = await network.evaluate(data.test);
    if (metrics.kind !== 'classification') throw new SparseTrainError('INTERNAL', 'a study needs classes');
    const { density, edges, junctions } = network.inspect();
    known.set(trial.key, {
      key: trial.key,
      group: trial.group,
      seed: trial.seed,
      accuracy: metrics.accuracy,
      density,
      weightsAtLimit: junctions.reduce((sum, junction) => sum + junction.weightsAtLimit, 0) / edges,
      digest: network.digest(),
      trainSeconds: run.trainSeconds,
    });
    results = ordered(trials, known, study, quick, network.kernelSet);
    await mkdir(dirname(file), { recursive: true });
    await writeText(file, `${JSON.stringify(results, null, 1)}\n`, '--out');
  }
  onProgress?.({ done: results.trials.length, of: trials.length, last: results.trials.at(-1) });
  return results;
}

function ordered(
  trials: readonly Trial[],
  known: ReadonlyMap<string, TrialResult>,
  study: string,
  quick: boolean,
  kernelSet: string,
): StudyResults {
  const done = trials.flatMap(({ key }) => known.get(key) ?? []);
  return { study, quick, machine: cpus()[0]?.model ?? 'unknown', kernelSet, trials: done };
}

/** Results of an earlier call; none if there is no file, or if it was a quick one and this is not. */
async function readResults(file: string, study: string, quick: boolean): Promise<readonly TrialResult[]> {
  const results = await loadResults(file);
  if (results === undefined || results.quick !== quick) return [];
  if (results.study !== study)
    throw new SparseTrainError(
      'INVALID_FILE',
      `${file} has results of the study ${results.study}, not of ${study}`,
    );
  return results.trials;
}

/**
 * Reads the results of a study.
 *
 * @returns undefined if there is no such file
 * @throws SparseTrainError INVALID_FILE
 */
export async function loadResults(file: string): Promise<StudyResults | undefined> {
  let text: string;
  try {
    text = await readTextFile(file);
  } catch (error) {
    if (error instanceof SparseTrainError && error.code === 'FILE_NOT_FOUND') return undefined;
    throw error;
  }
  try {
    const results = parseJson(text) as StudyResults;
    if (typeof results.study === 'string' && Array.isArray(results.trials)) return results;
  } catch (error) {
    throw new SparseTrainError('INVALID_FILE', `${file} is not JSON; delete it to begin anew`, {
      cause: error,
    });
  }
  throw new SparseTrainError('INVALID_FILE', `${file} has no results of a study; delete it to begin anew`);
}

/** A group's results. */
export interface GroupSummary {
  readonly group: string;
  readonly accuracies: readonly number[];
  readonly mean: number;
  /** Sample standard deviation; 0 of one run. */
  readonly deviation: number;
  readonly density: number;
  /** The mean share. */
  readonly weightsAtLimit: number;
}

/** Results by group, in the order in which groups first occur. */
export function summarise(trials: readonly TrialResult[]): Map<string, GroupSummary> {
  const groups = new Map<string, TrialResult[]>();
  for (const trial of trials) groups.set(trial.group, [...(groups.get(trial.group) ?? []), trial]);
  return new Map(
    [...groups].map(([group, results]) => {
      const accuracies = results.map(({ accuracy }) => accuracy);
      const mean = accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
      const squares = accuracies.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      const deviation = accuracies.length < 2 ? 0 : Math.sqrt(squares / (accuracies.length - 1));
      const weightsAtLimit = results.reduce((sum, result) => sum + result.weightsAtLimit, 0) / results.length;
      const { density = 0 } = results[0] ?? {};
      return [group, { group, accuracies, mean, deviation, density, weightsAtLimit }];
    }),
  );
}
