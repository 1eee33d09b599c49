import type { Readable, Writable } from 'node:stream';
import type { Colors } from 'picocolors/types.js';
import { createPaint, shown } from '../terminal/paint.js';

/** A standard stream for output, which may be a terminal. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(): boolean;
};

/** The standard streams. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

/** The maximum width of text. */
const WIDEST = 100;

/** The streams of a command. Results go to standard output, everything else to standard error. */
export class Terminal {
  readonly streams: Streams;
  /**
   * The colours for standard output: none unless it is a terminal with colours (respects NO_COLOR and TERM).
   */
  readonly paint: Colors;

  constructor(streams: Streams) {
    this.streams = streams;
    this.paint = paintFor(streams.stdout);
  }

  /** The width of standard output in columns; 80 if it is not a terminal. */
  get columns(): number {
    const { isTTY, columns = 80 } = this.streams.stdout;
    return isTTY ? Math.max(40, Math.min(WIDEST, columns)) : 80;
  }

  /** Writes a result and a line break. */
  print(text: string): void {
    this.streams.stdout.write(`${shown(text)}\n`);
  }

  /** Writes a remark that is not part of the result. */
  note(text: string): void {
    this.streams.stderr.write(`${shown(text)}\n`);
  }

  /** Writes an error. */
  error(message: string): void {
    const paint = paintFor(this.streams.stderr);
    this.note(paint.red(`${paint.bold('error:')} ${message}`));
  }
}

function paintFor(stream: OutputStream): Colors {
  return createPaint(stream.isTTY === true && stream.hasColors?.() === true);
}
