import { SparseTrainError } from '../../base/errors.js';
import { parseNumber } from './number.js';
import type { Records } from './records.js';

/** What may stand between two fields. */
export type CsvDelimiter = ',' | ';' | '\t';

/** Most preferred first; see {@link detectDelimiter}. */
export const CSV_DELIMITERS: readonly CsvDelimiter[] = ['\t', ';', ','];

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const QUOTE = 0x22;

/** Instead of a place: the quote that opened a field is not closed in what is there of the text. */
const NOT_CLOSED = -1;

/**
 * Reads records of a CSV file one after the other, in one pass, without making strings: each record is a list of
 * byte ranges. RFC 4180, and in addition: any delimiter, CR or LF alone as line breaks, a byte order mark, blanks
 * around fields (dropped unless quoted), blank lines (skipped).
 */
export class CsvScanner implements Records {
  count = 0;
  line = 0;
  readonly unit = 'line';
  readonly block = undefined;
  readonly at = 0;
  /** Whether blank lines are skipped. They are not where a record is one field, which may be empty. */
  skipBlankLines = true;

  /** What stands between fields. */
  readonly delimiter: CsvDelimiter;

  readonly #bytes: Buffer;
  readonly #delimiter: number;
  readonly #name: string;
  readonly #begin: number;
  readonly #end: number;
  readonly #isPart: boolean;
  #position = 0;
  #nextLine = 1;
  #starts = new Int32Array(64);
  #ends = new Int32Array(64);
  /** 1 where the field holds doubled quotes. */
  #escaped = new Uint8Array(64);

  /**
   * @param bytes - UTF-8 text, with or without byte order mark
   * @param name - what messages call the text
   * @param isPart - whether more of the text may follow: a record is then only read if the line break after it is there
   */
  constructor(bytes: Uint8Array, delimiter: CsvDelimiter, name: string, isPart = false) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.delimiter = delimiter;
    this.#delimiter = delimiter.charCodeAt(0);
    this.#name = name;
    const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    this.#begin = hasMark ? 3 : 0;
    this.#position = this.#begin;
    this.#isPart = isPart;
    // Line breaks at the very end are no blank lines.
    let end = bytes.length;
    while (!isPart && end > this.#begin && isLineBreak(bytes[end - 1])) end--;
    this.#end = end;
  }

  /** The byte from which the next record is read. */
  get position(): number {
    return this.#position;
  }

  /** The line of the next record. */
  get nextLine(): number {
    return this.#nextLine;
  }

  /** The byte after the last one of the records. */
  get end(): number {
    return this.#end;
  }

  /** Goes to a record, known by its first byte and its line. */
  seek(position: number, line: number): void {
    this.#position = position;
    this.#nextLine = line;
  }

  next(): boolean {
    while (this.#position < this.#end) {
      const { position, nextLine } = this;
      if (!this.#readRecord()) {
        this.seek(position, nextLine);
        return false;
      }
      const blank =
        this.count === 1 && this.isEmpty(0) && this.#bytes[(this.#starts[0] as number) - 1] !== QUOTE;
      if (!blank || !this.skipBlankLines) return true;
    }
    return false;
  }

  /** Goes back to before the first record. */
  rewind(): void {
    this.#position = this.#begin;
    this.#nextLine = 1;
  }

  /** Whether field `index` is empty. */
  isEmpty(index: number): boolean {
    return this.#starts[index] === this.#ends[index];
  }

  number(index: number, decimal: number, roughly = false): number {
    return parseNumber(
      this.#bytes,
      this.#starts[index] as number,
      this.#ends[index] as number,
      decimal,
      roughly,
    );
  }

  /** @throws SparseTrainError INVALID_FILE if it is not UTF-8 */
  text(index: number): string {
    const start = this.#starts[index] as number;
    const text = this.textBetween(start, this.#ends[index] as number, this.line, index);
    return this.#escaped[index] === 1 ? text.replaceAll('""', '"') : text;
  }

  /**
   * The text of some bytes.
   *
   * @param line - what the message names, and the column's `index`
   * @throws SparseTrainError INVALID_FILE if it is not UTF-8
   */
  textBetween(start: number, end: number, line: number, index: number): string {
    // A Buffer's decoder is the quick one for short texts, but it replaces what is not UTF-8.
    const text = this.#bytes.toString('utf8', start, end);
    if (text.includes('\ufffd') && !isUtf8(this.#bytes.subarray(start, end))) {
      throw new SparseTrainError(
        'INVALID_FILE',
        `${this.#name}: line ${line}, column ${index + 1} is not UTF-8 ("${text}"); save the file as UTF-8`,
      );
    }
    return text;
  }

  /** All fields of the record as texts. */
  texts(): string[] {
    return Array.from({ length: this.count }, (_, i) => this.text(i));
  }

  /** Reads a record; false if not all of it is there yet. */
  #readRecord(): boolean {
    const bytes = this.#bytes;
    const end = this.#end;
    const delimiter = this.#delimiter;
    this.count = 0;
    this.line = this.#nextLine;
    let i = this.#position;
    for (;;) {
      while (i < end && isBlank(bytes[i], delimiter)) i++;
      if (bytes[i] === QUOTE && i < end) {
        i = this.#readQuoted(i);
        if (i === NOT_CLOSED) return false;
      } else {
        const start = i;
        while (i < end && bytes[i] !== delimiter && bytes[i] !== LINE_FEED && bytes[i] !== CARRIAGE_RETURN)
          i++;
        let last = i;
        while (last > start && isBlank(bytes[last - 1], delimiter)) last--;
        this.#addField(start, last, 0);
      }
      if (i < end && bytes[i] === delimiter) {
        i++;
        continue;
      }
      // A CR at the end may be half of a CRLF.
      if (this.#isPart && (i >= end || (bytes[i] === CARRIAGE_RETURN && i + 1 === end))) return false;
      if (bytes[i] === CARRIAGE_RETURN && bytes[i + 1] === LINE_FEED) i++;
      this.#position = i + 1;
      this.#nextLine++;
      return true;
    }
  }

  /** Reads a field from its opening quote; returns where the delimiter or line break after it is, or NOT_CLOSED. */
  #readQuoted(open: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    const openLine = this.#nextLine;
    let escaped = 0;
    let i = open + 1;
    for (; ; i++) {
      if (i >= end) {
        if (this.#isPart) return NOT_CLOSED;
        throw new SparseTrainError(
          'INVALID_FILE',
          `${this.#name}: line ${openLine}, column ${this.count + 1}: the quote that opens here is never closed`,
        );
      }
      const byte = bytes[i];
      if (byte === QUOTE) {
        if (i + 1 >= end || bytes[i + 1] !== QUOTE) break;
        escaped = 1;
        i++;
      } else if (byte === LINE_FEED || (byte === CARRIAGE_RETURN && bytes[i + 1] !== LINE_FEED)) {
        this.#nextLine++;
      }
    }
    this.#addField(open + 1, i, escaped);
    i++;
    while (i < end && isBlank(bytes[i], this.#delimiter)) i++;
    if (i < end && bytes[i] !== this.#delimiter && !isLineBreak(bytes[i])) {
      throw new SparseTrainError(
        'INVALID_FILE',
        `${this.#name}: line ${this.#nextLine}, column ${this.count}: there is text after the closing quote; ` +
          'a quote inside a quoted field is written twice ("")',
      );
    }
    return i;
  }

  #addField(start: number, end: number, escaped: number): void {
    if (this.count === this.#starts.length) {
      this.#starts = grow(this.#starts, new Int32Array(this.count * 2));
      this.#ends = grow(this.#ends, new Int32Array(this.count * 2));
      this.#escaped = grow(this.#escaped, new Uint8Array(this.count * 2));
    }
    this.#starts[this.count] = start;
    this.#ends[this.count] = end;
    this.#escaped[this.count] = escaped;
    this.count++;
  }
}

function grow<T extends Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function isLineBreak(byte: number | undefined): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN;
}

function isBlank(byte: number | undefined, delimiter: number): boolean {
  return byte === SPACE || (byte === TAB && delimiter !== TAB);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** How many records {@link detectDelimiter} looks at. */
const DETECTION_RECORDS = 10;

/**
 * The delimiter of a CSV text: the one that divides each of the first records into the same number of fields, two or
 * more. Where several do, tabs come before semicolons before commas, since commas are also decimal marks and
 * punctuation. Where none does, the one that divides the first record into most fields, for later messages to name
 * the ragged lines.
 *
 * @returns undefined if none of them divides the first record
 * @throws SparseTrainError INVALID_FILE if none does because its quotes are wrong
 */
export function detectDelimiter(bytes: Uint8Array, name: string): CsvDelimiter | undefined {
  let most: CsvDelimiter | undefined;
  let mostFields = 1;
  let problem: unknown;
  for (const delimiter of CSV_DELIMITERS) {
    const { counts, error } = countFields(bytes, delimiter, name);
    const first = counts[0] ?? 0;
    if (first > 1 && counts.every((count) => count === first)) return delimiter;
    if (first > mostFields) {
      most = delimiter;
      mostFields = first;
    }
    problem = error;
  }
  if (most === undefined && problem !== undefined) throw problem;
  return most;
}

/** Whether a delimiter divides the first record into two fields or more. */
export function dividesFirst(bytes: Uint8Array, delimiter: CsvDelimiter, name: string): boolean {
  return (countFields(bytes, delimiter, name, 1).counts[0] ?? 0) > 1;
}

/** Fields of each of the first records, up to one whose quotes make no sense, as happens with a wrong delimiter. */
function countFields(
  bytes: Uint8Array,
  delimiter: CsvDelimiter,
  name: string,
  records = DETECTION_RECORDS,
): { counts: number[]; error?: unknown } {
  const scanner = new CsvScanner(bytes, delimiter, name);
  const counts: number[] = [];
  try {
    while (counts.length < records && scanner.next()) counts.push(scanner.count);
  } catch (error) {
    return { counts, error };
  }
  return { counts };
}

/**
 * Refuses what is plainly not a UTF-8 text, with the reason.
 *
 * @throws SparseTrainError INVALID_FILE
 */
export function checkIsText(bytes: Uint8Array, name: string): void {
  const mark = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  if (mark === 0xfffe || mark === 0xfeff) {
    throw new SparseTrainError(
      'INVALID_FILE',
      `${name} is UTF-16 text; save it as UTF-8 (in Excel: CSV UTF-8)`,
    );
  }
  if (bytes.subarray(0, 4096).includes(0)) {
    throw new SparseTrainError(
      'INVALID_FILE',
      `${name} is binary, not CSV text (its beginning has zero bytes)`,
    );
  }
}
