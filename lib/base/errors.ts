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
  /** The network is busy with another fit. */
  | 'NETWORK_BUSY'
  /** Another process writes the study's journal. */
  | 'STUDY_BUSY'
  /** The queue's server cannot be reached, or is not fit for it. */
  | 'QUEUE_UNAVAILABLE'
  /** The port that something is to be served at is taken, or not ours to use. */
  | 'PORT_UNAVAILABLE'
  /** A network this large cannot be represented or allocated. */
  | 'NETWORK_TOO_LARGE'
  /** Something the package itself got wrong; please report it. */
  | 'INTERNAL';

export class SparseTrainError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SparseTrainError';
    this.code = code;
  }
}

/** Shows a value in a message: short, quoted when it is text, never a whole array. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return value.length > 60 ? `"${value.slice(0, 57)}..."` : `"${value}"`;
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  return typeof value === 'object'
    ? `an object (${value.constructor?.name ?? 'no prototype'})`
    : `a ${typeof value}`;
}

/** An error that names the option, what it must be and what it was. */
export function invalidOption(name: string, expected: string, actual: unknown): SparseTrainError {
  return new SparseTrainError(
    'INVALID_OPTION',
    `${name} must be ${expected}, but it is ${describeValue(actual)}`,
  );
}

/** An error for a name that is not known, with the nearest known name if one is near. */
export function unknownName(
  code: ErrorCode,
  what: string,
  name: string,
  known: readonly string[],
): SparseTrainError {
  const near = nearest(name, known);
  const hint = near === undefined ? `known: ${known.join(', ')}` : `did you mean "${near}"?`;
  return new SparseTrainError(code, `unknown ${what} "${name}"; ${hint}`);
}

/** The known name within a third of the typed name's length in edits, or undefined. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment), one edit each. */
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
