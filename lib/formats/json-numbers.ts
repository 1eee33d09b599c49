import { parseUniqueJson } from '../base/json.js';
import { saysTheSame } from './csv/value.js';

/** Matches texts, which stay unchanged, and numbers. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * Parses JSON. Whole numbers that a double cannot represent, such as ids beyond 2^53, stay texts: as
 * categories or labels they are different, but as numbers they would become equal.
 *
 * @throws SyntaxError; SparseTrainError INVALID_DATA for a name that is there twice
 */
export function parseRow(text: string): unknown {
  const parsed = parseUniqueJson(text);
  if (!/\d{16}/.test(text)) return parsed;
  const isLong = (token: string) => /^-?\d+$/.test(token) && !saysTheSame(Number(token), token, '.');
  return withTexts(text, isLong);
}

/** Whether a text may hold a number that {@link parseSpellings} keeps as a text. */
export function mayHaveSpellings(text: string): boolean {
  return /\.\d*0(?!\d)|\d[eE][+-]?\d|-0(?![\d.])|\d{16}/.test(text);
}

/**
 * Parses JSON that parseRow() has accepted, and keeps numbers as texts that are not spelled as JavaScript spells them:
 * 1.0, 1e3. As labels and categories, numbers are compared by their spelling, as in CSV.
 */
export function parseSpellings(text: string): unknown {
  return withTexts(text, (token) => String(Number(token)) !== token);
}

function withTexts(text: string, isText: (token: string) => boolean): unknown {
  return JSON.parse(
    text.replace(TOKENS, (token) => (!token.startsWith('"') && isText(token) ? `"${token}"` : token)),
  );
}
