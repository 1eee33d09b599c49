import { join } from 'node:path';
import { SparseTrainError } from '../../base/errors.js';
import { Dataset } from '../../data/dataset.js';
import { readTarGz } from '../download/tar.js';
import type { CatalogEntry, PublishedFile, TrainTest } from '../entry.js';

/** Colour planes of 32 x 32 bytes each: red, green, blue. */
const SIDE = 32;
const PLANE = SIDE * SIDE;
const PIXELS = 3 * PLANE;

/** The layout of a set's binary files: records of label bytes, the last one the class, followed by an image. */
export interface CifarLayout {
  readonly archive: string;
  readonly train: readonly string[];
  readonly test: string;
  readonly rowsPerFile: { readonly train: number; readonly test: number };
  readonly labelBytes: number;
  readonly classes: readonly string[];
}

const CIFAR10: CifarLayout = {
  archive: 'cifar-10-binary.tar.gz',
  train: [1, 2, 3, 4, 5].map((i) => `cifar-10-batches-bin/data_batch_${i}.bin`),
  test: 'cifar-10-batches-bin/test_batch.bin',
  rowsPerFile: { train: 10_000, test: 10_000 },
  labelBytes: 1,
  classes: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
};

/** The second byte of a record is the fine class, which is used. */
const CIFAR100: CifarLayout = {
  archive: 'cifar-100-binary.tar.gz',
  train: ['cifar-100-binary/train.bin'],
  test: 'cifar-100-binary/test.bin',
  rowsPerFile: { train: 50_000, test: 10_000 },
  labelBytes: 2,
  classes: (
    'apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle ' +
    'caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant ' +
    'flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man ' +
    'maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree ' +
    'plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper ' +
    'snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train ' +
    'trout tulip turtle wardrobe whale willow_tree wolf woman worm'
  ).split(' '),
};

/** Loads a set from its archive in a folder. */
export async function loadCifar(folder: string, layout: CifarLayout): Promise<TrainTest> {
  const record = layout.labelBytes + PIXELS;
  const { train: trainRows, test: testRows } = layout.rowsPerFile;
  const wanted = new Map(layout.train.map((name) => [name, trainRows * record]));
  wanted.set(layout.test, testRows * record);
  const file = join(folder, layout.archive);
  const contents = await readTarGz(file, wanted);
  const parts = layout.train.map((name) => contents.get(name) as Uint8Array);
  return {
    train: decode(file, parts, layout),
    test: decode(file, [contents.get(layout.test) as Uint8Array], layout),
  };
}

/** Converts records to images in which the three colours of a pixel lie side by side. */
function decode(file: string, parts: readonly Uint8Array[], { labelBytes, classes }: CifarLayout): Dataset {
  const record = labelBytes + PIXELS;
  const rows = parts.reduce((sum, { length }) => sum + length / record, 0);
  const inputs = new Uint8Array(rows * PIXELS);
  const labels = new Int32Array(rows);
  let row = 0;
  for (const part of parts) {
    for (let start = 0; start < part.length; start += record, row++) {
      const label = part[start + labelBytes - 1] as number;
      if (label >= classes.length) {
        throw new SparseTrainError(
          'INVALID_FILE',
          `${file}: image ${row} has the class ${label}, which does not exist`,
        );
      }
      labels[row] = label;
      const image = part.subarray(start + labelBytes, start + record);
      const at = row * PIXELS;
      for (let pixel = 0; pixel < PLANE; pixel++) {
        inputs[at + 3 * pixel] = image[pixel] as number;
        inputs[at + 3 * pixel + 1] = image[PLANE + pixel] as number;
        inputs[at + 3 * pixel + 2] = image[2 * PLANE + pixel] as number;
      }
    }
  }
  const imageShape = { height: SIDE, width: SIDE, channels: 3 };
  return Dataset.from({ inputs, columns: PIXELS, labels, classes, imageShape });
}

/** The checksums are those that TensorFlow Datasets publishes. */
function archiveFile({ archive }: CifarLayout, bytes: number, sha256: string): PublishedFile {
  const mirrors = [`https://www.cs.toronto.edu/~kriz/${archive}`];
  return { name: archive, mirrors, bytes, sum: { of: 'file', sha256, bytes } };
}

function entryOf(layout: CifarLayout, name: string, what: string, file: PublishedFile): CatalogEntry {
  return {
    info: {
      name,
      title: `${what}, colour images of 32 x 32 x 3 bytes`,
      trainRows: 50_000,
      testRows: 10_000,
      features: PIXELS,
      outputs: layout.classes.length,
      attribution: 'Alex Krizhevsky, Vinod Nair, Geoffrey Hinton (University of Toronto)',
      source: 'https://www.cs.toronto.edu/~kriz/cifar.html',
      licence: 'none stated; cite the technical report of 2009',
      origin: 'download',
      bytes: file.bytes,
    },
    folder: name,
    files: [file],
    needs: [file.name],
    sumsItself: false,
    load: (folder) => loadCifar(folder, layout),
  };
}

/** CIFAR-10 and CIFAR-100. */
export const CIFAR_ENTRIES: readonly CatalogEntry[] = [
  entryOf(
    CIFAR10,
    'cifar10',
    'CIFAR-10 things in ten classes',
    archiveFile(CIFAR10, 170_052_171, 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd'),
  ),
  entryOf(
    CIFAR100,
    'cifar100',
    'CIFAR-100 things in a hundred classes',
    archiveFile(CIFAR100, 168_513_733, '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec'),
  ),
];
