/** Tables as they come: gaps, other categories, ids, texts and dates, in files of every text format and as objects. */
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { applySchema, parseCsv } from '../../lib/formats/csv/read.js';
import { CsrMatrix, csvRowEncoder, type InputMatrix, readTable } from '../../lib/index.js';
import { fullRow, numbersOf } from './full-rows.js';

const ROWS = Array.from({ length: 300 }, (_, i) => ({
  money: i % 11 === 3 ? null : Math.round(Math.exp(((i * 37) % 100) / 12) * 100) / 100,
  city: i % 13 === 5 ? null : (['Rome', 'Oslo', 'Lima'][i % 3] as string),
  when: new Date(Date.UTC(2023, i % 12, 1 + (i % 28), i % 24)).toISOString(),
  label: i % 2 ? 'yes' : 'no',
}));
const NAMES = ['money', 'city', 'when', 'label'] as const;
const csvOf = (rows: typeof ROWS) =>
  [NAMES.join(), ...rows.map((row) => NAMES.map((name) => row[name] ?? '').join())].join('\n');
const bits = (inputs: InputMatrix) => {
  const { data } = inputs instanceof CsrMatrix ? inputs.toMatrix() : inputs;
  return Array.from(data);
};

describe('the same rows', () => {
  it('give the same schema and the same bits from CSV, JSON lines and objects', async () => {
    const { dataset, schema } = parseCsv(csvOf(ROWS));
    const lines = Readable.from([Buffer.from(ROWS.map((row) => JSON.stringify(row)).join('\n'))]);
    const json = await readTable(lines, { label: 'label', format: 'ndjson' });
    expect(json.schema?.columns).toEqual(schema.columns);
    expect(bits(json.train.inputs)).toEqual(bits(dataset.inputs));
    const encode = csvRowEncoder(schema);
    const objects = ROWS.flatMap(({ label: _, ...row }) => Array.from(fullRow(encode(row)), Math.fround));
    expect(objects).toEqual(bits(dataset.inputs).map(Math.fround));
    expect(bits(applySchema(csvOf(ROWS), schema).inputs).map(Math.fround)).toEqual(objects);
  });

  it('give the same columns in another order', () => {
    const { columns } = parseCsv(csvOf(ROWS)).schema;
    expect(parseCsv(csvOf([...ROWS].reverse())).schema.columns).toEqual(columns);
  });
});

describe('gaps', () => {
  it('become the median with an indicator, and a level of their own', () => {
    const { dataset, remarks } = parseCsv('a,c,y\n1,p,0\n,q,1\n5,,0\n3,p,1');
    expect(dataset.featureNames).toEqual(['a', 'a missing', 'c=p', 'c=q', 'c missing']);
    expect([...numbersOf(dataset)].slice(5, 15)).toEqual([3, 1, 0, 1, 0, 5, 0, 0, 0, 1]);
    expect(String(remarks)).toContain('missing values were filled in (a 1, c 1)');
  });

  it('leave out rows without a label', () => {
    expect(parseCsv('a,y\n1,p\n2,\n3,q')).toMatchObject({ skipped: 1, dataset: { rows: 2 } });
  });

  it('are zeros where a category is not known, and counted', () => {
    const { schema } = parseCsv('c,y\np,0\nq,1');
    const { inputs, remarks } = applySchema('c\np\nz\nz', schema);
    expect(bits(inputs)).toEqual([1, 0, 0, 0, 0, 0]);
    expect(String(remarks)).toContain('(c 2)');
    expect(applySchema('c\np\nz', schema, { onUnknown: 'skip' }).skipped).toBe(1);
  });
});

describe('many levels', () => {
  const ids = Array.from({ length: 1500 }, (_, i) => `u${i}`);
  const text = (rows: readonly string[]) => ['user,y', ...rows.map((id, i) => `${id},${i % 2}`)].join('\n');

  it('are hashed to sparse rows, one entry for each, the same one in every row and in predictions', () => {
    const { dataset, schema } = parseCsv(text([...ids, ...ids]));
    const inputs = dataset.inputs as CsrMatrix;
    expect(inputs).toBeInstanceOf(CsrMatrix);
    expect([inputs.values.length, inputs.columns]).toEqual([3000, 4096]);
    expect(inputs.indices.slice(0, 1500)).toEqual(inputs.indices.slice(1500));
    expect(new Set(inputs.indices).size).toBeGreaterThan(1150);
    const encode = csvRowEncoder(schema);
    expect(encode({ user: 'u7' })).toEqual({
      indices: inputs.indices.slice(7, 8),
      values: Float64Array.of(1),
    });
  });

  it('have as many inputs as the options say', () => {
    expect(parseCsv(text([...ids, ...ids]), { hashBits: 6 }).dataset.features).toBe(64);
    expect(parseCsv(text([...ids, ...ids]), { maxCategories: 2000 }).dataset.features).toBe(1500);
  });
});

describe('kinds of columns', () => {
  const text = csvOf(ROWS);

  it('are found: money is bent, dates become the parts that vary', () => {
    const [money, city, when] = parseCsv(text).schema.columns;
    expect(money).toMatchObject({ kind: 'number', indicator: true });
    expect(city).toMatchObject({ kind: 'category', missing: true });
    expect(when).toMatchObject({ kind: 'date', unit: 'iso', parts: ['age', 'hour', 'weekday', 'month'] });
  });

  it('can be given', () => {
    const given = { when: 'ignore', city: 'text', money: 'category' } as const;
    const kinds = parseCsv(text, { column: given }).schema.columns.map(({ kind }) => kind);
    expect(kinds).toEqual(['category', 'text', 'ignored', 'class']);
  });
});
