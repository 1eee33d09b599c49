import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { SparseTrainError } from '../../base/errors.js';
import { decodeIdx, type IdxArray, idxDataset, readIdxBytes } from '../../formats/idx.js';
import type { TrainTest } from '../entry.js';

/** The names of a set's four IDX files. */
export interface IdxNames {
  readonly trainImages: string;
  readonly trainLabels: string;
  readonly testImages: string;
  readonly testLabels: string;
}

/** The file names of MNIST and its relatives. */
export const MNIST_NAMES: IdxNames = {
  trainImages: 'train-images-idx3-ubyte.gz',
  trainLabels: 'train-labels-idx1-ubyte.gz',
  testImages: 't10k-images-idx3-ubyte.gz',
  testLabels: 't10k-labels-idx1-ubyte.gz',
};

/** Says how a set of four IDX files is read. */
export interface IdxSetOptions {
  /** Its name in messages. */
  readonly title: string;
  readonly names: IdxNames;
  readonly classes: readonly string[];
  /** SHA-256 of the inflated files by name, verified during reading. */
  readonly sums?: Readonly<Record<string, string>>;
  /** The label of the first class; 0 by default. */
  readonly firstLabel?: number;
  /** Whether the images are stored column by column. */
  readonly transposed?: boolean;
  /** Advice in messages about a missing or damaged file. */
  readonly advice: (file: string) => string;
}

/**
 * Loads a set of images in four IDX files.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, or INVALID_FILE, INVALID_DATA naming the file to replace
 */
export async function loadIdxSet(folder: string, options: IdxSetOptions): Promise<TrainTest> {
  const { names, classes } = options;
  const read = (name: string) => readGenuine(folder, name, options);
  // All four are read at once: zlib works on its own threads, so that files are hashed here while others still inflate.
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all([
    read(names.trainImages),
    read(names.trainLabels),
    read(names.testImages),
    read(names.testLabels),
  ]);
  if (options.transposed === true) {
    transposeImages(trainImages);
    transposeImages(testImages);
  }
  const { firstLabel = 0 } = options;
  return {
    train: idxDataset(trainImages, countedFrom(firstLabel, trainLabels), classes),
    test: idxDataset(testImages, countedFrom(firstLabel, testLabels), classes),
  };
}

type NamedArray = IdxArray & { readonly file: string };

async function readGenuine(
  folder: string,
  name: string,
  { title, sums, advice }: IdxSetOptions,
): Promise<NamedArray> {
  const file = join(folder, name);
  try {
    const idx = await readIdxBytes(file);
    const wanted = sums?.[name];
    const sum = wanted === undefined ? undefined : createHash('sha256').update(idx.bytes).digest('hex');
    if (sum !== wanted) {
      throw new SparseTrainError(
        'INVALID_FILE',
        `${file}: not the original ${title} (SHA-256 of the inflated bytes is ${sum}, but should be ${wanted})`,
      );
    }
    return { file, ...decodeIdx(idx) };
  } catch (error) {
    if (!(error instanceof SparseTrainError)) throw error;
    throw new SparseTrainError(error.code, `${error.message}; ${advice(name)}`, { cause: error });
  }
}

function transposeImages({ file, shape, data }: NamedArray): void {
  const [rows = 0, height = 0, width = 0] = shape;
  if (shape.length !== 3 || height !== width) {
    throw new SparseTrainError(
      'INVALID_FILE',
      `${file}: ${shape.join(' x ')} elements are not square images`,
    );
  }
  for (let row = 0; row < rows; row++) {
    const image = data.subarray(row * height * width, (row + 1) * height * width);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < y; x++) {
        const other = image[x * width + y] as number;
        image[x * width + y] = image[y * width + x] as number;
        image[y * width + x] = other;
      }
    }
  }
}

function countedFrom(first: number, labels: NamedArray): NamedArray {
  return first === 0 ? labels : { ...labels, data: Int32Array.from(labels.data, (label) => label - first) };
}
