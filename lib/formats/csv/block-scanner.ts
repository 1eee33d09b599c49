import { native } from '../../engine/native.js';
import { parseNumber } from './number.js';
import type { Records } from './records.js';
import type { CsvScanner } from './scanner.js';

/** Texts shorter than this are not worth the arrays. */
const SHORT = 16_384;

/** Fields that are scanned by one call, roughly. */
const BLOCK_FIELDS = 32_768;

/** Records that are read one by one after one that the quick scanner does not do; doubled as long as they come at once. */
const FIRST_DETOUR = 1;
const LONGEST_DETOUR = 1024;

/**
 * The rest of a text's records as a scanner gives them, but many times as fast where fields are plain numbers: C++
 * scans blocks of records, and the scanner only reads those that need more (quotes, a wrong number of fields, the last).
 *
 * @param scanner - before the next record
 * @param bytes - its text
 * @param columns - fields that the records should have
 * @param decimal - the decimal mark's byte, also of the calls of `number()`
 */
export function quickRecords(
  scanner: CsvScanner,
  bytes: Uint8Array,
  columns: number,
  decimal: number,
): Records {
  const isShort = scanner.end - scanner.position < SHORT;
  return isShort || columns < 2 ? scanner : new BlockScanner(scanner, bytes, columns, decimal);
}

class BlockScanner implements Records {
  count = 0;
  line = 0;
  readonly unit = 'line';
  block: Float64Array | undefined;
  at = -1;

  readonly #scanner: CsvScanner;
  readonly #bytes: Buffer;
  readonly #delimiter: number;
  readonly #columns: number;
  readonly #decimal: number;
  readonly #numbers: Float64Array;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #lines: Uint32Array;
  /** Records of the block, and which of them is next. */
  #records = 0;
  #next = 0;
  /** The line of the block's beginning. */
  #blockLine = 1;
  /** Records that the scanner is to read before the next block. */
  #detour = 0;
  #nextDetour = FIRST_DETOUR;

  constructor(scanner: CsvScanner, bytes: Uint8Array, columns: number, decimal: number) {
    this.#scanner = scanner;
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#delimiter = scanner.delimiter.charCodeAt(0);
    this.#columns = columns;
    this.#decimal = decimal;
    // No record is shorter than its delimiters and a line break.
    const most = Math.ceil((scanner.end - scanner.position) / columns);
    const rows = Math.max(1, Math.min(most, Math.ceil(BLOCK_FIELDS / columns)));
    this.#numbers = new Float64Array(rows * columns);
    this.#starts = new Int32Array(rows * columns);
    this.#ends = new Int32Array(rows * columns);
    this.#lines = new Uint32Array(rows);
  }

  next(): boolean {
    if (this.#next === this.#records && this.#detour === 0) this.#scanBlock();
    if (this.#next < this.#records) {
      this.at = this.#next * this.#columns;
      this.block = this.#numbers;
      this.count = this.#columns;
      this.line = this.#blockLine + (this.#lines[this.#next++] as number);
      return true;
    }
    this.at = -1;
    this.block = undefined;
    this.#detour--;
    const isThere = this.#scanner.next();
    this.count = this.#scanner.count;
    this.line = this.#scanner.line;
    return isThere;
  }

  number(index: number, decimal: number, roughly = false): number {
    if (this.at < 0) return this.#scanner.number(index, decimal, roughly);
    const number = this.#numbers[this.at + index] as number;
    if (!Number.isNaN(number)) return number;
    // Seldom a number all the same: one that C++ was not sure of.
    const start = this.#starts[this.at + index] as number;
    return parseNumber(this.#bytes, start, this.#ends[this.at + index] as number, decimal, roughly);
  }

  text(index: number): string {
    if (this.at < 0) return this.#scanner.text(index);
    const start = this.#starts[this.at + index] as number;
    return this.#scanner.textBetween(start, this.#ends[this.at + index] as number, this.line, index);
  }

  /** Scans a block; if its first record is not to be had, the scanner gets the next records to read. */
  #scanBlock(): void {
    const { position, nextLine, end } = this.#scanner;
    if (position >= end) {
      this.#detour = 1;
      return;
    }
    const {
      records,
      lines,
      position: after,
    } = native().scanCsv({
      bytes: this.#bytes,
      begin: position,
      end,
      delimiter: this.#delimiter,
      decimal: this.#decimal,
      columns: this.#columns,
      numbers: this.#numbers,
      starts: this.#starts,
      ends: this.#ends,
      lines: this.#lines,
    });
    this.#records = records;
    this.#next = 0;
    this.#blockLine = nextLine;
    this.#scanner.seek(after, nextLine + lines);
    if (records > 0) {
      this.#nextDetour = FIRST_DETOUR;
      return;
    }
    this.#detour = this.#nextDetour;
    this.#nextDetour = Math.min(LONGEST_DETOUR, 2 * this.#nextDetour);
  }
}
