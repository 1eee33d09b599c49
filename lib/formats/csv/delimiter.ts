import { invalidOption } from '../../base/errors.js';
import { checkedBy, type Kind } from '../../base/options/kinds.js';
import { type CsvText, TextRecords } from './text-records.js';

/** The character between two fields: any single character except a quote or a line break. */
export type CsvDelimiter = string;

/**
 * The delimiters that are recognised, most preferred first: commas are also decimal marks and punctuation,
 * and many texts contain spaces.
 */
export const USUAL_DELIMITERS: readonly CsvDelimiter[] = ['\t', ';', '|', ',', ' '];

/** The number of records that {@link detectDelimiter} examines. */
const DETECTION_RECORDS = 10;

/** Whether a value can be a delimiter. */
export function isDelimiter(value: unknown): value is CsvDelimiter {
  return typeof value === 'string' && [...value].length === 1 && !/["\r\n\0\ud800-\udfff]/u.test(value);
}

const DELIMITER = 'one character, but no quote and no line break';

/** A delimiter as an option. */
export const delimiterKind: Kind<CsvDelimiter> = checkedBy(
  DELIMITER,
  (name, value) => {
    if (isDelimiter(value)) return value;
    throw invalidOption(name, DELIMITER, value);
  },
  { placeholder: '<mark>', bounds: { within: [';', '\t'], beyond: ['"', '\n', '', 'ab', 1] } },
);

/**
 * Detects the delimiter of a CSV text: the first recognised one that divides each of the first records into
 * the same number of fields, at least two. If there is none, returns the one that divides the first record
 * into the most fields (but not the space, which any text may contain), so that later messages can name the
 * ragged lines.
 *
 * @returns undefined if none of them divides the first record
 * @throws SparseTrainError INVALID_FILE if none does because its quotes are wrong
 */
export function detectDelimiter(text: Omit<CsvText, 'delimiter'>): CsvDelimiter | undefined {
  let most: CsvDelimiter | undefined;
  let mostFields = 1;
  let problem: unknown;
  for (const delimiter of USUAL_DELIMITERS) {
    const { counts, error } = countFields({ ...text, delimiter });
    const first = counts[0] ?? 0;
    const isEven = counts.every((count) => count === first);
    if (first > 1 && isEven) return delimiter;
    if (first > mostFields && delimiter !== ' ') {
      most = delimiter;
      mostFields = first;
    }
    problem ??= error;
  }
  if (most === undefined && problem !== undefined) throw problem;
  return most;
}

/** Whether a delimiter divides the first record of a text into at least two fields. */
export function dividesFirst(text: CsvText): boolean {
  return (countFields(text, 1).counts[0] ?? 0) > 1;
}

/**
 * The number of fields in each of the first records. Stops at a record with inconsistent quotes, which a
 * wrong delimiter can cause.
 */
function countFields(text: CsvText, records = DETECTION_RECORDS): { counts: number[]; error?: unknown } {
  const scanned = new TextRecords(text, { decimal: '.', atOnce: records });
  const counts: number[] = [];
  try {
    while (counts.length < records && scanned.next()) counts.push(scanned.count);
  } catch (error) {
    return { counts, error };
  }
  return { counts };
}
