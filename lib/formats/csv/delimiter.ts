import { type CsvText, TextRecords } from './text-records.js';

/** What stands between two fields: one character, but a quote or a line break. */
export type CsvDelimiter = string;

/**
 * The delimiters that are recognised, most preferred first: commas are also decimal marks and punctuation, spaces are in
 * many texts.
 */
export const USUAL_DELIMITERS: readonly CsvDelimiter[] = ['\t', ';', '|', ',', ' '];

/** How many records {@link detectDelimiter} looks at. */
const DETECTION_RECORDS = 10;

/** Whether a value can be a delimiter. */
export function isDelimiter(value: unknown): value is CsvDelimiter {
  return typeof value === 'string' && [...value].length === 1 && !/["\r\n\0\ud800-\udfff]/u.test(value);
}

/**
 * The delimiter of a CSV text: the first of those recognised that divides each of the first records into the same number
 * of fields, two or more. Where none does, the one that divides the first record into most fields (but no space, which
 * may be in any text), for later messages to name the ragged lines.
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

/** Whether a text's delimiter divides its first record into two fields or more. */
export function dividesFirst(text: CsvText): boolean {
  return (countFields(text, 1).counts[0] ?? 0) > 1;
}

/** Fields of each of the first records, up to one whose quotes make no sense, as happens with a wrong delimiter. */
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
