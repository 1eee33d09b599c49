import type { Settings, Values } from './setting.js';
import { flag, path } from './value-kinds.js';

/** What training leaves behind. */
export const outputSettings = {
  out: { flag: '--out', kind: path(), description: 'where the model goes' },
  log: {
    flag: '--log',
    kind: path(),
    description: 'where the run log goes, JSON lines added to what is there',
  },
  save: { flag: '--no-save', kind: flag, description: 'leave no files behind, but for those that are named' },
  force: {
    flag: '--force',
    kind: flag,
    description: 'replace what is there even if it is no model of sparse-train',
  },
  quiet: { flag: '--quiet', kind: flag, description: 'no progress and no summary, only errors' },
} as const satisfies Settings;

export type OutputValues = Values<typeof outputSettings>;

/** The files that training writes; undefined: none. */
export interface OutputFiles {
  readonly model: string | undefined;
  readonly log: string | undefined;
}

/** Where model and log go; the log is called like the model unless it is named. */
export function outputFiles({ out, log, save = true }: OutputValues, defaultModel: string): OutputFiles {
  const model = out ?? (save ? defaultModel : undefined);
  const besideModel =
    save && model !== undefined ? `${model.replace(/\.safetensors$/, '')}.jsonl` : undefined;
  return { model, log: log ?? besideModel };
}
