/** The longest text that a number may stand for; no number's own digits are as many. */
const LONGEST = 400;

const NUMBER = { '.': numberPattern('\\.'), ',': numberPattern(',') };

function numberPattern(mark: string): RegExp {
  return new RegExp(`^[+-]?(?:\\d+${mark}?\\d*|${mark}\\d+)(?:[eE][+-]?\\d+)?$`);
}

/**
 * The number that a single text says, by the same rules as the scanner has for the fields of a file (native/csv): NaN if
 * it is not a number or exceeds a double's range.
 */
export function textNumber(text: string, decimal: '.' | ','): number {
  if (!NUMBER[decimal].test(text)) return Number.NaN;
  const number = Number(decimal === ',' ? text.replace(',', '.') : text);
  return Number.isFinite(number) ? number : Number.NaN;
}

/**
 * Whether a number says all that its text says, so that it may stand for the text as a label or category. Leading zeros
 * and digits that a double does not hold (whole numbers beyond 2^53, for example) would be lost.
 */
export function saysTheSame(number: number, text: string, decimal: '.' | ','): boolean {
  if (/^[+-]?0\d/.test(text) || text.length > LONGEST) return false;
  return decimalValue(text.replace(decimal, '.')) === decimalValue(String(number));
}

/** A decimal number in one spelling: the digits without zeros at either end, and the power of ten of the last one. */
function decimalValue(text: string): string {
  const [, sign = '', whole = '', part = '', power = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const all = (whole + part).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  if (digits === '') return '0';
  const last = BigInt(power) - BigInt(part.length) + BigInt(all.length - digits.length);
  return `${sign === '-' ? '-' : ''}${digits}e${last}`;
}
