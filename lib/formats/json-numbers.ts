import { parseJson } from '../base/json.js';
import { saysTheSame } from './csv/value.js';

/** Texts, which are left alone, and numbers. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * Parses JSON in which whole numbers that a double does not hold, such as ids beyond 2^53, stay the texts that they are:
 * as categories or labels they are different, as numbers they would be the same.
 *
 * @throws SyntaxError
 */
export function parseRow(text: string): unknown {
  const parsed = parseJson(text);
  if (!/\d{16}/.test(text)) return parsed;
  const isLong = (token: string) => /^-?\d+$/.test(token) && !saysTheSame(Number(token), token, '.');
  return JSON.parse(text.replace(TOKENS, (token) => (isLong(token) ? `"${token}"` : token)));
}
