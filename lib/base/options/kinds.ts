/** Kinds of values. API calls, command lines, configuration files and stored JSON are all checked by the same kinds. */
import { invalidOption, listed, nearMiss, SparseTrainError } from '../errors.js';
import { joined, optionName, say, type Wording } from '../wording.js';

/** A kind of value. T is the type of the checked value, I the type that callers write. */
export interface Kind<T, I = T> {
  /** Only carries the type I; the property never exists. */
  readonly input?: I;
  /** Describes a valid value: `a whole number from 1 to 16`. */
  readonly expected: Wording;
  /** The bounds alone, for help texts: `4 to 16`. */
  readonly range?: string | undefined;
  /** The placeholder in help texts: `<number>`; undefined if the value is not written as text on the command line. */
  readonly placeholder?: string | undefined;
  /** Converts text from the command line to the value that a configuration file would have; it is not checked yet. */
  fromText?(text: string): unknown;
  /** Writes a value as command-line text, for advice; String() is used if this is absent. */
  toText?(value: unknown): string;
  /**
   * Checks a value.
   *
   * @param name - what messages call it: the path of the option in the API
   * @returns the value, converted if it is written in another form
   * @throws SparseTrainError INVALID_OPTION, UNKNOWN_OPTION
   */
  check(name: string, value: unknown): T;
  /** Examples at the edges of what is accepted: values just within the bounds, and values just beyond them. */
  readonly bounds?: Bounds | undefined;
  /** Whether the value is the path of a file; a configuration file gives such paths relative to its own folder. */
  readonly isPath?: boolean;
  /** Words that are valid, perhaps among other values. Shells offer them as completions. */
  readonly words?: readonly string[] | undefined;
  /** Whether the command line accepts several values, separated by commas. */
  readonly isList?: boolean;
}

export interface Bounds {
  readonly within: readonly unknown[];
  readonly beyond: readonly unknown[];
}

/** The type of a kind's checked values. */
export type ValueOf<K> = K extends { check(name: string, value: unknown): infer T } ? T : never;

/** The type of a kind's values as callers write them. */
export type InputOf<K> = K extends { readonly input?: infer I } ? I : never;

/** Writes a number for messages; large powers of two are written as powers. */
export function boundText(bound: number): string {
  if (bound === Number.MAX_SAFE_INTEGER) return '2^53 - 1';
  if (bound === Number.MIN_SAFE_INTEGER) return '-(2^53 - 1)';
  const exponent = Math.log2(bound);
  if (exponent >= 20 && Number.isInteger(exponent)) return `2^${exponent}`;
  const above = Math.log2(bound + 1);
  return above >= 20 && Number.isInteger(above) ? `2^${above} - 1` : String(bound);
}

function numberFromText(text: string): unknown {
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
}

/** A whole number from `low` to `high`. */
export function whole(low: number, high: number = Number.MAX_SAFE_INTEGER): Kind<number> {
  const range = `${boundText(low)} to ${boundText(high)}`;
  const expected = `a whole number from ${range}`;
  return {
    expected,
    range,
    placeholder: '<number>',
    fromText: numberFromText,
    check(name, value) {
      if (Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high)
        return value as number;
      throw invalidOption(name, expected, value);
    },
    bounds: { within: [low, high], beyond: [low - 1, high + 1, low + 0.5] },
  };
}

/** A seed for random numbers. */
export const seedKind: Kind<number> = whole(0);

/** The ends of a range of numbers: `from` and `to` belong to the range, `above` and `below` do not. */
export interface Range {
  readonly from?: number;
  readonly above?: number;
  readonly to?: number;
  readonly below?: number;
}

/** A number in a range. */
export function number({ from, above, to, below }: Range): Kind<number> {
  const ends = endsOf({ from, above, to, below } as Range);
  const range = ends.join(', ').replace(/^(from|of) /, '');
  const expected = ['a number', ends.join(' and ')].join(' ').trimEnd();
  const low = above ?? from ?? Number.NEGATIVE_INFINITY;
  const high = below ?? to ?? Number.POSITIVE_INFINITY;
  const inner = Number.isFinite(low) && Number.isFinite(high) ? low + (high - low) / 1024 : 0;
  return {
    expected,
    range,
    placeholder: '<number>',
    fromText: numberFromText,
    check(name, value) {
      const isInside =
        typeof value === 'number' &&
        Number.isFinite(value) &&
        (above === undefined ? value >= low : value > low) &&
        (below === undefined ? value <= high : value < high);
      if (isInside) return value;
      throw invalidOption(name, expected, value);
    },
    bounds: {
      within: [above === undefined ? low : inner, below === undefined ? high : inner].filter(Number.isFinite),
      beyond: [
        above === undefined ? low - Math.max(Math.abs(low), 1) * 1e-6 : low,
        below === undefined ? high + Math.max(Math.abs(high), 1) * 1e-6 : high,
        'x',
      ].filter((end) => typeof end === 'string' || Number.isFinite(end)),
    },
  };
}

/** The ends of a range as words: `from 0 to 1`, or `above 0` and `at most 1`. */
function endsOf({ from, above, to, below }: Range): string[] {
  if (from !== undefined && to !== undefined) return [`from ${boundText(from)} to ${boundText(to)}`];
  const ends: string[] = [];
  if (from !== undefined) ends.push(`of at least ${boundText(from)}`);
  if (above !== undefined) ends.push(`above ${boundText(above)}`);
  if (to !== undefined) ends.push(`at most ${boundText(to)}`);
  if (below !== undefined) ends.push(`below ${boundText(below)}`);
  return ends;
}

/** One of several words; a message about a misspelt word names the nearest valid one. */
export function oneOf<const T extends string>(words: readonly T[], placeholder = '<kind>'): Kind<T> {
  const expected = words.length === 1 ? listed(words) : say`one of ${listed(words)}`;
  return {
    expected,
    placeholder,
    words,
    fromText: (text) => text,
    check(name, value) {
      const word = words.find((known) => known === value);
      if (word !== undefined) return word;
      throw invalidOption(name, expected, value, nearMiss(value, words));
    },
    bounds: { within: words, beyond: ['no such word', 1] },
  };
}

/** One of several numbers. */
export function oneOfNumbers<const T extends number>(numbers: readonly T[]): Kind<T> {
  const expected =
    numbers.length === 1 ? String(numbers[0]) : `${numbers.slice(0, -1).join(', ')} or ${numbers.at(-1)}`;
  return {
    expected,
    placeholder: '<number>',
    words: numbers.map(String),
    fromText: numberFromText,
    check(name, value) {
      const found = numbers.find((known) => known === value);
      if (found !== undefined) return found;
      throw invalidOption(name, expected, value);
    },
    bounds: {
      within: numbers,
      beyond: [Math.min(...numbers) - 1, Math.max(...numbers) + 1],
    },
  };
}

/** true or false; on the command line a flag without a value. */
export const boolean: Kind<boolean> = {
  expected: 'true or false',
  check(name, value) {
    if (typeof value === 'boolean') return value;
    throw invalidOption(name, 'true or false', value);
  },
  bounds: { within: [true, false], beyond: ['yes', 1] },
};

/** Any text that is not empty. */
export function text(placeholder = '<text>', expected = 'a text that is not empty'): Kind<string> {
  return {
    expected,
    placeholder,
    fromText: (value) => value,
    check(name, value) {
      if (typeof value === 'string' && value !== '') return value;
      throw invalidOption(name, expected, value);
    },
    bounds: { within: ['a'], beyond: ['', 1] },
  };
}

/** Any text, including the empty one. */
export const anyText: Kind<string> = {
  expected: 'a text',
  placeholder: '<text>',
  fromText: (value) => value,
  check(name, value) {
    if (typeof value === 'string') return value;
    throw invalidOption(name, 'a text', value);
  },
  bounds: { within: ['', 'a'], beyond: [1, null] },
};

/** A text of at most `most` characters. */
export function textUpTo(most: number): Kind<string> {
  const expected = `a text of at most ${most} characters`;
  return {
    expected,
    check(name, value) {
      if (typeof value === 'string' && value.length <= most) return value;
      throw invalidOption(name, expected, value);
    },
    bounds: { within: ['', 'a'.repeat(most)], beyond: ['a'.repeat(most + 1), 1] },
  };
}

/** The path of a file; paths in a configuration file are relative to its folder. */
export function path(placeholder = '<file>'): Kind<string> {
  return { ...text(placeholder, 'the path of a file'), isPath: true };
}

/** The path of a file that is an argument of a call. */
export const filePath: Kind<string> = path();

/** A function. */
export function callback<F>(): Kind<F> {
  return {
    expected: 'a function',
    check(name, value) {
      if (typeof value === 'function') return value as F;
      throw invalidOption(name, 'a function', value);
    },
    bounds: { within: [() => undefined], beyond: ['a function'] },
  };
}

/** An object of a class. */
export function instanceOf<T>(type: abstract new (...parameters: never[]) => T, expected: string): Kind<T> {
  return {
    expected,
    check(name, value) {
      if (value instanceof type) return value;
      throw invalidOption(name, expected, value);
    },
    bounds: { within: [], beyond: [{}] },
  };
}

/** An object that can be written as JSON. */
export const plainObject: Kind<Readonly<Record<string, unknown>>> = {
  expected: 'an object of plain data',
  check(name, value) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isObject) throw invalidOption(name, 'an object of plain data', value);
    try {
      if (JSON.stringify(value) !== undefined) return value as Readonly<Record<string, unknown>>;
    } catch (error) {
      const expected = `an object of plain data, fit for JSON (${(error as Error).message})`;
      throw invalidOption(name, expected, value);
    }
    throw invalidOption(name, 'an object of plain data', value);
  },
  bounds: { within: [{}], beyond: [1, []] },
};

/** The permitted number of items in a list. */
export interface Length {
  readonly least?: number;
  readonly most?: number;
}

/**
 * Checks how many items a list or array has.
 *
 * @throws SparseTrainError INVALID_OPTION
 */
export function checkLength(
  name: string,
  items: ArrayLike<unknown>,
  {
    least = 0,
    most = Number.POSITIVE_INFINITY,
    expected = listText(least, most),
  }: Length & { readonly expected?: Wording },
): void {
  if (items.length >= least && items.length <= most) return;
  if (Array.isArray(items)) throw invalidOption(name, expected, items);
  // The general message would not show the length of a typed array.
  throw new SparseTrainError('INVALID_OPTION', {
    option: name,
    expected,
    actual: items,
    says: say`${optionName(name)} must be ${expected}, but it has ${items.length}`,
  });
}

function listText(least: number, most: number): string {
  if (least === most) return `a list of ${least}`;
  if (Number.isFinite(most)) return `a list of ${least} to ${most}`;
  return least === 0 ? 'a list' : `a list of at least ${least}`;
}

/** Several values: `a,b,c` on the command line, an array elsewhere. */
export function listOf<T>(
  kind: Kind<T>,
  {
    placeholder,
    least = 0,
    most = Number.POSITIVE_INFINITY,
    expected = listText(least, most),
  }: Length & { placeholder?: string; expected?: Wording } = {},
): Kind<readonly T[]> {
  const { fromText, toText = String } = kind;
  return {
    expected,
    range: kind.range,
    placeholder: placeholder ?? kind.placeholder,
    words: kind.words,
    isList: true,
    ...(fromText === undefined
      ? {}
      : {
          fromText: (given: string) => given.split(',').map((part) => fromText(part.trim())),
          toText: (value: unknown) => (value as readonly unknown[]).map(toText).join(','),
        }),
    check(name, value) {
      if (!Array.isArray(value)) throw invalidOption(name, expected, value);
      checkLength(name, value, { least, most, expected });
      const items: T[] = [];
      for (let i = 0; i < value.length; i++) {
        // A list with holes could claim billions of items.
        if (!(i in value))
          throw invalidOption(`${name}[${i}]`, kind.expected, undefined, 'a list has no holes');
        items.push(kind.check(`${name}[${i}]`, value[i]));
      }
      return items;
    },
    bounds: kind.bounds && {
      within: kind.bounds.within.map((value) => new Array<unknown>(Math.max(1, least)).fill(value)),
      beyond: [...kind.bounds.beyond.map((value) => new Array<unknown>(Math.max(1, least)).fill(value)), {}],
    },
  };
}

/** One value for all, or an array with one value for each of `what`. */
export function oneOrEach<T>(kind: Kind<T>, what: string, placeholder?: string): Kind<T | readonly T[]> {
  const list = listOf(kind);
  const { fromText, toText = String } = kind;
  return {
    expected: say`${kind.expected}, or an array with one for each ${what}`,
    range: kind.range,
    placeholder: placeholder ?? kind.placeholder,
    words: kind.words,
    isList: true,
    ...(fromText === undefined
      ? {}
      : {
          fromText: (given: string) => (given.includes(',') ? list.fromText?.(given) : fromText(given)),
          toText: (value: unknown) => [value].flat().map(toText).join(','),
        }),
    check: (name, value) => (Array.isArray(value) ? list.check(name, value) : kind.check(name, value)),
    bounds: kind.bounds,
  };
}

/** Checks a value by a kind, whose refusal of the value as a whole then names all that is expected. */
function checkAs<T>(kind: Kind<T>, expected: Wording, name: string, value: unknown, advice?: Wording): T {
  try {
    return kind.check(name, value);
  } catch (error) {
    // An error about a part of the value, such as an item of a list, keeps its own message.
    if (!(error instanceof SparseTrainError) || error.option !== name) throw error;
    throw invalidOption(name, expected, value, advice);
  }
}

/** A word such as 'auto', or a value of another kind. */
export function wordOr<const W extends string, T>(word: W, kind: Kind<T>): Kind<W | T> {
  const expected = say`${listed([word])} or ${kind.expected}`;
  const { fromText } = kind;
  return {
    expected,
    placeholder: kind.placeholder,
    words: [word, ...(kind.words ?? [])],
    ...(kind.isList === undefined ? {} : { isList: kind.isList }),
    ...(fromText === undefined
      ? {}
      : { fromText: (given: string) => (given === word ? given : fromText(given)) }),
    check: (name, value) =>
      value === word ? word : checkAs(kind, expected, name, value, nearMiss(value, [word])),
    bounds: kind.bounds && { within: [word, ...kind.bounds.within], beyond: kind.bounds.beyond },
  };
}

/** Tries several kinds in turn and takes the first that accepts the value. */
export function anyOf<const K extends readonly Kind<unknown>[]>(
  kinds: K,
  expected: Wording = joined(
    kinds.map((kind) => kind.expected),
    ' or ',
  ),
): Kind<ValueOf<K[number]>> {
  return {
    expected,
    words: kinds.flatMap(({ words = [] }) => words),
    isList: kinds.some(({ isList }) => isList),
    placeholder: kinds.find((kind) => kind.placeholder !== undefined)?.placeholder,
    check(name, value) {
      for (const kind of kinds) {
        try {
          return kind.check(name, value) as ValueOf<K[number]>;
        } catch (error) {
          if (!(error instanceof SparseTrainError)) throw error;
        }
      }
      throw invalidOption(name, expected, value);
    },
    bounds: { within: kinds.flatMap((kind) => [...(kind.bounds?.within ?? [])]), beyond: [] },
  };
}

/** Any value; other code checks it. */
export const anything: Kind<unknown> = { expected: 'a value', check: (_, value) => value };

/** The value, or null. */
export function nullable<T>(kind: Kind<T>): Kind<T | null> {
  const expected = say`${kind.expected} or null`;
  return {
    expected,
    check: (name, value) => (value === null ? null : checkAs(kind, expected, name, value)),
    bounds: kind.bounds && { within: [null, ...kind.bounds.within], beyond: kind.bounds.beyond },
  };
}

/** An object with arbitrary names and values of one kind. */
export function recordOf<T>(
  kind: Kind<T>,
  expected: Wording = 'an object',
): Kind<Readonly<Record<string, T>>> {
  return {
    expected,
    check(name, value) {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw invalidOption(name, expected, value);
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, kind.check(within(name, key), item)]),
      );
    },
    bounds: { within: [{}], beyond: [1, 'x', []] },
  };
}

/** The path of a value inside an object; the object's own path is empty if it is the whole document. */
export function within(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** A kind that is checked by a function, which returns the value or throws. */
export function checkedBy<T, I = T>(
  expected: Wording,
  check: (name: string, value: unknown) => T,
  rest: Pick<
    Partial<Kind<unknown>>,
    'range' | 'placeholder' | 'words' | 'fromText' | 'toText' | 'bounds'
  > = {},
): Kind<T, I> {
  const { range, placeholder, words, fromText, toText, bounds } = rest;
  return {
    expected,
    check,
    range,
    placeholder,
    words,
    bounds,
    ...(fromText === undefined ? {} : { fromText }),
    ...(toText === undefined ? {} : { toText }),
  };
}
