import type { Readable, Writable } from 'node:stream';
import type { Colors } from 'picocolors/types.js';
import { printable } from '../base/printable.js';
import { createPaint, shown } from '../terminal/paint.js';
import { fitted } from '../terminal/width.js';

/** A standard stream for output, which may be a terminal. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(count: number, env: object): boolean;
};

/** The standard streams. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

/** Limits of the width of text, in columns. */
const NARROWEST = 40;
const WIDEST = 100;
/** The width where the output is not a terminal, or one that does not say how wide it is. */
const USUAL = 80;

/** The columns that text on a stream may take. */
export function columnsOf({ isTTY, columns }: OutputStream): number {
  // Some terminals report 0.
  return isTTY && columns ? Math.max(NARROWEST, Math.min(WIDEST, columns)) : USUAL;
}

/** The streams of a command. Results go to standard output, everything else to standard error. */
export class Terminal {
  readonly streams: Streams;
  /** Colours for standard output. */
  readonly paint: Colors;

  constructor(streams: Streams) {
    this.streams = streams;
    this.paint = paintFor(streams.stdout);
  }

  /** Columns of standard output. */
  get columns(): number {
    return columnsOf(this.streams.stdout);
  }

  /** Writes a result and a line break. */
  print(text: string): void {
    this.streams.stdout.write(`${shown(text)}\n`);
  }

  /** Writes a result for people: lines that are wider than the terminal are wrapped. */
  printText(text: string): void {
    this.print(fitted(printable(text), this.columns));
  }

  /** Writes a remark, not part of the result. In a terminal it is wrapped between words. */
  note(text: string): void {
    const { stderr } = this.streams;
    const lines = stderr.isTTY ? fitted(printable(text), columnsOf(stderr)) : text;
    stderr.write(`${shown(lines)}\n`);
  }

  /** Writes an error. */
  error(message: string): void {
    const paint = paintFor(this.streams.stderr);
    this.note(paint.red(`${paint.bold('error:')} ${message}`));
  }
}

/** Colours for a stream: none unless it is a terminal that has them; NO_COLOR (unless it is empty) and TERM count. */
export function paintFor(stream: OutputStream): Colors {
  const { NO_COLOR, ...others } = process.env;
  // Node itself turns colours off for an empty NO_COLOR, which no-color.org says means nothing.
  const env = NO_COLOR === '' ? others : process.env;
  return createPaint(stream.isTTY === true && stream.hasColors?.(16, env) === true);
}
