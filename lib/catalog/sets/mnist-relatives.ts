import type { CatalogEntry, DatasetInfo, PublishedFile, PublishedSum } from '../entry.js';
import { type IdxNames, loadIdxSet, MNIST_NAMES } from './idx-set.js';

const advice = (name: string) => `sparse-train datasets get ${name}`;

/** Names, bytes and checksums of four files, in the order of {@link MNIST_NAMES}. */
type Facts = readonly (readonly [packed: number, sum: PublishedSum])[];

function filesAt(mirrors: readonly string[], facts: Facts): PublishedFile[] {
  return Object.values(MNIST_NAMES).map((name: string, i) => {
    const [bytes, sum] = facts[i] as Facts[number];
    return { name, mirrors: mirrors.map((mirror) => mirror + name), bytes, sum };
  });
}

function contents(sha256: string, bytes: number): PublishedSum {
  return { of: 'contents', sha256, bytes };
}

function packed(sha256: string, bytes: number): readonly [number, PublishedSum] {
  return [bytes, { of: 'file', sha256, bytes }];
}

const IMAGES = {
  trainRows: 60_000,
  testRows: 10_000,
  features: 784,
  outputs: 10,
  origin: 'download',
} as const;

const FASHION_FILES = filesAt(
  [
    'https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/',
    'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
  ],
  [
    [26_421_880, contents('c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888', 47_040_016)],
    [29_515, contents('bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9', 60_008)],
    [4_422_102, contents('5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b', 7_840_016)],
    [5148, contents('0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34', 10_008)],
  ],
);

/** Fashion-MNIST. Checksums are of the raw bytes, so that Debian's package, compressed differently, also matches. */
export const FASHION_MNIST_ENTRY: CatalogEntry = {
  info: {
    ...IMAGES,
    name: 'fashion-mnist',
    title: 'Fashion-MNIST articles of clothing, grey images of 28 x 28 bytes',
    attribution: 'Han Xiao, Kashif Rasul, Roland Vollgraf (Zalando Research)',
    source: 'https://github.com/zalandoresearch/fashion-mnist',
    licence: 'MIT',
    bytes: total(FASHION_FILES),
  },
  folder: 'fashion-mnist',
  files: FASHION_FILES,
  needs: Object.values(MNIST_NAMES),
  sumsItself: true,
  load: (folder) =>
    loadIdxSet(folder, {
      title: 'Fashion-MNIST',
      names: MNIST_NAMES,
      classes: [
        'T-shirt/top',
        'Trouser',
        'Pullover',
        'Dress',
        'Coat',
        'Sandal',
        'Shirt',
        'Sneaker',
        'Bag',
        'Ankle boot',
      ],
      sums: Object.fromEntries(FASHION_FILES.map(({ name, sum }) => [name, sum?.sha256 as string])),
      advice: () => advice('fashion-mnist'),
    }),
};

/** Checksums of the compressed files are those that TensorFlow Datasets publishes. */
const KMNIST_FILES = filesAt(
  ['https://codh.rois.ac.jp/kmnist/dataset/kmnist/', 'http://codh.rois.ac.jp/kmnist/dataset/kmnist/'],
  [
    packed('51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4', 18_165_135),
    packed('e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17', 29_497),
    packed('edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5', 3_041_136),
    packed('20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c', 5120),
  ],
);

/** KMNIST: cursive Japanese characters. */
export const KMNIST_ENTRY: CatalogEntry = {
  info: {
    ...IMAGES,
    name: 'kmnist',
    title: 'KMNIST cursive Japanese characters, grey images of 28 x 28 bytes',
    attribution: 'Tarin Clanuwat et al. (ROIS-DS CODH), from the Kuzushiji Dataset of NIJL and others',
    source: 'http://codh.rois.ac.jp/kmnist/',
    licence: 'CC BY-SA 4.0',
    bytes: total(KMNIST_FILES),
  },
  folder: 'kmnist',
  files: KMNIST_FILES,
  needs: Object.values(MNIST_NAMES),
  sumsItself: false,
  load: (folder) =>
    loadIdxSet(folder, {
      title: 'KMNIST',
      names: MNIST_NAMES,
      classes: ['o', 'ki', 'su', 'tsu', 'na', 'ha', 'ma', 'ya', 're', 'wo'],
      advice: () => advice('kmnist'),
    }),
};

const EMNIST_SPLITS = ['balanced', 'letters', 'digits', 'byclass'] as const;

type EmnistSplit = (typeof EMNIST_SPLITS)[number];

function emnistNames(split: EmnistSplit): IdxNames {
  const name = (part: string) => `emnist-${split}-${part}-ubyte.gz`;
  return {
    trainImages: name('train-images-idx3'),
    trainLabels: name('train-labels-idx1'),
    testImages: name('test-images-idx3'),
    testLabels: name('test-labels-idx1'),
  };
}

/** The archive of all EMNIST splits; the checksum is the one that TensorFlow Datasets publishes. */
const EMNIST_ARCHIVE: PublishedFile = {
  name: 'gzip.zip',
  mirrors: [
    'https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip',
    'https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/gzip.zip',
  ],
  bytes: 561_753_746,
  sum: {
    of: 'file',
    sha256: 'fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e',
    bytes: 561_753_746,
  },
  members: EMNIST_SPLITS.flatMap((split) =>
    Object.values(emnistNames(split)).map((name: string) => ({ entry: `gzip/${name}`, name })),
  ),
};

const letters = (text: string) => [...text];
const DIGITS = letters('0123456789');
const CAPITALS = letters('ABCDEFGHIJKLMNOPQRSTUVWXYZ');

interface EmnistFacts extends Pick<DatasetInfo, 'name' | 'title' | 'trainRows' | 'testRows'> {
  readonly split: EmnistSplit;
  readonly classes: readonly string[];
  readonly firstLabel: number;
}

const EMNIST_FACTS: readonly EmnistFacts[] = [
  {
    name: 'emnist',
    split: 'balanced',
    title: 'EMNIST handwritten digits and letters, equally many of each (split balanced)',
    trainRows: 112_800,
    testRows: 18_800,
    // Small letters that look like their capitals have the class of the capitals.
    classes: [...DIGITS, ...CAPITALS, ...letters('abdefghnqrt')],
    firstLabel: 0,
  },
  {
    name: 'emnist-letters',
    split: 'letters',
    title: 'EMNIST handwritten letters, small and capital ones as one class',
    trainRows: 124_800,
    testRows: 20_800,
    classes: CAPITALS,
    firstLabel: 1,
  },
  {
    name: 'emnist-digits',
    split: 'digits',
    title: 'EMNIST handwritten digits',
    trainRows: 240_000,
    testRows: 40_000,
    classes: DIGITS,
    firstLabel: 0,
  },
  {
    name: 'emnist-byclass',
    split: 'byclass',
    title: 'EMNIST handwritten digits, capitals and small letters, all of them (split byclass)',
    trainRows: 697_932,
    testRows: 116_323,
    classes: [...DIGITS, ...CAPITALS, ...letters('abcdefghijklmnopqrstuvwxyz')],
    firstLabel: 0,
  },
];

/** EMNIST, one entry per split, all from one archive. Images are turned upright. */
export const EMNIST_ENTRIES: readonly CatalogEntry[] = EMNIST_FACTS.map(
  ({ split, classes, firstLabel, ...facts }) => ({
    info: {
      ...facts,
      features: 784,
      outputs: classes.length,
      attribution:
        'Gregory Cohen, Saeed Afshar, Jonathan Tapson, André van Schaik, from NIST Special Database 19',
      source: 'https://www.nist.gov/itl/products-and-services/emnist-dataset',
      licence: 'none stated (NIST, public data)',
      origin: 'download',
      bytes: EMNIST_ARCHIVE.bytes,
    },
    folder: 'emnist',
    files: [EMNIST_ARCHIVE],
    needs: Object.values(emnistNames(split)),
    sumsItself: false,
    load: (folder) =>
      loadIdxSet(folder, {
        title: 'EMNIST',
        names: emnistNames(split),
        classes,
        firstLabel,
        transposed: true,
        advice: () => advice(facts.name),
      }),
  }),
);

function total(files: readonly PublishedFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
