/** Several columns to predict, numbers and classes, that one network learns together. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import { Network, readTable, streamTable } from '../../lib/index.js';
import { expectRefusal } from '../datasets/refusal.js';
import { expectMistake, runHere, workFolder } from './run.js';

const cwd = workFolder();
const at = (name: string) => join(cwd(), name);

/** Two inputs; their sum, their difference, whether the sum is large, and which of three ranges the first is in. */
const ROWS = Array.from({ length: 300 }, (_, i) => {
  const [a, b] = [((i * 37) % 100) / 10, ((i * 61) % 97) / 10] as [number, number];
  const size = a + b > 9.5 ? 'large' : 'small';
  return {
    a,
    b,
    sum: 0.5 + a + b,
    difference: a - b + 0.25,
    size,
    range: a < 3 ? 'low' : a < 7 ? 'middle' : 'high',
  };
});
const NAMES = ['a', 'b', 'sum', 'difference', 'size', 'range'] as const;
const csv = [NAMES.join(), ...ROWS.map((row) => NAMES.map((name) => row[name]).join())].join('\n');

beforeAll(() => writeFile(at('rows.csv'), csv));

async function train(label: string, ignore: string, ...more: string[]) {
  const words = [
    'train',
    '--data',
    at('rows.csv'),
    '--label',
    label,
    '--ignore',
    ignore,
    '--epochs',
    '30',
    ...more,
  ];
  const { status, stdout, stderr } = await runHere([
    ...words,
    '--out',
    at(`${label}.safetensors`),
    '--json',
    '--quiet',
  ]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

async function predict(label: string): Promise<{ values: Record<string, string | number> }[]> {
  const { stdout, status } = await runHere(['predict', at(`${label}.safetensors`), at('rows.csv')]);
  expect(status).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const share = (hits: readonly boolean[]) => hits.filter(Boolean).length / hits.length;

describe('several labels', () => {
  it('may be numbers, one output for each', async () => {
    const { output, layers, validation } = await train('sum,difference', 'size,range');
    expect([output, layers.at(-1)]).toEqual(['linear', 2]);
    expect(validation.r2).toBeGreaterThan(0.95);
    const found = await predict('sum,difference');
    const errors = found.map(({ values }, i) =>
      Math.abs(Number(values.difference) - (ROWS[i]?.difference ?? 0)),
    );
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.5);
    const { stdout } = await runHere([
      'evaluate',
      at('sum,difference.safetensors'),
      '--data',
      at('rows.csv'),
    ]);
    expect(stdout).toMatch(/difference +0\.\d+/);
  });

  it('may be classes, one output for each of their values', async () => {
    const { output, layers } = await train('size,range', 'sum,difference');
    expect([output, layers.at(-1)]).toEqual(['sigmoid', 5]);
    const { stdout } = await runHere([
      'evaluate',
      at('size,range.safetensors'),
      '--data',
      at('rows.csv'),
      '--json',
    ]);
    const found = await predict('size,range');
    expect(share(found.map(({ values }, i) => values.size === ROWS[i]?.size))).toBeGreaterThan(0.9);
    expect(share(found.map(({ values }, i) => values.range === ROWS[i]?.range))).toBeGreaterThan(0.9);
    expect(JSON.parse(stdout).columns).toEqual(
      (['size', 'range'] as const).map((name) => ({
        name,
        accuracy: share(found.map(({ values }, i) => values[name] === ROWS[i]?.[name])),
      })),
    );
  });

  it('may be both', async () => {
    const { output, layers, validation } = await train('sum,range', 'difference,size');
    expect([output, layers.at(-1)]).toEqual(['linear', 4]);
    expect(validation.columns).toEqual([{ name: 'range', accuracy: expect.any(Number) }]);
    expect(validation.columns[0].accuracy).toBeGreaterThan(0.8);
    const found = await predict('sum,range');
    expect(Object.keys(found[0]?.values ?? {})).toEqual(['sum', 'range']);
    expect(share(found.map(({ values }, i) => values.range === ROWS[i]?.range))).toBeGreaterThan(0.85);
    const errors = found.map(({ values }, i) => Math.abs(Number(values.sum) - (ROWS[i]?.sum ?? 0)));
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.7);
  });

  it('are found by their names in later data, all of them or none', async () => {
    const words = ['evaluate', at('sum,difference.safetensors'), '--data', at('fewer.csv')];
    await writeFile(at('fewer.csv'), 'b,a,sum\n1,2,3.5\n');
    await expectMistake(words, { status: 1, code: 'INVALID_DATA', says: ['"difference"'] });
    const { stdout } = await runHere(['predict', at('sum,difference.safetensors'), at('fewer.csv')]);
    expect(JSON.parse(stdout)).toMatchObject({ line: 2, values: { sum: expect.any(Number) } });
  });

  it('give the same targets as objects and as a stream', async () => {
    const options = { label: ['range', 'sum'], ignore: ['difference', 'size'] };
    const table = await readTable(ROWS, options);
    expect(table.train.targets).toMatchObject({
      kind: 'values',
      names: ['sum', 'range=high', 'range=low', 'range=middle'],
    });
    const { data } = table.train.targets as { data: Float64Array };
    expect([...data.slice(0, 8)]).toEqual([0.5, 0, 1, 0, ROWS[1]?.sum as number, 0, 0, 1]);
    const stream = await streamTable(Readable.from([Buffer.from(csv)]), options);
    expect(stream.sample.targets).toEqual(table.train.targets);
    let row = 0;
    for await (const { target } of stream.examples())
      expect([...(target as Float64Array)]).toEqual([...data.slice(4 * row, 4 * ++row)]);
    expect(row).toBe(ROWS.length);
    using network = new Network({ layers: [2, 8, 4], density: 1, output: 'linear' });
    await network.fit(await streamTable(Readable.from([Buffer.from(csv)]), options));
    expect(network.predict({ a: 1, b: 2 })).toHaveLength(4);
  });

  it('must be different columns, and a name with a comma is one', async () => {
    await expectRefusal('INVALID_OPTION', ['label', '"sum"', 'twice'], () =>
      readTable(ROWS, { label: ['sum', 'sum'] }),
    );
    await expectRefusal('INVALID_OPTION', ['label', 'differences'], () =>
      readTable(ROWS, { label: ['sum', 'differences'] }),
    );
    const commas = await readTable(
      [
        { a: 1, 'x,y': 'p' },
        { a: 2, 'x,y': 'q' },
      ],
      { label: ['x', 'y'] },
    );
    expect(commas.train.targets).toMatchObject({ kind: 'classes', classes: ['p', 'q'] });
  });
});
