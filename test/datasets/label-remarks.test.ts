/** Labels in a file of their own: what may surprise about them is said, and messages name the file. */
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { npyOfArray } from '../../lib/formats/numpy/write-npy.js';
import { readTable } from '../../lib/index.js';
import { runHere } from '../cli/run.js';
import { temporaryFolder } from './temporary-folder.js';

const write = temporaryFolder();
const idx = (shape: number[], bytes: readonly number[]) => {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  for (const [i, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return Buffer.concat([header, Buffer.from(bytes)]);
};
const six = [1, 2, 3, 1, 2, 3];

describe('a remark on labels that skip numbers', () => {
  it('is made for IDX, in programs and on the command line', async () => {
    const images = await write('images.idx', idx([6, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]));
    const labels = await write('labels.idx', idx([6], six));
    const { remarks } = await readTable(images, { labels });
    expect(remarks).toEqual([
      `${labels}: no label is 0 (they go from 1 to 3), but classes are counted from 0, so 1 of 4 classes has no example; ` +
        'number them without gaps, or give names',
    ]);
    const words = [
      'train',
      '--images',
      images,
      '--labels',
      labels,
      '--epochs',
      '1',
      '--no-save',
      '--validation',
      '0',
    ];
    expect((await runHere(words)).stderr).toContain(String(remarks[0]));
    const dense = await write('dense.idx', idx([6], [0, 1, 2, 0, 1, 2]));
    expect((await readTable(images, { labels: dense })).remarks).toEqual([]);
  });

  it('is made for NumPy arrays in a pair of files and in an archive', async () => {
    const flat = Buffer.from(npyOfArray(Float64Array.from({ length: 12 }, (_, i) => i))).toString('latin1');
    // As long as before, so that the header keeps its length.
    const x = Buffer.from(flat.replace('(12,), ', '(6,2), '), 'latin1');
    const y = npyOfArray(Int32Array.of(0, 2, 5, 0, 2, 5));
    const pair = await readTable(await write('x.npy', x), { labels: await write('y.npy', y) });
    const archive = await readTable(await write('xy.npz', zipSync({ 'x.npy': x, 'y.npy': y })));
    for (const { remarks } of [pair, archive])
      expect(remarks).toEqual([
        expect.stringMatching(/y.*: no label is 1 \(they go from 0 to 5\).*3 of 6 classes have no example/),
      ]);
  });
});

describe('labels of a single 1 among zeros', () => {
  const archive = async (y: number[], width: number) => {
    const shaped = (values: number[], columns: number) => {
      const flat = Buffer.from(npyOfArray(Float64Array.from(values))).toString('latin1');
      // As long as before, so that the header keeps its length.
      const shape = [`(${values.length},), } `, `(${values.length / columns},${columns}), }`] as const;
      return Buffer.from(flat.replace(...shape), 'latin1');
    };
    return write('hot.npz', zipSync({ 'x.npy': shaped([1, 2, 3, 4, 5, 6], 2), 'y.npy': shaped(y, width) }));
  };

  it('get a remark that they are taken for numbers', async () => {
    const { remarks, train } = await readTable(await archive([1, 0, 0, 0, 1, 0, 0, 0, 1], 3));
    expect(train.targets.kind).toBe('values');
    expect(remarks).toEqual([
      expect.stringMatching(/^hot\.npz: y: .*taken for 3 numbers to predict.*argmax/),
    ]);
    for (const other of [
      [1, 0, 0, 0, 1, 0, 0, 0.5, 0.5],
      [1, 0, 0, 0, 1, 1, 0, 0, 1],
    ])
      expect((await readTable(await archive(other, 3))).remarks).toEqual([]);
  });
});

describe('labels that cannot be used', () => {
  it('are named by their file or array', async () => {
    const x = npyOfArray(Float64Array.of(1, 2, 3));
    const shaped = Buffer.from(Buffer.from(x).toString('latin1').replace('(3,), } ', '(3,1), }'), 'latin1');
    const pair = (y: Int32Array) => zipSync({ 'x.npy': shaped, 'y.npy': npyOfArray(y) });
    const read = async (content: Uint8Array) => readTable(await write('some.npz', content));
    await expect(read(pair(Int32Array.of(0, -1, 1)))).rejects.toThrow('some.npz: y: labels: row 1 is -1');
    await expect(read(pair(Int32Array.of(0, 1)))).rejects.toThrow(
      'some.npz: x has 3 examples, but y has 2 labels',
    );
    await expect(read(zipSync({ 'x_train.npy': shaped, 'n.npy': shaped }))).rejects.toThrow(
      'some.npz has "x_train", but no "y_train"; it has the arrays x_train, n',
    );
    const images = await write('images.idx', idx([2, 2], [1, 2, 3, 4]));
    const header = Buffer.from([0, 0, 9, 1, 0, 0, 0, 2, 0, 255]);
    const labels = await write('labels.idx', header);
    await expect(readTable(images, { labels })).rejects.toThrow(`${labels}: labels: row 1 is -1`);
  });
});

describe('a file of LIBSVM', () => {
  it('is refused by name, unless the user says that it is a table', async () => {
    const file = await write('rows.svm', '1 1:0.5 3:2\n-1 2:1 3:0\n'.repeat(20));
    await expect(readTable(file)).rejects.toThrow('is a file of LIBSVM');
    expect((await readTable(file, { delimiter: ' ' })).train.rows).toBe(40);
    const times = await write('times.txt', '1 12:30 13:45\n2 09:00 10:15\n'.repeat(20));
    expect((await readTable(times)).train.rows).toBe(40);
  });
});
