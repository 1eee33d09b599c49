import type { Dataset } from '../data/dataset.js';
import { type IdxPairOptions, loadIdxPair, readIdx } from './idx.js';
import { arraysDataset, type NamedArray, readNpy } from './numpy/npy-format.js';
import { fileStart, looksLikeIdx } from './recognise.js';

/**
 * Reads inputs and their labels from two files, each IDX or NumPy (.npy), plain or gzip.
 *
 * @throws SparseTrainError as loadIdxPair
 */
export async function loadPair(inputs: string, labels: string, options: IdxPairOptions): Promise<Dataset> {
  const [isIdx, labelsAreIdx] = await Promise.all([inputs, labels].map(hasIdx));
  if (isIdx && labelsAreIdx) return loadIdxPair(inputs, labels, options);
  const read = async (file: string, idx: boolean | undefined): Promise<NamedArray> => ({
    ...(idx ? await readIdx(file) : await readNpy(file)),
    name: file,
  });
  return arraysDataset(await read(inputs, isIdx), await read(labels, labelsAreIdx), options.classes);
}

/** Whether to read a file as IDX: any file that is not NumPy's. */
async function hasIdx(file: string): Promise<boolean> {
  const { bytes } = await fileStart(file);
  return looksLikeIdx(bytes) || bytes[0] !== 0x93;
}
