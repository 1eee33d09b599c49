import type { Readable, Writable } from 'node:stream';
import type { Colors } from 'picocolors/types.js';
import { createPaint, shown } from '../terminal/paint.js';

/** A standard stream to write to, which may be a terminal. */
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

/** What a command reads from and writes to. Standard output is for results, standard error for all else. */
export class Terminal {
  readonly streams: Streams;
  /** Colours for standard output: none unless it is a terminal that has them (NO_COLOR and TERM are heeded). */
  readonly paint: Colors;

  constructor(streams: Streams) {
    this.streams = streams;
    this.paint = paintFor(streams.stdout);
  }

  /** Columns of standard output; 80 where it is not a terminal. */
  get columns(): number {
    const { isTTY, columns = 80 } = this.streams.stdout;
    return isTTY ? Math.max(40, Math.min(WIDEST, columns)) : 80;
  }

  /** Writes a result and a line break. */
  print(text: string): void {
    this.streams.stdout.write(`${shown(text)}\n`);
  }

  /** Writes a remark, not part of the result. */
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
