/** Opens a study: checks its definition, tries its network and options, and reads the trials in its journal. */
import { basename } from 'node:path';
import { SparseTrainError } from '../base/errors.js';
import { path } from '../base/options/kinds.js';
import { checkOptions, type OptionsOf, option } from '../base/options/table.js';
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
  const plan = checkDefinition(
    isFile ? await readDefinition(definition) : definition,
    isFile ? basename(definition).replace(/\.\w+$/, '') : 'study',
  );
  checkSome(plan);
  if (file === undefined) return new Study(plan, undefined, undefined);
  const { journal, contents } = await Journal.open(file);
  try {
    checkContinues(plan, contents, journal.file);
    return new Study(plan, journal, contents);
  } catch (error) {
    await journal.close();
    throw error;
  }
}

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
