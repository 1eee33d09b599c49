/** Rows give the same inputs and networks, whether they come as CSV, JSON lines, objects of a program or a stream. */
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsrMatrix, type InputMatrix, Network, readTable, streamTable, type Table } from '../../lib/index.js';
import { readRows } from '../../lib/public/data.js';
import { expectRefusal } from './refusal.js';

type Row = Record<string, string | number | null>;

const NAMES = ['money', 'city', 'when', 'note', 'label'] as const;

/** Rows with gaps; the first and the second have every column, so that all formats see them in the same order. */
const rowsOf = fc
  .array(
    fc.record({
      money: fc.option(fc.integer({ min: -1000, max: 1_000_000 }).map((cents) => cents / 100)),
      city: fc.option(fc.constantFrom('Rome', 'Oslo', 'Lima, Peru', 'a "b"')),
      when: fc.option(
        fc.integer({ min: 0, max: 30_000 }).map((hours) => new Date(1.6e12 + hours * 3.6e6).toISOString()),
      ),
      note: fc.option(fc.constantFrom('red car', 'blue car', 'old red bike', 'no')),
    }),
    { minLength: 4, maxLength: 40 },
  )
  .map((rows): Row[] =>
    rows.map((row, i) => ({
      money: row.money ?? (i < 2 ? i : null),
      city: row.city ?? (i < 2 ? 'Rome' : null),
      when: row.when ?? (i < 2 ? `2024-0${i + 1}-05` : null),
      note: row.note ?? (i < 2 ? 'no' : null),
      label: i % 2 ? 'yes' : 'no',
    })),
  );

const field = (value: unknown) => (value === null ? '' : `"${String(value).replaceAll('"', '""')}"`);
const csvOf = (rows: readonly Row[]) =>
  [NAMES.join(), ...rows.map((row) => NAMES.map((name) => field(row[name])).join())].join('\n');
const withoutGaps = (row: Row) =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
/** Missing values are left out in every row, or are null in every second one. */
const jsonOf = (rows: readonly Row[]) =>
  rows.map((row, i) => JSON.stringify(i % 2 ? row : withoutGaps(row))).join('\n');
const bytes = (text: string) => Readable.from([Buffer.from(text)]);
const numbers = (inputs: InputMatrix) =>
  Array.from(inputs instanceof CsrMatrix ? inputs.toMatrix().data : inputs.data);

async function digestOf(table: Table): Promise<string> {
  using network = new Network({ layers: [table.train.features, 4, table.train.outputs], density: 1 });
  await network.fit(table, { epochs: 1 });
  return network.digest();
}

describe('the same rows', () => {
  it('give the same columns, inputs and network from every source', async () => {
    await fc.assert(
      fc.asyncProperty(rowsOf, async (rows) => {
        const options = { label: 'label', column: { note: 'text', when: 'date' } } as const;
        const csv = await readTable(bytes(csvOf(rows)), options);
        const others = [
          await readTable(bytes(jsonOf(rows)), { ...options, format: 'ndjson' }),
          await readTable(rows, options),
          await readTable(rows.map(withoutGaps), options),
        ];
        const digest = await digestOf(csv);
        for (const table of others) {
          expect(table.schema?.columns).toEqual(csv.schema?.columns);
          expect(numbers(table.train.inputs)).toEqual(numbers(csv.train.inputs));
          expect(await digestOf(table)).toBe(digest);
        }
        for (const text of [csvOf(rows), jsonOf(rows)]) {
          const stream = await streamTable(bytes(text), options);
          expect(stream.schema.columns).toEqual(csv.schema?.columns);
          expect(numbers(stream.sample.inputs)).toEqual(numbers(csv.train.inputs));
        }
      }),
      { numRuns: 15 },
    );
  });

  it('are predicted alike as files and as objects, one by one and together', async () => {
    await fc.assert(
      fc.asyncProperty(rowsOf, async (rows) => {
        const table = await readTable(rows, { label: 'label' });
        using network = new Network({ layers: [table.train.features, 4, 2], density: 1 });
        await network.fit(table, { epochs: 1 });
        const later = [...rows.slice(2), { city: 'Nowhere' }];
        const read = await readRows(bytes(jsonOf(later as Row[])), network.schema, { labels: 'ignore' });
        const { scores } = await network.predictBatch(read.inputs);
        expect((await network.predictBatch(later)).scores).toEqual(scores);
        expect(later.flatMap((row) => [...network.predict(row)])).toEqual([...scores]);
      }),
      { numRuns: 15 },
    );
  });
});

describe('rows of JSON and objects', () => {
  it('may lack columns, also the first row', async () => {
    const rows = [
      { b: 1, y: 'p' },
      { a: 2, y: 'q' },
      { a: 3, b: 4, y: 'p' },
      { b: 5, y: 'q' },
    ];
    for (const table of [
      await readTable(rows, { label: 'y' }),
      await readTable(bytes(rows.map((row) => JSON.stringify(row)).join('\n')), { label: 'y' }),
    ]) {
      expect(table.train.featureNames).toEqual(['b', 'b missing', 'a', 'a missing']);
      expect(numbers(table.train.inputs).slice(0, 8)).toEqual([1, 0, 3, 1, 4, 1, 2, 0]);
    }
  });

  it('may hold objects, whose fields are columns of their own', async () => {
    const rows = [
      { at: { x: 1, to: { y: 2 } }, label: 'a' },
      { at: { x: 3, to: { y: 5 } }, label: 'b' },
    ];
    const table = await readTable(rows);
    expect(table.train.featureNames).toEqual(['at.x', 'at.to.y']);
    using network = new Network({ layers: [2, 4, 2], density: 1 });
    await network.fit(table);
    expect(network.predict({ at: { x: 1, to: { y: 2 } } })).toEqual(network.predict([1, 2]));
    await expectRefusal('INVALID_DATA', ['row 1', '"a.b" twice'], () =>
      readTable([{ 'a.b': 1, a: { b: 2 } }]),
    );
  });

  it('with names that are nearly right are refused where the model is known', async () => {
    const table = await readTable([
      { color: 'red', size: 1, y: 0 },
      { color: 'blue', size: 2, y: 1 },
    ]);
    const { schema } = table;
    const wrong = [
      { color: 'red', size: 1 },
      { colour: 'red', size: 1 },
    ];
    await expectRefusal('INVALID_DATA', ['row 2', '"color"', 'is it "colour"?'], () =>
      readRows(wrong, schema),
    );
    const lines = () => bytes(wrong.map((row) => JSON.stringify(row)).join('\n'));
    await expectRefusal('INVALID_DATA', ['line 2', '"color"', 'is it "colour"?'], () =>
      readRows(lines(), schema),
    );
    using network = new Network({ layers: [3, 4, 2], density: 1 });
    await network.fit(table);
    await expectRefusal('INVALID_DATA', ['is it "colour"?'], () => network.predict({ colour: 'red' }));
    await expectRefusal('INVALID_DATA', ['inputs[1]', 'is it "colour"?'], () => network.predictBatch(wrong));
    await expectRefusal('INVALID_DATA', ['none of the columns'], () => network.classify({ weight: 3 }));
    // The label is no misspelt column, and a name that is far from all is left out.
    expect(network.predict({ size: 1, y: 0, id: 7 })).toEqual(network.predict({ size: 1 }));
  });

  it('must be rows', async () => {
    await expectRefusal('INVALID_DATA', ['row 2', '7'], () => readTable([{ a: 1 }, 7] as never));
    await expectRefusal('INVALID_DATA', ['no rows'], () => readTable([]));
    await expectRefusal('INVALID_OPTION', ['format'], () => readTable([{ a: 1 }], { format: 'csv' }));
    const many = Array.from({ length: 10_001 }, (_, i) => ({ [`k${i}`]: 1 }));
    await expectRefusal('INVALID_DATA', ['row 10001', '10000'], () => readTable(many));
  });
});

describe('a network that was trained on a table', () => {
  it('learns rows by their names, and hashed ones', async () => {
    const rows = Array.from({ length: 1200 }, (_, i) => ({ user: `u${i % 400}`, y: i % 2 ? 'a' : 'b' }));
    const table = await readTable(rows, { label: 'y', maxCategories: 100 });
    expect(table.train.inputs).toBeInstanceOf(CsrMatrix);
    const make = async () => {
      const network = new Network({ layers: [table.train.features, 4, 2], density: 0.1 });
      await network.fit(table, { epochs: 1 });
      return network;
    };
    const [byName, byNumbers] = [await make(), await make()];
    byName.learn({ user: 'u3' }, 'a');
    const { indices, values } = (table.train.inputs as CsrMatrix).row(3);
    byNumbers.learn({ indices, values: Float64Array.from(values) }, 'a');
    expect(byName.digest()).toBe(byNumbers.digest());
    const some = rows.slice(0, 50);
    const { scores } = await byName.predictBatch(some);
    expect(scores).toEqual((await byName.predictBatch(table.train.slice(0, 50).inputs)).scores);
  });
});
