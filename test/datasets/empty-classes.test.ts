/** Labels that skip numbers make classes without examples, and every format reports them. */
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
