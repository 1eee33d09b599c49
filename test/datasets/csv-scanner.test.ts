import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { native } from '../../lib/engine/native.js';
import { detectDelimiter } from '../../lib/formats/csv/delimiter.js';
import { TextRecords } from '../../lib/formats/csv/text-records.js';
import { textNumber } from '../../lib/formats/csv/value.js';
import { readCsvText, readNumber } from '../reference/csv.js';
import { expectRefusal } from './refusal.js';

const textOf = (text: string | Uint8Array, delimiter = ',') => ({
  bytes: Buffer.from(text as string),
  name: 'x.csv',
  delimiter,
  begin: 0,
  line: 1,
});

interface Scan {
  readonly records: readonly { line: number; fields: string[]; numbers: number[] }[];
  readonly wrong: string | undefined;
}

/** All records of a text, and its fault: line, column and kind. */
function scan(text: string, delimiter: string, decimal: '.' | ',' = '.', keepsBlankLines = false): Scan {
  const records = new TextRecords(textOf(text, delimiter), { decimal, keepsBlankLines });
  const all: Scan['records'][number][] = [];
  try {
    while (records.next()) {
      const numbers = Array.from({ length: records.count }, (_, i) => records.number(i));
      all.push({ line: records.line, fields: records.texts(), numbers });
    }
    return { records: all, wrong: undefined };
  } catch (error) {
    const [, line, column, kind] =
      /line (\d+), column (\d+): .*(never closed|after the closing quote)/.exec((error as Error).message) ??
      [];
    return { records: all, wrong: `${line},${column},${kind}` };
  }
}

function expected(text: string, delimiter: string, decimal: '.' | ',', keepsBlankLines: boolean): Scan {
  try {
    const records = readCsvText(text, { delimiter, keepsBlankLines });
    const all = records.map(({ line, fields }) => ({
      line,
      fields: [...fields],
      numbers: fields.map((field) => readNumber(field, decimal)),
    }));
    return { records: all, wrong: undefined };
  } catch (error) {
    return { records: [], wrong: (error as Error).message };
  }
}

const delimiters = fc.constantFrom(',', ';', '\t', '|', ' ', '-', 'e', '.', '§', '€', '😀');
const decimals = fc.constantFrom<'.' | ','>('.', ',');
const piece = fc.constantFrom(
  ...[
    '"',
    '""',
    '"a"',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\r',
    '\n\n',
    '1',
    '-2.5',
    '1,5',
    '"1,5"',
    '3e2',
    'x',
    'é',
    '语',
    '',
    '7 8',
    '.5',
    '1e400',
  ],
);

describe('the scanner', () => {
  it('reads any text as the plain reading does, and finds the same wrong quotes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(piece, fc.boolean()), { maxLength: 40 }),
        delimiters,
        decimals,
        fc.boolean(),
        (pieces, delimiter, decimal, keepsBlankLines) => {
          const text = pieces.map(([some, divides]) => some + (divides ? delimiter : '')).join('');
          const actual = scan(text, delimiter, decimal, keepsBlankLines);
          const wanted = expected(text, delimiter, decimal, keepsBlankLines);
          expect(actual.wrong).toBe(wanted.wrong);
          if (wanted.wrong === undefined) expect(actual.records).toEqual(wanted.records);
        },
      ),
      { numRuns: 20_000 },
    );
  });

  it('reads long texts in blocks and windows as the plain reading does', () => {
    const field = fc.oneof(
      { weight: 20, arbitrary: fc.double({ noNaN: true }).map(String) },
      { weight: 1, arbitrary: fc.constantFrom('"a,""b""\n"', '', 'text', '" 1 "') },
    );
    const record = fc.array(field, { minLength: 1, maxLength: 5 }).map((fields) => `${fields.join(',')}\n`);
    fc.assert(
      fc.property(fc.array(record, { minLength: 30, maxLength: 60 }), (lines) => {
        const text = lines.join('').repeat(Math.ceil(600_000 / lines.join('').length));
        const actual = new TextRecords(textOf(text), { decimal: '.' });
        for (const { line, fields } of readInLines(text)) {
          expect(actual.next()).toBe(true);
          expect(actual.line).toBe(line);
          expect(actual.texts()).toEqual(fields);
        }
        expect(actual.next()).toBe(false);
        expect(actual.next()).toBe(false);
      }),
      { numRuns: 3 },
    );
  });

  it('gives the same records of a text that comes in parts', () => {
    const pieces = fc.array(piece, { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        pieces,
        fc.constantFrom(',', '€'),
        fc.integer({ min: 1, max: 30 }),
        (some, delimiter, cut) => {
          const text = some.join(delimiter);
          const whole = scan(text, delimiter);
          fc.pre(whole.wrong === undefined);
          const bytes = Buffer.from(text);
          const records: { line: number; fields: string[] }[] = [];
          let start = 0;
          let line = 1;
          for (let end = cut; ; end += cut) {
            const isPart = end < bytes.length;
            const part = { ...textOf(bytes.subarray(start, end), delimiter), line };
            const scanned = new TextRecords(part, { decimal: '.', isPart });
            while (scanned.next()) records.push({ line: scanned.line, fields: scanned.texts() });
            start += scanned.position;
            line = scanned.nextLine;
            if (!isPart) break;
          }
          expect(records).toEqual(whole.records.map(({ line: at, fields }) => ({ line: at, fields })));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each(['\n', '\r\n', '\r'])('reads back what was written with the line break %j', (lineBreak) => {
    const field = fc.string({
      unit: fc.constantFrom('a', '"', ',', ';', '\t', '\n', '\r', ' ', '1', 'é', '語', '\ufffd'),
    });
    const records = fc
      .integer({ min: 1, max: 5 })
      .chain((width) => fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1 }));
    fc.assert(
      fc.property(records, fc.constantFrom(',', ';', '\t', '|', ' '), (table, delimiter) => {
        const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const text = table.map((record) => record.map(quote).join(delimiter)).join(lineBreak);
        expect(scan(text, delimiter).records.map(({ fields }) => fields)).toEqual(table);
      }),
    );
  });

  it('rounds numbers of any number of digits as JavaScript does', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 0, maxLength: 25 });
    const exponent = fc.option(fc.integer({ min: -330, max: 330 }));
    fc.assert(
      fc.property(
        fc.constantFrom('', '-', '+'),
        digits,
        digits,
        exponent,
        decimals,
        (sign, whole, part, power, mark) => {
          fc.pre(whole.length + part.length > 0);
          const text = `${sign}${whole}${mark}${part}${power === null ? '' : `e${power}`}`;
          const value = Number(text.replace(',', '.'));
          const wanted = Number.isFinite(value) ? value : Number.NaN;
          expect(scan(`${text};"${text}"`, ';', mark).records[0]?.numbers).toEqual([wanted, wanted]);
          expect(textNumber(text, mark)).toBe(wanted);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('takes a million digits, and a record of more fields than a block, without trouble', () => {
    expect(scan(`0.${'3'.repeat(1_000_000)},x`, ',').records[0]?.numbers[0]).toBe(1 / 3);
    const fields = Array.from({ length: 50_000 }, (_, i) => `f${i}`);
    expect(scan(`${fields.join()}\n${fields.join()}`, ',').records.map((record) => record.fields)).toEqual([
      fields,
      fields,
    ]);
  });

  it('reads a field that is larger than a window', () => {
    const long = 'x"\n'.repeat(300_000);
    const text = `1,"${long.replaceAll('"', '""')}",2\n3,4,5`;
    expect(scan(text, ',').records).toMatchObject([
      { line: 1, fields: ['1', long, '2'] },
      { line: 300_002, fields: ['3', '4', '5'] },
    ]);
  });

  it('refuses what is not UTF-8, with its place, and shows little of it', async () => {
    const records = new TextRecords(textOf(Buffer.from(`a,b\ncaf\xe9${'s'.repeat(1000)},1`, 'latin1')), {
      decimal: '.',
    });
    records.next();
    records.next();
    await expectRefusal('INVALID_FILE', ['line 2, column 1', 'UTF-8', 's…"'], () => records.text(0));
  });
});

/** The plain reader of a long text cuts strings, which is slow, so it reads line by line. */
function* readInLines(text: string): Generator<{ line: number; fields: readonly string[] }> {
  let line = 1;
  for (const [record] of text.matchAll(/(?:[^"\n]|"[^"]*")*\n/g)) {
    yield* readCsvText(record, { delimiter: ',' }).map(({ fields }) => ({ line, fields }));
    line += record.split('\n').length - 1;
  }
}

describe('the native function', () => {
  const task = (text: string, fields: number, rows: number) => ({
    bytes: Buffer.from(text),
    begin: 0,
    end: text.length,
    delimiter: Buffer.from(','),
    decimal: 46,
    isPart: false,
    keepsBlankLines: false,
    numbers: new Float64Array(fields),
    starts: new Int32Array(fields),
    ends: new Int32Array(fields),
    firsts: new Uint32Array(rows + 1),
    lines: new Uint32Array(rows),
  });

  it('stops where its arrays are full', () => {
    expect(native().scanCsv(task('1,2\n3,4\n5,6\n', 9, 2))).toMatchObject({
      position: 8,
      records: 2,
      lines: 2,
      stop: 1,
    });
    expect(native().scanCsv(task('1,2\n3,4\n5,6\n', 5, 9))).toMatchObject({
      position: 8,
      records: 2,
      lines: 2,
      stop: 1,
    });
    expect(native().scanCsv(task('1,2\n', 0, 9))).toMatchObject({ position: 0, records: 0, stop: 1 });
    expect(native().scanCsv({ ...task('1,2\n', 9, 9), ends: new Int32Array(1) })).toMatchObject({
      records: 0,
      stop: 1,
    });
  });

  it('refuses arguments that would reach past an array', () => {
    const good = task('1,2\n', 2, 1);
    expect(() => native().scanCsv({ ...good, end: 5 })).toThrow(RangeError);
    expect(() => native().scanCsv({ ...good, begin: 4, end: 3 })).toThrow(RangeError);
    expect(() => native().scanCsv({ ...good, delimiter: new Uint8Array(0) })).toThrow(RangeError);
    expect(() => native().scanCsv({ ...good, delimiter: new Uint8Array(5) })).toThrow(RangeError);
    expect(() => native().scanCsv({ ...good, firsts: new Uint32Array(0) })).toThrow(RangeError);
    expect(() => native().scanCsv({ ...good, starts: new Float64Array(2) as unknown as Int32Array })).toThrow(
      TypeError,
    );
  });
});

describe('detectDelimiter', () => {
  it.each<[string | undefined, string]>([
    [',', 'a,b\n1,2'],
    [';', 'a;b\n1;2'],
    ['\t', 'a\tb\n1\t2'],
    ['|', 'a|b\n1,5|2,5'],
    [' ', 'a b\n1   2'],
    [';', '1,5;2,5\n3,5;4,5'],
    ['\t', 'a, b\tc\nd, e\tf'],
    [',', 'a,"b;c"\n1,"x;y;z"\n2,"p"'],
    [',', 'a,b;c\n1,2\n3,4'],
    [',', 'a,b\n1,2,3'],
    [',', 'a b,c\n1,2'],
    [undefined, 'a\n1\n2'],
    [undefined, 'a text\nof uneven lines'],
    [undefined, ''],
  ])('finds %j in %j', (delimiter, text) => {
    expect(detectDelimiter(textOf(text))).toBe(delimiter);
  });
});
