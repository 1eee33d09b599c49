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
import type { TrainingRun } from './records.js';
import { EpochLoop } from './run/epoch-loop.js';
import { FitRun } from './run/fit-run.js';

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
  const [train, validation] =
    typeof plan.validation === 'number'
      ? await inSlices(dataset.splitSteps(plan.validation, plan.seed))
      : ([dataset, plan.validation] as const);
  checkExamples(core, train);
  if (validation !== undefined) checkExamples(core, validation);
  const classWeights = resolveClassWeights(plan.classWeights, core, train);
  const data = { train, validation };
  const resumed = plan.checkpoint && (await prepareCheckpoint(core, plan, plan.checkpoint, data));
  adoptExamples(core, train);
  if (validation !== undefined) checkExamples(core, validation);
  noteClippedInputs(core, train);

  const run = new FitRun(core, plan, data, resumed);
  return run.conduct(() => new EpochLoop(run, train, classWeights).train());
}
