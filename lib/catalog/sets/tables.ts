import { join } from 'node:path';
import { SparseTrainError } from '../../base/errors.js';
import { isSparseRow } from '../../data/csr.js';
import { Dataset, isDense } from '../../data/dataset.js';
import { openCsvStream } from '../../formats/csv/csv-stream.js';
import { readCsv } from '../../formats/csv/read.js';
import { sourceAt } from '../../formats/source.js';
import type { CatalogEntry, PublishedFile, TrainTest } from '../entry.js';

/** The checksum is the one that scikit-learn publishes. */
const COVERTYPE_FILE: PublishedFile = {
  name: 'covtype.data.gz',
  mirrors: [
    'https://archive.ics.uci.edu/ml/machine-learning-databases/covtype/covtype.data.gz',
    'https://ndownloader.figshare.com/files/5976039',
  ],
  bytes: 11_240_707,
  sum: {
    of: 'file',
    sha256: '614360d0257557dd1792834a85a1cdebfadc3c4f30b011d56afee7ffb5b15771',
    bytes: 11_240_707,
  },
};

/** The share of rows for testing, and the seed that selects them; the data set has no published split. */
const COVERTYPE_TEST = { share: 0.1, seed: 1 };

/** Covertype: the kind of forest that grows on a plot of land. */
export const COVERTYPE_ENTRY: CatalogEntry = {
  info: {
    name: 'covertype',
    title: 'Covertype: kinds of forest from maps, 10 numbers and 44 flags',
    trainRows: 522_911,
    testRows: 58_101,
    features: 54,
    outputs: 7,
    attribution: 'Jock A. Blackard, Denis J. Dean, Charles W. Anderson (Colorado State University)',
    source: 'https://archive.ics.uci.edu/dataset/31/covertype',
    licence: 'CC BY 4.0',
    origin: 'download',
    bytes: COVERTYPE_FILE.bytes,
  },
  folder: 'covertype',
  files: [COVERTYPE_FILE],
  needs: [COVERTYPE_FILE.name],
  sumsItself: false,
  load: loadCovertype,
};

/** Reads the file in a folder; a tenth of the rows of each class is for testing. */
export async function loadCovertype(folder: string): Promise<TrainTest> {
  const options = { header: false, label: -1, task: 'classify' } as const;
  const file = join(folder, COVERTYPE_FILE.name);
  const { dataset } = await readCsv(file, options);
  if (!isDense(dataset)) throw new SparseTrainError('INVALID_FILE', `${file}: its columns are not numbers`);
  const [train, test] = dataset.split(COVERTYPE_TEST.share, COVERTYPE_TEST.seed);
  return { train, test };
}

/** The checksum is the one that TensorFlow Datasets publishes. */
const HIGGS_FILE: PublishedFile = {
  name: 'HIGGS.csv.gz',
  mirrors: ['https://archive.ics.uci.edu/ml/machine-learning-databases/00280/HIGGS.csv.gz'],
  bytes: 2_816_407_858,
  sum: {
    of: 'file',
    sha256: 'ea302c18164d4e3d916a1e2e83a9a8d07069fa6ebc7771e4c0540d54e593b698',
    bytes: 2_816_407_858,
  },
};

const HIGGS_ROWS = { train: 10_500_000, test: 500_000 };
const HIGGS_FEATURES = 28;

/** HIGGS: particle collisions with or without a Higgs boson; the last 500,000 rows are for testing. */
export const HIGGS_ENTRY: CatalogEntry = {
  info: {
    name: 'higgs',
    title: 'HIGGS: simulated collisions of particles, 28 numbers; takes 1.2 GB of memory',
    trainRows: HIGGS_ROWS.train,
    testRows: HIGGS_ROWS.test,
    features: HIGGS_FEATURES,
    outputs: 2,
    attribution: 'Pierre Baldi, Peter Sadowski, Daniel Whiteson (University of California, Irvine)',
    source: 'https://archive.ics.uci.edu/dataset/280/higgs',
    licence: 'CC BY 4.0',
    origin: 'download',
    bytes: HIGGS_FILE.bytes,
  },
  folder: 'higgs',
  files: [HIGGS_FILE],
  needs: [HIGGS_FILE.name],
  sumsItself: false,
  load: (folder) => loadHiggs(folder, HIGGS_ROWS, HIGGS_FEATURES),
};

/**
 * Reads the file in parts, because its inflated contents are too large to read at once. The label is the first
 * column; numbers are 32-bit floats, as in the original data.
 */
export async function loadHiggs(
  folder: string,
  { train, test }: { readonly train: number; readonly test: number },
  features: number,
): Promise<TrainTest> {
  const file = join(folder, HIGGS_FILE.name);
  const rows = train + test;
  const stream = await openCsvStream(await sourceAt(file), { header: false, label: 1, task: 'classify' });
  const inputs = new Float32Array(rows * features);
  const labels = new Int32Array(rows);
  let row = 0;
  for await (const { input, label = 0 } of stream.examples()) {
    if (row === rows || isSparseRow(input) || input.length !== features) {
      throw new SparseTrainError(
        'INVALID_FILE',
        `${file}: it is not ${rows} rows of ${features} numbers and a label`,
      );
    }
    inputs.set(input, row * features);
    labels[row++] = label;
  }
  if (row < rows)
    throw new SparseTrainError('INVALID_FILE', `${file}: it has ${row} rows, but should have ${rows}`);
  const all = Dataset.from({ inputs, columns: features, labels, classes: ['background', 'signal'] });
  return { train: all.slice(0, train), test: all.slice(train) };
}
