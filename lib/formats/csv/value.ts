/** The longest text that is accepted as a number; no number needs as many digits. */
const LONGEST = 400;

const NUMBER = { '.': numberPattern('\\.'), ',': numberPattern(',') };

function numberPattern(mark: string): RegExp {
  return new RegExp(`^[+-]?(?:\\d+${mark}?\\d*|${mark}\\d+)(?:[eE][+-]?\\d+)?$`);
}

/**
 * Converts a single text to a number, by the same rules as the scanner for the fields of a file (native/csv).
 * NaN if the text is not a number or exceeds the range of a double.
 */
export function textNumber(text: string, decimal: '.' | ','): number {
  if (!NUMBER[decimal].test(text)) return Number.NaN;
  const number = Number(decimal === ',' ? text.replace(',', '.') : text);
  return Number.isFinite(number) ? number : Number.NaN;
}

/**
 * Whether a number represents its text completely, so that it may replace the text as a label or category.
 * Leading zeros and digits that a double cannot hold (whole numbers beyond 2^53, for example) would be lost.
 */
export function saysTheSame(number: number, text: string, decimal: '.' | ','): boolean {
  if (/^[+-]?0\d/.test(text) || text.length > LONGEST) return false;
  return decimalValue(text.replace(decimal, '.')) === decimalValue(String(number));
}

/**
 * Reduces a decimal number to a single spelling: its digits without zeros at either end, and the power of ten
 * of the last digit.
 */
function decimalValue(text: string): string {
  const [, sign = '', whole = '', part = '', power = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const all = (whole + part).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  if (digits === '') return '0';
  const last = BigInt(power) - BigInt(part.length) + BigInt(all.length - digits.length);
  return `${sign === '-' ? '-' : ''}${digits}e${last}`;
}
