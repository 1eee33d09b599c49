import { stat } from 'node:fs/promises';
import type { Dataset } from '../../datasets/dataset.js';
import { SparseTrainError } from '../../errors.js';
import type { NetworkOptions } from '../../network/options.js';
import { type MeasuredPart, type TrainingResult, trainingResult } from '../../report/training-result.js';
import { trainingText } from '../../report/training-text.js';
import type { FitOptions } from '../../training/fit-options.js';
import type { Metrics } from '../../training/metrics.js';
import { Network } from '../../training/network.js';
import type { TrainingRun } from '../../training/records.js';
import type { Outcome } from '../command.js';
import type { TrainingData } from '../data/load.js';
import { interruptible } from '../interruption.js';
import { checkLogOutput, checkModelOutput } from '../model-file.js';
import { TrainingBar } from '../progress-bar.js';
import type { OutputFiles } from '../settings/output.js';
import type { Terminal } from '../terminal.js';

/** All that there is to decide about a run. */
export interface TrainingTask {
  readonly network: NetworkOptions;
  readonly fit: FitOptions;
  /** The share of the training data to measure after every epoch; 0: the test data are measured, if there are any. */
  readonly validation: number;
  readonly files: OutputFiles;
  /** For the run log: the command line, and the options that the data came by. */
  readonly line: readonly string[];
  readonly origin: Readonly<Record<string, unknown>>;
  readonly quiet: boolean;
}

/**
 * Makes sure that the files of a run can be written when it ends.
 *
 * @throws SparseTrainError INVALID_OPTION, FILE_NOT_FOUND, FILE_ACCESS
 */
export async function checkOutputFiles({ model, log }: OutputFiles, force: boolean): Promise<void> {
  if (model !== undefined && model === log) {
    throw new SparseTrainError('INVALID_OPTION', `--out and --log are the same file, ${model}; choose two`);
  }
  if (model !== undefined) await checkModelOutput(model, force);
  if (log !== undefined) await checkLogOutput(log);
}

/**
 * Trains, with a progress bar, until it is done or a signal interrupts it; then writes the model and tells about it.
 *
 * @throws SparseTrainError as Network, fit(), evaluate() and save()
 */
export async function conductTraining(
  data: TrainingData,
  task: TrainingTask,
  terminal: Terminal,
): Promise<Outcome> {
  const network = new Network(task.network);
  network.schema = data.schema;
  const bar = new TrainingBar(terminal, task.quiet);
  const onInterruption = () => {
    bar.close();
    if (!task.quiet) terminal.note('stopping; once more to quit at once');
  };
  return interruptible(onInterruption, async (signal, interruption) => {
    const live = { signal, onProgress: bar.update.bind(bar) };
    const { run, ...metrics } = await train(network, data, task, live).finally(() => bar.close());
    const { model, log } = task.files;
    // What an interruption leaves of nothing must not take the place of an earlier model.
    const saved = model !== undefined && run.examples > 0 ? model : undefined;
    if (saved !== undefined) await network.save(saved);
    const result = trainingResult(network, run, { data: data.name, ...metrics, model: saved, log });
    const modelBytes = saved === undefined ? undefined : (await stat(saved)).size;
    return outcome(result, modelBytes, task, terminal, interruption());
  });
}

/** A run, and what the network as it left it comes to. */
interface Measured {
  readonly run: TrainingRun;
  readonly validation: Metrics | undefined;
  readonly test: Metrics | undefined;
  readonly measured: MeasuredPart;
}

async function train(
  network: Network,
  { name, train: examples, test }: TrainingData,
  { fit, validation: share, line, origin }: TrainingTask,
  live: Pick<FitOptions, 'signal' | 'onProgress'>,
): Promise<Measured> {
  const validation: Dataset | number | undefined = share > 0 ? share : test;
  const measured: MeasuredPart =
    validation === undefined ? null : validation === test ? 'test' : 'validation';
  const logContext = { command: ['sparse-train', ...line], data: { name, origin }, measured };
  const run = await network.fit(examples, { ...fit, ...live, validation, logContext });
  if (validation === test) return { run, validation: undefined, test: run.validation, measured };
  const isTested = test !== undefined && run.stopped !== 'aborted';
  return {
    run,
    validation: run.validation,
    test: isTested ? await network.evaluate(test) : undefined,
    measured,
  };
}

function outcome(
  document: TrainingResult,
  modelBytes: number | undefined,
  { quiet }: TrainingTask,
  terminal: Terminal,
  status = 0,
): Outcome {
  return { document, text: () => (quiet ? '' : trainingText(document, modelBytes, terminal)), status };
}
