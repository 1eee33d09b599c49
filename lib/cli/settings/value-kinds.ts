import { invalidOption, nearest, SparseTrainError } from '../../base/errors.js';

/** What the value of a setting may be, on the command line and in a configuration file. */
export interface ValueKind<T> {
  /** How the help writes it: `<number>`; undefined for a flag, which has no value on the command line. */
  readonly placeholder: string | undefined;
  /** The value that a text of the command line means, as a configuration file would have it; not checked yet. */
  fromText(text: string): unknown;
  /**
   * Checks a value.
   *
   * @param name - what messages call the setting
   * @throws SparseTrainError INVALID_OPTION
   */
  check(name: string, value: unknown): T;
}

function numberFromText(text: string): unknown {
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
}

/** A whole number from `low` to `high`. */
export function whole(low: number, high: number): ValueKind<number> {
  const range =
    high >= Number.MAX_SAFE_INTEGER
      ? `a whole number from ${low} to 2^53 - 1`
      : `a whole number from ${low} to ${high}`;
  return {
    placeholder: '<number>',
    fromText: numberFromText,
    check(name, value) {
      if (Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high)
        return value as number;
      throw invalidOption(name, range, value);
    },
  };
}

/** A whole number from `low` to `high`, or 'auto'. */
export function wholeOrAuto(low: number, high: number): ValueKind<number | 'auto'> {
  const numbers = whole(low, high);
  return {
    placeholder: '<number>',
    fromText: (text) => (text === 'auto' ? text : numbers.fromText(text)),
    check(name, value) {
      if (value === 'auto') return value;
      if (typeof value === 'number') return numbers.check(name, value);
      throw invalidOption(name, `'auto' or a whole number from ${low} to ${high}`, value);
    },
  };
}

/** A number from `low` to `high`; with `above`, `low` itself is not allowed, and with `below`, `high` is not. */
export function number(
  low: number,
  high: number,
  open: { above?: boolean; below?: boolean } = {},
): ValueKind<number> {
  const from = open.above ? `above ${low}` : `of at least ${low}`;
  const to = open.below ? `below ${high}` : `at most ${high}`;
  return {
    placeholder: '<number>',
    fromText: numberFromText,
    check(name, value) {
      const inRange =
        typeof value === 'number' &&
        (open.above ? value > low : value >= low) &&
        (open.below ? value < high : value <= high);
      if (inRange) return value;
      throw invalidOption(name, `a number ${from} and ${to}`, value);
    },
  };
}

/** One of several words; a misspelt one is told which is near. */
export function oneOf<const T extends string>(words: readonly T[], placeholder = '<kind>'): ValueKind<T> {
  return {
    placeholder,
    fromText: (text) => text,
    check(name, value) {
      const word = words.find((known) => known === value);
      if (word !== undefined) return word;
      const { message } = invalidOption(name, `one of ${words.join(', ')}`, value);
      const near = typeof value === 'string' ? nearest(value, words) : undefined;
      const hint = near === undefined ? '' : `; did you mean "${near}"?`;
      throw new SparseTrainError('INVALID_OPTION', message + hint);
    },
  };
}

/** Any text but the empty one. */
export function text(placeholder: string): ValueKind<string> {
  return {
    placeholder,
    fromText: (value) => value,
    check(name, value) {
      if (typeof value === 'string' && value !== '') return value;
      throw invalidOption(name, 'a text that is not empty', value);
    },
  };
}

/** The path of a file; paths in a configuration file are relative to its folder. */
export interface PathKind extends ValueKind<string> {
  readonly isPath: true;
}

/** The path of a file. */
export function path(): PathKind {
  return { ...text('<file>'), isPath: true };
}

/** Several values: `a,b,c` on the command line, an array in a configuration file. */
export function listOf<T>(kind: ValueKind<T>, placeholder: string): ValueKind<T[]> {
  return {
    placeholder,
    fromText: (value) => value.split(',').map((part) => kind.fromText(part.trim())),
    check(name, value) {
      if (!Array.isArray(value) || value.length === 0) throw invalidOption(name, 'a list', value);
      return value.map((item) => kind.check(name, item));
    },
  };
}

/** A value, or several of them. */
export function oneOrMore<T>(kind: ValueKind<T>, placeholder: string): ValueKind<T | T[]> {
  const list = listOf(kind, placeholder);
  return {
    placeholder,
    fromText: (value) => (value.includes(',') ? list.fromText(value) : kind.fromText(value)),
    check: (name, value) => (Array.isArray(value) ? list.check(name, value) : kind.check(name, value)),
  };
}

/** On or off. */
export const flag: ValueKind<boolean> = {
  placeholder: undefined,
  fromText: (value) => value,
  check(name, value) {
    if (typeof value === 'boolean') return value;
    throw invalidOption(name, 'true or false', value);
  },
};
