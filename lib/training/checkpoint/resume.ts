import type { NetworkCore } from '../../network/core.js';
import type { FitPlan } from '../fit-options.js';
import type { Checkpoint } from './checkpoint.js';
import { checkCheckpointFolder } from './checkpointer.js';
import { checkAdopted, readNewest } from './file.js';
import { checkSame, identityOf, type TrainingData } from './identity.js';
import type { CheckpointRule } from './options.js';

/**
 * Before training: makes sure that checkpoints can be written, and if the plan says to resume, restores the network's
 * state from the checkpoint.
 *
 * @returns the checkpoint to resume from; undefined if there is none
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS; INVALID_FILE if the checkpoint is damaged; INVALID_OPTION or
 * INVALID_DATA if it belongs to another training. The network then stays as it was.
 */
export async function prepareCheckpoint(
  core: NetworkCore,
  plan: FitPlan,
  rule: CheckpointRule,
  data: TrainingData,
): Promise<Checkpoint | undefined> {
  return core.turns.take(async () => {
    await checkCheckpointFolder(rule.file);
    if (!rule.resume) return undefined;
    const checkpoint = await readNewest(rule.file);
    if (checkpoint === undefined) return undefined;
    checkSame(rule.file, checkpoint.identity, identityOf(core, plan, data));
    restore(core, checkpoint);
    return checkpoint;
  });
}

function restore(core: NetworkCore, checkpoint: Checkpoint): void {
  const adopted = checkAdopted(checkpoint.adopted, core.inputs, core.outputs);
  core.engine.importState(checkpoint.engine);
  core.setScaling(adopted.scaling, adopted.unit);
  core.targetScaling = adopted.targetScaling;
  core.classes = adopted.classes;
  core.training = checkpoint.position.training;
}
