import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { csvRowEncoder, loadDataset, Network, readTable, streamTable } from '../../lib/index.js';
import { readRows } from '../../lib/public/data.js';

const folder = mkdtempSync(join(tmpdir(), 'sparse-train-tables-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const ROWS = Array.from({ length: 40 }, (_, i) => `${i % 7},${i % 3},${i % 2 === 0 ? 'red' : 'blue'}`);
const CSV = `width,height,colour\n${ROWS.join('\n')}\n`;
writeFileSync(at('things.csv'), CSV);

function idx(shape: readonly number[], bytes: readonly number[]): Uint8Array {
  const header = [0, 0, 8, shape.length, ...shape.flatMap((n) => [0, 0, 0, n])];
  return Uint8Array.from([...header, ...bytes]);
}

describe('fit() on a table', () => {
  it('takes schema and classes from it, so that a saved model reads named rows', async () => {
    const table = await readTable(at('things.csv'), { label: 'colour' });
    expect(table).toMatchObject({ test: undefined, skipped: 0 });
    const network = new Network({ layers: [2, 8, 2], seed: 3 });
    await network.fit(table, { epochs: 2 });
    await network.save(at('things.safetensors'));
    const loaded = await Network.load(at('things.safetensors'));
    expect(loaded.schema).toEqual(table.schema);
    expect(loaded.classes).toEqual(table.train.targets.kind === 'classes' && table.train.targets.classes);
    const encode = csvRowEncoder(loaded.schema as NonNullable<typeof loaded.schema>);
    expect(loaded.predict(encode({ width: 3, height: 1 }))).toEqual(
      network.predict(table.train.inputs.row(table.train.inputs.rows > 10 ? 10 : 0)),
    );
  });

  it('trains exactly as fit() on its dataset does', async () => {
    const table = await readTable(at('things.csv'), { label: 'colour' });
    const [one, other] = [1, 2].map(() => new Network({ layers: [2, 8, 2], seed: 3 })) as [Network, Network];
    await one.fit(table);
    await other.fit(table.train);
    expect(one.digest()).toBe(other.digest());
    expect(other.schema).toBeUndefined();
  });

  it('leaves the schema alone when the table does not fit the network', async () => {
    const table = await readTable(at('things.csv'), { label: 'colour' });
    const network = new Network({ layers: [5, 4, 2] });
    await expect(network.fit(table)).rejects.toThrow(expect.objectContaining({ code: 'INVALID_DATA' }));
    expect(network.schema).toBeUndefined();
  });

  it('knows the classes of a table that is read in parts', async () => {
    const network = new Network({ layers: [2, 8, 2], seed: 3 });
    const run = await network.fit(await streamTable(at('things.csv'), { label: 'colour' }));
    expect(run.examples).toBe(40);
    expect(network.classes).toEqual(['blue', 'red']);
    expect(network.schema).toBeDefined();
  });
});

describe('readTable()', () => {
  it.each([
    ['a yes or no', 'sigmoid', 'colour', ['red']],
    ['a number', 'linear', 'height', ['height']],
  ] as const)(
    'names %s that is read in parts as it does in a whole table',
    async (_, output, label, names) => {
      const options =
        output === 'linear' ? ({ label, task: 'regress', ignore: ['colour'] } as const) : { label };
      const layers = [output === 'linear' ? 1 : 2, 8, 1];
      const [parts, whole] = [1, 2].map(() => new Network({ layers, output, seed: 3 })) as [Network, Network];
      await parts.fit(await streamTable(at('things.csv'), options));
      await whole.fit(await readTable(at('things.csv'), options), { epochs: 1 });
      expect([parts.classes, whole.classes]).toEqual([names, names]);
      expect(parts.schema).toEqual(whole.schema);
    },
  );

  it('reads a stream as it reads the file of the same bytes', async () => {
    const fromFile = await readTable(at('things.csv'), { label: 'colour' });
    const pieces = [CSV.slice(0, 17), CSV.slice(17)].map((piece) => Buffer.from(piece));
    expect(await readTable(Readable.from(pieces), { label: 'colour' })).toEqual(fromFile);
  });

  it('gives a pair of IDX files and a named data set the same shape', async () => {
    writeFileSync(at('images'), idx([3, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]));
    writeFileSync(at('labels'), idx([3], [0, 1, 1]));
    const pair = await readTable(at('images'), { labels: at('labels') });
    expect(Object.keys(pair).sort()).toEqual(['remarks', 'schema', 'skipped', 'test', 'train']);
    expect(pair.train).toMatchObject({ rows: 3, features: 4 });
    expect(pair.train.targets).toMatchObject({ labels: Int32Array.of(0, 1, 1) });
    const named = await loadDataset('morse');
    expect(Object.keys(named).sort()).toEqual(Object.keys(pair).sort());
  });

  it('refuses options that have no meaning for the data, by name', async () => {
    writeFileSync(at('images'), idx([1, 2], [0, 1]));
    writeFileSync(at('labels'), idx([1], [0]));
    const refused = (message: string) =>
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) });
    await expect(readTable(at('images'), { labels: at('labels'), label: 'colour' })).rejects.toThrow(
      refused('label is about columns'),
    );
    await expect(readTable(at('images'), { labels: at('labels'), format: 'csv' })).rejects.toThrow(
      refused('format has no meaning with labels'),
    );
    await expect(readTable(Readable.from([]), { labels: at('labels') })).rejects.toThrow(
      refused('path must be'),
    );
    await expect(readTable(7 as unknown as string)).rejects.toThrow(refused('path must be'));
  });
});

describe('a network that knows the names of its columns', () => {
  const swapped = `height,width,colour\n${ROWS.map((row) => row.replace(/^(\d+),(\d+)/, '$2,$1')).join('\n')}\n`;
  writeFileSync(at('swapped.csv'), swapped);

  it('does not learn from, or is measured on, the same columns in another order', async () => {
    const network = new Network({ layers: [2, 8, 2], seed: 3 });
    const table = await readTable(at('things.csv'), { label: 'colour' });
    await network.fit(table);
    const before = network.digest();
    const other = await readTable(at('swapped.csv'), { label: 'colour' });
    const refusal = expect.objectContaining({
      code: 'INVALID_DATA',
      message: expect.stringMatching(/input 1 of the network is "width", but of the data "height".*readRows/),
    });
    await expect(network.fit(other)).rejects.toThrow(refusal);
    await expect(network.fit(table, { validation: other.train })).rejects.toThrow(refusal);
    await expect(network.evaluate(other.train)).rejects.toThrow(refusal);
    expect(network.schema).toEqual(table.schema);
    expect(network.digest()).toBe(before);
    const { dataset } = await readRows(at('swapped.csv'), table.schema);
    expect(await network.evaluate(dataset as NonNullable<typeof dataset>)).toEqual(
      await network.evaluate(table.train),
    );
  });

  it('does not resume a training on columns that are named otherwise', async () => {
    writeFileSync(at('renamed.csv'), CSV.replace('width', 'Width'));
    const file = at('run.checkpoint');
    const train = async (data: string, resume: boolean) => {
      const network = new Network({ layers: [2, 8, 2], seed: 3 });
      const controller = new AbortController();
      const onEpoch = () => controller.abort();
      const table = await readTable(at(data), { label: 'colour' });
      return network.fit(table, {
        epochs: 3,
        checkpoint: { file, resume },
        ...(resume ? {} : { signal: controller.signal, onEpoch }),
      });
    };
    expect((await train('things.csv', false)).stopped).toBe('aborted');
    await expect(train('renamed.csv', true)).rejects.toThrow(
      expect.objectContaining({
        code: 'INVALID_DATA',
        message: expect.stringContaining('(input 1 was "width" and is "Width")'),
      }),
    );
    expect((await train('things.csv', true)).epochs).toHaveLength(3);
  });
});
