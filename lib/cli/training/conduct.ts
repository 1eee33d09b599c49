import { stat } from 'node:fs/promises';
import { SparseTrainError } from '../../base/errors.js';
import { fileVersion } from '../../base/files/file-version.js';
import { counted } from '../../base/numbers.js';
import type { AnyDataset } from '../../data/dataset.js';
import type { NetworkOptions } from '../../network/options.js';
import { type MeasuredPart, type TrainingResult, trainingResult } from '../../terminal/training-result.js';
import { trainingText } from '../../terminal/training-text.js';
import { readNewest, removeCheckpoint } from '../../training/checkpoint/file.js';
import type { FitOptions } from '../../training/fit-options.js';
import type { Metrics } from '../../training/metrics.js';
import { Network } from '../../training/network.js';
import type { EpochRecord, TrainingProgress, TrainingRun } from '../../training/records.js';
import type { Tuning } from '../../training/tuning/tune.js';
import type { Outcome } from '../command.js';
import type { TrainingData } from '../data/training-data.js';
import { interruptible } from '../interruption.js';
import { checkLogOutput, checkModelOutput } from '../model-file.js';
import { TrainingBar } from '../progress-bar.js';
import type { DashboardTask } from '../settings/dashboard.js';
import type { OutputFiles } from '../settings/output.js';
import type { Terminal } from '../terminal.js';
import { RunDashboard } from './dashboard.js';

/** All decisions about a run. */
export interface TrainingTask {
  readonly network: NetworkOptions;
  /** Sets the initial weights that a recipe has chosen. */
  readonly begin?: ((network: Network) => void) | undefined;
  /** How the recipe was chosen, if it was searched for. */
  readonly tuning?: Tuning | undefined;
  readonly fit: FitOptions;
  /**
   * The share of the training data to measure on after every epoch. If it is 0, the test data are measured,
   * if there are any.
   */
  readonly validation: number;
  readonly files: OutputFiles;
  /** The command line and the options that selected the data, for the run log. */
  readonly line: readonly string[];
  readonly origin: Readonly<Record<string, unknown>>;
  readonly quiet: boolean;
  readonly dashboard: DashboardTask | undefined;
}

/**
 * Checks that the files of a run can be written when it ends.
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
 * Trains with a progress bar until training is complete or a signal interrupts it; then writes the model and
 * returns the result.
 *
 * @throws SparseTrainError as Network, fit(), evaluate() and save()
 */
export async function conductTraining(
  data: TrainingData,
  task: TrainingTask,
  terminal: Terminal,
): Promise<Outcome> {
  const network = new Network(task.network);
  task.begin?.(network);
  const watched = { name: data.name, measured: measuredPart(data, task), line: task.line };
  const dashboard = await RunDashboard.start(task.dashboard, network, watched, terminal);
  const bar = new TrainingBar(terminal, task.quiet);
  const onInterruption = () => {
    bar.close();
    if (!task.quiet) terminal.note('stopping; press Ctrl-C again to quit at once');
  };
  const checkpoint = checkpointOf(task);
  if (checkpoint !== undefined && !task.quiet) await announceCheckpoint(checkpoint, terminal);
  return interruptible(onInterruption, async (signal, interruption) => {
    const onCheckpoint: FitOptions['onCheckpoint'] = ({ error }) => {
      if (error !== undefined) terminal.note(`training continues, but ${error.message}`);
    };
    const onProgress = (progress: TrainingProgress) => {
      bar.update(progress);
      dashboard.onProgress(progress);
    };
    const live = {
      signal,
      onProgress: harmless(onProgress, terminal),
      onEpoch: harmless((record: EpochRecord) => dashboard.onEpoch(record), terminal),
      checkpoint,
      onCheckpoint,
    };
    const { model, log } = task.files;
    const before = model && (await fileVersion(model));
    const { run, ...metrics } = await train(network, data, task, live)
      .catch(async (error: unknown) => {
        bar.close();
        if (model !== undefined) await keepLearned(network, model, terminal);
        throw error;
      })
      .finally(() => bar.close());
    dashboard.end(run.stopped);
    // Do not replace an earlier model if the interruption came before any training.
    const saved = model !== undefined && run.examples > 0 ? model : undefined;
    if (saved !== undefined) {
      const isOthers = (await fileVersion(saved)) !== before;
      await network.save(saved);
      if (isOthers)
        terminal.note(
          `warning: another process wrote ${saved} during this training; this model has replaced that one`,
        );
    }
    const left = await leaveCheckpoint(run, checkpoint, saved !== undefined);
    if (left !== undefined && !task.quiet)
      terminal.note('the same command with --resume continues from here');
    const files = { model: saved, log, checkpoint: left };
    const result = trainingResult(network, run, {
      data: data.name,
      tuning: task.tuning,
      ...metrics,
      ...files,
    });
    const modelBytes = saved === undefined ? undefined : (await stat(saved)).size;
    const status = interruption();
    const after = () => dashboard.close(status !== undefined);
    return { ...outcome(result, modelBytes, task, terminal, status), after };
  }).catch(async (error: unknown) => {
    dashboard.end(undefined);
    await dashboard.close(true);
    throw error;
  });
}

/** Wraps a callback that only displays something: if it fails, it is not called again, and training continues. */
function harmless<T>(display: (event: T) => void, terminal: Terminal): (event: T) => void {
  let hasFailed = false;
  return (event) => {
    if (hasFailed) return;
    try {
      display(event);
    } catch (error) {
      hasFailed = true;
      terminal.note(`warning: progress is no longer shown (${(error as Error).message}); training continues`);
    }
  };
}

/** After an error: saves what the network has learned until then, if anything. */
async function keepLearned(network: Network, model: string, terminal: Terminal): Promise<void> {
  const { examples } = network.training;
  if (examples === 0) return;
  try {
    await network.save(model);
    terminal.note(`what was learned from ${counted(examples, 'example')} before the error is in ${model}`);
  } catch (error) {
    terminal.note(`what was learned before the error is lost: ${(error as Error).message}`);
  }
}

/** Checkpoints are on by default wherever they are supported. */
function checkpointOf({ files: { checkpoint }, fit }: TrainingTask): OutputFiles['checkpoint'] {
  const isAskedFor = checkpoint?.every !== undefined || checkpoint?.resume;
  return fit.dynamicPattern !== undefined && !isAskedFor ? undefined : checkpoint;
}

/** Says which checkpoint is resumed if this may differ from the user's expectation. */
async function announceCheckpoint(
  { file, resume }: NonNullable<OutputFiles['checkpoint']>,
  terminal: Terminal,
): Promise<void> {
  const found = await readNewest(file).catch(() => undefined);
  if (found === undefined && resume)
    terminal.note(`there is no checkpoint ${file} yet: starting from the beginning`);
  if (found !== undefined && !resume)
    terminal.note(
      `${file} belongs to an interrupted run; --resume would continue it, this run starts from the beginning`,
    );
}

/**
 * Deletes the checkpoint once the model has been written. If it is still needed, returns its path instead.
 */
async function leaveCheckpoint(
  { stopped, checkpoint: summary }: TrainingRun,
  checkpoint: OutputFiles['checkpoint'],
  isSaved: boolean,
): Promise<string | undefined> {
  if (checkpoint === undefined) return undefined;
  if (stopped !== 'aborted' && isSaved) {
    await removeCheckpoint(checkpoint.file);
    return undefined;
  }
  const isThere = summary !== undefined && (summary.written > 0 || summary.resumedAt !== undefined);
  return isThere ? checkpoint.file : undefined;
}

/** A run, and the metrics of the trained network. */
interface Measured {
  readonly run: TrainingRun;
  readonly validation: Metrics | undefined;
  readonly test: Metrics | undefined;
  readonly measured: MeasuredPart;
}

function measuredPart(
  { test }: Pick<TrainingData, 'test'>,
  { validation }: Pick<TrainingTask, 'validation'>,
): MeasuredPart {
  return validation > 0 ? 'validation' : test === undefined ? null : 'test';
}

async function train(
  network: Network,
  { name, source, test }: TrainingData,
  { fit, validation: share, line, origin, tuning }: TrainingTask,
  live: Pick<FitOptions, 'signal' | 'onProgress' | 'onEpoch' | 'checkpoint' | 'onCheckpoint'>,
): Promise<Measured> {
  const validation: AnyDataset | number | undefined = share > 0 ? share : test;
  const measured = measuredPart({ test }, { validation: share });
  const context = { command: ['sparse-train', ...line], data: { name, origin }, measured };
  const logContext = tuning === undefined ? context : { ...context, recipe: { ...tuning.recipe } };
  const run = await network.fit(source, { ...fit, ...live, validation, logContext });
  if (test !== undefined && validation === test)
    return { run, validation: undefined, test: run.validation, measured };
  const isTested = test !== undefined && run.stopped !== 'aborted';
  return {
    run,
    // Without rows that were set aside, the rows that were held out say how good the recipe is.
    validation:
      run.validation ?? (test === undefined && run.stopped !== 'aborted' ? tuning?.metrics : undefined),
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
