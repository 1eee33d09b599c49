import type { Line } from '../lines.js';
import type { CsvDelimiter } from './delimiter.js';

/** The longest record that is put together from lines, in characters. */
const LONGEST = 2 ** 26;

/** A record of a CSV text, and the lines that it stands on: more than one if a quoted field has line breaks. */
export interface RecordOfLines {
  /** The number of its first line. */
  readonly line: number;
  readonly text: string;
  readonly lines: number;
}

/**
 * Puts lines together to records as they come, so that each record can be answered at once. A quote that is never closed
 * must not swallow the rows behind it: its first line then is a record of its own, and the others are read again.
 */
export class RecordLines {
  #lines: Line[] = [];
  /** The first line that belongs to no record yet, and the first behind those of the open quote. */
  #head = 0;
  #scanned = 0;
  #length = 0;
  #isOpen = false;
  #delimiters: readonly CsvDelimiter[] | undefined;

  /** Delimiters that may stand before a quoted field; undefined: every line is a record. */
  set delimiters(delimiters: readonly CsvDelimiter[] | undefined) {
    this.#delimiters = delimiters;
  }

  add(lines: readonly Line[]): void {
    const kept = this.#head === 0 ? this.#lines : this.#lines.slice(this.#head);
    this.#scanned -= this.#head;
    this.#head = 0;
    for (const line of lines) kept.push(line);
    this.#lines = kept;
  }

  /**
   * The next record, or undefined if it needs more lines.
   *
   * @param ended - whether there are no more
   */
  next(ended: boolean): RecordOfLines | undefined {
    while (this.#scanned < this.#lines.length && this.#length <= LONGEST) {
      const { text } = this.#lines[this.#scanned++] as Line;
      this.#length += text.length;
      if (this.#delimiters !== undefined) this.#isOpen = staysOpen(text, this.#isOpen, this.#delimiters);
      if (!this.#isOpen) return this.#take(this.#scanned - this.#head);
    }
    const isWaiting = this.#head < this.#lines.length;
    return isWaiting && (ended || this.#length > LONGEST) ? this.#take(1) : undefined;
  }

  /** Gives back all lines but the first of a record that turned out not to be one. */
  split({ lines }: RecordOfLines): void {
    this.#restart(this.#head - lines + 1);
  }

  #take(count: number): RecordOfLines {
    const lines = this.#lines.slice(this.#head, this.#head + count);
    const [first] = lines as [Line];
    this.#restart(this.#head + count);
    const text = lines.map((line, i) => (i === count - 1 ? line.text : line.text + line.end)).join('');
    return { line: first.number, text, lines: count };
  }

  #restart(head: number): void {
    this.#head = head;
    this.#scanned = head;
    this.#length = 0;
    this.#isOpen = false;
  }
}

/** Whether a quoted field is open at the end of a line, as the scanner (native/csv) would see it. */
function staysOpen(line: string, wasOpen: boolean, delimiters: readonly CsvDelimiter[]): boolean {
  if (!line.includes('"')) return wasOpen;
  let isOpen = wasOpen;
  for (let i = 0; ; ) {
    if (!isOpen) {
      while ((line[i] === ' ' || line[i] === '\t') && !delimiters.includes(line[i] as string)) i++;
      isOpen = line[i] === '"';
      if (isOpen) i++;
    }
    if (isOpen) {
      const close = closingQuote(line, i);
      if (close === -1) return true;
      isOpen = false;
      i = close + 1;
    }
    const next = delimiters.map((delimiter) => line.indexOf(delimiter, i)).filter((at) => at !== -1);
    if (next.length === 0) return false;
    i = Math.min(...next) + 1;
  }
}

/** The quote that closes a field, -1 if none does; doubled quotes belong to the field. */
function closingQuote(line: string, from: number): number {
  let at = line.indexOf('"', from);
  while (at !== -1 && line[at + 1] === '"') at = line.indexOf('"', at + 2);
  return at;
}
