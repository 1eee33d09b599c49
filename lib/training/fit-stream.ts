import type { NetworkCore } from '../network/core.js';
import { prepareCheckpoint } from './checkpoint/resume.js';
import { resolveClassWeights } from './class-weights.js';
import { checkExamples } from './examples.js';
import type { FitPlan } from './fit-options.js';
import type { TrainingRun } from './records.js';
import { FitRun } from './run/fit-run.js';
import { type ExampleStream, StreamLoop } from './run/stream-loop.js';

export type { ExampleStream } from './run/stream-loop.js';

/** Trains on a stream, as fit() says. */
export async function fitStream(
  core: NetworkCore,
  stream: ExampleStream,
  plan: FitPlan,
): Promise<TrainingRun> {
  const validation = typeof plan.validation === 'number' ? undefined : plan.validation;
  if (validation !== undefined) checkExamples(core, validation);
  const classWeights = resolveClassWeights(plan.classWeights, core, true);
  const data = { train: undefined, validation };
  const resumed = plan.checkpoint && (await prepareCheckpoint(core, plan, plan.checkpoint, data));
  const run = new FitRun(core, plan, data, resumed);
  return run.conduct(() => new StreamLoop(run, classWeights).train(stream));
}
