import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { SparseTrainError } from '../../base/errors.js';
import type { RunFiles } from '../../report/runs/gather.js';

const MODEL = '.safetensors';
const LOG = '.jsonl';

/**
 * The files of a run: the named file, and the model or run log with the same name beside it.
 *
 * @param word - a run log, a model, or their name without its extension
 * @throws SparseTrainError FILE_NOT_FOUND if there is neither
 */
export async function runFiles(word: string): Promise<RunFiles> {
  const stem = word.endsWith(MODEL) || word.endsWith(LOG) ? word.slice(0, word.lastIndexOf('.')) : word;
  const isThere = async (file: string) => ((await isFile(file)) ? file : undefined);
  const [log, model] = await Promise.all([
    word === stem && (await isFile(word)) ? word : isThere(stem + LOG),
    isThere(stem + MODEL),
  ]);
  const isNamed = word === stem || (word.endsWith(MODEL) ? model : log) !== undefined;
  if (isNamed && (log !== undefined || model !== undefined)) return { name: basename(stem), log, model };
  const wanted = word === stem ? `neither ${stem}${LOG} nor ${stem}${MODEL}` : `no file ${word}`;
  throw new SparseTrainError(
    'FILE_NOT_FOUND',
    `there is ${wanted}; give the run log or the model that train or mnist wrote`,
  );
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() ?? false;
}
