import { SparseTrainError } from '../../base/errors.js';
import { binaryFormat, foreignContents } from '../../base/files/foreign.js';
import { isGzip } from '../../base/files/read-bytes.js';
import { optionName, say } from '../../base/wording.js';
import { type CsvDelimiter, detectDelimiter, isDelimiter } from './delimiter.js';
import { type CsvText, TextRecords } from './text-records.js';

/** A text that may begin with a byte order mark and with Excel's line that names the delimiter. */
export interface TextStart extends Omit<CsvText, 'delimiter'> {
  /** The delimiter from a first line such as `sep=;`. */
  readonly named: CsvDelimiter | undefined;
}

/**
 * Finds the first record of a text: after a byte order mark and after Excel's line `sep=;`.
 *
 * @throws SparseTrainError INVALID_FILE if it is plainly not a UTF-8 text
 */
export function startOfText(given: Uint8Array, name: string): TextStart {
  checkIsText(given, name);
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.length);
  const begin = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const line = NAMED.exec(bytes.toString('utf8', begin, begin + 20));
  const named = line?.[2];
  if (line === null || !isDelimiter(named)) return { bytes, name, begin, line: 1, named: undefined };
  return { bytes, name, begin: begin + Buffer.byteLength(line[0]), line: 2, named };
}

const NAMED = /^("?)sep=([^\r\n])\1[ \t]*(?:\r\n|\n|\r|$)/iu;

/** The delimiter that a first line such as `sep=;` names; undefined for any other line. */
export function namedDelimiter(line: string): CsvDelimiter | undefined {
  const named = NAMED.exec(line)?.[2];
  return isDelimiter(named) ? named : undefined;
}

/**
 * Opens a text: finds its first record and its delimiter.
 *
 * @param delimiter - if it is known
 * @throws SparseTrainError INVALID_FILE if it is not text, has no lines, or no known delimiter divides its first line
 */
export function openText(given: Uint8Array, name: string, delimiter: CsvDelimiter | undefined): CsvText {
  const { named, ...start } = startOfText(given, name);
  if (!hasLines(start)) throw new SparseTrainError('INVALID_FILE', `${name} has no lines`);
  const found = delimiter ?? named ?? detectDelimiter(start);
  if (found === ' ' && delimiter === undefined && named === undefined && isLibsvm(start)) {
    throw new SparseTrainError(
      'INVALID_FILE',
      say`${name} is a file of LIBSVM ("label index:value ..."), which is not read; write a column for each index. If it is a table, say ${optionName('delimiter', ' ')}`,
    );
  }
  if (found !== undefined) return { ...start, delimiter: found };
  throw new SparseTrainError(
    'INVALID_FILE',
    say`${name}: no comma, semicolon, tab, | or space divides its first lines evenly; a table needs at least an input and a label. If another character does, name it with ${optionName('delimiter')}`,
  );
}

/** Whether the first lines hold a number, and then numbers for ascending indices, as `-1 3:0.5 12:1`. */
function isLibsvm({ bytes, begin }: Pick<CsvText, 'bytes' | 'begin'>): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + begin, Math.min(bytes.length - begin, 4096));
  const lines = text.toString('latin1').split('\n', 4);
  // The last one may be cut off.
  const rows = lines.slice(0, Math.max(1, lines.length - 1)).map((line) => line.trim().split(/\s+/));
  const fits = rows.every(([label = '', ...pairs]) => {
    const indices = pairs.map((pair) => Number(/^(\d+):[+-]?[\d.]+(e[+-]?\d+)?$/i.exec(pair)?.[1]));
    return !Number.isNaN(Number(label)) && indices.every((index, i) => index > (indices[i - 1] ?? -1));
  });
  // Minutes of a time of day have two digits.
  return fits && rows.some(([, ...pairs]) => pairs.some((pair) => !/:[0-5]\d$/.test(pair)));
}

/** Whether at least one line is not blank. */
export function hasLines({ bytes, begin }: Pick<CsvText, 'bytes' | 'begin'>): boolean {
  for (let i = begin; i < bytes.length; i++)
    if (!' \t\r\n'.includes(String.fromCharCode(bytes[i] as number))) return true;
  return false;
}

/**
 * Refuses data that are clearly not UTF-8 text, with the reason.
 *
 * @param bytes - the text, or its beginning
 * @throws SparseTrainError INVALID_FILE
 */
export function checkIsText(bytes: Uint8Array, name: string): void {
  const foreign = foreignContents(bytes);
  if (foreign !== undefined) throw new SparseTrainError('INVALID_FILE', `${name} is ${foreign}`);
  const mark = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  if (mark === 0xfffe || mark === 0xfeff) {
    throw new SparseTrainError(
      'INVALID_FILE',
      `${name} is UTF-16 text; save it as UTF-8 (in Excel: CSV UTF-8)`,
    );
  }
  const format = binaryFormat(bytes);
  if (format !== undefined) throw new SparseTrainError('INVALID_FILE', `${name} is ${format}`);
  if (bytes.subarray(0, 4096).includes(0)) {
    throw new SparseTrainError(
      'INVALID_FILE',
      `${name} is binary, not CSV text (its beginning has zero bytes)`,
    );
  }
}

/** The longest line that is accepted, in bytes. */
export const LONGEST_LINE = 2 ** 26;

/**
 * Checks a text of unknown length while it arrives, so that endless or binary data are refused before they
 * fill the memory: bytes that are not text, a line longer than 64 MiB, more bytes than allowed.
 */
export class TextWatch {
  readonly #name: string;
  readonly #maxBytes: number;
  #bytes = 0;
  #lineBytes = 0;
  #isPacked = false;

  /** @param name - the name of the text in messages */
  constructor(name: string, maxBytes: number) {
    this.#name = name;
    this.#maxBytes = maxBytes;
  }

  /** @throws SparseTrainError INVALID_FILE */
  take(piece: Uint8Array): void {
    if (this.#bytes === 0) {
      this.#isPacked = isGzip(piece);
      if (!this.#isPacked) checkIsText(piece, this.#name);
    }
    this.#bytes += piece.length;
    const last = Math.max(piece.lastIndexOf(0x0a), piece.lastIndexOf(0x0d));
    this.#lineBytes = last === -1 ? this.#lineBytes + piece.length : piece.length - last - 1;
    if (this.#lineBytes > LONGEST_LINE && !this.#isPacked) {
      throw new SparseTrainError(
        'INVALID_FILE',
        `${this.#name}: a line is longer than ${LONGEST_LINE} bytes; is it a CSV text?`,
      );
    }
    if (this.#bytes > this.#maxBytes) {
      throw new SparseTrainError(
        'INVALID_FILE',
        say`${this.#name} has more than ${this.#maxBytes} bytes; raise ${optionName('maxBytes')} to read it, or read it as a stream`,
      );
    }
  }
}

/** The first records as texts and as numbers. */
export interface PeekedRecord {
  readonly line: number;
  readonly texts: readonly string[];
  /** NaN for fields that are not numbers. */
  readonly numbers: readonly number[];
  /** The position of the next record, and its line. */
  readonly next: Pick<CsvText, 'begin' | 'line'>;
}

/**
 * Reads the first records of a text.
 *
 * @param count - how many at most
 * @throws SparseTrainError INVALID_FILE if quotes or characters in them are wrong
 */
export function firstRecords(text: CsvText, decimal: '.' | ',', count: number): PeekedRecord[] {
  const records = new TextRecords(text, { decimal, atOnce: 1 });
  const peeked: PeekedRecord[] = [];
  while (peeked.length < count && records.next()) {
    peeked.push({
      line: records.line,
      texts: records.texts(),
      numbers: Array.from({ length: records.count }, (_, i) => records.number(i)),
      next: { begin: records.position, line: records.nextLine },
    });
  }
  return peeked;
}
