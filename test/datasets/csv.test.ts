import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applySchema, parseCsv, readCsv, readCsvRows } from '../../lib/formats/csv/read.js';
import type { InputMatrix } from '../../lib/index.js';
import { type CsvOptions, csvFeatureNames } from '../../lib/public/data.js';
import { numbersOf } from './full-rows.js';
import { expectRefusal } from './refusal.js';
import { temporaryFolder } from './temporary-folder.js';

const write = temporaryFolder();

const people = `age,city,income,buys
31,Rome,2.5,yes
45,Oslo,3.25,no
28,Rome,1,yes
`;

const rowsOf = (table: { readonly inputs: InputMatrix }) => {
  const data = numbersOf(table);
  const { columns } = table.inputs;
  return Array.from({ length: data.length / columns }, (_, i) =>
    Array.from({ length: columns }, (_, j) => data[i * columns + j]),
  );
};

describe('parseCsv', () => {
  it('encodes numbers unchanged and texts as one input for each', () => {
    const { dataset, schema, skipped } = parseCsv(people);
    expect(dataset.featureNames).toEqual(['age', 'city=Oslo', 'city=Rome', 'income']);
    expect(rowsOf(dataset)).toEqual([
      [31, 0, 1, 2.5],
      [45, 1, 0, 3.25],
      [28, 0, 1, 1],
    ]);
    expect(dataset.targets).toEqual({
      kind: 'classes',
      labels: Int32Array.of(1, 0, 1),
      classes: ['no', 'yes'],
    });
    expect(csvFeatureNames(schema)).toEqual(dataset.featureNames);
    expect(skipped).toBe(0);
  });

  it('reads the same from a string and bytes, with CRLF, byte order mark, tabs or semicolons', () => {
    const expected = parseCsv(people).dataset;
    const variants = [
      Buffer.from(people),
      people.replaceAll('\n', '\r\n'),
      `\ufeff${people}\n\n`,
      people.replaceAll(',', '\t'),
      people.replaceAll(',', ' ; '),
      people.replaceAll(/[^,\n]+/g, '"$&"'),
    ];
    for (const variant of variants) expect(parseCsv(variant).dataset).toEqual(expected);
  });

  it('reads back any table of numbers and texts', () => {
    const text = fc
      .string({ unit: fc.constantFrom('a', 'b', '"', ',', '\n', ' ', 'é'), maxLength: 4 })
      .map((t) => `x${t}x`);
    const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (Object.is(x, -0) ? 0 : x));
    const tables = fc.array(fc.tuple(number, text, text), { minLength: 1, maxLength: 15 });
    fc.assert(
      fc.property(tables, (rows) => {
        fc.pre(new Set(rows.map((row) => row[2])).size > 1);
        const lines = rows.map(([x, t, label]) =>
          [`${x}`, t, label].map((f) => `"${f.replaceAll('"', '""')}"`).join(),
        );
        const { dataset, schema } = parseCsv(['number,text,label', ...lines].join('\n'));
        const decoded = rowsOf(dataset).map((row, i) => {
          const category = dataset.featureNames?.[row.indexOf(1, 1)] ?? '';
          const { targets } = dataset;
          if (targets.kind !== 'classes') throw new Error('not classes');
          return [row[0], category.slice('text='.length), targets.classes[targets.labels[i] ?? -1]];
        });
        expect(decoded).toEqual(rows);
        const again = applySchema(
          ['number,text,label', ...lines].join('\n'),
          JSON.parse(JSON.stringify(schema)),
        );
        expect(rowsOf(again)).toEqual(rowsOf(dataset));
        expect(again.dataset?.targets).toEqual(dataset.targets);
      }),
    );
  });

  it('keeps every number exactly, in 32-bit floats only where they hold it', () => {
    expect(numbersOf(parseCsv('1,0.5,a\n2,16777216,b').dataset)).toBeInstanceOf(Float32Array);
    const data = numbersOf(parseCsv('1,0.1,a\n2,1700000000.25,b').dataset);
    expect(data).toEqual(Float64Array.of(1, 0.1, 2, 1700000000.25));
    expect(numbersOf(parseCsv('1,16777217,a\n2,3,b').dataset)).toBeInstanceOf(Float64Array);
    expect(numbersOf(parseCsv('1,0.1000000000000000055511151,a\n2,3,b').dataset)[1]).toBe(0.1);
  });

  it.each<[what: string, header: boolean, text: string]>([
    ['names over numbers', true, 'a,b,c\n1,2,x\n3,4,y'],
    ['names over texts', true, 'colour,label\nred,x\nblue,y'],
    ['names with an empty one for row numbers', true, ',a,c\n1,2,x\n2,4,y'],
    ['numbers', false, '1,2,x\n3,4,y'],
    ['one number among texts', false, 'a,2,x\nb,4,y'],
    ['texts of which two are the same', false, 'x,s,x\ny,t,y'],
  ])('detects whether there is a header: %s', (_, header, text) => {
    const { schema, dataset } = parseCsv(text);
    expect(schema.header).toBe(header);
    expect(dataset.rows).toBe(2);
  });

  it('accepts an option that says whether there is a header', () => {
    const named = parseCsv('1990,1991,kind\n1,2,a\n3,4,b', { header: true });
    expect(named.dataset.featureNames).toEqual(['1990', '1991']);
    const data = parseCsv('red,x\nblue,y', { header: false });
    expect(data.dataset.rows).toBe(2);
    expect(data.dataset.featureNames).toEqual(['column 1=blue', 'column 1=red']);
  });

  it.each<[CsvOptions['label'], string[]]>([
    [undefined, ['a', 'b']],
    ['a', ['b', 'c']],
    [1, ['b', 'c']],
    ['2', ['a', 'c']],
    [-1, ['a', 'b']],
    [-3, ['b', 'c']],
  ])('finds the label %s', (label, features) => {
    expect(parseCsv('a,b,c\n1,2,3\n2,3,4', { label }).dataset.featureNames).toEqual(features);
  });

  it('takes a name of digits for a name', () => {
    expect(parseCsv('3,2,1\n1,2,3\n4,5,6', { label: '1', header: true }).dataset.featureNames).toEqual([
      '3',
      '2',
    ]);
  });

  it('distinguishes classes from numbers to predict', () => {
    const kind = (labels: (string | number)[], options?: CsvOptions) =>
      parseCsv(labels.map((label, i) => `${i},${label}`).join('\n'), { header: false, ...options }).dataset
        .targets;
    expect(kind([2, 10, 2])).toEqual({
      kind: 'classes',
      labels: Int32Array.of(0, 1, 0),
      classes: ['2', '10'],
    });
    expect(kind(['1.0', 2, 1])).toMatchObject({ labels: Int32Array.of(0, 1, 0), classes: ['1', '2'] });
    expect(kind(['b', 1, 'a'])).toMatchObject({ classes: ['1', 'a', 'b'] });
    expect(kind([0.5, 1, 2])).toEqual({
      kind: 'values',
      data: Float64Array.of(0.5, 1, 2),
      names: ['column 2'],
    });
    expect(kind(Array.from({ length: 20 }, (_, i) => i))).toMatchObject({ kind: 'classes' });
    expect(kind(Array.from({ length: 21 }, (_, i) => i))).toMatchObject({ kind: 'values' });
    expect(kind([0, 1], { task: 'regress' })).toMatchObject({ kind: 'values', data: Float64Array.of(0, 1) });
    expect(kind([0.5, 1.5], { task: 'classify' })).toMatchObject({
      kind: 'classes',
      classes: ['0.5', '1.5'],
    });
  });

  it('treats numbers as categories and ignores columns if requested', () => {
    const text = 'id,zip,x,label\n1,10,5,a\n2,9,6,b\n3,10.0,7,a';
    const { dataset } = parseCsv(text, { categorical: ['zip'], ignore: [1] });
    expect(dataset.featureNames).toEqual(['zip=9', 'zip=10', 'x']);
    expect(rowsOf(dataset)).toEqual([
      [0, 1, 5],
      [1, 0, 6],
      [0, 1, 7],
    ]);
    expect(parseCsv('s,l\nM,a\n38,b', { categorical: ['s'] }).dataset.featureNames).toEqual(['s=38', 's=M']);
  });

  it('leaves out rows with missing values if requested, and counts them', () => {
    const text = 'x,c,y\n1,a,p\n,b,q\n3,a,q\n4,?,p\n5,b,NA\n6,b,q\n7,,p';
    const { dataset, skipped } = parseCsv(text, { onMissing: 'skip' });
    expect(skipped).toBe(4);
    expect(rowsOf(dataset)).toEqual([
      [1, 1, 0],
      [3, 1, 0],
      [6, 0, 1],
    ]);
    expect(dataset.targets).toMatchObject({ labels: Int32Array.of(0, 1, 1) });
  });

  it('knows numbers that mean missing', () => {
    const { dataset } = parseCsv('x,y\n1,a\n-999,b\n-999.0,a\n2,b', { missing: ['-999'], onMissing: 'skip' });
    expect(rowsOf(dataset)).toEqual([[1], [2]]);
  });

  it('reads decimal commas', () => {
    const { dataset, schema } = parseCsv('x;y\n1,5;a\n-2,25;b', { decimal: ',' });
    expect(rowsOf(dataset)).toEqual([[1.5], [-2.25]]);
    expect(rowsOf(applySchema('x\n0,5', schema))).toEqual([[0.5]]);
  });
});

describe('readCsv', () => {
  it('reads files, plain or gzip whatever the name', async () => {
    const expected = parseCsv(people);
    expect(await readCsv(await write('people.csv', people))).toEqual(expected);
    expect(await readCsv(await write('people.data', gzipSync(people)))).toEqual(expected);
    const { inputs } = await readCsvRows(
      await write('new.csv', gzipSync('income,age,city\n7,8,Oslo\n')),
      expected.schema,
    );
    expect([...numbersOf({ inputs })]).toEqual([8, 1, 0, 7]);
  });

  it('reads gzip files whose length in the trailer lies', async () => {
    const long = `a,b\n${Array.from({ length: 40_000 }, (_, i) => `${i},${i % 3}`).join('\n')}`;
    // Two members: the trailer holds the length of the second one only.
    const members = Buffer.concat([gzipSync(long), gzipSync('\n7,1')]);
    expect((await readCsv(await write('members.gz', members))).dataset.rows).toBe(40_001);
  });

  it('refuses a gzip file that inflates beyond the limit, a damaged one and one that is not there', async () => {
    const bomb = await write('bomb.csv.gz', gzipSync(Buffer.alloc(2 ** 26, '1,2\n')));
    await expectRefusal('INVALID_FILE', ['1000000 bytes', 'maxBytes'], () =>
      readCsv(bomb, { maxBytes: 1_000_000 }),
    );
    const cut = await write('cut.csv.gz', gzipSync(people).subarray(0, 40));
    await expectRefusal('INVALID_FILE', ['cut.csv.gz', 'cut off'], () => readCsv(cut));
    await expectRefusal('FILE_NOT_FOUND', ['none.csv'], () => readCsv('none.csv'));
  });

  it('names the file in what it refuses', async () => {
    const file = await write('holes.csv', 'a,b\n1,\n2,3\n');
    await expectRefusal('INVALID_DATA', ['holes.csv: line 2', 'column 2 ("b") is missing'], () =>
      readCsv(file, { onMissing: 'error' }),
    );
  });
});
