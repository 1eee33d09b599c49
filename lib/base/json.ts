import { SparseTrainError } from './errors.js';

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
 * Parses the text of a JSON file.
 *
 * @param file - its name, for the message
 * @throws SparseTrainError INVALID_FILE
 */
export function parseJsonFile(file: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
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
