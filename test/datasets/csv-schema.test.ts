import { describe, expect, it } from 'vitest';
import { applySchema, parseCsv } from '../../lib/formats/csv/read.js';
import { parseCsvSchema } from '../../lib/formats/csv/schema.js';
import { type CsvSchema, csvRowEncoder } from '../../lib/index.js';
import type { CsvApplyOptions, CsvRow } from '../../lib/public/data.js';
import { fullRow, numbersOf } from './full-rows.js';
import { expectRefusal } from './refusal.js';

const training = 'id,age,city,buys\n1,31,Rome,yes\n2,45,Oslo,no\n3,28,Rome,yes';
const { schema } = parseCsv(training, { ignore: ['id'] });
const bare = parseCsv('31,Rome,yes\n45,Oslo,no').schema;
const inputs = (text: string, options?: CsvApplyOptions, with_: CsvSchema = schema) => [
  ...numbersOf(applySchema(text, with_, options)),
];

describe('applySchema', () => {
  it('codes a file as the training file was, though it has other categories in another order', () => {
    expect(inputs('id,age,city,buys\n9,50,Rome,no')).toEqual([50, 0, 1]);
    expect(inputs('age,city\n50,Oslo\n51,Rome')).toEqual([50, 1, 0, 51, 0, 1]);
  });

  it('finds columns by name: any order, others not used, the delimiter another', () => {
    expect(inputs('city;shoe;age\nOslo;large;50')).toEqual([50, 1, 0]);
    expect(inputs('"city";"age"\n"Oslo";"50"')).toEqual([50, 1, 0]);
    expect(inputs('city;age\nOslo;50', { delimiter: ';' })).toEqual([50, 1, 0]);
  });

  it('finds columns by place without a header', () => {
    expect(inputs('9,50,Rome,no')).toEqual([50, 0, 1]);
    expect(inputs('9,50,Rome')).toEqual([50, 0, 1]);
    expect(inputs('50,Rome', {}, bare)).toEqual([50, 0, 1]);
    expect(inputs('a,b\n50,Rome', { header: true }, bare)).toEqual([50, 0, 1]);
  });

  it('gives the labels if there are any, in the classes of the training file', () => {
    const { dataset } = applySchema('age,city,buys\n50,Rome,yes', schema);
    expect(dataset?.targets).toEqual({ kind: 'classes', labels: Int32Array.of(1), classes: ['no', 'yes'] });
    expect(applySchema('age,city\n50,Rome', schema).dataset).toBeUndefined();
    expect(applySchema('age,city,buys\n50,Rome,?', schema, { labels: 'ignore' }).dataset).toBeUndefined();
    const regression = parseCsv('x,y\n1,0.5\n2,1.5').schema;
    expect(applySchema('y,x\n7,3', regression).dataset?.targets).toMatchObject({
      kind: 'values',
      names: ['y'],
    });
  });

  it('takes numbers for categories in any spelling', () => {
    const zip = parseCsv('zip,y\n1,a\n2,b', { categorical: ['zip'] }).schema;
    expect(inputs('zip\n2.0\n"1"', {}, zip)).toEqual([0, 1, 1, 0]);
  });

  it('reads a single column, in which a blank line is a missing value unless at the end', async () => {
    const one = parseCsv('x,y\n1,a\n2,b').schema;
    expect(inputs('x\n5\n6\n\n', {}, one)).toEqual([5, 6]);
    await expectRefusal('INVALID_DATA', ['line 3: column 1 ("x") is missing'], () =>
      inputs('x\n5\n\n6', { onMissing: 'error' }, one),
    );
  });

  it.each<[what: string, code: string, parts: string[], text: string, options?: object]>([
    [
      'a category that was not in training',
      'INVALID_DATA',
      ['line 3: column 2 ("city")', '"Roma"', '"Rome"'],
      'age,city\n1,Oslo\n2,Roma',
      { onUnknown: 'error' },
    ],
    [
      'a category that is like none',
      'INVALID_DATA',
      ['"Berlin"', 'known: Oslo, Rome'],
      'age,city\n1,Berlin',
      { onUnknown: 'error' },
    ],
    [
      'a class that was not in training',
      'INVALID_DATA',
      ['line 2: column 3 ("buys")', '"maybe"'],
      'age,city,buys\n1,Oslo,maybe',
    ],
    [
      'a number that does not parse',
      'INVALID_DATA',
      ['line 2: column 1 ("age")', '"old" is not a number'],
      'age,city\nold,Oslo',
    ],
    [
      'a missing value',
      'INVALID_DATA',
      ['line 2: column 2 ("city") is missing', "onMissing: 'skip'"],
      'age,city\n1,',
      { onMissing: 'error' },
    ],
    ['a missing column', 'INVALID_DATA', ['no column "city"', 'there are age, town'], 'age,town\n1,Oslo'],
    ['a misspelt column', 'INVALID_DATA', ['no column "city"', 'is it "citi"?'], 'age,citi\n1,Oslo'],
    ['a column that is there twice', 'INVALID_DATA', ['two columns "age"'], 'age,age,city\n1,2,Oslo'],
    [
      'the wrong number of columns',
      'INVALID_DATA',
      ['2 columns', '4 columns, or 3 without the label', 'age, city'],
      '1,Oslo',
    ],
    ['a ragged line', 'INVALID_FILE', ['line 3: 1 field'], 'age,city\n1,Oslo\n2'],
    [
      'no labels where they are needed',
      'INVALID_DATA',
      ['"buys"'],
      'age,city\n1,Oslo',
      { labels: 'require' },
    ],
    ['nothing', 'INVALID_DATA', ['no lines'], ''],
    ['a header only', 'INVALID_DATA', ['no rows'], 'age,city\n'],
    [
      'a header in a file that should have none',
      'INVALID_DATA',
      ['no column "age" (nor "city")', 'there are number, years, town, bought', 'header: false'],
      'number,years,town,bought\n1,50,Rome,no',
    ],
    ['options for training', 'UNKNOWN_OPTION', ['"label"'], 'age,city\n1,Oslo', { label: 1 }],
    ['another choice', 'INVALID_OPTION', ['labels', "'auto'"], 'age,city\n1,Oslo', { labels: 'no' }],
  ])('refuses %s', async (_, code, parts, text, options = {}) => {
    await expectRefusal(code, parts, () => applySchema(text, schema, options));
  });
});

describe('csvRowEncoder', () => {
  const encode = csvRowEncoder(schema);

  it('codes a row by names or in order', () => {
    expect(encode({ city: 'Rome', age: 50, buys: 'who knows' })).toEqual(Float64Array.of(50, 0, 1));
    expect(encode(['50.5', 'Oslo'])).toEqual(Float64Array.of(50.5, 1, 0));
  });

  it('codes as a file would be', () => {
    expect([...fullRow(encode({ age: '1e2', city: ' Oslo ' }))]).toEqual(inputs('age,city\n1e2, Oslo '));
    const flags = parseCsv('on,y\ntrue,a\nfalse,b').schema;
    expect(csvRowEncoder(flags)({ on: true })).toEqual(Float64Array.of(0, 1));
  });

  it('uses numbers unchanged even if files have decimal commas', () => {
    const comma = parseCsv('x;y\n1,5;a\n2,5;b', { decimal: ',' }).schema;
    expect(csvRowEncoder(comma)({ x: 1.25 })).toEqual(Float64Array.of(1.25));
    expect(csvRowEncoder(comma)({ x: '1,25' })).toEqual(Float64Array.of(1.25));
  });

  it.each<[parts: string[], row: unknown]>([
    [['"age"', '"Age"'], { Age: 1, city: 'Rome' }],
    [['"age"', '"old"', 'not a number'], { age: 'old', city: 'Rome' }],
    [['none of the columns age, city'], { weight: 1 }],
    [
      ['3 values', '2 inputs (age, city)'],
      [1, 2, 3],
    ],
    [['an object or an array'], 'age=1'],
  ])('refuses, naming %j', async (parts, row) => {
    await expectRefusal('INVALID_DATA', parts, () => encode(row as CsvRow));
  });

  it.each<[parts: string[], row: unknown]>([
    [['"Roma"', '"Rome"'], { age: 1, city: 'Roma' }],
    [['"age"', 'NaN'], { age: Number.NaN, city: 'Rome' }],
    [['"age"', 'null'], { age: null, city: 'Rome' }],
    [['"city"', 'undefined'], { age: 1, city: undefined }],
    [['"age"', 'missing'], { age: 'NA', city: 'Rome' }],
  ])('refuses gaps only if it is told to, naming %j', async (parts, row) => {
    const strict = csvRowEncoder(schema, { onMissing: 'error', onUnknown: 'error' });
    await expectRefusal('INVALID_DATA', parts, () => strict(row as CsvRow));
    const filled = { age: 31, city: undefined, ...(row as object) };
    expect(encode(row as CsvRow)).toEqual(encode(filled as CsvRow));
  });

  it('fills in values that are not in the row, whatever objects inherit', () => {
    const { schema: odd } = parseCsv('toString,y\n1,a\n2,b\n7,b');
    expect(csvRowEncoder(odd)({})).toEqual(Float64Array.of(2));
    expect(encode({})).toEqual(Float64Array.of(31, 0, 0));
  });
});

describe('a stored schema', () => {
  it('comes back from JSON as it was', () => {
    for (const each of [schema, bare]) expect(parseCsvSchema(JSON.parse(JSON.stringify(each)))).toEqual(each);
  });

  /** The schema as JSON with one entry replaced, or removed if no value is given. */
  const broken = (path: string, value?: unknown): unknown => {
    const json: unknown = JSON.parse(JSON.stringify(schema));
    const names = path.split('.');
    const last = names.pop() as string;
    const parent = names.reduce((at, name) => (at as Record<string, unknown>)[name], json);
    (parent as Record<string, unknown>)[last] = value;
    return JSON.parse(JSON.stringify(json));
  };

  it.each<[part: string, json: unknown]>([
    ['object', null],
    ['object', [schema]],
    ['newer release', broken('version', 2)],
    ['delimiter', broken('delimiter', '||')],
    ['decimal', broken('decimal', '-')],
    ['header', broken('header')],
    ['missing', broken('missing', [1])],
    ['columns', broken('columns', {})],
    ['columns[0]', broken('columns.0', 'id')],
    ['columns[1].name', broken('columns.1.name', 5)],
    ['columns[1].kind', broken('columns.1.kind', 'numeric')],
    ['columns[2].categories', broken('columns.2.categories')],
    ['columns[2].categories.values', broken('columns.2.categories.values', [])],
    ['columns[2].categories.values', broken('columns.2.categories.values', ['a', 'a'])],
    ['columns[2].categories.numeric', broken('columns.2.categories.numeric')],
    ['different names', broken('columns.0.name', 'age')],
    ['at least one label', broken('columns', schema.columns.slice(0, 3))],
    ['at least one input', broken('columns', schema.columns.slice(3))],
  ])('is refused for its %s', async (part, json) => {
    await expectRefusal('INVALID_FILE', ['CSV schema', part], () => parseCsvSchema(json));
  });
});
