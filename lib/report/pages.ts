import { basename } from 'node:path';
import { invalidOption } from '../base/errors.js';
import { checkArgument, optional } from '../base/options/fields.js';
import { type Kind, path, text } from '../base/options/kinds.js';
import { checkOptions } from '../base/options/table.js';
import { type AnyDataset, Dataset } from '../data/dataset.js';
import { engineVersion } from '../engine/kernel-sets.js';
import { Study } from '../search/study.js';
import { runReport } from './html/run-report.js';
import { reportedPlan, studyReport } from './html/study-report.js';
import {
  MOST_RUNS,
  REPORT_RUNS,
  REPORT_STUDY,
  type ReportRunsOptions,
  type ReportStudyOptions,
  type RunToReport,
} from './options.js';
import { gatherRuns, withUniqueNames } from './runs/gather.js';
import type { ReportedRun } from './runs/reported-run.js';

/** A Dataset. Its constructor is private, so `instanceOf` does not accept the class. */
const examples: Kind<AnyDataset> = {
  expected: 'a Dataset',
  check(name, value) {
    if (value instanceof Dataset) return value;
    throw invalidOption(name, 'a Dataset', value);
  },
};

const RUN = {
  log: optional(path()),
  model: optional(path()),
  data: optional(examples),
  name: optional(text()),
};

/**
 * The page of reportRuns().
 *
 * @throws SparseTrainError as reportRuns()
 */
export async function runsPage(runs: readonly RunToReport[], options: ReportRunsOptions): Promise<string> {
  const { title, examples, threads } = checkOptions('reportRuns options', REPORT_RUNS, options);
  if (!Array.isArray(runs) || runs.length < 1 || runs.length > MOST_RUNS)
    throw invalidOption('runs', `an array of 1 to ${MOST_RUNS} runs`, runs);
  const checked = Array.from(runs, (run: unknown, i) => checkArgument(`runs[${i}]`, RUN, run, `runs[${i}].`));
  const gathered: ReportedRun[] = [];
  // Loads runs one at a time, because each may hold a model.
  for (const [i, { log, model, data, name }] of checked.entries()) {
    const file = model ?? log;
    if (file === undefined) throw invalidOption(`runs[${i}]`, 'a run with a log or a model', runs[i]);
    if (data !== undefined && model === undefined)
      throw invalidOption(`runs[${i}].model`, 'the model to measure on the data', model);
    const files = { name: name ?? basename(file).replace(/\.(jsonl|safetensors)$/, ''), log, model };
    const named = data && { name: `${data.rows} examples`, data };
    gathered.push(...(await gatherRuns(files, { all: false, data: async () => named, examples, threads })));
  }
  const all = withUniqueNames(gathered);
  return runReport(title ?? all.map((run) => run.name).join(', '), all, engineVersion());
}

/**
 * The page of reportStudy().
 *
 * @throws SparseTrainError as reportStudy()
 */
export async function studyPage(study: Study, options: ReportStudyOptions): Promise<string> {
  const { title } = checkOptions('reportStudy options', REPORT_STUDY, options);
  if (!(study instanceof Study)) throw invalidOption('study', 'a Study, made by createStudy()', study);
  const plan = reportedPlan(study.plan);
  return studyReport({ ...plan, name: title ?? plan.name, trials: study.trials }, engineVersion());
}
