import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvDelimiter, CsvScanner, detectDelimiter } from '../../lib/formats/csv/scanner.js';
import { expectRefusal } from './refusal.js';

const scan = (text: string | Uint8Array, delimiter: CsvDelimiter = ',') => {
  const scanner = new CsvScanner(typeof text === 'string' ? Buffer.from(text) : text, delimiter, 'x.csv');
  const records: string[][] = [];
  const lines: number[] = [];
  while (scanner.next()) {
    records.push(scanner.texts());
    lines.push(scanner.line);
  }
  return { records, lines };
};

describe('CsvScanner', () => {
  it.each(['\n', '\r\n', '\r'])('reads back what was written with the line break %j', (lineBreak) => {
    const field = fc.oneof(
      fc.string({
        unit: fc.constantFrom('a', '"', ',', ';', '\t', '\n', '\r', ' ', '1', 'é', '語', '\ufffd'),
      }),
      fc.string({ unit: 'grapheme' }),
    );
    const records = fc
      .integer({ min: 1, max: 5 })
      .chain((width) => fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1 }));
    fc.assert(
      fc.property(records, fc.constantFrom<CsvDelimiter>(',', ';', '\t'), (table, delimiter) => {
        const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const text = table.map((record) => record.map(quote).join(delimiter)).join(lineBreak);
        expect(scan(text, delimiter).records).toEqual(table);
        expect(scan(`\ufeff${text}${lineBreak}`, delimiter).records).toEqual(table);
      }),
    );
  });

  it('drops blanks around fields, but not in quotes', () => {
    expect(scan('a , b,"  c "  ,  "d"\t\n').records).toEqual([['a', 'b', '  c ', 'd']]);
    expect(scan(' a\t\tb ', '\t').records).toEqual([['a', '', 'b']]);
  });

  it('takes quotes that do not open a field as they are', () => {
    expect(scan('5" pipe,a"b"c').records).toEqual([['5" pipe', 'a"b"c']]);
  });

  it('counts lines as an editor does, through blank lines and breaks in quotes', () => {
    const { records, lines } = scan('a,b\n\n"1\n2\r\n3",4\r\n \r\n5,6');
    expect(records).toEqual([
      ['a', 'b'],
      ['1\n2\r\n3', '4'],
      ['5', '6'],
    ]);
    expect(lines).toEqual([1, 3, 7]);
  });

  it('keeps empty fields at the ends', () => {
    expect(scan(',\n,1,\n"",').records).toEqual([
      ['', ''],
      ['', '1', ''],
      ['', ''],
    ]);
  });

  it('reads lines of many fields', () => {
    const fields = Array.from({ length: 5000 }, (_, i) => `f${i}`);
    expect(scan(`${fields.join()}\n${fields.join()}`).records).toEqual([fields, fields]);
  });

  it('finds nothing in nothing', () => {
    for (const text of ['', '\n\r\n', '\ufeff', ' \n \n']) expect(scan(text).records).toEqual([]);
  });

  it('takes any bytes, or refuses them with a line', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...Buffer.from('a1",;\t\r\n '), 0xef, 0xbb, 0xbf, 0xff)),
        (bytes) => {
          try {
            scan(Uint8Array.from(bytes));
          } catch (error) {
            expect(error).toMatchObject({ name: 'SparseTrainError', code: 'INVALID_FILE' });
            expect((error as Error).message).toMatch(/^x\.csv: line \d+, column \d+/);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('refuses a quote that never closes, where it opens', async () => {
    await expectRefusal('INVALID_FILE', ['line 2, column 2', 'never closed'], () => scan('a,b\n1,"x\n3,4\n'));
  });

  it('refuses text after a closing quote', async () => {
    await expectRefusal('INVALID_FILE', ['line 1, column 1', '""'], () => scan('"a "b" c",d'));
  });

  it('refuses what is not UTF-8, with its place', async () => {
    await expectRefusal('INVALID_FILE', ['line 2, column 1', 'UTF-8'], () =>
      scan(Buffer.from('a\ncaf\xe9', 'latin1')),
    );
  });
});

describe('detectDelimiter', () => {
  it.each<[CsvDelimiter | undefined, string]>([
    [',', 'a,b\n1,2'],
    [';', 'a;b\n1;2'],
    ['\t', 'a\tb\n1\t2'],
    [';', '1,5;2,5\n3,5;4,5'],
    ['\t', 'a, b\tc\nd, e\tf'],
    [',', 'a,"b;c"\n1,"x;y;z"\n2,"p"'],
    [',', 'a,b;c\n1,2\n3,4'],
    [',', 'a,b\n1,2,3'],
    [undefined, 'a\n1\n2'],
    [undefined, ''],
  ])('finds %j in %j', (delimiter, text) => {
    expect(detectDelimiter(Buffer.from(text), 'x.csv')).toBe(delimiter);
  });
});
