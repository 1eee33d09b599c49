import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { jsonDecoder } from '../../lib/cli/prediction/row-decoder.js';
import { applySchema, parseCsv } from '../../lib/formats/csv/read.js';
import { NDJSON } from '../../lib/formats/ndjson.js';
import { peekedSource } from '../../lib/formats/source.js';
import {
  csvRowEncoder,
  Dataset,
  Network,
  type ReadTableOptions,
  readTable,
  streamTable,
  type Table,
} from '../../lib/index.js';
import { fullRow, numbersOf } from './full-rows.js';
import { expectRefusal } from './refusal.js';

const file = (name: string) => join(fileURLToPath(new URL('files', import.meta.url)), name);
const text = (lines: readonly string[]) => Readable.from([Buffer.from(lines.join('\n'))]);

/** Four ids, of which a double can hold only two or three. */
const IDS = [1, 2, 3, 4].map((i) => String(2n ** 53n + BigInt(i)));
const CODES = ['001', '01', '1', '1.0'];
const ROWS = Array.from({ length: 40 }, (_, i) => i % 4);
const csv = (values: readonly string[]) => text(['x,id', ...ROWS.map((i) => `${i},${values[i]}`)]);
const jsonLines = (values: readonly string[]) => text(ROWS.map((i) => `{"x":${i},"id":${values[i]}}`));

type Source = (values: readonly string[]) => readonly [from: Parameters<typeof readTable>[0], label: string];
const quotedAll = (values: readonly string[]) => values.map((value) => `"${value}"`);

/** Where ids and codes may occur; the label is the column of that name. */
const SOURCES: Readonly<Record<string, readonly [ids: Source, codes: Source | undefined]>> = {
  CSV: [(values) => [csv(values), 'id'], (values) => [csv(values), 'id']],
  'JSON lines': [(values) => [jsonLines(values), 'id'], (values) => [jsonLines(quotedAll(values)), 'id']],
  'JSON lines of texts': [(values) => [jsonLines(quotedAll(values)), 'id'], undefined],
  Parquet: [() => [file('ids.parquet'), 'id'], () => [file('ids.parquet'), 'code']],
  '.npy': [() => [file('ids.npy'), '2'], undefined],
};

function classesOf({ train: { targets } }: Table): readonly string[] {
  return targets.kind === 'classes' ? targets.classes : [targets.kind];
}

describe.each(Object.entries(SOURCES))('in %s', (_, [ids, codes]) => {
  it('whole numbers beyond 2^53 stay different as labels and as categories', async () => {
    const [from, label] = ids(IDS);
    expect(classesOf(await readTable(from, { label }))).toEqual(IDS);
    const [again, categorical] = ids(IDS);
    const options: ReadTableOptions = { label: 1, categorical };
    const { schema } = await readTable(again, options);
    const column = schema?.columns.find((each) => each.kind === 'category');
    expect(column).toMatchObject({ categories: { values: IDS, numeric: false } });
  });

  it.skipIf(codes === undefined)('texts with leading zeros or of mixed spelling stay different', async () => {
    const [from, label] = (codes as Source)(CODES);
    expect(classesOf(await readTable(from, { label }))).toEqual(CODES);
  });
});

describe('numbers that are spelled in more than one way', () => {
  const rows = Array.from(
    { length: 24 },
    (_, i) => [i, ['1', '1.0', '1e3', '1000'][i % 4] as string] as const,
  );
  const SPELLED: Readonly<Record<string, (values: readonly (readonly [number, string])[]) => Readable>> = {
    CSV: (values) => text(['x,id', ...values.map((row) => row.join(','))]),
    'JSON lines': (values) => text(values.map(([x, id]) => `{"x":${x},"id":${id}}`)),
    'lists in JSON lines': (values) => text(values.map(([x, id]) => `{"input":[${x}],"label":${id}}`)),
  };

  it.each(Object.entries(SPELLED))('are one class, with a remark: %s', async (name, source) => {
    const label = name.startsWith('lists') ? 'label' : 'id';
    const table = await readTable(source(rows), { label, task: 'classify' });
    expect(classesOf(table)).toEqual(['1', '1000']);
    const remark = `("${label}") spells a number in more than one way (1 and 1.0), which count as the same`;
    expect(table.remarks.map(String)).toContainEqual(expect.stringContaining(remark));
    expect((await streamTable(source(rows), { label, task: 'classify' })).remarks.map(String)).toEqual(
      table.remarks.map(String),
    );
  });

  it.each(Object.entries(SPELLED))('get no remark where each has one spelling: %s', async (name, source) => {
    const label = name.startsWith('lists') ? 'label' : 'id';
    const table = await readTable(source(rows.map(([x]) => [x, `${x % 2}.0`])), { label, task: 'classify' });
    expect(classesOf(table)).toEqual(['0', '1']);
    expect(table.remarks.map(String).join()).not.toContain('more than one way');
  });

  it('as texts beside numbers with leading zeros, keep their spelling in JSON lines as in CSV', async () => {
    const codes = ['"01"', '1', '1.0'];
    const lines = Array.from({ length: 12 }, (_, i) => `{"x":${i},"id":${codes[i % 3]}}`);
    const { schema, ...table } = await readTable(text(lines), { label: 'id', task: 'classify' });
    expect(classesOf({ schema, ...table })).toEqual(['01', '1', '1.0']);
    const source = await peekedSource(text(['{"x":1,"id":1.0}', '{"x":1,"id":1}']), 'rows');
    const { dataset } = await NDJSON.apply(source, { schema, classes: undefined }, { labels: 'require' });
    expect(dataset?.targets).toMatchObject({ labels: Int32Array.of(2, 1) });
  });

  it('are found by their spelling in rows that are predicted', async () => {
    const codes = ['"01"', '1', '1.0'];
    const lines = Array.from({ length: 12 }, (_, i) => `{"id":${codes[i % 3]},"y":${i}}`);
    const table = await readTable(text(lines), { categorical: 'id', label: 'y', task: 'regress' });
    const network = new Network({ layers: [3, 2, 1], output: 'linear' });
    await network.fit(table, { epochs: 1 });
    const { decode } = jsonDecoder(network, {});
    expect(
      ['1', '1.0', '"01"'].map((id) => [...(decode(`{"id":${id}}`) as Float64Array)].indexOf(1)),
    ).toEqual([1, 2, 0]);
  });
});

describe('decimals and unsigned integers of Parquet', () => {
  it('keep every digit as labels', async () => {
    const of = async (label: string, task?: 'classify') =>
      classesOf(await readTable(file('ids.parquet'), { label, task }));
    expect(await of('unsigned')).toEqual([0n, 1n, 2n, 3n].map((i) => String(2n ** 63n + i)));
    expect(await of('account')).toEqual([1n, 2n, 3n, 4n].map((i) => String(10n ** 20n + i)));
    expect(await of('money', 'classify')).toEqual(['-0.2', '0.57', '1', '12.5']);
  });

  it('are the doubles nearest to them as numbers', async () => {
    const { train } = await readTable(file('ids.parquet'), { label: 'money', task: 'regress' });
    expect(train.targets).toMatchObject({ kind: 'values' });
    expect([...(train.targets as { data: Float64Array }).data.slice(0, 4)]).toEqual([0.57, -0.2, 1, 12.5]);
  });
});

describe('rows and files for a model that knows categories', () => {
  const ids = parseCsv(['id,y', ...ROWS.map((i) => `${IDS[i]},${i % 2}`)].join('\n'), { categorical: 'id' });
  const small = parseCsv('id,y\n1,a\n2,b\n10,a', { categorical: 'id' });

  it('find them by text or BigInt', () => {
    const encode = csvRowEncoder(ids.schema);
    expect([...fullRow(encode({ id: IDS[2] as string }))]).toEqual([0, 0, 1, 0]);
    expect([...fullRow(encode({ id: BigInt(IDS[3] as string) }))]).toEqual([0, 0, 0, 1]);
    expect([...fullRow(csvRowEncoder(small.schema)({ id: 2n }))]).toEqual([0, 1, 0]);
  });

  it('are refused where a number has been rounded to another', async () => {
    await expectRefusal('INVALID_DATA', ['"id"', 'beyond 2^53', 'BigInt'], () =>
      csvRowEncoder(ids.schema)({ id: 2 ** 53 + 2 }),
    );
  });

  it('do not take 01 for 1, but 1.0', async () => {
    expect([...numbersOf(applySchema('id\n1.0\n2', small.schema))]).toEqual([1, 0, 0, 0, 1, 0]);
    await expectRefusal('INVALID_DATA', ['line 2', '"01"', 'not in the training data', '"1"'], () =>
      applySchema('id\n01', small.schema, { onUnknown: 'error' }),
    );
    const encode = csvRowEncoder(small.schema, { onUnknown: 'error' });
    await expectRefusal('INVALID_DATA', ['"010"'], () => encode({ id: '010' }));
  });
});

describe('labels of Dataset.from', () => {
  const inputs = Float32Array.of(1, 2);

  it('that are texts stay different', () => {
    expect(Dataset.from({ inputs, labels: ['01', '1'] }).targets).toMatchObject({ classes: ['01', '1'] });
  });

  it('that are BigInts or ids are refused with what to do', async () => {
    const labels = IDS.slice(0, 2).map(BigInt) as unknown as number[];
    const advice = 'number the classes from 0, or give ids as texts';
    await expectRefusal('INVALID_DATA', ['row 0 is 9007199254740993n', advice], () =>
      Dataset.from({ inputs, labels }),
    );
    await expectRefusal('INVALID_DATA', ['row 1 is 9007199254740992', advice], () =>
      Dataset.from({ inputs, labels: [0, 2 ** 53] }),
    );
    await expectRefusal('INVALID_OPTION', ['labels', 'BigInt64Array'], () =>
      Dataset.from({ inputs, labels: BigInt64Array.from(IDS.slice(0, 2), BigInt) as never }),
    );
  });
});
