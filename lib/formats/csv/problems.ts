import { type ErrorCode, SparseTrainError } from '../../base/errors.js';
import { say, type Wording } from '../../base/wording.js';

/** The number of problems that a message shows; the rest are only counted. */
const SHOWN = 5;

/** The number of characters of a text that a message shows. */
const SHOWN_CHARACTERS = 40;

/** A text from a file as messages show it: in quotes, cut off after 40 characters. */
export function quoted(text: string): string {
  return JSON.stringify(shortened(text));
}

/** {@link quoted} without quotes. */
export function shortened(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

/** Collects the problems of a file, so that one error names all of them. */
export class CsvProblems {
  #count = 0;
  readonly #shown: string[] = [];
  readonly #name: string;
  readonly #unit: string;

  /** @param name - the name of the file in messages */
  constructor(name: string, unit = 'line') {
    this.#name = name;
    this.#unit = unit;
  }

  /**
   * Records a problem on a line; `what` may be a function, which is called only if the problem will be shown.
   */
  add(line: number, what: string | (() => string)): void {
    this.#count++;
    if (this.#shown.length < SHOWN)
      this.#shown.push(`${this.#unit} ${line}: ${typeof what === 'string' ? what : what()}`);
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /**
   * Throws if there were problems.
   *
   * @param advice - what to do about them
   */
  throwIfAny(code: ErrorCode, advice: Wording): void {
    if (this.#count === 0) return;
    const more = this.#count - this.#shown.length;
    const rest = more === 0 ? '' : `; and ${more} more`;
    throw new SparseTrainError(code, say`${this.#name}: ${this.#shown.join('; ')}${rest}. ${advice}`);
  }
}
