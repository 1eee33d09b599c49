import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseNpy } from '../../lib/formats/numpy/parse-npy.js';
import { npyOfArray } from '../../lib/formats/numpy/write-npy.js';
import { ROOT, runHere, workFolder } from './run.js';

const folder = workFolder();
const at = (name: string) => join(folder(), name);
const PARQUET = join(ROOT, 'test', 'datasets', 'files', 'plain.parquet');

/** A row of `wide` more than `high` is "flat". */
const ROWS = Array.from({ length: 60 }, (_, i) => [(i * 7) % 13, (i * 5) % 11] as const);
const shape = ([wide, high]: readonly [number, number]) => (wide > high ? 'flat' : 'tall');

const csv = (head: string, order: (row: (typeof ROWS)[number]) => readonly unknown[]) =>
  `${[head, ...ROWS.map((row) => order(row).join(','))].filter((line) => line !== '').join('\n')}\n`;
const labelled = (row: (typeof ROWS)[number]) => [...row, shape(row)];

/** The same rows as JSON lines, with these names. */
const json = (wide: string, high: string, label: string) =>
  ROWS.map((row) => JSON.stringify({ [high]: row[1], [wide]: row[0], [label]: shape(row) })).join('\n');

/** A .npy file of rows x columns. */
function npy(rows: readonly (readonly number[])[]): Uint8Array {
  const text = Buffer.from(npyOfArray(Float64Array.from(rows.flat()))).toString('latin1');
  const [length, columns] = [rows.length, (rows[0] as readonly number[]).length];
  // One space is removed, so that the header keeps its length.
  const shaped = text.replace(`(${length * columns},), } `, `(${length},${columns}), }`);
  return Buffer.from(shaped, 'latin1');
}

beforeAll(async () => {
  await writeFile(at('shapes.csv'), csv('wide,high,shape', labelled));
  await writeFile(at('nameless.csv'), csv('', labelled));
  for (const name of ['shapes', 'nameless']) {
    const words = ['train', '--data', at(`${name}.csv`), '--epochs', '30', '--quiet', '--layers', '16'];
    const { status } = await runHere([...words, '--out', at(`${name}.safetensors`)]);
    expect(status).toBe(0);
  }
});

async function decisions(words: readonly string[], input?: string) {
  const { status, stdout, stderr } = await runHere(['predict', ...words], input);
  return { status, stderr, classes: [...stdout.matchAll(/"class":"(\w+)"/g)].map(([, name]) => name) };
}

describe('names of columns that are not the model’s', () => {
  it.each([
    ['in other case', 'WIDE,HIGH', '"wide" (nor "high")', 'is it "WIDE"?'],
    ['misspelt', 'wide,hihg', '"high"', 'is it "hihg"?'],
    ['of something else', 'x,y', '"wide" (nor "high")', 'there are x, y'],
    ['one of them alone', 'wide,depth', '"high"', 'there are wide, depth'],
  ])('%s are refused by predict before any row is decided', async (_, head, ...says) => {
    const { status, stdout, stderr } = await runHere(
      ['predict', at('shapes.safetensors')],
      `${head}\n9,1\n1,9\n`,
    );
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    for (const part of ['standard input: line 1: there is no column', ...says])
      expect(stderr).toContain(part);
  });

  it('are refused by evaluate, by --test and by report, in CSV and JSON lines', async () => {
    await writeFile(at('other.csv'), csv('Wide,high,shape', labelled));
    await writeFile(at('other.ndjson'), json('Wide', 'high', 'shape'));
    for (const file of ['other.csv', 'other.ndjson']) {
      const model = at('shapes.safetensors');
      for (const words of [
        ['evaluate', model, '--data', at(file)],
        ['train', '--data', at('shapes.csv'), '--test', at(file), '--out', at('x.safetensors')],
        ['report', model, '--data', at(file), '--out', at('x.html')],
      ]) {
        const { status, stdout, stderr } = await runHere(words);
        expect({ words, status, stdout }).toEqual({ words, status: 1, stdout: '' });
        expect(stderr).toContain(`${file}: line 1: there is no column "wide"`);
        expect(stderr).toContain('is it "Wide"?');
      }
    }
  });

  it('are refused in Parquet', async () => {
    const { status, stderr } = await runHere(['predict', at('shapes.safetensors'), PARQUET]);
    expect(status).toBe(1);
    expect(stderr).toContain('plain.parquet: there is no column "wide" (nor "high")');
    expect(stderr).toContain('there are x, small, count, constant, colour, label\n');
  });

  it('are refused in rows of JSON, one by one', async () => {
    const rows = '{"wide":9,"high":1}\n{"Wide":9,"high":1}\n';
    const { status, stdout } = await runHere(['predict', at('shapes.safetensors')], rows);
    expect(status).toBe(1);
    expect(stdout).toContain('{"line":1,"class":"flat"');
    expect(stdout).toContain('\\"wide\\" is not in the row; is it \\"Wide\\"?');
  });

  it('are named for the label too', async () => {
    await writeFile(at('label.csv'), csv('wide,high,Shape', labelled));
    const { status, stderr } = await runHere([
      'evaluate',
      at('shapes.safetensors'),
      '--data',
      at('label.csv'),
    ]);
    expect(status).toBe(1);
    expect(stderr).toContain('lacks the labels, the column "shape", which this needs; is it "Shape"?');
  });
});

describe('columns in another order', () => {
  const swapped = (row: (typeof ROWS)[number]) => [shape(row), row[1], row[0]];

  it('are found by name in CSV and JSON lines', async () => {
    await writeFile(at('swapped.csv'), csv('shape,high,wide', swapped));
    await writeFile(at('swapped.ndjson'), json('wide', 'high', 'shape'));
    const model = at('shapes.safetensors');
    const expected = await decisions([model, at('shapes.csv')]);
    expect(new Set(expected.classes)).toEqual(new Set(['flat', 'tall']));
    expect(await decisions([model, at('swapped.csv')])).toEqual(expected);
    expect(await decisions([model, at('swapped.ndjson')])).toEqual(expected);
    const said = await Promise.all(
      ['shapes.csv', 'swapped.csv', 'swapped.ndjson'].map(async (file) => {
        const { stdout } = await runHere(['evaluate', model, '--data', at(file), '--json']);
        return (JSON.parse(stdout) as { accuracy: number }).accuracy;
      }),
    );
    expect(new Set(said).size).toBe(1);
  });

  it('leave out others with a remark', async () => {
    const { status, stderr, classes } = await decisions(
      [at('shapes.safetensors')],
      'id,high,wide,note\n1,1,9,x\n2,9,1,y\n',
    );
    expect({ status, classes }).toEqual({ status: 0, classes: ['flat', 'tall'] });
    expect(stderr).toBe(
      'standard input: the model was trained without the columns "id", "note", so they are not used\n',
    );
  });
});

describe('where only one of model and data has names', () => {
  it('columns are taken by their places, and that is said', async () => {
    const named = await decisions([at('nameless.safetensors')], 'high,wide\n9,1\n');
    expect(named).toEqual({
      status: 0,
      stderr: 'standard input: the model knows no names of columns, so they are taken by their places\n',
      classes: ['flat'],
    });
    const nameless = await decisions([at('shapes.safetensors')], '9,1\n');
    expect(nameless).toEqual({
      status: 0,
      stderr: 'standard input has no names of columns, so they are taken by their places: wide, high\n',
      classes: ['flat'],
    });
    // A user who says that there is no header must be right about it.
    expect((await decisions([at('shapes.safetensors'), '--header', 'no'], '9,1\n')).stderr).toBe('');
    expect((await decisions([at('nameless.safetensors')], '9,1\n')).stderr).toBe('');
  });

  it('the same holds for arrays of NumPy', async () => {
    const bytes = npy(ROWS.slice(0, 3).map((row) => [...row]));
    expect(parseNpy(bytes, 'x')).toMatchObject({ shape: [3, 2] });
    await writeFile(at('rows.npy'), bytes);
    const { stderr, classes } = await decisions([at('shapes.safetensors'), at('rows.npy')]);
    expect(stderr).toBe('rows.npy has no names of columns, so they are taken by their places: wide, high\n');
    const fromText = await decisions([at('shapes.safetensors'), at('shapes.csv')]);
    expect(classes).toEqual(fromText.classes.slice(0, 3));
  });
});

describe('a first line in which every input is missing', () => {
  it.each([
    ['wide as the label', 'NA,,wide', 'there is no column "high"'],
    ['a near miss as the label', 'NA,,WIDE', 'is it "WIDE"?'],
  ])('is a header if a name stands in it: %s', async (_, head, says) => {
    const { stderr, classes } = await decisions([at('shapes.safetensors')], `${head}\n9,1,flat\n`);
    expect(classes).toEqual([]);
    expect(stderr).toContain(says);
  });

  it('is a row if there is nothing else, or a class', async () => {
    for (const head of ['NA,,', 'NA,,tall'])
      expect((await decisions([at('shapes.safetensors')], `${head}\n9,1,flat\n`)).classes).toHaveLength(2);
  });
});
