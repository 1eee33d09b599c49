import type { FileMetaData, SchemaElement } from 'hyparquet';
import { SparseTrainError } from '../../base/errors.js';
import { saysTheSame } from '../csv/value.js';

/** Digits that a double holds, whatever they are. */
const SURE_DIGITS = 15;
const SURE = 10n ** BigInt(SURE_DIGITS);

/** Reads the values of a decimal column, which are stored as whole numbers. */
export type DecimalReader = (stored: unknown) => unknown;

/**
 * Takes the reading of decimal columns over from hyparquet, which multiplies by a power of ten (0.57 becomes
 * 0.5700000000000001) and rounds what a double does not hold. A value that a double holds becomes that number, any other
 * the text of its digits, so that two ids stay two.
 *
 * @param columns - those that are read
 * @param name - what messages call the file
 * @returns a reader for each decimal column, by its name
 * @throws SparseTrainError INVALID_DATA for long decimals of a kind that hyparquet only gives rounded
 */
export function takeDecimals(
  metadata: FileMetaData,
  columns: readonly string[],
  name: string,
): ReadonlyMap<string, DecimalReader> {
  const readers = new Map<string, DecimalReader>();
  for (const element of metadata.schema) {
    const { logical_type: logical, converted_type: converted } = element;
    if (converted !== 'DECIMAL' && logical?.type !== 'DECIMAL') continue;
    if (!columns.includes(element.name)) continue;
    const { scale, precision } = facts(element);
    if (element.type === 'BYTE_ARRAY') {
      if (precision > SURE_DIGITS) {
        throw new SparseTrainError(
          'INVALID_DATA',
          `${name}: column "${element.name}" holds decimals of ${precision} digits as byte arrays, which are not read; ` +
            'write them as text or with fewer digits, or leave the column out with ignore',
        );
      }
      element.converted_type = 'DECIMAL';
      element.scale = scale;
      readers.set(element.name, (value) =>
        typeof value === 'number' ? Number(value.toFixed(scale)) : value,
      );
      continue;
    }
    // Without its type a column comes as it is stored.
    delete element.converted_type;
    delete element.logical_type;
    readers.set(element.name, (stored) => exactDecimal(stored, scale));
  }
  return readers;
}

function facts({ scale, precision, logical_type: logical }: SchemaElement): {
  scale: number;
  precision: number;
} {
  const typed = logical?.type === 'DECIMAL' ? logical : undefined;
  return {
    scale: scale ?? typed?.scale ?? 0,
    precision: precision ?? typed?.precision ?? Number.POSITIVE_INFINITY,
  };
}

/** A number if it says all that is stored, otherwise the digits as a text; null stays null. */
function exactDecimal(stored: unknown, scale: number): unknown {
  const whole = wholeOf(stored);
  if (whole === undefined) return stored;
  // A quotient of two numbers that are exact is the double nearest to the decimal.
  if (whole < SURE && whole > -SURE && scale <= 22) return Number(whole) / 10 ** scale;
  const text = decimalText(whole, scale);
  const number = Number(text);
  return saysTheSame(number, text, '.') ? number : text;
}

/** The whole number in 4 or 8 bytes, or in big-endian bytes of any number. */
function wholeOf(stored: unknown): bigint | undefined {
  if (typeof stored === 'bigint') return stored;
  if (typeof stored === 'number') return BigInt(stored);
  if (!(stored instanceof Uint8Array)) return undefined;
  let whole = 0n;
  for (const byte of stored) whole = (whole << 8n) | BigInt(byte);
  return BigInt.asIntN(8 * stored.length, whole);
}

function decimalText(whole: bigint, scale: number): string {
  if (scale <= 0) return String(whole * 10n ** BigInt(-scale));
  const digits = String(whole < 0n ? -whole : whole).padStart(scale + 1, '0');
  return `${whole < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
