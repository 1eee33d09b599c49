import { resolve } from 'node:path';
import { removeLeftovers } from '../../base/files/temporary.js';
import { LEARNER_FORMAT } from '../../network/model-file/metadata.js';
import { readSafetensorsFile, unusableFile } from '../../network/model-file/safetensors.js';
import { type AnyLearner, Learner } from '../../online/learner.js';
import { Network } from '../../training/network.js';
import { LearnerModel } from './learner-model.js';
import { NetworkModel } from './network-model.js';
import type { ServedModel } from './served-model.js';

/** The texts in the header of a model file. */
export async function modelTexts(file: string): Promise<ReadonlyMap<string, string>> {
  try {
    return await readSafetensorsFile(file, async (_, { metadata }) => metadata);
  } catch (error) {
    throw unusableFile(file, 'model', error);
  }
}

/**
 * Reads a learner or a network.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE
 */
export async function openModel(file: string): Promise<ServedModel> {
  await removeLeftovers(resolve(file)).catch(() => undefined);
  return (await modelTexts(file)).get('format') === LEARNER_FORMAT
    ? new LearnerModel((await Learner.load(file)) as AnyLearner)
    : new NetworkModel(await Network.load(file));
}
