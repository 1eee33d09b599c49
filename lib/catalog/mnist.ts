import { join } from 'node:path';
import { PACKAGE_ROOT } from '../base/package.js';
import type { CatalogEntry, PublishedFile } from './entry.js';
import { loadIdxSet, MNIST_NAMES } from './sets/idx-set.js';

/** The package's folder of data sets. */
export const PACKAGE_DIRECTORY = join(PACKAGE_ROOT, 'datasets');

/** The package's folder of MNIST. */
export const MNIST_DIRECTORY = join(PACKAGE_DIRECTORY, 'mnist');

/** SHA-256 and size of the inflated files; the same data can be compressed in many ways. */
const MNIST_CONTENTS: Readonly<Record<string, { sha256: string; bytes: number; packed: number }>> = {
  'train-images-idx3-ubyte.gz': {
    sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    bytes: 47_040_016,
    packed: 9_912_422,
  },
  'train-labels-idx1-ubyte.gz': {
    sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    bytes: 60_008,
    packed: 28_881,
  },
  't10k-images-idx3-ubyte.gz': {
    sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    bytes: 7_840_016,
    packed: 1_648_877,
  },
  't10k-labels-idx1-ubyte.gz': {
    sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    bytes: 10_008,
    packed: 4542,
  },
};

const MIRRORS = [
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
];

const DIGITS: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

const FILES: readonly PublishedFile[] = Object.entries(MNIST_CONTENTS).map(
  ([name, { sha256, bytes, packed }]) => ({
    name,
    mirrors: MIRRORS.map((mirror) => mirror + name),
    bytes: packed,
    sum: { of: 'contents', sha256, bytes },
  }),
);

/** MNIST: 60,000 + 10,000 grey images of handwritten digits, 28 x 28 bytes each, in its four original files. */
export const MNIST_ENTRY: CatalogEntry = {
  info: {
    name: 'mnist',
    title: 'MNIST handwritten digits, grey images of 28 x 28 bytes',
    trainRows: 60_000,
    testRows: 10_000,
    features: 784,
    outputs: 10,
    attribution: 'Yann LeCun, Corinna Cortes, Christopher J.C. Burges',
    source: 'http://yann.lecun.com/exdb/mnist/',
    licence: 'CC BY-SA 3.0',
    origin: 'package',
    bytes: FILES.reduce((sum, { bytes }) => sum + bytes, 0),
  },
  folder: 'mnist',
  files: FILES,
  needs: FILES.map(({ name }) => name),
  sumsItself: true,
  load: (folder) =>
    loadIdxSet(folder, {
      title: 'MNIST',
      names: MNIST_NAMES,
      classes: DIGITS,
      sums: Object.fromEntries(Object.entries(MNIST_CONTENTS).map(([name, { sha256 }]) => [name, sha256])),
      advice: (name) =>
        folder === MNIST_DIRECTORY
          ? `restore datasets/mnist/${name} (git checkout -- datasets/mnist/${name}) or install sparse-train again`
          : 'restore it from the original data',
    }),
};
