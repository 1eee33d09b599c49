/** One record of a CSV text. */
export interface ReferenceRecord {
  /** The line it begins on, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

export interface ReferenceOptions {
  readonly delimiter: string;
  readonly keepsBlankLines?: boolean;
}

const LINE_BREAK = /^(?:\r\n|\r|\n)/;

/**
 * Reads CSV text in the plainest way: character by character, as docs/data.md describes the format. For a wrong quote
 * it throws an error whose message is the line, the column and the kind.
 */
export function readCsvText(text: string, options: ReferenceOptions): ReferenceRecord[] {
  const { delimiter, keepsBlankLines = false } = options;
  const blank = delimiter === '\t' ? /^ / : delimiter === ' ' ? /^\t/ : /^[ \t]/;
  const records: ReferenceRecord[] = [];
  let rest = keepsBlankLines ? text.replace(/[\r\n]+$/, '') : text;
  let line = 1;

  const skip = (pattern: RegExp) => {
    while (pattern.test(rest)) rest = rest.slice(1);
  };
  const takeLineBreak = () => {
    rest = rest.replace(LINE_BREAK, '');
    line++;
  };
  const endsField = () => rest === '' || LINE_BREAK.test(rest) || rest.startsWith(delimiter);

  const readQuoted = (column: number): string => {
    const opened = line;
    let field = '';
    rest = rest.slice(1);
    while (!rest.startsWith('"') || rest.startsWith('""')) {
      if (rest === '') throw new Error(`${opened},${column},never closed`);
      const next = rest.startsWith('""') ? '""' : (LINE_BREAK.exec(rest)?.[0] ?? rest.slice(0, 1));
      if (LINE_BREAK.test(next)) line++;
      field += next === '""' ? '"' : next;
      rest = rest.slice(next.length);
    }
    rest = rest.slice(1);
    skip(blank);
    if (!endsField()) throw new Error(`${line},${column},after the closing quote`);
    return field;
  };

  while (rest !== '') {
    const record = { line, fields: [] as string[] };
    let wasQuoted = false;
    if (delimiter === ' ') skip(/^[ \t]/);
    for (;;) {
      skip(blank);
      wasQuoted = rest.startsWith('"');
      if (wasQuoted) {
        record.fields.push(readQuoted(record.fields.length + 1));
      } else {
        let field = '';
        while (!endsField()) {
          field += rest.slice(0, 1);
          rest = rest.slice(1);
        }
        record.fields.push(delimiter === '\t' ? field.replace(/ +$/, '') : field.replace(/[ \t]+$/, ''));
      }
      if (!rest.startsWith(delimiter)) break;
      rest = rest.slice(delimiter.length);
      // If the delimiter is a space, any number of them counts as one, and none ends a line.
      if (delimiter === ' ') {
        skip(/^[ \t]/);
        if (rest === '' || LINE_BREAK.test(rest)) break;
      }
    }
    takeLineBreak();
    const isBlank = record.fields.length === 1 && record.fields[0] === '' && !wasQuoted;
    if (!isBlank || keepsBlankLines) records.push(record);
  }
  return records;
}

/** The number in a field, or NaN. */
export function readNumber(field: string, decimal: '.' | ','): number {
  const text = decimal === ',' ? field.replace('.', 'x').replace(',', '.') : field;
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
  const number = isNumber ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : Number.NaN;
}
