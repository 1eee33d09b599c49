import { SparseTrainError } from '../base/errors.js';
import { inSlices } from '../base/steps.js';
import { CsrMatrix } from '../data/csr.js';
import type { AnyDataset } from '../data/dataset.js';
import type { NetworkCore } from '../network/core.js';
import { prepareCheckpoint } from './checkpoint/resume.js';
import { resolveClassWeights } from './class-weights.js';
import { noteClippedInputs } from './clipped-inputs.js';
import { adoptExamples, checkExamples } from './examples.js';
import type { FitPlan } from './fit-options.js';
import { Presentations, rowWeights } from './presentations.js';
import type { TrainingRun } from './records.js';
import { EpochLoop } from './run/epoch-loop.js';
import { FitRun } from './run/fit-run.js';

/** The rows to learn from, and how often each is presented if they have weights. */
function weighted(dataset: AnyDataset, { classWeights }: FitPlan): [AnyDataset, Presentations | undefined] {
  const weights = rowWeights(dataset, classWeights);
  if (weights === undefined) return [dataset, undefined];
  const rows = Int32Array.from(weights.keys()).filter((row) => (weights[row] as number) > 0);
  if (rows.length === 0)
    throw new SparseTrainError('INVALID_DATA', 'all rows to learn from have the weight 0');
  if (rows.length === dataset.rows) return [dataset, new Presentations(weights)];
  return [dataset.subset(rows), new Presentations(weights.filter((weight) => weight > 0))];
}

/** Trains on a data set, as fit() says. */
export async function fitDataset(
  core: NetworkCore,
  dataset: AnyDataset,
  plan: FitPlan,
): Promise<TrainingRun> {
  if (plan.augment !== undefined && dataset.inputs instanceof CsrMatrix) {
    const advice = 'give images in full (inputs.toMatrix())';
    throw new SparseTrainError(
      'INVALID_OPTION',
      `augment is given, but the inputs are sparse rows; ${advice}`,
    );
  }
  const [given, validation] =
    typeof plan.validation === 'number'
      ? await inSlices(dataset.splitSteps(plan.validation, plan.seed))
      : ([dataset, plan.validation] as const);
  checkExamples(core, given);
  if (validation !== undefined) checkExamples(core, validation);
  const classWeights = resolveClassWeights(plan.classWeights, core, false);
  const [train, presentations] = weighted(given, plan);
  const data = { train, validation };
  const resumed = plan.checkpoint && (await prepareCheckpoint(core, plan, plan.checkpoint, data));
  adoptExamples(core, train);
  if (validation !== undefined) checkExamples(core, validation);
  noteClippedInputs(core, train);

  const run = new FitRun(core, plan, data, resumed);
  return run.conduct(() => new EpochLoop(run, train, { classWeights, presentations }).train());
}
