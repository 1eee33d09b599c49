import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SparseTrainError } from '../../lib/base/errors.js';
import { native } from '../../lib/engine/native.js';
import { quickRecords } from '../../lib/formats/csv/block-scanner.js';
import { parseCsv } from '../../lib/formats/csv/read.js';
import type { Records } from '../../lib/formats/csv/records.js';
import { type CsvDelimiter, CsvScanner } from '../../lib/formats/csv/scanner.js';

/** Text does not tell -0 from 0: String(-0) is '0'. */
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (x === 0 ? 0 : x));

/** All that records say, or the message of what they throw. */
function read(records: Records, decimal: number): unknown[] {
  const all: unknown[] = [];
  try {
    while (records.next()) {
      const { line, count } = records;
      const fields = Array.from({ length: count }, (_, i) => {
        const number = records.number(i, decimal);
        return Object.is(number, -0) ? '-0' : Number.isNaN(number) ? records.text(i) : number;
      });
      all.push([line, ...fields]);
    }
  } catch (error) {
    all.push((error as SparseTrainError).message);
  }
  return all;
}

function bothWays(
  text: string,
  delimiter: CsvDelimiter,
  columns: number,
  decimal: '.' | ',',
): [unknown[], unknown[]] {
  const bytes = Buffer.from(text);
  const scanner = () => new CsvScanner(bytes, delimiter, 'it');
  const mark = decimal.charCodeAt(0);
  return [read(scanner(), mark), read(quickRecords(scanner(), bytes, columns, mark), mark)];
}

const number = fc.oneof(
  fc.double().map(String),
  fc.double({ noNaN: true }).map((x) => x.toExponential()),
  fc.integer().map(String),
  fc.float({ noNaN: true }).map((x) => Math.fround(x).toFixed(7)),
  fc.stringMatching(/^[+-]?[0-9]{0,30}\.?[0-9]{0,30}([eE][+-]?[0-9]{1,4})?$/),
);
const odd = fc.constantFrom(
  '',
  ' ',
  'x',
  '"',
  '"a"',
  '"a,""b""\n"',
  '1 2',
  '- 1',
  '.',
  'e5',
  '1e',
  '0x10',
  'Infinity',
  'é',
  '1,5',
  '-0',
  '1e400',
  '5e-324',
  '1e-400',
  '\t7\t',
);
const lineBreak = fc.constantFrom('\n', '\n', '\r\n', '\r', '\n\n', '\n  \n', '\n\r');

describe('blocks of records that C++ scans', () => {
  it('are the records of the scanner, to the last bit, whatever a text holds', () => {
    const field = fc.oneof({ weight: 30, arbitrary: number }, { weight: 1, arbitrary: odd });
    const record = fc.tuple(fc.array(field, { minLength: 3, maxLength: 3 }), lineBreak);
    const short = fc.tuple(fc.array(field, { minLength: 0, maxLength: 5 }), lineBreak);
    const lines = fc.array(fc.oneof({ weight: 40, arbitrary: record }, { weight: 1, arbitrary: short }), {
      minLength: 30,
      maxLength: 60,
    });
    const marks = fc.constantFrom<[CsvDelimiter, '.' | ',']>([',', '.'], [';', ','], ['\t', '.'], [',', ',']);
    fc.assert(
      fc.property(lines, marks, (list, [delimiter, decimal]) => {
        const once = list.map(([fields, end]) => fields.join(delimiter) + end).join('');
        // Long enough for blocks.
        const text = once.repeat(Math.ceil(20_000 / once.length));
        const [expected, actual] = bothWays(text, delimiter, 3, decimal);
        expect(actual).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('read numbers as JavaScript does', () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 500, maxLength: 600 }), (values) => {
        const text = values
          .map((value) => `${value},${value.toExponential(17)}\n`)
          .join('')
          .repeat(20);
        const { dataset } = parseCsv(`a,b\n${text}`, { task: 'regress' });
        const { targets } = dataset;
        for (const [i, value] of values.entries()) {
          expect(dataset.inputs.data[i]).toBe(value);
          expect(targets.kind === 'values' && targets.data[i]).toBe(value);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('are also used where quotes come now and then', () => {
    const rows = Array.from({ length: 5000 }, (_, i) =>
      i % 7 === 0 ? `"${i}","${i / 8}",a` : `${i},${i / 8},b`,
    );
    const { dataset, schema } = parseCsv(`x,y,label\n${rows.join('\n')}`);
    expect(dataset.rows).toBe(5000);
    expect([...dataset.inputs.row(4999)]).toEqual([4999, 4999 / 8]);
    expect(schema.columns[2]).toMatchObject({ kind: 'class', categories: { values: ['a', 'b'] } });
  });

  it('name the line of what is wrong far into a text', () => {
    const rows = Array.from({ length: 9000 }, (_, i) => (i === 8000 ? '1,2' : `${i},2,${i % 2}`));
    expect(() => parseCsv(`a,b,c\n${rows.join('\n')}`)).toThrow(/line 8002: 2 fields/);
    const missing = Array.from({ length: 9000 }, (_, i) => `${i},${i === 7000 ? 'NA' : 2},${i % 2}`);
    expect(() => parseCsv(`a,b,c\n${missing.join('\n')}`)).toThrow(/line 7002: column 2 \("b"\) is missing/);
    expect(parseCsv(`a,b,c\n${missing.join('\n')}`, { onMissing: 'skip' }).skippedRows).toBe(1);
    const marked = parseCsv(`a,b,c\n${rows.join('\n').replace('1,2\n', '')}`, {
      missing: ['17'],
      onMissing: 'skip',
    });
    expect(marked.skippedRows).toBe(1);
  });
});

describe('the native scanner', () => {
  const task = (text: string, columns: number, rows: number) => ({
    bytes: Buffer.from(text),
    begin: 0,
    end: text.length,
    delimiter: 44,
    decimal: 46,
    columns,
    numbers: new Float64Array(rows * columns),
    starts: new Int32Array(rows * columns),
    ends: new Int32Array(rows * columns),
    lines: new Uint32Array(rows),
  });

  it('stops where its arrays are full, and before what it does not do', () => {
    expect(native().scanCsv(task('1,2\n3,4\n5,6\n', 2, 2))).toEqual({ position: 8, records: 2, lines: 2 });
    expect(native().scanCsv(task('1,2\n"3",4\n', 2, 9))).toEqual({ position: 4, records: 1, lines: 1 });
    expect(native().scanCsv(task('1,2\n3\n', 2, 9))).toEqual({ position: 4, records: 1, lines: 1 });
    expect(native().scanCsv(task('1,2\n3,4,5\n', 2, 9))).toEqual({ position: 4, records: 1, lines: 1 });
    expect(native().scanCsv(task('1,2\n3,4', 2, 9))).toEqual({ position: 4, records: 1, lines: 1 });
    expect(native().scanCsv(task('1,2\r\n3,4\r', 2, 9))).toEqual({ position: 5, records: 1, lines: 1 });
  });

  it('refuses arguments that would reach past an array', () => {
    const good = task('1,2\n', 2, 1);
    expect(() => native().scanCsv({ ...good, end: 5 })).toThrow(RangeError);
    expect(() => native().scanCsv({ ...good, begin: 4, end: 3 })).toThrow(RangeError);
    expect(() => native().scanCsv({ ...good, columns: 1 })).toThrow(RangeError);
    expect(() => native().scanCsv({ ...good, starts: new Float64Array(2) as unknown as Int32Array })).toThrow(
      TypeError,
    );
    // Too few places are no error: less is scanned.
    expect(native().scanCsv({ ...good, ends: new Int32Array(1) })).toMatchObject({ records: 0, position: 0 });
  });
});
