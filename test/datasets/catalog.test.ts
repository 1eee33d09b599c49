import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CATALOG } from '../../lib/catalog/catalog.js';
import { readTarGz } from '../../lib/catalog/download/tar.js';
import { type CifarLayout, loadCifar } from '../../lib/catalog/sets/cifar.js';
import { loadIdxSet } from '../../lib/catalog/sets/idx-set.js';
import { loadCovertype, loadHiggs } from '../../lib/catalog/sets/tables.js';
import { cacheFolder } from '../../lib/catalog/store/places.js';
import { type Dataset, loadDataset } from '../../lib/index.js';
import { datasetStatuses } from '../../lib/public/data.js';
import { expectRefusal } from './refusal.js';
import { tarGz } from './tar.js';

let folder: string;
const { SPARSE_TRAIN_DATA: before } = process.env;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sparse-train-catalog-'));
  process.env.SPARSE_TRAIN_DATA = join(folder, 'cache');
});
afterAll(async () => {
  if (before === undefined) delete process.env.SPARSE_TRAIN_DATA;
  else process.env.SPARSE_TRAIN_DATA = before;
  await rm(folder, { recursive: true });
});

function labelsOf({ targets }: Dataset): number[] {
  return targets.kind === 'classes' ? [...targets.labels] : [];
}

describe('the catalog', () => {
  it('has a checksum and an encrypted first mirror for every file, and names that are safe in a path', () => {
    for (const { info, folder: own, files, needs } of CATALOG) {
      for (const name of [own, ...needs, ...files.map((file) => file.name)])
        expect(name).toMatch(/^[\w][\w.-]*$/);
      for (const { sum, mirrors, members = [] } of files) {
        expect(sum?.sha256).toMatch(/^[0-9a-f]{64}$/);
        expect(mirrors[0]).toMatch(/^https:/);
        for (const { name } of members) expect(name).toMatch(/^[\w][\w.-]*$/);
      }
      expect(files.length > 0).toBe(info.origin !== 'generated');
      const made = files.flatMap((file) => file.members?.map(({ name }) => name) ?? [file.name]);
      expect(made).toEqual(expect.arrayContaining([...needs]));
    }
  });

  it('says where data sets are', async () => {
    const statuses = new Map((await datasetStatuses()).map((status) => [status.name, status]));
    expect(statuses.get('mnist')).toMatchObject({
      isHere: true,
      place: { kind: 'package' },
      verified: 'each time',
    });
    expect(statuses.get('morse')).toMatchObject({ isHere: true, place: undefined });
    expect(statuses.get('kmnist')).toMatchObject({ isHere: false, place: undefined, verified: undefined });
  });

  it('says of a set that is not here how to get it, and where to place it by hand', async () => {
    const parts = ['kmnist', 'sparse-train datasets get kmnist', join(cacheFolder(), 'kmnist'), '22 MB'];
    await expectRefusal('FILE_NOT_FOUND', parts, () => loadDataset('kmnist'));
    await expectRefusal('INVALID_OPTION', ['directory'], () => loadDataset('morse', { directory: '.' }));
  });

  it('does not load other files under the names of a set', async () => {
    const cached = join(cacheFolder(), 'kmnist');
    await mkdir(cached, { recursive: true });
    const kmnist = CATALOG.find(({ info }) => info.name === 'kmnist');
    for (const name of kmnist?.needs ?? []) await writeFile(join(cached, name), gzipSync('not the file'));
    await expectRefusal('INVALID_FILE', ['SHA-256'], () => loadDataset('kmnist'));
    await expectRefusal('INVALID_FILE', ['SHA-256'], () => loadDataset('kmnist', { directory: cached }));
    await expectRefusal('FILE_NOT_FOUND', ['train-images'], () =>
      loadDataset('kmnist', { directory: folder }),
    );
    await rm(cached, { recursive: true });
  });

  it("finds Debian's Fashion-MNIST where it is installed", async ({ skip }) => {
    if (!existsSync('/usr/share/datasets/fashion-mnist')) skip('dataset-fashion-mnist is not installed');
    const { train, test } = await loadDataset('fashion-mnist');
    expect([train.rows, test.rows, train.features, train.outputs]).toEqual([60_000, 10_000, 784, 10]);
    expect([...test.classCounts()]).toEqual(new Array(10).fill(1000));
    expect(labelsOf(train).slice(0, 4)).toEqual([9, 0, 0, 3]);
  });
});

describe('a set of IDX files', () => {
  const idx = (shape: number[], data: number[]) => {
    const header = Buffer.alloc(4 + 4 * shape.length);
    header.set([0, 0, 8, shape.length]);
    shape.forEach((size, i) => {
      header.writeUInt32BE(size, 4 + 4 * i);
    });
    return gzipSync(Buffer.concat([header, Uint8Array.from(data)]));
  };
  const names = { trainImages: 'a.gz', trainLabels: 'b.gz', testImages: 'c.gz', testLabels: 'd.gz' };
  const write = async (images: Buffer, labels: Buffer) => {
    for (const name of ['a.gz', 'c.gz']) await writeFile(join(folder, name), images);
    for (const name of ['b.gz', 'd.gz']) await writeFile(join(folder, name), labels);
  };
  const options = { title: 'it', names, classes: ['x', 'y'], advice: () => 'get it again' };

  it('is turned upright, and its labels counted from 0', async () => {
    await write(idx([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]), idx([2], [2, 1]));
    const { train } = await loadIdxSet(folder, { ...options, transposed: true, firstLabel: 1 });
    expect([...train.inputs.data]).toEqual([1, 3, 2, 4, 5, 7, 6, 8]);
    expect(labelsOf(train)).toEqual([1, 0]);
  });

  it('is refused where labels are out of range, or images are none', async () => {
    await write(idx([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]), idx([2], [2, 0]));
    await expectRefusal('INVALID_DATA', ['labels'], () => loadIdxSet(folder, options));
    await write(idx([2, 2, 1], [1, 2, 3, 4]), idx([2], [0, 1]));
    await expectRefusal('INVALID_FILE', ['not square images'], () =>
      loadIdxSet(folder, { ...options, transposed: true }),
    );
  });
});

describe('tables of numbers', () => {
  it('are read, a part for testing set aside', async () => {
    const rows = Array.from({ length: 70 }, (_, i) => `${i},${i / 2},${(i % 7) + 1}`);
    await writeFile(join(folder, 'covtype.data.gz'), gzipSync(rows.join('\n')));
    const { train, test } = await loadCovertype(folder);
    expect([train.rows, test.rows, train.features]).toEqual([63, 7, 2]);
    expect([...test.classCounts()]).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(train.targets).toMatchObject({ classes: ['1', '2', '3', '4', '5', '6', '7'] });
  });

  it('too large to be inflated are read in parts', async () => {
    const number = (x: number) => Math.fround(x).toExponential(18);
    const rows = Array.from({ length: 3000 }, (_, i) => `${number(i % 2)},${number(i / 7)},${number(-i)}`);
    await writeFile(join(folder, 'HIGGS.csv.gz'), gzipSync(`${rows.join('\n')}\n`));
    const { train, test } = await loadHiggs(folder, { train: 2900, test: 100 }, 2);
    expect([train.rows, test.rows, train.inputs.data.constructor]).toEqual([2900, 100, Float32Array]);
    expect([...test.inputs.row(99)]).toEqual([Math.fround(2999 / 7), -2999]);
    expect(labelsOf(test).slice(0, 3)).toEqual([0, 1, 0]);
    const refuse = (train: number, features: number, part: string) =>
      expectRefusal('INVALID_FILE', ['HIGGS.csv.gz', part], () =>
        loadHiggs(folder, { train, test: 100 }, features),
      );
    await refuse(3000, 2, 'it has 3000 rows');
    await refuse(2800, 2, 'not 2900 rows');
    await refuse(2900, 3, 'not 3000 rows of 3 numbers');
  });
});

describe('CIFAR archives', () => {
  const pixels = 3072;
  const layout: CifarLayout = {
    archive: 'small.tar.gz',
    train: ['set/one.bin', 'set/two.bin'],
    test: 'set/test.bin',
    rowsPerFile: { train: 1, test: 2 },
    labelBytes: 2,
    classes: ['x', 'y'],
  };
  const image = (label: number, first: number) => {
    const bytes = new Uint8Array(2 + pixels);
    bytes.set([77, label]);
    for (const plane of [0, 1, 2]) bytes[2 + 1024 * plane] = first + plane;
    bytes[2 + pixels - 1] = 200;
    return bytes;
  };
  const good: [string, Uint8Array][] = [
    ['set/readme.html', Buffer.from('not used')],
    ['set/one.bin', image(1, 10)],
    ['set/two.bin', image(0, 20)],
    ['set/test.bin', Buffer.concat([image(1, 30), image(1, 40)])],
  ];
  const write = (files: [string, Uint8Array][]) => writeFile(join(folder, 'small.tar.gz'), tarGz(files));
  const replace = (name: string, bytes: Uint8Array) =>
    good.map(([known, contents]): [string, Uint8Array] => [known, known === name ? bytes : contents]);

  it('become pictures whose pixels have their three colours side by side', async () => {
    await write(good);
    const { train, test } = await loadCifar(folder, layout);
    expect([train.rows, test.rows, train.imageShape]).toEqual([2, 2, { height: 32, width: 32, channels: 3 }]);
    expect([...train.inputs.row(0).subarray(0, 4)]).toEqual([10, 11, 12, 0]);
    expect([...train.inputs.row(1).subarray(0, 4)]).toEqual([20, 21, 22, 0]);
    expect([...train.inputs.row(0).subarray(-3)]).toEqual([0, 0, 200]);
    expect([labelsOf(train), labelsOf(test)]).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  it('are refused where something is missing, of another size, or out of range', async () => {
    const refuse = async (files: [string, Uint8Array][], why: string) => {
      await write(files);
      await expectRefusal('INVALID_FILE', ['small.tar.gz', why], () => loadCifar(folder, layout));
    };
    await refuse(good.slice(0, 3), 'there is no set/test.bin');
    await refuse(replace('set/one.bin', new Uint8Array(5)), 'has 5 bytes, but must have 3074');
    await refuse(replace('set/one.bin', image(2, 0)), 'class 2');
  });

  it('are refused where they are damaged or not there', async () => {
    const bytes = tarGz(good);
    const file = join(folder, 'broken.tar.gz');
    const wanted = new Map([['set/test.bin', 6148]]);
    const refuse = async (contents: Uint8Array, why: string) => {
      await writeFile(file, contents);
      await expectRefusal('INVALID_FILE', ['broken.tar.gz', why], () => readTarGz(file, wanted));
    };
    await refuse(bytes.subarray(0, 60), 'cut off');
    await refuse(Buffer.from('no gzip at all'), 'damaged');
    await refuse(gzipSync(Buffer.alloc(2048, 1)), 'not a tar archive');
    await refuse(gzipSync(Buffer.alloc(2048)), 'there is no');
    await expectRefusal('FILE_NOT_FOUND', ['absent'], () => readTarGz(join(folder, 'absent.tar.gz'), wanted));
  });
});
