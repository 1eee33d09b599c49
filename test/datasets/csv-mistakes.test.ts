import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../lib/formats/csv/read.js';
import type { CsvOptions } from '../../lib/public/data.js';
import { expectRefusal, refusal } from './refusal.js';

const rows = (count: number, row: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => row(i)).join('\n');

describe('parseCsv refuses, saying where and what to do', () => {
  it.each<[what: string, code: string, parts: string[], text: string | Uint8Array, options?: object]>([
    ['nothing', 'INVALID_FILE', ['no lines'], ''],
    ['blank lines only', 'INVALID_FILE', ['no lines'], '\n \n'],
    [
      'quotes that make no sense',
      'INVALID_FILE',
      ['line 1, column 1', 'after the closing quote'],
      '"a "b"",c\n1,2',
    ],
    ['a header only', 'INVALID_DATA', ['no rows after the header'], 'a,b\n'],
    ['a single column', 'INVALID_FILE', ['an input and a label'], 'a\n1\n2'],
    [
      'too many and too few fields',
      'INVALID_FILE',
      ['line 3: 2 fields', 'line 5: 4 fields', '3 fields, as the first'],
      'a,b,c\n1,2,x\n1,2\n3,4,y\n1,2,3,z',
    ],
    [
      'missing values',
      'INVALID_DATA',
      ['line 3: column 1 ("a")', 'line 4: column 2 ("b")', "onMissing: 'impute'", "onMissing: 'skip'"],
      'a,b,c\n1,2,x\n,4,y\n5,NA,z',
      { onMissing: 'error' },
    ],
    [
      'a missing label',
      'INVALID_DATA',
      ['line 3: column 2 ("b") is missing'],
      'a,b\n1,x\n2,\n3,y',
      { onMissing: 'error' },
    ],
    [
      'missing values without a header',
      'INVALID_DATA',
      ['line 2: column 1 is missing'],
      '1,x\n?,y',
      { onMissing: 'error' },
    ],
    [
      'rows that all have a missing value',
      'INVALID_DATA',
      ['each of its 2 rows'],
      'a,b,c\n,1,x\n2,,y',
      { onMissing: 'skip' },
    ],
    [
      'a column without any value',
      'INVALID_DATA',
      ['column 2 ("b") has no value in any row', "ignore: 'b'"],
      'a,b,c\n1,,x\n2,,y',
      { onMissing: 'error' },
    ],
    ['a label without any value', 'INVALID_DATA', ['column 2 ("b") has no value', 'label'], 'a,b\n1,\n2,'],
    [
      'columns of which none tells rows apart',
      'INVALID_DATA',
      ['no column tells rows apart', 'column'],
      `name,empty,y\n${rows(30, (i) => `p${i},,${i % 2}`)}`,
    ],
    [
      'a column of dates that holds no dates',
      'INVALID_DATA',
      ['column 1 ("a") is to hold dates', 'line 3 has "soon"', '2024-05-31'],
      'a,y\n2024-05-31,x\nsoon,y',
      { column: { a: 'date' } },
    ],
    [
      'a column of numbers that holds texts',
      'INVALID_DATA',
      ['column 1 ("a") holds 0 numbers', '"low"'],
      'a,y\nlow,x\nhigh,y',
      { column: { a: 'number' } },
    ],
    [
      'a kind for the label',
      'INVALID_OPTION',
      ['column', 'is the label', 'task'],
      'a,y\n1,x\n2,y',
      { column: { y: 'category' } },
    ],
    [
      'a kind of a column that is not there',
      'INVALID_OPTION',
      ['column in column', '"ag"', '"age"'],
      'age,y\n1,x\n2,y',
      { column: { ag: 'number' } },
    ],
    [
      'numbers that do not parse',
      'INVALID_DATA',
      ['column 1 ("age") holds 3 numbers', 'line 3 has "thirty"', 'line 5 "4O"', 'categorical'],
      'age,y\n31,a\nthirty,b\n28,a\n4O,b\n5,a',
    ],
    [
      'numbers with thousands in quotes',
      'INVALID_DATA',
      ['column 1', '"1,000"'],
      '"1,000",a\n"2,500",b',
      { header: false },
    ],
    ['decimal commas', 'INVALID_DATA', ['line 2 has "1,5"', "decimal: ','"], 'x;y\n1,5;a\n2,5;b'],
    [
      'a label that is not a number',
      'INVALID_DATA',
      ['column 2 ("y")', 'line 3 has "b"', "task: 'classify'"],
      'x,y\n1,2\n1,b',
      { task: 'regress' },
    ],
    ['a label with one class', 'INVALID_DATA', ['column 2 ("y")', 'same in every row'], 'x,y\n1,a\n2,a'],
    [
      'a label with too many classes',
      'INVALID_DATA',
      ['column 2 ("y")', 'more than 1000'],
      `x,y\n${rows(1001, (i) => `${i},n${i}`)}`,
    ],
    [
      'a number to predict taken for a class',
      'INVALID_DATA',
      ["task: 'regress'"],
      `x,y\n${rows(1001, (i) => `${i},${i / 2}`)}`,
      { task: 'classify' },
    ],
    ['two columns of one name', 'INVALID_FILE', ['columns 1 and 3', '"a"'], 'a,b,a\n1,2,x', { header: true }],
    ['UTF-16', 'INVALID_FILE', ['UTF-16', 'UTF-8'], Buffer.from('\ufeffa,b', 'utf16le')],
    ['a binary file', 'INVALID_FILE', ['an IDX file'], '\0\0\b\u0003'],
    [
      'a label that is not a column',
      'INVALID_OPTION',
      ['"speces"', '"species"'],
      'size,species\n1,a\n2,b',
      { label: 'speces' },
    ],
    [
      'a label by name without a header',
      'INVALID_OPTION',
      ['no header', "column's number"],
      '1,a\n2,b',
      { label: 'species' },
    ],
    ['a label by number beyond the last', 'INVALID_OPTION', ['1 to 2', '-1', '3'], '1,a\n2,b', { label: 3 }],
    ['a label by number 0', 'INVALID_OPTION', ['1 to 2', '0'], '1,a\n2,b', { label: 0 }],
    [
      'a label that is ignored',
      'INVALID_OPTION',
      ['ignore', 'is the label'],
      'a,b\n1,x\n2,y',
      { label: 'b', ignore: ['b'] },
    ],
    [
      'a label that is a category',
      'INVALID_OPTION',
      ["task: 'classify'"],
      'a,b\n1,x\n2,y',
      { categorical: ['b'] },
    ],
    ['nothing left for inputs', 'INVALID_OPTION', ['no column is left'], 'a,b\n1,x\n2,y', { ignore: ['a'] }],
    ['a misspelt option', 'UNKNOWN_OPTION', ['"labl"', '"label"'], 'a,b\n1,x', { labl: 'b' }],
    ['another task', 'INVALID_OPTION', ['task', "'classify'", '"cluster"'], 'a,b\n1,x', { task: 'cluster' }],
    [
      'another delimiter',
      'INVALID_OPTION',
      ['delimiter', 'one character', '"||"'],
      'a||b\n1||x',
      { delimiter: '||' },
    ],
    ['a quote as delimiter', 'INVALID_OPTION', ['delimiter', 'no quote'], 'a,b\n1,x', { delimiter: '"' }],
    ['missing that is not a list', 'INVALID_OPTION', ['missing', 'array'], 'a,b\n1,x', { missing: 'NA' }],
    ['maxCategories of 0', 'INVALID_OPTION', ['maxCategories'], 'a,b\n1,x', { maxCategories: 0 }],
    ['header that is text', 'INVALID_OPTION', ['header', '"no"'], 'a,b\n1,x', { header: 'no' }],
  ])('%s', async (_, code, parts, text, options = {}) => {
    await expectRefusal(code, parts, () => parseCsv(text, options as CsvOptions));
  });

  it('names the first five missing values and counts the others', async () => {
    const text = `a,b\n${rows(20, (i) => `${i % 2 === 0 ? '' : i},x`)}`;
    const { message } = await refusal(() => parseCsv(text, { onMissing: 'error' }));
    expect(message.match(/is missing/g)).toHaveLength(5);
    expect(message).toContain('line 2:');
    expect(message).toContain('and 5 more');
  });

  it('counts lines through quoted line breaks and blank lines', async () => {
    await expectRefusal('INVALID_DATA', ['line 6:'], () =>
      parseCsv('a,b,c\n1,"x\ny",p\n\n2,z,q\n,z,p', { onMissing: 'error' }),
    );
  });

  it('a text that is neither string nor bytes', async () => {
    await expectRefusal('INVALID_OPTION', ['string'], () => parseCsv(5 as unknown as string));
  });
});
