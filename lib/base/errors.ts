import {
  API_SPELLING,
  joined,
  literal,
  optionName,
  Phrase,
  render,
  type Spelling,
  say,
  type Wording,
} from './wording.js';

/**
 * The one error class of the package. `code` is stable across releases, so programs may branch on it;
 * the message is for people and says what to do next.
 */
export type ErrorCode =
  /** An option's name is not known; the message names the nearest known one. */
  | 'UNKNOWN_OPTION'
  /** An option's value is of the wrong type or out of range. */
  | 'INVALID_OPTION'
  /** Numbers, labels or shapes of a data set do not fit each other or the network. */
  | 'INVALID_DATA'
  /** A file's contents are not what its format requires. */
  | 'INVALID_FILE'
  /** A file does not exist. */
  | 'FILE_NOT_FOUND'
  /** A file or folder cannot be read or written. */
  | 'FILE_ACCESS'
  /** A named data set is not known. */
  | 'UNKNOWN_DATASET'
  /** A data set's file could not be downloaded, or what came is not that file. */
  | 'DOWNLOAD_FAILED'
  /** The native addon could not be loaded. */
  | 'NATIVE_UNAVAILABLE'
  /** The requested kernel set is not supported by this CPU or build. */
  | 'ISA_UNAVAILABLE'
  /** Weights of the float arithmetic stopped being finite numbers. */
  | 'DIVERGED'
  /** The network is busy with another fit. */
  | 'NETWORK_BUSY'
  /** The network has been closed and its memory freed. */
  | 'NETWORK_CLOSED'
  /** Another process writes the study's journal. */
  | 'STUDY_BUSY'
  /** Another process learns the model. */
  | 'MODEL_BUSY'
  /** More rows wait to be learned than may wait. */
  | 'OVERLOADED'
  /** The server follows a model and does not learn. */
  | 'READ_ONLY'
  /** Packages that a server needs are not installed. */
  | 'SERVER_UNAVAILABLE'
  /** The queue's server cannot be reached or does not meet the requirements. */
  | 'QUEUE_UNAVAILABLE'
  /** The port to serve on is in use or not permitted. */
  | 'PORT_UNAVAILABLE'
  /** A network this large cannot be represented or allocated. */
  | 'NETWORK_TOO_LARGE'
  /** There is not enough memory for something other than a network. */
  | 'OUT_OF_MEMORY'
  /** Something the package itself got wrong; please report it. */
  | 'INTERNAL';

/**
 * Describes an error as data. With `expected` the message reads "`option` must be `expected`, but it is `actual`";
 * without it, `says` is the message. `advice` is appended in both cases.
 */
export interface Problem {
  /** The option's path in the API, such as `optimizer.momentum`. */
  readonly option?: string | undefined;
  /** What the option must be: `a whole number from 1 to 16`. */
  readonly expected?: Wording | undefined;
  readonly actual?: unknown;
  readonly says?: Wording | undefined;
  /** What to do about it. */
  readonly advice?: Wording | undefined;
  /** The file that the option comes from, if it is not an argument of a call: `run.json`. */
  readonly where?: string | undefined;
}

/** An error as plain data that can be written as JSON; options are spelled the way the reader writes them. */
export interface ErrorData {
  code: string;
  message: string;
  option?: string;
  expected?: string;
  actual?: string | number | boolean | null;
  advice?: string;
}

/** The problem behind an error, for the functions of this module. */
let problemOf: (error: SparseTrainError) => Problem;

export class SparseTrainError extends Error {
  readonly code: ErrorCode;
  /** The option that is wrong, by its path in the API (`optimizer.momentum`); undefined if the error is about something else. */
  readonly option: string | undefined;
  /** What that option must be. */
  readonly expected: string | undefined;
  /** Its actual value: a number, a boolean, null or a short text unchanged; anything else is described in words. */
  readonly actual: string | number | boolean | null | undefined;
  /** What to do about it; part of the message as well. */
  readonly advice: string | undefined;
  readonly #problem: Problem;

  /** @param problem - the problem as data, or just the message of an error that is not about an option */
  constructor(code: ErrorCode, problem: Wording | Problem, options?: ErrorOptions) {
    const data: Problem =
      typeof problem === 'string' || problem instanceof Phrase ? { says: problem } : problem;
    super(messageOf(data, API_SPELLING), options);
    this.name = 'SparseTrainError';
    this.code = code;
    this.#problem = data;
    const { option, expected, actual, advice } = data;
    this.option = option;
    this.expected = expected === undefined ? undefined : render(expected);
    this.actual = expected === undefined && actual === undefined ? undefined : plainValue(actual);
    this.advice = advice === undefined ? undefined : render(advice);
  }

  /** The error as plain data for a reader who writes options in another way, such as on the command line. */
  toData(spelling: Spelling = API_SPELLING): ErrorData {
    const { option, expected, advice, where } = this.#problem;
    const data: ErrorData = { code: this.code, message: messageOf(this.#problem, spelling) };
    if (option !== undefined) data.option = where === undefined ? spelling.option(option) : option;
    if (expected !== undefined) data.expected = render(expected, spelling);
    if (this.actual !== undefined) data.actual = this.actual;
    if (advice !== undefined) data.advice = render(advice, spelling);
    return data;
  }

  static {
    problemOf = (error) => error.#problem;
  }
}

/** Whether an error of Node or V8 means that memory ran out, or that an array or text would be too long. */
export function isOutOfMemory(error: unknown): boolean {
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (code === 'ERR_MEMORY_ALLOCATION_FAILED') return true;
  return /^(Array buffer allocation failed|Invalid (typed )?array length|Invalid string length|Cannot create a string longer)/.test(
    String(message),
  );
}

/** Copies an error and puts `prefix` before its message: callers further out say where the problem is. */
export function seenFrom(
  prefix: Wording,
  error: SparseTrainError,
  code: ErrorCode = error.code,
): SparseTrainError {
  const problem = problemOf(error);
  const says = say`${prefix}${problem.says ?? mustBe(problem)}`;
  return new SparseTrainError(code, { ...problem, says }, { cause: error });
}

/** Runs an action, and puts the name of the file or array that it is about before the message of an error. */
export function namedBy<T>(name: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof SparseTrainError ? seenFrom(`${name}: `, error) : error;
  }
}

/** Copies an error about an option that comes from a file: `epochs in run.json must be ...`. */
export function standingIn(where: string, error: SparseTrainError): SparseTrainError {
  return new SparseTrainError(error.code, { ...problemOf(error), where }, { cause: error });
}

function mustBe({ option = '', expected = '', actual, where }: Problem): Wording {
  // In a file the option is a key, spelled as in the API.
  const name = option === '' ? 'the value' : option;
  const place = where === undefined ? optionName(name) : `${name} in ${where}`;
  return say`${place} must be ${expected}, but it is ${describeValue(actual)}`;
}

function messageOf(problem: Problem, spelling: Spelling): string {
  const says = render(problem.says ?? mustBe(problem), spelling);
  return inBounds(problem.advice === undefined ? says : `${says}; ${render(problem.advice, spelling)}`);
}

/** Room for a path and the advice after it. */
const LONGEST_MESSAGE = 2000;

/** Leaves out the middle of a message that a name or path makes too long; its end says what to do. */
function inBounds(message: string): string {
  if (message.length <= LONGEST_MESSAGE) return message;
  const half = LONGEST_MESSAGE / 2;
  return `${message.slice(0, half)} ... ${message.slice(-half)}`;
}

/** Longer texts and names are cut off in messages. */
const LONGEST = 60;

/** Shortens a text or name for a message. */
export function shortened(text: string, longest = LONGEST): string {
  return text.length > longest ? `${text.slice(0, longest - 3)}...` : text;
}

/** Shows a value in a message: short, quoted when it is text, never a whole array. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return `"${shortened(value)}"`;
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  if (typeof value === 'bigint') return `${shortened(String(value))}n`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `a ${constructorName(value) ?? 'typed array'}`;
  return typeof value === 'object'
    ? `an object (${constructorName(value) ?? 'no prototype'})`
    : `a ${typeof value}`;
}

function constructorName(value: object): string | undefined {
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' ? shortened(name) : undefined;
}

function plainValue(value: unknown): string | number | boolean | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean' || value === null) return value;
  return typeof value === 'string' ? shortened(value) : describeValue(value);
}

/** An error that names the option, what it must be and what it was. */
export function invalidOption(
  option: string,
  expected: Wording,
  actual: unknown,
  advice?: Wording,
): SparseTrainError {
  return new SparseTrainError('INVALID_OPTION', { option, expected, actual, advice });
}

/** A message lists at most this many known names. */
const MOST_NAMES = 20;

/**
 * An error for an unknown name. The message suggests the nearest known name if one is similar.
 *
 * @param old - earlier or other spellings, mapped to the current names
 * @param prefix - the path of the object that has the name: `optimizer.`
 */
export function unknownName(
  code: ErrorCode,
  what: Wording,
  name: string,
  known: readonly string[],
  old: Readonly<Record<string, string>> = {},
  prefix = '',
): SparseTrainError {
  const near = nearest(name, known, old);
  const list = known.slice(0, MOST_NAMES).join(', ');
  const rest = known.length > MOST_NAMES ? ` and ${known.length - MOST_NAMES} more` : '';
  const advice = near === undefined ? `known: ${list}${rest}` : `did you mean "${near}"?`;
  return new SparseTrainError(code, {
    option: code === 'UNKNOWN_OPTION' ? `${prefix}${shortened(name)}` : undefined,
    says: say`unknown ${what} "${shortened(name)}"`,
    advice,
  });
}

/** Returns `did you mean 'relu'?` if one of the words is similar, otherwise undefined. */
export function nearMiss(actual: unknown, words: readonly string[]): Wording | undefined {
  const near = typeof actual === 'string' ? nearest(actual, words) : undefined;
  return near === undefined ? undefined : say`did you mean ${literal(near)}?`;
}

/** `'a', 'b', 'c'` */
export function listed(words: readonly string[]): Wording {
  return joined(words.map(literal));
}

/**
 * Finds the known name that differs from the typed one by at most a third of its length in edits.
 *
 * @param old - other spellings, mapped to the current names
 * @returns undefined if no name is that near
 */
export function nearest(
  name: string,
  known: readonly string[],
  old: Readonly<Record<string, string>> = {},
): string | undefined {
  if (Object.hasOwn(old, name)) return old[name];
  let best: string | undefined;
  // A name of one letter may differ only in its case: every other letter is one edit away.
  let bestDistance = Math.max(name.length > 1 ? 1 : 0, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    // The edit distance is at least the difference of the lengths.
    if (Math.abs(name.length - candidate.length) >= bestDistance) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The edit distance: insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(substitute, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (beforePrevious[j - 2] ?? 0) + 1);
      }
      current.push(least);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
