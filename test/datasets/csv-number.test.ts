import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNumber } from '../../lib/formats/csv/number.js';

const parse = (text: string, decimal = '.') => {
  // Something before and after, so that reading beyond the field would show.
  const bytes = Buffer.from(`7${text}7`);
  return parseNumber(bytes, 1, bytes.length - 1, decimal.charCodeAt(0));
};

describe('parseNumber', () => {
  it('reads what JavaScript writes, to the last bit', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parse(Object.is(value, -0) ? '-0' : String(value))).toBe(value);
      }),
      { numRuns: 2000 },
    );
  });

  it('rounds any number of digits as JavaScript does', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 0, maxLength: 25 });
    const exponent = fc.option(fc.integer({ min: -330, max: 330 }));
    fc.assert(
      fc.property(fc.constantFrom('', '-', '+'), digits, digits, exponent, (sign, whole, part, power) => {
        fc.pre(whole.length + part.length > 0);
        const text = `${sign}${whole}.${part}${power === null ? '' : `e${power}`}`;
        const expected = Number(text);
        expect(parse(text)).toBe(Number.isFinite(expected) ? expected : Number.NaN);
      }),
      { numRuns: 5000 },
    );
  });

  it('is near enough when read roughly', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-20, max: 1e20, noNaN: true }), (value) => {
        const bytes = Buffer.from(String(value));
        const rough = parseNumber(bytes, 0, bytes.length, 0x2e, true);
        expect(Math.abs(rough - value)).toBeLessThanOrEqual(value * 1e-14);
      }),
    );
  });

  it.each(['.5', '5.', '+5', '1E3', '1e+3', '1e-3', '007', '0', '1e400'.slice(0, 3)])('takes %s', (text) => {
    expect(parse(text)).toBe(Number(text));
  });

  it.each([
    '',
    '.',
    '-',
    '+',
    'e5',
    '1e',
    '1e+',
    '1e5.5',
    '--1',
    '1-',
    '1 2',
    '0x10',
    'Infinity',
    'NaN',
    '1_000',
  ])('does not take "%s"', (text) => expect(parse(text)).toBeNaN());

  it.each(['1,000', '1.2.3', '5%', '$5', '1e999', `${'9'.repeat(400)}`, '−5', '٣'])(
    'does not take "%s"',
    (text) => {
      expect(parse(text)).toBeNaN();
    },
  );

  it('takes a comma as the decimal mark when told so, and then no point', () => {
    expect(parse('-1,25e2', ',')).toBe(-125);
    expect(parse('3,14159265358979323846', ',')).toBe(Math.PI);
    expect(parse('1.25', ',')).toBeNaN();
  });

  it('takes a million digits without trouble', () => {
    expect(parse(`0.${'3'.repeat(1_000_000)}`)).toBe(1 / 3);
  });
});
