import { SparseTrainError, shortened } from './errors.js';

/** JSON from a file or server may be nested this deep. */
const DEEPEST = 100;

/**
 * Parses JSON from an untrusted source. JSON.parse() accepts any depth, but a million nested lists fill the memory
 * and overflow the stack of any code that walks over them.
 *
 * @param revive - the second argument of JSON.parse()
 * @throws SyntaxError, also if lists and objects are nested more than 100 deep
 */
export function parseJson(text: string, revive?: (key: string, value: unknown) => unknown): unknown {
  if (isDeep(text)) throw new SyntaxError(`lists and objects are nested more than ${DEEPEST} deep`);
  return JSON.parse(text, revive) as unknown;
}

/**
 * Parses JSON that a user wrote: as {@link parseJson}, but a name that an object has twice is refused, because
 * JSON.parse() takes its last value and drops the others without a word.
 *
 * @throws SyntaxError; SparseTrainError INVALID_DATA for a name that is there twice
 */
export function parseUniqueJson(text: string): unknown {
  const parsed = parseJson(text);
  // Each name has a colon; those in texts are sorted out only where there are more colons than names.
  if (colonsIn(text) > namesIn(parsed)) refuseTwins(text);
  return parsed;
}

/**
 * Parses the text of a JSON file that a user wrote.
 *
 * @param file - its name, for the message
 * @throws SparseTrainError INVALID_FILE
 */
export function parseJsonFile(file: string, text: string): unknown {
  try {
    return parseUniqueJson(text);
  } catch (error) {
    if (error instanceof SparseTrainError)
      throw new SparseTrainError('INVALID_FILE', `${file}: ${error.message}`, { cause: error });
    throw new SparseTrainError('INVALID_FILE', `${file} is not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Takes time proportional to the text's length, and almost none where there are few brackets. */
function isDeep(text: string): boolean {
  if (!hasManyBrackets(text)) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22:
        i = endOfString(text, i);
        break;
      case 0x5b:
      case 0x7b:
        if (++depth > DEEPEST) return true;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
        break;
    }
  }
  return false;
}

function hasManyBrackets(text: string): boolean {
  let count = 0;
  for (const bracket of ['[', '{']) {
    for (let i = text.indexOf(bracket); i !== -1; i = text.indexOf(bracket, i + 1)) {
      if (++count > DEEPEST) return true;
    }
  }
  return false;
}

/** Finds the quote that closes a string; returns the end of the text if there is none. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text.charCodeAt(i) !== 0x22) i += text.charCodeAt(i) === 0x5c ? 2 : 1;
  return i;
}

function colonsIn(text: string): number {
  let count = 0;
  for (let i = text.indexOf(':'); i !== -1; i = text.indexOf(':', i + 1)) count++;
  return count;
}

/** The number of names in all objects of a value. */
function namesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Array.isArray(value) ? value : Object.values(value);
  let count = Array.isArray(value) ? 0 : inner.length;
  for (const one of inner) if (typeof one === 'object') count += namesIn(one);
  return count;
}

const COLON = /\s*:/y;

/** Throws if an object in a JSON text, which is valid, has a name twice. */
function refuseTwins(text: string): void {
  /** The names of each object that is open; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x7b:
        open.push(new Set());
        break;
      case 0x5b:
        open.push(undefined);
        break;
      case 0x7d:
      case 0x5d:
        open.pop();
        break;
      case 0x22: {
        const end = endOfString(text, i);
        const names = open.at(-1);
        COLON.lastIndex = end + 1;
        if (names !== undefined && COLON.test(text)) {
          const name = JSON.parse(text.slice(i, end + 1)) as string;
          if (names.has(name))
            throw new SparseTrainError(
              'INVALID_DATA',
              `"${shortened(name)}" is there twice; which one is meant?`,
            );
          names.add(name);
        }
        i = end;
        break;
      }
    }
  }
}
