import { optionName, say, type Wording } from '../../base/wording.js';

/** Digits in groups of three, with points, commas, apostrophes or spaces between the groups. */
const GROUPED = /^[+-]?\d{1,3}(?:([.,'’ \u00a0\u202f])\d{3})(?:\1\d{3})*(?:[.,]\d+)?$/u;
const WITH_COMMA = /^[+-]?\d*,\d+(?:[eE][+-]?\d+)?$/;
const WITH_POINT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const WITH_SIGN = /^(?:[$€£¥]\s?[+-]?[\d.,]+|[+-]?[\d.,]+\s?[%$€£¥])$/u;

/**
 * Advice for a column of texts that people read as numbers: written with another decimal mark, with thousands
 * separators, or with a percent or currency sign.
 *
 * @param texts - different fields of a column that the scanner does not take for numbers, at least one
 * @returns undefined if some are anything else
 */
export function adviceOnNumbers(texts: Iterable<string>, decimal: '.' | ','): Wording | undefined {
  const all = [...texts];
  if (all.every((text) => WITH_SIGN.test(text)))
    return 'write the numbers without % or the sign of the currency';
  const other = decimal === '.' ? ',' : '.';
  const otherMark = decimal === '.' ? WITH_COMMA : WITH_POINT;
  const isGrouped = all.every((text) => GROUPED.test(text));
  if (!isGrouped && all.every((text) => otherMark.test(text))) {
    return say`a ${other === ',' ? 'comma' : 'point'} is their decimal mark: say ${optionName('decimal', other)}`;
  }
  if (!all.every((text) => GROUPED.test(text) || otherMark.test(text))) return undefined;
  // A mark is the decimal mark if it occurs once, comes after all other marks, and is not followed by exactly
  // three digits.
  const mark = all.map((text) => /([.,])(?!\d{3}$)\d+$/.exec(text)?.[1]).find((found) => found !== undefined);
  const write = 'marks between thousands are not read: write the numbers without them';
  return mark === undefined || mark === decimal
    ? write
    : say`${write}, and say ${optionName('decimal', mark)}`;
}
