import { stat } from 'node:fs/promises';
import { SparseTrainError } from '../../base/errors.js';
import type { ImageShape } from '../../data/dataset.js';
import type { Threads } from '../../network/threads.js';
import { modelPart } from '../../report/runs/model-part.js';
import type { ReportedRun } from '../../report/runs/reported-run.js';
import { type LoggedRun, readRunLog } from '../../report/runs/run-log-file.js';
import { testedPart } from '../../report/runs/tested-part.js';
import { Network } from '../../training/network.js';
import { dataOfRun, type NamedData } from './run-data.js';
import type { RunFiles } from './run-files.js';

/** Options of a report. */
export interface GatherOptions {
  /** All runs of each log, not only the last. */
  readonly all: boolean;
  /** Data to measure models on; if undefined, each run's own data, if available. */
  readonly data: ((network: Network) => Promise<NamedData>) | undefined;
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
  { log, model: file }: RunFiles,
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
  const found = await findData(network, logged, log, options);
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

/** The data to measure on, or a text that says why there are none. */
async function findData(
  network: Network,
  logged: LoggedRun | undefined,
  log: string | undefined,
  { data }: GatherOptions,
): Promise<NamedData | string | undefined> {
  if (data !== undefined) return data(network);
  if (logged === undefined || log === undefined) return undefined;
  try {
    return await dataOfRun(logged.start, log);
  } catch (error) {
    if (!(error instanceof SparseTrainError)) throw error;
    return `Its data are not available, so there are no examples to show: ${error.message}.`;
  }
}
