import { invalidOption, SparseTrainError, unknownName } from '../errors.js';
import type { Dataset } from './dataset.js';
import { loadMnist } from './mnist.js';
import { loadMorse, MORSE_FRAME, MORSE_ROWS, MORSE_SYMBOLS } from './morse.js';
import { checkOptionNames } from './option-names.js';

/** A training part and a test part. */
export interface TrainTest {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** Options of {@link loadDataset}. */
export interface LoadDatasetOptions {
  /** A folder with the data set's original files, in place of the package's own. */
  directory?: string | undefined;
}

/** What is known of a named data set without loading it. */
export interface DatasetInfo {
  readonly name: string;
  readonly title: string;
  /** Examples in the training part. */
  readonly trainRows: number;
  /** Examples in the test part. */
  readonly testRows: number;
  readonly features: number;
  readonly outputs: number;
  /** Who made it. */
  readonly attribution: string;
  readonly source: string;
}

interface Entry extends DatasetInfo {
  readonly load: (directory: string | undefined) => Promise<TrainTest>;
}

const ENTRIES: readonly Entry[] = [
  {
    name: 'mnist',
    title: 'MNIST handwritten digits, grey images of 28 x 28 bytes',
    trainRows: 60_000,
    testRows: 10_000,
    features: 784,
    outputs: 10,
    attribution: 'Yann LeCun, Corinna Cortes, Christopher J.C. Burges',
    source: 'http://yann.lecun.com/exdb/mnist/',
    load: (directory) => loadMnist(directory),
  },
  {
    name: 'morse',
    title: 'Morse code of 64 symbols in noise, frames of 64 cells; made, not stored',
    trainRows: MORSE_ROWS.train,
    testRows: MORSE_ROWS.test,
    features: MORSE_FRAME,
    outputs: MORSE_SYMBOLS.length,
    attribution: 'made after S. Dey, K. M. Chugg, P. A. Beerel',
    source: 'Morse code datasets for machine learning, ICCCNT 2018',
    load: async (directory) => {
      if (directory !== undefined)
        throw new SparseTrainError(
          'INVALID_OPTION',
          "directory has no meaning for 'morse', which is made, not read",
        );
      return loadMorse();
    },
  },
];

/** The data sets that {@link loadDataset} knows. */
export function listDatasets(): readonly DatasetInfo[] {
  return ENTRIES.map(({ load: _, ...info }) => info);
}

/**
 * Loads a data set by name; `'mnist'` comes with the package, nothing is downloaded.
 *
 * @example
 * const { train, test } = await loadDataset('mnist');
 *
 * @throws SparseTrainError UNKNOWN_DATASET, UNKNOWN_OPTION, INVALID_OPTION; FILE_NOT_FOUND, FILE_ACCESS or
 * INVALID_FILE if its files are missing or not the original ones
 */
export async function loadDataset(name: string, options: LoadDatasetOptions = {}): Promise<TrainTest> {
  checkOptionNames('loadDataset options', options, ['directory']);
  const names = ENTRIES.map((entry) => entry.name);
  if (typeof name !== 'string')
    throw invalidOption('name', `the name of a data set (${names.join(', ')})`, name);
  const entry = ENTRIES.find((known) => known.name === name);
  if (entry === undefined) throw unknownName('UNKNOWN_DATASET', 'data set', name, names);
  const { directory } = options;
  if (directory !== undefined && typeof directory !== 'string') {
    throw invalidOption('directory', 'the path of a folder', directory);
  }
  return entry.load(directory);
}
