import { namedBy, nearest, SparseTrainError } from '../../base/errors.js';
import { readStoredBytes } from '../../base/files/read-bytes.js';
import { remarkOnNameless } from '../csv/layout.js';
import type { DataFormat } from '../format.js';
import { remarksOnLabels } from '../label-remarks.js';
import { pathOf } from '../source.js';
import { arraysDataset, matrixOf, type NamedArray, numericArray } from './npy-format.js';
import { unpackNpz } from './npz-archive.js';

/** Names for inputs and targets, most specific first; the names of test arrays also contain `test`. */
const PAIRS = {
  train: [
    ['x_train', 'y_train'],
    ['X_train', 'y_train'],
    ['train_images', 'train_labels'],
    ['inputs', 'labels'],
    ['inputs', 'targets'],
    ['images', 'labels'],
    ['data', 'target'],
    ['x', 'y'],
    ['X', 'y'],
    ['arr_0', 'arr_1'],
  ],
  test: [
    ['x_test', 'y_test'],
    ['X_test', 'y_test'],
    ['test_images', 'test_labels'],
  ],
} as const;

/** The arrays of an archive. Each is read on request, so texts and objects beside them do no harm. */
export class NpzArrays {
  readonly #file: string;
  readonly #entries: ReadonlyMap<string, Uint8Array>;

  private constructor(file: string, entries: ReadonlyMap<string, Uint8Array>) {
    this.#file = file;
    this.#entries = entries;
  }

  /**
   * Reads a .npz file.
   *
   * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS; INVALID_FILE if it is damaged, or says that its arrays are larger
   * than it can hold
   */
  static async read(file: string): Promise<NpzArrays> {
    return new NpzArrays(file, unpackNpz(await readStoredBytes(file), file));
  }

  get names(): string[] {
    return [...this.#entries.keys()];
  }

  /** @returns undefined if there is no array of this name */
  array(name: string): NamedArray | undefined {
    const bytes = this.#entries.get(name);
    return bytes && { ...numericArray(bytes, `${this.#file}: ${name}`), name };
  }
}

/** The first pair of names for which both arrays exist. */
function findPair(
  arrays: NpzArrays,
  pairs: readonly (readonly [string, string])[],
): readonly [NamedArray, NamedArray] | undefined {
  for (const [inputs, targets] of pairs) {
    if (!arrays.names.includes(inputs) || !arrays.names.includes(targets)) continue;
    return [arrays.array(inputs), arrays.array(targets)] as [NamedArray, NamedArray];
  }
  return undefined;
}

function noPair(name: string, { names }: NpzArrays): SparseTrainError {
  const pairs = [...PAIRS.train, ...PAIRS.test];
  const half = pairs.find(([inputs, targets]) => names.includes(inputs) !== names.includes(targets));
  if (half !== undefined && pairs.every((pair) => !pair.every((word) => names.includes(word)))) {
    const [there, missing] = names.includes(half[0]) ? half : half.toReversed();
    return new SparseTrainError(
      'INVALID_DATA',
      `${name} has "${there}", but no "${missing}"; it has the arrays ${names.slice(0, 20).join(', ')}`,
    );
  }
  const known = PAIRS.train.map((pair) => pair.join(' and '));
  const near = names.map((word) => nearest(word, PAIRS.train.flat())).find((word) => word !== undefined);
  return new SparseTrainError(
    'INVALID_DATA',
    `${name} has the arrays ${names.slice(0, 20).join(', ')}, but needs inputs and labels by names such as ${known.join('; ')}` +
      (near === undefined ? '' : `; is one of them "${near}"?`),
  );
}

/**
 * Arrays of inputs and targets, optionally also for testing, as written by `np.savez('digits.npz', x=...,
 * y=...)`.
 */
export const NPZ: DataFormat = {
  name: 'npz',
  hasColumns: false,
  async read(source) {
    const arrays = await NpzArrays.read(pathOf(source, 'NumPy'));
    const train = findPair(arrays, PAIRS.train);
    if (train === undefined) throw noPair(source.name, arrays);
    const dataset = namedBy(source.name, () => arraysDataset(...train));
    const classes = dataset.targets.kind === 'classes' ? dataset.targets.classes : undefined;
    const test = findPair(arrays, PAIRS.test);
    return {
      train: dataset,
      test: test && namedBy(source.name, () => arraysDataset(...test, classes)),
      schema: undefined,
      skipped: 0,
      remarks: remarksOnLabels(dataset, `${source.name}: ${train[1].name}`),
    };
  },
  async apply(source, { schema, classes }) {
    const remarks = remarkOnNameless(source.name, schema);
    const arrays = await NpzArrays.read(pathOf(source, 'NumPy'));
    const pair = findPair(arrays, PAIRS.test) ?? findPair(arrays, PAIRS.train);
    if (pair !== undefined) {
      const dataset = namedBy(source.name, () => arraysDataset(...pair, classes));
      return { inputs: dataset.inputs, dataset, skipped: 0, remarks };
    }
    // For data without targets: the only array.
    const only = arrays.names.length === 1 ? arrays.array(arrays.names[0] as string) : undefined;
    if (only === undefined) throw noPair(source.name, arrays);
    return { inputs: matrixOf(only), dataset: undefined, skipped: 0, remarks };
  },
};
