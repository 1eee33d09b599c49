import { SparseTrainError } from '../../base/errors.js';
import { optionName, say } from '../../base/wording.js';
import type { PeekedRecord } from './open-text.js';
import { quoted } from './problems.js';

/** The names of a table's columns. */
export interface Header {
  readonly names: readonly string[];
  /** Whether the first record holds the names; otherwise columns are called `column 1` and so on. */
  readonly isThere: boolean;
}

/**
 * Finds the names of a text's columns.
 *
 * @param records - the first records, at least one
 * @param given - whether the first one holds names, if the caller knows
 * @throws SparseTrainError INVALID_FILE if two columns have the same name
 */
export function findHeader(
  records: readonly PeekedRecord[],
  given: boolean | undefined,
  file: string,
): Header {
  const [first, ...rest] = records as [PeekedRecord, ...PeekedRecord[]];
  const isThere = given ?? looksLikeHeader(first, rest);
  const numbered = first.texts.map((_, i) => `column ${i + 1}`);
  if (!isThere) return { names: numbered, isThere };
  const names = first.texts.map((text, i) => (text === '' ? (numbered[i] as string) : text));
  const seen = new Map<string, number>();
  for (const [i, name] of names.entries()) {
    const before = seen.get(name);
    if (before !== undefined) {
      throw new SparseTrainError(
        'INVALID_FILE',
        say`${file}: line ${first.line}: columns ${before + 1} and ${i + 1} have the same name ${quoted(name)}; rename one, or say ${optionName('header', false)} if the line is data`,
      );
    }
    seen.set(name, i);
  }
  return { names, isThere };
}

/**
 * Whether a first record holds names: all are different and none is a number. One name may be empty, because
 * tables with row numbers often leave it out there. A record with equal or empty names counts as a header
 * only if numbers stand below them, because otherwise it could be data.
 */
function looksLikeHeader({ texts, numbers }: PeekedRecord, rest: readonly PeekedRecord[]): boolean {
  if (!numbers.every(Number.isNaN)) return false;
  if (new Set(texts).size === texts.length) return true;
  return texts.some(
    (text, i) =>
      text !== '' &&
      rest.length > 0 &&
      rest.every((record) => !Number.isNaN(record.numbers[i] ?? Number.NaN)),
  );
}

/**
 * Whether a first record that was taken for data may hold names after all: whole numbers in even steps, such
 * as years or 0, 1, 2, with or without a name for the label.
 */
export function mayBeNumericHeader({ numbers }: PeekedRecord, rest: readonly PeekedRecord[]): boolean {
  const whole = numbers.filter((number) => !Number.isNaN(number));
  const step = (whole[1] ?? 0) - (whole[0] ?? 0);
  const isEven = whole.every(
    (number, i) => Number.isInteger(number) && (i === 0 || number - (whole[i - 1] as number) === step),
  );
  if (whole.length < 2 || numbers.length - whole.length > 1 || step === 0 || !isEven) return false;
  // If all rows increase in the same steps, the first one is data too.
  return !rest.some((record) =>
    record.numbers.every((number, i) => i === 0 || number - (record.numbers[i - 1] as number) === step),
  );
}
