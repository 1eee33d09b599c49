import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { applySchema, parseCsv, readCsv } from '../../lib/formats/csv/read.js';
import { csvRowEncoder, readTable, streamTable } from '../../lib/index.js';
import type { CsvOptions } from '../../lib/public/data.js';
import { fullRow, numbersOf } from './full-rows.js';
import { expectRefusal, refusal } from './refusal.js';
import { temporaryFolder } from './temporary-folder.js';

const write = temporaryFolder();
const lines = (count: number, row: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => row(i)).join('\n');
const classesOf = (text: string, options?: CsvOptions) => {
  const { targets } = parseCsv(text, options).dataset;
  return targets.kind === 'classes' ? targets.classes : targets.kind;
};
const IDS = ['9007199254740990', '9007199254740991', '9007199254740992', '9007199254740993'];

describe('numbers that stand for something else', () => {
  it('keep their text as labels where a double would lose a part of it', () => {
    expect(classesOf(`a,label\n${lines(8, (i) => `${i},${IDS[i % 4]}`)}`)).toEqual(IDS);
    expect(classesOf('a,label\n1,01\n2,1\n3,02')).toEqual(['01', '1', '02']);
    expect(classesOf('a,label\n1,01\n2,1\n3,001')).toEqual(['001', '01', '1']);
    expect(classesOf('a,label\n1,123456789012345678901\n2,123456789012345678902')).toEqual([
      '123456789012345678901',
      '123456789012345678902',
    ]);
  });

  it('are numbers where they say the same', () => {
    expect(classesOf('a,label\n1,1.0\n2,2\n3,1\n4,+2\n5,1e0')).toEqual(['1', '2']);
    expect(classesOf('a,label\n1,0\n2,-1\n3,1')).toEqual(['-1', '0', '1']);
  });

  it('keep their text as categories, and are distinguished in rows for prediction', async () => {
    const text = `user,y\n${lines(8, (i) => `${IDS[i % 4]},${i % 2}`)}`;
    const { dataset, schema } = parseCsv(text, { categorical: 'user' });
    expect(dataset.featureNames).toEqual(IDS.map((id) => `user=${id}`));
    expect([...numbersOf(applySchema(`user\n${IDS[3]}`, schema))]).toEqual([0, 0, 0, 1]);
    expect([...fullRow(csvRowEncoder(schema)({ user: IDS[2] as string }))]).toEqual([0, 0, 1, 0]);
    // Two categories that a double cannot tell apart must stay two.
    const exact = parseCsv('user,y\n9007199254740992,0\n5,1', { categorical: 'user' }).schema;
    await expectRefusal('INVALID_DATA', ['9007199254740993'], () =>
      applySchema('user\n9007199254740993', exact, { onUnknown: 'error' }),
    );
  });

  it('are not lost in JSON lines', async () => {
    const rows = lines(8, (i) => `{"a": ${i}, "text": "7${IDS[0]}", "label": ${IDS[i % 4]}}`);
    const { train } = await readTable(await write('ids.ndjson', rows), { ignore: 'text' });
    expect(train.targets).toMatchObject({ classes: IDS });
  });

  it('get a remark where they are rounded as inputs', () => {
    const { remarks } = parseCsv(`user,y\n${lines(8, (i) => `${IDS[i % 4]},${i % 2}`)}`);
    expect(remarks.join()).toMatch(/column 1 \("user"\).*beyond 2\^53.*categorical: 'user'/);
  });
});

describe('remarks', () => {
  it.each<[what: string, remark: RegExp, text: string]>([
    [
      'years as a header',
      /line 1 \("2019", "2020", "2021"\) was read as data.*header: true/,
      `2019,2020,2021\n${lines(9, (i) => `${i / 7},${i},${i % 2}`)}`,
    ],
    ['a header 0, 1, name', /line 1/, `0,1,kind\n${lines(9, (i) => `${i / 7},${i},k${i % 2}`)}`],
    [
      'many whole numbers as classes',
      /13 different whole numbers.*task: 'regress'/,
      lines(26, (i) => `${i / 3},${i % 13}`),
    ],
    ['classes that skip numbers', /3 different whole numbers \(1 to 5\)/, 'a,y\n1,1\n2,2\n3,5'],
    ['spellings of one number', /1\.0 and 1/, 'a,y\n1,1.0\n2,1\n3,0'],
    ['text labels that are digits', /such as 01/, 'a,y\n1,01\n2,02'],
    ['a delimiter at the end of each line', /column 3 \("column 3"\) is not used/, 'a,y,\n1,0,\n2,1,'],
  ])('are made of %s', (_, remark, text) => {
    expect(parseCsv(text).remarks.join('; ')).toMatch(remark);
  });

  it.each(['a,y\n1,0\n2,1', 'a,b,y\n1,2,no\n2,3,yes', '1,2,3\n2,3,4\n3,4,5', '5.1,3.5,a\n4.9,3,b'])(
    'are not made of %j',
    (text) => expect(parseCsv(text).remarks).toEqual([]),
  );

  it('come with data of any format, and with streams', async () => {
    const file = await write('years.csv', `2019,2020,2021\n${lines(9, (i) => `${i / 7},${i},${i % 2}`)}`);
    expect(String((await readTable(file)).remarks[0])).toContain('line 1');
    expect(String((await streamTable(file)).remarks[0])).toContain('line 1');
  });
});

describe('delimiters', () => {
  it.each([
    ['|', 'a|b|y\n1|2|x\n3|4|z'],
    [' ', 'a b y\n1   2 x\n 3 4 z '],
    [';', 'sep=;\na;b;y\n1;2;x\n3;4;z'],
    ['|', '\ufeffsep=|\r\na|b|y\r\n1|2|x\r\n3|4|z'],
    ['^', '"sep=^"\na^b^y\n1^2^x\n3^4^z'],
  ])('are found: %j', (delimiter, text) => {
    const { schema, dataset } = parseCsv(text);
    expect(schema.delimiter).toBe(delimiter);
    expect([...numbersOf(dataset)]).toEqual([1, 2, 3, 4]);
    expect([...numbersOf(applySchema(text, schema))]).toEqual([1, 2, 3, 4]);
  });

  it.each(['§', '€', '😀', '-', '1', '^', '~'])('may be given: %s', (delimiter) => {
    const text = 'a,b,y\n5,2,x\n3,4,z'.replaceAll(',', delimiter);
    expect([...numbersOf(parseCsv(text, { delimiter }).dataset)]).toEqual([5, 2, 3, 4]);
  });

  it('of a first line sep= are heeded by streams and count as a line', async () => {
    const { schema, examples } = await streamTable(await write('sep.csv', 'sep=|\na|y\n1|0\n2|1'));
    const inputs = [];
    for await (const { input } of examples()) inputs.push(...fullRow(input));
    expect([schema.delimiter, inputs]).toEqual(['|', [1, 2]]);
    await expectRefusal('INVALID_DATA', ['line 4'], () =>
      parseCsv('sep=|\na|y\n1|0\n|1', { onMissing: 'error' }),
    );
  });
});

describe('advice', () => {
  it.each<[what: string, parts: string[], text: string, options?: CsvOptions]>([
    [
      'on names that are there twice',
      ['columns 1 and 2', 'same name "a"'],
      `a,a,y\n${lines(9, (i) => `${i},${i},${i % 2}`)}`,
    ],
    ['on decimal commas among whole numbers', ["decimal: ','"], 'a;y\n1;0\n3,7;1'],
    ['on decimal commas in labels', ["decimal: ','"], 'a;y\n1;0,5\n2;1,5'],
    ['on decimal points where commas are', ["decimal: '.'"], 'a;y\n1,5;0\n2;1\n2.5;1', { decimal: ',' }],
    ['on points between thousands', ['between thousands', "decimal: ','"], 'a;y\n-21.419,06;0\n1.419,5;1'],
    [
      'on points between thousands and commas',
      ['between thousands'],
      'a;y\n-21.419,06;0\n1.419,5;1',
      { decimal: ',' },
    ],
    ['on spaces between thousands', ['between thousands'], 'a;y\n21 419;0\n1 419;1'],
    ['on percentages', ['without %'], 'a,y\n5 %,0\n6 %,1'],
    ['on a header above numbers', ['header: true'], `age,1\n${lines(9, (i) => `${i},${i % 2}`)}`],
  ])('%s', async (_, parts, text, options) => {
    const { message } = await refusal(() => parseCsv(text, options));
    for (const part of parts) expect(message).toContain(part);
  });

  it('shows 40 characters of a field at most', async () => {
    const long = 'x'.repeat(2_000_000);
    const texts = [
      `a,y\n1,0\n${long},1`,
      `a,y\n1,0\n2,1\n3,"${long}`,
      `${long},y,${long}\n1,2,3`,
      `a,y\n1,${long},2\n3,4,5`,
    ];
    for (const text of texts) expect((await refusal(() => parseCsv(text))).message.length).toBeLessThan(500);
    const { schema } = parseCsv('a,b,y\n1,p,0\n2,q,1');
    for (const text of [`a,b\n${long},p`, `a,b\n1,${long}`, `a,${long}\n1,p`]) {
      const refused = await refusal(() => applySchema(text, schema, { onUnknown: 'error' }));
      expect(refused.message.length).toBeLessThan(500);
    }
  });

  it('a value in the empty last column is refused with its line', async () => {
    const text = `a,y,\n${lines(20, (i) => `${i},${i % 2},${i === 15 ? 'x' : ''}`)}`;
    await expectRefusal('INVALID_FILE', ['line 17', 'not empty'], () => parseCsv(text));
  });

  it('the label is the last column that is not ignored', () => {
    expect(parseCsv('a,y,note\n1,0,p\n2,1,q', { ignore: 'note' }).dataset.featureNames).toEqual(['a']);
  });
});

describe('pipes and devices', () => {
  const run = promisify(execFile);
  const table = `a,b,y\n${lines(100, (i) => `${i},${i % 7},${i % 2}`)}\n`;
  let fifos = 0;
  const fifo = async (name: string) => {
    const path = `${await write(name, '')}.fifo-${fifos++}`;
    await run('mkfifo', [path]);
    return path;
  };
  const feed = (path: string, file: string) => run('sh', ['-c', 'cat "$0" > "$1"', file, path]);

  it.each<[string, string | Uint8Array]>([
    ['table.csv', table],
    ['table.csv.gz', gzipSync(table)],
  ])('are read to their end: %s', async (name, contents) => {
    const file = await write(name, contents);
    const expected = await readCsv(file);
    for (const read of [readCsv, async (path: string) => ({ dataset: (await readTable(path)).train })]) {
      const path = await fifo('pipe');
      const [actual] = await Promise.all([read(path), feed(path, file)]);
      expect(actual.dataset).toEqual(expected.dataset);
    }
  });

  it('may hold JSON lines', async () => {
    const file = await write(
      'rows.ndjson',
      lines(9, (i) => `{"a": ${i}, "label": ${i % 2}}`),
    );
    const path = await fifo('json');
    const [{ train }] = await Promise.all([readTable(path), feed(path, file)]);
    expect(train.rows).toBe(9);
  });

  it('that are not text are refused at once', async () => {
    await expectRefusal('INVALID_FILE', ['binary'], () => readCsv('/dev/zero'));
    await expectRefusal('INVALID_FILE', ['binary'], () => readTable('/dev/zero'));
    await expectRefusal('INVALID_FILE', ['binary'], () => streamTable('/dev/zero'));
  });

  it('without an end are refused before they fill the memory', async () => {
    const before = process.memoryUsage().rss;
    const path = await fifo('endless');
    const endless = (text: string) =>
      run('sh', ['-c', `yes "$0" | tr -d '\\n' > "$1"`, text, path]).catch(() => undefined);
    await Promise.all([
      expectRefusal('INVALID_FILE', ['line is longer'], () => readCsv(path)),
      endless('1,2,'),
    ]);
    const rows = run('sh', ['-c', 'yes 1,2 > "$0"', path]).catch(() => undefined);
    await Promise.all([
      expectRefusal('INVALID_FILE', ['maxBytes'], () => readCsv(path, { maxBytes: 1_000_000 })),
      rows,
    ]);
    expect(process.memoryUsage().rss - before).toBeLessThan(4e8);
  });
});
