import type { NetworkCore } from '../../network/core.js';
import type { FitPlan } from '../fit-options.js';
import type { Checkpoint } from './checkpoint.js';
import { checkCheckpointFolder } from './checkpointer.js';
import { checkAdopted, readNewest } from './file.js';
import { checkSame, identityOf, type TrainingData } from './identity.js';

/**
 * Before training: makes sure that checkpoints can be written, and if the plan is to resume one, brings the network into
 * its state.
 *
 * @returns the checkpoint, if there is one to go on from
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS; INVALID_FILE if the checkpoint is damaged; INVALID_OPTION or
 * INVALID_DATA if it is one of another training. The network is then as it was.
 */
export async function prepareCheckpoint(
  core: NetworkCore,
  plan: FitPlan,
  data: TrainingData,
): Promise<Checkpoint | undefined> {
  if (plan.checkpoint === undefined) return undefined;
  const { file, resume } = plan.checkpoint;
  await checkCheckpointFolder(file);
  if (!resume) return undefined;
  const checkpoint = await readNewest(file);
  if (checkpoint === undefined) return undefined;
  checkSame(file, checkpoint.identity, identityOf(core, plan, data));
  restore(core, checkpoint);
  return checkpoint;
}

function restore(core: NetworkCore, checkpoint: Checkpoint): void {
  const adopted = checkAdopted(checkpoint.adopted, core.inputs, core.outputs);
  core.engine.importState(checkpoint.engine);
  core.setScaling(adopted.scaling, adopted.unit);
  core.targetScaling = adopted.targetScaling;
  core.classes = adopted.classes;
  core.training = checkpoint.position.training;
}
