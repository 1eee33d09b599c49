import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SparseTrainError } from '../errors.js';
import type { Dataset } from './dataset.js';
import { decodeIdx, type IdxArray, idxDataset, readIdxBytes } from './idx.js';

/** Where the package keeps MNIST: as far above lib/datasets in a checkout as above dist/datasets in a package. */
export const MNIST_DIRECTORY = fileURLToPath(new URL('../../datasets/mnist', import.meta.url));

/** SHA-256 of the inflated files, since the same data may be compressed in many ways. */
const SHA256 = {
  'train-images-idx3-ubyte.gz': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  'train-labels-idx1-ubyte.gz': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  't10k-images-idx3-ubyte.gz': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  't10k-labels-idx1-ubyte.gz': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
} as const;

type MnistFile = keyof typeof SHA256;

const DIGITS: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/**
 * Loads MNIST, 60,000 + 10,000 grey images of 28 x 28 bytes of handwritten digits, from its four original files.
 *
 * @param directory - a folder with the four .gz files; the package's own by default
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, or INVALID_FILE naming the file to restore
 */
export async function loadMnist(
  directory: string = MNIST_DIRECTORY,
): Promise<{ train: Dataset; test: Dataset }> {
  // All four at once: zlib works on threads of its own, and files are hashed here while others still inflate.
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all([
    readGenuine(directory, 'train-images-idx3-ubyte.gz'),
    readGenuine(directory, 'train-labels-idx1-ubyte.gz'),
    readGenuine(directory, 't10k-images-idx3-ubyte.gz'),
    readGenuine(directory, 't10k-labels-idx1-ubyte.gz'),
  ]);
  return {
    train: idxDataset(trainImages, trainLabels, DIGITS),
    test: idxDataset(testImages, testLabels, DIGITS),
  };
}

async function readGenuine(directory: string, name: MnistFile): Promise<IdxArray & { file: string }> {
  const file = join(directory, name);
  const restore =
    directory === MNIST_DIRECTORY
      ? `restore datasets/mnist/${name} (git checkout -- datasets/mnist/${name}) or install sparse-train again`
      : 'restore it from the original data';
  try {
    const idx = await readIdxBytes(file);
    const sum = createHash('sha256').update(idx.bytes).digest('hex');
    if (sum !== SHA256[name]) {
      throw new SparseTrainError(
        'INVALID_FILE',
        `${file}: not the original MNIST (SHA-256 of the inflated bytes is ${sum}, but should be ${SHA256[name]})`,
      );
    }
    return { file, ...decodeIdx(idx) };
  } catch (error) {
    if (!(error instanceof SparseTrainError)) throw error;
    throw new SparseTrainError(error.code, `${error.message}; ${restore}`, { cause: error });
  }
}
