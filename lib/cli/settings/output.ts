import { SparseTrainError } from '../../base/errors.js';
import { boolean, path } from '../../base/options/kinds.js';
import type { CheckpointOptions } from '../../training/checkpoint/options.js';
import { checkpointInterval } from './checkpoint-interval.js';
import type { Settings, Values } from './setting.js';

/** The settings of the files that training writes. */
export const outputSettings = {
  out: { flag: '--out', kind: path(), description: 'the model file to write', oldFlags: ['--output'] },
  log: {
    flag: '--log',
    kind: path(),
    description: 'the run log to write, as JSON lines; added to an existing log',
  },
  save: {
    flag: '--no-save',
    kind: boolean,
    description: 'write no files, except those that are named',
  },
  force: {
    flag: '--force',
    kind: boolean,
    description: 'replace an existing file even if it is not a model of sparse-train',
  },
  checkpoint: {
    flag: '--checkpoint',
    kind: checkpointInterval,
    description: 'save a checkpoint for --resume beside the model, every 30s, 5m, 1h or 2epochs',
    option: ['checkpoint.every', 'checkpoint'],
  },
  resume: {
    flag: '--resume',
    kind: boolean,
    description: 'resume an interrupted run with the same options, if there is a checkpoint',
  },
  quiet: { flag: '--quiet', kind: boolean, description: 'no progress and no summary, only errors' },
} as const satisfies Settings;

export type OutputValues = Values<typeof outputSettings>;

/** The files that training writes; undefined ones are not written. */
export interface OutputFiles {
  readonly model: string | undefined;
  readonly log: string | undefined;
  /** The log goes beside the model; without a model there is no log. */
  readonly checkpoint: CheckpointOptions | undefined;
}

/**
 * The paths of model, log and checkpoint. Log and checkpoint are named after the model unless they have their
 * own names.
 *
 * @throws SparseTrainError INVALID_OPTION if there is no place for a checkpoint that is asked for
 */
export function outputFiles(values: OutputValues, defaultModel: string): OutputFiles {
  const { out, log, save = true, checkpoint: every, resume = false } = values;
  const model = out ?? (save ? defaultModel : undefined);
  const name = model?.replace(/\.safetensors$/, '');
  if (name === undefined && (resume || every !== undefined)) {
    const option = resume ? '--resume' : '--checkpoint';
    throw new SparseTrainError(
      'INVALID_OPTION',
      `${option} needs the name of a model: give --out, or leave out --no-save`,
    );
  }
  const checkpoint = name === undefined ? undefined : { file: `${name}.checkpoint`, every, resume };
  return { model, log: log ?? (save && name !== undefined ? `${name}.jsonl` : undefined), checkpoint };
}
