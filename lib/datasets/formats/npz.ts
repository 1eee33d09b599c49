import { unzipSync } from 'fflate';
import { nearest, SparseTrainError } from '../../errors.js';
import { mostInflatedBytes, readStoredBytes } from '../data-file.js';
import type { DataFormat } from './format.js';
import { arraysDataset, matrixOf, type NpyArray, parseNpy } from './npy.js';
import { pathOf } from './source.js';

/** An array, and what messages call it. */
type NamedArray = NpyArray & { readonly name: string };

/** Names that inputs and targets go by, most specific first; parts for testing have `test` in theirs. */
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

/**
 * Reads the arrays of a .npz file.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS; INVALID_FILE if it is damaged, or says that its arrays are larger
 * than it can hold
 */
export async function readNpz(file: string): Promise<Map<string, NpyArray>> {
  const stored = await readStoredBytes(file);
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(stored, {
      filter: ({ name, size, originalSize }) => {
        if (!name.endsWith('.npy')) return false;
        // Before a buffer of the claimed size is made: could so few bytes hold that much at all?
        if (size <= stored.length && originalSize <= mostInflatedBytes(size) + 64) return true;
        throw new SparseTrainError(
          'INVALID_FILE',
          `${file}: ${name} is said to have ${originalSize} bytes, which ${size} packed ones cannot hold`,
        );
      },
    });
  } catch (error) {
    if (error instanceof SparseTrainError) throw error;
    throw new SparseTrainError(
      'INVALID_FILE',
      `${file} is no whole .npz file (${(error as Error).message})`,
      {
        cause: error,
      },
    );
  }
  const arrays = Object.entries(entries).map(([name, bytes]): [string, NpyArray] => [
    name.replace(/\.npy$/, ''),
    parseNpy(bytes, `${file}: ${name}`),
  ]);
  if (arrays.length === 0) throw new SparseTrainError('INVALID_FILE', `${file}: there are no arrays in it`);
  return new Map(arrays);
}

/** The first pair of names of which both arrays are there. */
function findPair(
  arrays: ReadonlyMap<string, NpyArray>,
  pairs: readonly (readonly [string, string])[],
): readonly [NamedArray, NamedArray] | undefined {
  for (const [inputs, targets] of pairs) {
    const both = [inputs, targets].map((name) => arrays.get(name));
    const [x, y] = both;
    if (x !== undefined && y !== undefined)
      return [
        { ...x, name: inputs },
        { ...y, name: targets },
      ];
  }
  return undefined;
}

function noPair(name: string, arrays: ReadonlyMap<string, NpyArray>): SparseTrainError {
  const names = [...arrays.keys()];
  const known = PAIRS.train.map((pair) => pair.join(' and '));
  const near = names.map((word) => nearest(word, PAIRS.train.flat())).find((word) => word !== undefined);
  return new SparseTrainError(
    'INVALID_DATA',
    `${name} has the arrays ${names.slice(0, 20).join(', ')}, but needs inputs and labels by names such as ${known.join('; ')}` +
      (near === undefined ? '' : `; is one of them "${near}"?`),
  );
}

/** Arrays of inputs and targets, perhaps for testing as well, as `np.savez('digits.npz', x=..., y=...)` writes them. */
export const NPZ: DataFormat = {
  name: 'npz',
  hasColumns: false,
  async read(source) {
    const arrays = await readNpz(pathOf(source, 'NumPy'));
    const train = findPair(arrays, PAIRS.train);
    if (train === undefined) throw noPair(source.name, arrays);
    const dataset = arraysDataset(...train);
    const classes = dataset.targets.kind === 'classes' ? dataset.targets.classes : undefined;
    const test = findPair(arrays, PAIRS.test);
    return {
      train: dataset,
      test: test === undefined ? undefined : arraysDataset(...test, classes),
      schema: undefined,
      skippedRows: 0,
    };
  },
  async apply(source, { classes }) {
    const arrays = await readNpz(pathOf(source, 'NumPy'));
    const pair = findPair(arrays, PAIRS.test) ?? findPair(arrays, PAIRS.train);
    if (pair !== undefined) {
      const dataset = arraysDataset(...pair, classes);
      return { inputs: dataset.inputs, dataset };
    }
    // Only inputs: the one array that there is.
    const [only] = arrays;
    if (arrays.size !== 1 || only === undefined) throw noPair(source.name, arrays);
    return { inputs: matrixOf({ ...only[1], name: only[0] }), dataset: undefined };
  },
};
