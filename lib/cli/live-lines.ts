import { printableLine } from '../base/printable.js';
import { shown } from '../terminal/paint.js';
import type { OutputStream } from './terminal.js';

/** The shortest time between two drawings, in milliseconds. */
const INTERVAL = 80;

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
/**
 * Disables wrapping, so that the terminal cuts off lines that are too long. Wrapped lines would spoil the
 * count of lines.
 */
const CUT_LINES = '\u001b[?7l';
const WRAP_LINES = '\u001b[?7h';
const CLEAR_TO_END_OF_LINE = '\u001b[K';
const CLEAR_TO_END_OF_SCREEN = '\u001b[J';

/** Lines at the bottom of a terminal that are redrawn whenever they change, and removed at the end. */
export class LiveLines {
  readonly #stream: OutputStream;
  readonly #restore: () => void;
  #lines: () => readonly string[] = () => [];
  /** The number of lines on the screen now. */
  #drawn = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #isOpen = false;
  #hasFailed = false;

  private constructor(stream: OutputStream) {
    this.#stream = stream;
    this.#restore = () => stream.write(WRAP_LINES + SHOW_CURSOR);
  }

  /** Undefined unless the stream is a terminal with a movable cursor. */
  static on(stream: OutputStream): LiveLines | undefined {
    return stream.isTTY === true && process.env.TERM !== 'dumb' ? new LiveLines(stream) : undefined;
  }

  /**
   * Shows these lines from now on. Computes them only when it draws them. If that fails, a warning says so and nothing
   * is shown any more: an error thrown from here, often out of a timer, would end the work that is shown.
   */
  show(lines: () => readonly string[]): void {
    if (this.#hasFailed) return;
    this.#lines = lines;
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.#stream.write(HIDE_CURSOR + CUT_LINES);
      // Restores the cursor even if the process exits early.
      process.once('exit', this.#restore);
    }
    const wait = this.#drawnAt + INTERVAL - performance.now();
    if (wait <= 0) this.#draw();
    else this.#timer ??= setTimeout(() => this.#draw(), wait).unref();
  }

  /** Removes the lines. The next show() draws them again. */
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
    const lines = this.#computed();
    if (lines === undefined) return;
    const text = lines.map((line) => shown(line) + CLEAR_TO_END_OF_LINE).join('\n');
    this.#stream.write(this.#toTop() + text + CLEAR_TO_END_OF_SCREEN);
    this.#drawn = lines.length;
    this.#drawnAt = performance.now();
  }

  /** The lines; undefined, for good, after computing them has failed. */
  #computed(): readonly string[] | undefined {
    try {
      return this.#lines();
    } catch (error) {
      this.#hasFailed = true;
      this.close();
      const what = printableLine(error instanceof Error ? error.message : String(error));
      this.#stream.write(`warning: progress is no longer shown (${what}); the work continues\n`);
      return undefined;
    }
  }

  /** Moves the cursor to the beginning of the first line. */
  #toTop(): string {
    return `\r${this.#drawn > 1 ? `\u001b[${this.#drawn - 1}A` : ''}`;
  }
}
