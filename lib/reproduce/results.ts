/** The results of a reproduction, and the file that keeps them. */

import { SparseTrainError } from '../base/errors.js';
import { readTextFile } from '../base/files/read-text.js';
import { writeText } from '../base/files/write-text.js';
import { parseJson } from '../base/json.js';

/** The result of one run. */
export interface RunResult {
  readonly key: string;
  readonly group: string;
  readonly seed: number;
  /** Share of the test examples that are classified correctly after the last epoch. */
  readonly accuracy: number;
  readonly density: number;
  /** Share of the weights that end at a limit of their format. */
  readonly weightsAtLimit: number;
  readonly digest: string;
  readonly trainSeconds: number;
}

/** All results of a reproduction, as the file holds them. */
export interface Results {
  readonly study: string;
  readonly quick: boolean;
  readonly machine: string;
  readonly kernelSet: string;
  readonly trials: readonly RunResult[];
}

/**
 * Reads the results of a reproduction.
 *
 * @returns undefined if there is no such file
 * @throws SparseTrainError FILE_ACCESS, INVALID_FILE
 */
export async function loadResults(file: string): Promise<Results | undefined> {
  let text: string;
  try {
    text = await readTextFile(file);
  } catch (error) {
    if (error instanceof SparseTrainError && error.code === 'FILE_NOT_FOUND') return undefined;
    throw error;
  }
  try {
    const results = parseJson(text) as Results;
    if (typeof results.study === 'string' && Array.isArray(results.trials)) return results;
  } catch (error) {
    throw new SparseTrainError('INVALID_FILE', `${file} is not JSON; delete it to start again`, {
      cause: error,
    });
  }
  throw new SparseTrainError(
    'INVALID_FILE',
    `${file} does not hold results of a reproduction; delete it to start again`,
  );
}

/**
 * Writes the results of a reproduction.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS
 */
export function saveResults(file: string, results: Results): Promise<void> {
  return writeText(file, `${JSON.stringify(results, null, 1)}\n`, '--out');
}

/** The results of a group. */
export interface GroupSummary {
  readonly group: string;
  readonly accuracies: readonly number[];
  readonly mean: number;
  /** Sample standard deviation; 0 for a single run. */
  readonly deviation: number;
  readonly density: number;
  /** Mean over the runs. */
  readonly weightsAtLimit: number;
}

/** Summarises results by group, in the order in which the groups first occur. */
export function summarise(results: readonly RunResult[]): Map<string, GroupSummary> {
  const groups = new Map<string, RunResult[]>();
  for (const result of results) groups.set(result.group, [...(groups.get(result.group) ?? []), result]);
  return new Map([...groups].map(([group, members]) => [group, summaryOf(group, members)]));
}

function summaryOf(group: string, results: readonly RunResult[]): GroupSummary {
  const accuracies = results.map(({ accuracy }) => accuracy);
  const mean = accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
  const squares = accuracies.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = accuracies.length < 2 ? 0 : Math.sqrt(squares / (accuracies.length - 1));
  const weightsAtLimit = results.reduce((sum, result) => sum + result.weightsAtLimit, 0) / results.length;
  const { density = 0 } = results[0] ?? {};
  return { group, accuracies, mean, deviation, density, weightsAtLimit };
}
