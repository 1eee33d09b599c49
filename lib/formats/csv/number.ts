/** Powers of ten that a double holds exactly. */
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

const MINUS = 0x2d;
const PLUS = 0x2b;
const ZERO = 0x30;
const NINE = 0x39;
const LOWER_E = 0x65;
const COMMA = 0x2c;

/** Far fewer than would overflow a double. */
const MAX_ROUGH_PLACES = 100;

/**
 * The number written in decimal in bytes `start` to `end` - 1, correctly rounded, or NaN if they are not just one
 * number: sign, digits with a decimal mark, exponent. Not numbers: hexadecimal, `inf`, digits in groups, and what is
 * beyond a double's range.
 *
 * Digits of up to 15 places with a small exponent take one multiplication or division of two exact doubles, which
 * rounds correctly (W. D. Clinger, "How to read floating point numbers accurately", 1990); the rest goes to `Number`.
 *
 * @param decimal - the decimal mark's byte
 * @param roughly - whether numbers of more places may come out a few units in the last place off, which is quicker
 */
export function parseNumber(
  bytes: Buffer,
  start: number,
  end: number,
  decimal: number,
  roughly = false,
): number {
  let i = start;
  let byte = bytes[i] as number;
  const negative = byte === MINUS;
  if (negative || byte === PLUS) i++;
  let mantissa = 0;
  let significant = 0;
  let places = 0;
  let anyDigit = false;
  let pastMark = false;
  for (; i < end; i++) {
    byte = bytes[i] as number;
    if (byte >= ZERO && byte <= NINE) {
      anyDigit = true;
      if (pastMark) places++;
      if (significant > 0 || byte !== ZERO) significant++;
      mantissa = mantissa * 10 + (byte - ZERO);
    } else if (byte === decimal && !pastMark) pastMark = true;
    else break;
  }
  if (!anyDigit) return Number.NaN;
  let exponent = 0;
  if (i < end) {
    // Setting bit 5 makes E an e.
    if (((bytes[i] as number) | 0x20) !== LOWER_E) return Number.NaN;
    i++;
    const sign = bytes[i];
    if (i < end && (sign === MINUS || sign === PLUS)) i++;
    if (i >= end) return Number.NaN;
    for (; i < end; i++) {
      byte = bytes[i] as number;
      if (byte < ZERO || byte > NINE) return Number.NaN;
      exponent = exponent * 10 + (byte - ZERO);
    }
    if (sign === MINUS) exponent = -exponent;
  }
  exponent -= places;
  if (
    (significant <= 15 || (roughly && significant <= MAX_ROUGH_PLACES)) &&
    exponent >= -22 &&
    exponent <= 22
  ) {
    const power = POWERS_OF_TEN[Math.abs(exponent)] as number;
    const magnitude = exponent < 0 ? mantissa / power : mantissa * power;
    return negative ? -magnitude : magnitude;
  }
  const text = bytes.toString('latin1', start, end);
  const value = Number(decimal === COMMA ? text.replace(',', '.') : text);
  return Number.isFinite(value) ? value : Number.NaN;
}
