import { SparseTrainError } from '../../base/errors.js';
import { scanCsv } from '../../engine/csv.js';
import { quoted } from './problems.js';
import type { Records } from './records.js';
import { TextCache } from './text-cache.js';

/** The most fields that one call scans. */
const BLOCK_FIELDS = 8192;

/** The most bytes that one call scans, chosen so that a call takes well under a millisecond. */
const WINDOW_BYTES = 2 ** 18;

const QUOTE = 0x22;
const SIGN_PLUS = 0x2b;
const SIGN_MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
/** Characters of a number that a double always holds. */
const LONGEST_SHORT = 15;

/** The reasons why the C++ scanner stops (CsvStop in native/csv/scan.hpp). */
const FULL = 1;
const INCOMPLETE = 2;
const UNCLOSED = 3;
const AFTER_QUOTE = 4;

/** Text to be read as records. */
export interface CsvText {
  /** UTF-8. */
  readonly bytes: Buffer;
  /** The name of the text in messages. */
  readonly name: string;
  /** The delimiter: a single character. */
  readonly delimiter: string;
  /** The position of the first record, and its line. */
  readonly begin: number;
  readonly line: number;
}

/** How {@link TextRecords} are read. */
export interface TextOptions {
  readonly decimal: '.' | ',';
  /** Whether more text may follow. If so, a record is read only once the line break after it has arrived. */
  readonly isPart?: boolean;
  /** Whether a blank line is a record with one empty field. Otherwise blank lines are skipped. */
  readonly keepsBlankLines?: boolean;
  /** The number of records to scan at once; with 1, `position` is always just after the record. */
  readonly atOnce?: number;
}

/**
 * The records of a CSV text, one by one. The scanner in C++ (native/csv) reads blocks of records and their
 * numbers; texts are decoded when they are requested.
 */
export class TextRecords implements Records {
  count = 0;
  line = 0;
  at = 0;
  block: Float64Array;
  readonly unit = 'line';

  readonly #text: CsvText;
  readonly #delimiter: Uint8Array;
  readonly #options: TextOptions;
  readonly #end: number;
  readonly #firsts: Uint32Array;
  readonly #lines: Uint32Array;
  readonly #texts = new TextCache();
  #starts: Int32Array;
  #ends: Int32Array;
  #position: number;
  #nextLine: number;
  /** The number of records in the block, the index of the next one, and the line where the block begins. */
  #records = 0;
  #next = 0;
  #blockLine = 0;

  constructor(text: CsvText, options: TextOptions) {
    const { bytes, begin } = text;
    this.#text = text;
    this.#options = options;
    this.#delimiter = Buffer.from(text.delimiter);
    // Line breaks at the very end are not blank lines.
    let end = bytes.length;
    if (options.keepsBlankLines === true && options.isPart !== true) {
      while (end > begin && isLineBreak(bytes[end - 1])) end--;
    }
    this.#end = end;
    this.#position = begin;
    this.#nextLine = text.line;
    // A text has at most one field more than it has bytes.
    const fields = Math.min(BLOCK_FIELDS, end - begin + 1);
    const records = Math.min(fields, options.atOnce ?? fields);
    this.block = new Float64Array(fields);
    this.#starts = new Int32Array(fields);
    this.#ends = new Int32Array(fields);
    this.#firsts = new Uint32Array(records + 1);
    this.#lines = new Uint32Array(records);
  }

  /** The position of the next block of records. */
  get position(): number {
    return this.#position;
  }

  /** The line of the next block of records. */
  get nextLine(): number {
    return this.#nextLine;
  }

  /** @throws SparseTrainError INVALID_FILE if a quote is wrong */
  next(): boolean {
    if (this.#next === this.#records && !this.#scan()) return false;
    const record = this.#next++;
    this.at = this.#firsts[record] as number;
    this.count = (this.#firsts[record + 1] as number) - this.at;
    this.line = this.#blockLine + (this.#lines[record] as number);
    return true;
  }

  number(index: number): number {
    return this.block[this.at + index] as number;
  }

  /** Whether a field that is a number is so short, and begins in such a way, that the number says all that the text says. */
  isShortNumber(index: number): boolean {
    const start = this.#starts[this.at + index] as number;
    const length = (this.#ends[this.at + index] as number) - start;
    const first = this.#text.bytes[start] as number;
    if (length > LONGEST_SHORT || first === SIGN_PLUS || first === SIGN_MINUS) return false;
    const second = this.#text.bytes[start + 1] as number;
    return first !== ZERO || length === 1 || second < ZERO || second > NINE;
  }

  text(index: number): string {
    const { bytes } = this.#text;
    const start = this.#starts[this.at + index] as number;
    const end = this.#ends[this.at + index] as number;
    const text = this.#texts.decode(bytes, start, end);
    if (text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end))) {
      throw new SparseTrainError(
        'INVALID_FILE',
        `${this.#text.name}: line ${this.line}, column ${index + 1} is not UTF-8 (${quoted(text)}); save the file as UTF-8`,
      );
    }
    // The byte before a field is a quote only if the field is quoted.
    return bytes[start - 1] === QUOTE ? text.replaceAll('""', '"') : text;
  }

  /** All fields of the record as texts. */
  texts(): string[] {
    return Array.from({ length: this.count }, (_, i) => this.text(i));
  }

  /** Scans a block; returns false if there are no more records. */
  #scan(): boolean {
    for (let window = WINDOW_BYTES; this.#position < this.#end; ) {
      const until = Math.min(this.#end, this.#position + window);
      const isPart = this.#options.isPart === true || until < this.#end;
      const before = this.#nextLine;
      const { position, records, lines, stop, wrongLine, wrongField } = scanCsv({
        bytes: this.#text.bytes,
        begin: this.#position,
        end: until,
        delimiter: this.#delimiter,
        decimal: this.#options.decimal.charCodeAt(0),
        isPart,
        keepsBlankLines: this.#options.keepsBlankLines === true,
        numbers: this.block,
        starts: this.#starts,
        ends: this.#ends,
        firsts: this.#firsts,
        lines: this.#lines,
      });
      this.#position = position;
      this.#nextLine = before + lines;
      this.#blockLine = before;
      this.#records = records;
      this.#next = 0;
      if (records > 0) return true;
      if (stop === UNCLOSED || stop === AFTER_QUOTE)
        throw this.#wrongQuote(stop, before + wrongLine, wrongField);
      if (stop === FULL) this.#grow();
      if (stop === INCOMPLETE) {
        if (until === this.#end) return false;
        window *= 2;
      }
    }
    return false;
  }

  /** Enlarges the buffers for a record with more fields than a block has room for. */
  #grow(): void {
    const fields = 4 * this.block.length;
    this.block = new Float64Array(fields);
    this.#starts = new Int32Array(fields);
    this.#ends = new Int32Array(fields);
  }

  #wrongQuote(stop: number, line: number, field: number): SparseTrainError {
    const place = `${this.#text.name}: line ${line}, column ${field + 1}`;
    const what =
      stop === UNCLOSED
        ? ': the quote that opens here is never closed'
        : ': there is text after the closing quote; a quote inside a quoted field is written twice ("")';
    return new SparseTrainError('INVALID_FILE', place + what);
  }
}

function isLineBreak(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
