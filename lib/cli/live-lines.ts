import { shown } from '../terminal/paint.js';
import type { OutputStream } from './terminal.js';

/** Milliseconds between two drawings. */
const INTERVAL = 80;

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
/** Lines that are too long are cut off by the terminal instead of being wrapped, which would spoil the count of lines. */
const CUT_LINES = '\u001b[?7l';
const WRAP_LINES = '\u001b[?7h';
const CLEAR_TO_END_OF_LINE = '\u001b[K';
const CLEAR_TO_END_OF_SCREEN = '\u001b[J';

/** Lines at the bottom of a terminal that are drawn again whenever they change, and removed at the end. */
export class LiveLines {
  readonly #stream: OutputStream;
  readonly #restore: () => void;
  #lines: () => readonly string[] = () => [];
  /** Lines on the screen now. */
  #drawn = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #isOpen = false;

  private constructor(stream: OutputStream) {
    this.#stream = stream;
    this.#restore = () => stream.write(WRAP_LINES + SHOW_CURSOR);
  }

  /** Undefined unless the stream is a terminal that can move its cursor. */
  static on(stream: OutputStream): LiveLines | undefined {
    return stream.isTTY === true && process.env.TERM !== 'dumb' ? new LiveLines(stream) : undefined;
  }

  /** Shows these lines from now on; they are only computed when they are drawn. */
  show(lines: () => readonly string[]): void {
    this.#lines = lines;
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.#stream.write(HIDE_CURSOR + CUT_LINES);
      // A process that ends by itself must not leave the terminal without a cursor.
      process.once('exit', this.#restore);
    }
    const wait = this.#drawnAt + INTERVAL - performance.now();
    if (wait <= 0) this.#draw();
    else this.#timer ??= setTimeout(() => this.#draw(), wait).unref();
  }

  /** Removes the lines. They come back with the next show(). */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#stream.write(`${this.#toTop()}${CLEAR_TO_END_OF_SCREEN}`);
    this.#drawn = 0;
    this.#restore();
    process.off('exit', this.#restore);
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#lines();
    const text = lines.map((line) => shown(line) + CLEAR_TO_END_OF_LINE).join('\n');
    this.#stream.write(this.#toTop() + text + CLEAR_TO_END_OF_SCREEN);
    this.#drawn = lines.length;
    this.#drawnAt = performance.now();
  }

  /** Moves the cursor to the beginning of the first line. */
  #toTop(): string {
    return `\r${this.#drawn > 1 ? `\u001b[${this.#drawn - 1}A` : ''}`;
  }
}
