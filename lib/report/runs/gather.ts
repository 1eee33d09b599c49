import { stat } from 'node:fs/promises';
import type { AnyDataset, ImageShape } from '../../data/dataset.js';
import type { Threads } from '../../network/threads.js';
import { Network } from '../../training/network.js';
import { modelPart } from './model-part.js';
import type { ReportedRun } from './reported-run.js';
import { type LoggedRun, readRunLog } from './run-log-file.js';
import { testedPart } from './tested-part.js';

/** The files of a run; at least one of them is known. */
export interface RunFiles {
  /** The run's name in the report. */
  readonly name: string;
  readonly log: string | undefined;
  readonly model: string | undefined;
}

/** Examples with their name in the report: `test examples of mnist`. */
export interface NamedData {
  readonly name: string;
  readonly data: AnyDataset;
}

/** Options of a report. */
export interface GatherOptions {
  /** Whether to report all runs of each log, not only the last. */
  readonly all: boolean;
  /** Returns the data to measure a run's model on, or a text that says why there are none. */
  readonly data: (network: Network, logged: LoggedRun | undefined) => Promise<NamedData | string | undefined>;
  /** The number of worst examples to show. */
  readonly examples: number;
  readonly threads: Threads;
}

/**
 * Reads the runs of a log, and measures their model on the data.
 *
 * @throws SparseTrainError if log or model cannot be read, or data that were asked for
 */
export async function gatherRuns(files: RunFiles, options: GatherOptions): Promise<ReportedRun[]> {
  const network = files.model === undefined ? undefined : await Network.load(files.model);
  if (files.log === undefined) return [await withModel(files.name, undefined, files, network, options)];
  const runs = await readRunLog(files.log);
  const chosen = options.all ? runs : runs.slice(-1);
  const gathered: ReportedRun[] = [];
  // Loads runs one at a time, because each may hold a data set.
  for (const [i, logged] of chosen.entries()) {
    const name = chosen.length > 1 ? `${files.name} (${i + 1})` : files.name;
    gathered.push(await withModel(name, logged, files, network, options));
  }
  return gathered;
}

async function withModel(
  name: string,
  logged: LoggedRun | undefined,
  { model: file }: RunFiles,
  network: Network | undefined,
  options: GatherOptions,
): Promise<ReportedRun> {
  const remarks = stateOf(logged);
  if (network === undefined || file === undefined)
    return { name, logged, model: undefined, tested: undefined, remarks };
  if (!isOfRun(network, logged)) {
    const remark = 'The model beside the run log belongs to another run and is not shown.';
    return { name, logged, model: undefined, tested: undefined, remarks: [...remarks, remark] };
  }
  const found = await options.data(network, logged);
  if (typeof found === 'string') remarks.push(found);
  const named = typeof found === 'object' ? found : undefined;
  const tested =
    named && (await testedPart(network, named.name, named.data, options.examples, options.threads));
  const image: ImageShape | undefined = named?.data.imageShape;
  return { name, logged, model: modelPart(network, file, (await stat(file)).size, image), tested, remarks };
}

function stateOf(logged: LoggedRun | undefined): string[] {
  if (logged === undefined) return ['There is no run log beside the model.'];
  const { end } = logged;
  if (end === undefined) return ['The run has not ended: it is still running, or was killed.'];
  return end.stopped === 'failed' ? [`The run failed: ${end.error ?? 'the log does not say why'}.`] : [];
}

/**
 * Whether a run produced this model. Logs of earlier releases do not store its digest; for them the layers
 * are compared.
 */
function isOfRun(network: Network, logged: LoggedRun | undefined): boolean {
  if (logged === undefined) return true;
  const { digest } = logged.end ?? {};
  if (digest !== undefined) return digest === network.digest();
  return logged.start.network.layers.join() === network.layers.join();
}

/** Adds numbers to the names of runs whose files have the same name. */
export function withUniqueNames(runs: readonly ReportedRun[]): ReportedRun[] {
  const counts = new Map<string, number>();
  for (const { name } of runs) counts.set(name, (counts.get(name) ?? 0) + 1);
  return runs.map((run, i) =>
    (counts.get(run.name) as number) > 1 ? { ...run, name: `${run.name} #${i + 1}` } : run,
  );
}
