import { parseJson } from '../base/json.js';
import { saysTheSame } from './csv/value.js';

/** Matches texts, which stay unchanged, and numbers. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * Parses JSON. Whole numbers that a double cannot represent, such as ids beyond 2^53, stay texts: as
 * categories or labels they are different, but as numbers they would become equal.
 *
 * @throws SyntaxError
 */
export function parseRow(text: string): unknown {
  const parsed = parseJson(text);
  if (!/\d{16}/.test(text)) return parsed;
  const isLong = (token: string) => /^-?\d+$/.test(token) && !saysTheSame(Number(token), token, '.');
  return JSON.parse(text.replace(TOKENS, (token) => (isLong(token) ? `"${token}"` : token)));
}
