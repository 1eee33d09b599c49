/** Opens a study: checks its definition, tries its network and options, and reads the trials in its journal. */
import { basename } from 'node:path';
import { SparseTrainError } from '../base/errors.js';
import { path } from '../base/options/kinds.js';
import { checkOptions, type OptionsOf, option } from '../base/options/table.js';
import type { AnyDataset } from '../data/dataset.js';
import { NetworkCore } from '../network/core.js';
import { type NetworkOptions, resolveOptions } from '../network/options.js';
import { type FitOptions, planFit } from '../training/fit-options.js';
import { checkDefinition, type StudyPlan, type TrainingPlan } from './definition/check.js';
import type { StudyDefinition } from './definition/definition.js';
import { firstDifference } from './definition/difference.js';
import { readDefinition } from './definition/read.js';
import { Journal } from './journal/journal.js';
import type { JournalContents } from './journal/lines.js';
import { Draws } from './random.js';
import { drawFeasible } from './samplers/random.js';
import type { Parameters } from './space/parameter.js';
import { Study } from './study.js';
import { fillTemplate } from './template.js';
import { loadTrialData, type TrialData } from './trial/data.js';
import { isFeasible } from './trial/feasibility.js';

/** The options of createStudy(). */
export const STUDY_OPTIONS = {
  /** A file for the study, JSON lines: an existing study is resumed. Without it the study is kept in memory only. */
  journal: option(path(), {
    text: 'a file for the study, JSON lines; an existing study is resumed',
    otherwise: 'the study is kept in memory only',
  }),
};

/** Options of {@link createStudy}. */
export interface StudyOptions extends OptionsOf<typeof STUDY_OPTIONS> {}

/**
 * Opens a study, as createStudy() says.
 *
 * @throws SparseTrainError as createStudy()
 */
export async function openStudy(
  definition: StudyDefinition | string,
  options: StudyOptions = {},
): Promise<Study> {
  const { journal: file } = checkOptions('createStudy options', STUDY_OPTIONS, options);
  const isFile = typeof definition === 'string';
  const { plan, data } = await completed(
    checkDefinition(
      isFile ? await readDefinition(definition) : definition,
      isFile ? basename(definition).replace(/\.\w+$/, '') : 'study',
    ),
  );
  checkSome(plan);
  if (file === undefined) return new Study(plan, undefined, undefined, data);
  const { journal, contents } = await Journal.open(file);
  try {
    checkContinues(plan, contents, journal.file);
    return new Study(plan, journal, contents, data);
  } catch (error) {
    await journal.close();
    throw error;
  }
}

/**
 * Reads the study's file of data, if it has one, and completes the network: the sizes of the data take the place of
 * 'inputs' and 'outputs' in its layers, and the output layer follows the labels of a file unless the network gives one.
 *
 * @throws SparseTrainError as loadDataset() and readTable()
 */
async function completed(plan: StudyPlan): Promise<{ plan: StudyPlan; data: TrialData | undefined }> {
  const { training } = plan;
  if (training === undefined) return { plan, data: undefined };
  const { layers, output } = training.network;
  const isFile = training.data.file !== undefined;
  const isNamed = Array.isArray(layers) && layers.some((size) => typeof size === 'string' && size in SIZES);
  if (!isNamed && !isFile) return { plan, data: undefined };
  const data = await loadTrialData(training.data);
  const { train } = data;
  const network = {
    ...training.network,
    ...(isNamed ? { layers: layers.map((size) => SIZES[size as string]?.(train) ?? size) } : {}),
    ...(isFile && output === undefined ? { output: OUTPUTS[train.targets.kind] } : {}),
  };
  return { plan: { ...plan, training: { ...training, network } }, data };
}

/** Words that stand for sizes of the data in the layers of a study's network. */
const SIZES: Readonly<Record<string, (data: AnyDataset) => number>> = {
  inputs: ({ features }) => features,
  outputs: ({ outputs }) => outputs,
};

/** The output layer that learns each kind of targets. */
const OUTPUTS = { classes: 'softmax', multilabel: 'sigmoid', values: 'linear' } as const;

/**
 * The number of points that are checked before a study begins, so that a mistake in its network is reported at once.
 */
const LOOKED_AT = 20;

/**
 * Refuses a study if the networks of all checked points are impossible; the error says what is wrong with the first.
 */
function checkSome(plan: StudyPlan): void {
  const { training, space, seed } = plan;
  const context = {
    space,
    seed,
    objectives: plan.objectives,
    isFeasible: (p: Parameters) => isFeasible(plan, p),
  };
  let first: SparseTrainError | undefined;
  for (let i = 0; i < LOOKED_AT; i++) {
    const point = drawFeasible(context, new Draws(seed, Number.MAX_SAFE_INTEGER - i));
    if (point === undefined)
      throw new SparseTrainError(
        'INVALID_OPTION',
        'constraints: none of 10,000 random points keeps them all',
      );
    const problem = training && problemOf(training, point, seed);
    if (problem === undefined) return;
    first ??= problem;
  }
  if (first !== undefined) throw first;
}

/** The reason why a point cannot be trained, as far as it shows without data. */
function problemOf(
  { network, fit }: TrainingPlan,
  point: Parameters,
  seed: number,
): SparseTrainError | undefined {
  let part = 'network';
  try {
    // The templates are JSON that the user wrote.
    const options = { seed, ...fillTemplate(network, point) } as unknown as NetworkOptions;
    const core = new NetworkCore(resolveOptions(options));
    part = 'fit';
    planFit({ threads: 1, ...(fillTemplate(fit, point) as unknown as FitOptions) }, core, false);
    return undefined;
  } catch (error) {
    if (!(error instanceof SparseTrainError)) throw error;
    return new SparseTrainError(error.code, `${part}: ${error.message}`, { cause: error });
  }
}

/** Refuses to resume a journal whose trials belong to another study. */
function checkContinues(plan: StudyPlan, { study }: JournalContents, file: string): void {
  if (study === undefined) return;
  const found = firstDifference(study.definition, JSON.parse(JSON.stringify(plan.parsed)));
  if (found === undefined) return;
  throw new SparseTrainError(
    'INVALID_OPTION',
    `${found.path} is ${found.now}, but ${found.before} in the journal ${file}, whose trials would not ` +
      'compare with new ones; change it back, or choose another journal',
  );
}
