import fc from 'fast-check';
import { parse } from 'npyjs';
import { describe, expect, it } from 'vitest';
import { float16Value } from '../../lib/formats/numpy/elements.js';
import { parseNpy } from '../../lib/formats/numpy/parse-npy.js';
import { npyOfArray, npyOfText } from '../../lib/formats/numpy/write-npy.js';

const arrays = [
  Uint8Array.of(0, 255),
  Int8Array.of(-128, 127),
  Int16Array.of(-32_768, 5, 1),
  Int32Array.of(-5, 2 ** 31 - 1),
  Uint32Array.of(4_294_967_295),
  BigInt64Array.of(-1n, 2n ** 62n),
  Float32Array.of(0.1, Number.NEGATIVE_INFINITY),
  Float64Array.of(Math.PI, Number.NaN),
  new Float32Array(0),
];

describe('a .npy file that is written', () => {
  it.each(arrays.map((data) => [data.constructor.name, data] as const))('holds a %s', (_, data) => {
    const file = npyOfArray(data);
    expect(parseNpy(file, 'it')).toEqual({ shape: [data.length], data, isBoolean: false });
    // Another implementation reads the same numbers, and the elements begin at a multiple of 64 bytes, as NumPy
    // requires.
    const { data: others, shape } = parse(Uint8Array.from(file).buffer);
    expect([...(others as Float64Array)]).toEqual([...(data as Float64Array)]);
    expect(shape).toEqual([data.length]);
    expect((file.length - data.byteLength) % 64).toBe(0);
  });

  it('holds a part of an array', () => {
    expect(parseNpy(npyOfArray(Int32Array.of(1, 2, 3, 4).subarray(1, 3)), 'it')).toMatchObject({
      data: Int32Array.of(2, 3),
    });
  });

  it('holds a text of any characters and any length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }), (text) => {
        fc.pre(!text.endsWith('\0'));
        expect(parseNpy(npyOfText(text), 'it')).toBe(text);
      }),
    );
  });
});

describe('float16Value', () => {
  it('is the value of IEEE 754 binary16', () => {
    // https://en.wikipedia.org/wiki/Half-precision_floating-point_format#Half_precision_examples
    const known: [bits: number, value: number][] = [
      [0x0001, 2 ** -24],
      [0x03ff, 2 ** -14 * (1023 / 1024)],
      [0x0400, 2 ** -14],
      [0x3555, 0.333251953125],
      [0x3bff, 0.99951171875],
      [0x3c00, 1],
      [0x7bff, 65_504],
      [0x7c00, Number.POSITIVE_INFINITY],
      [0xfc00, Number.NEGATIVE_INFINITY],
      [0xc000, -2],
      [0x8000, -0],
      [0x7e00, Number.NaN],
    ];
    for (const [bits, value] of known) expect(float16Value(bits)).toBe(value);
  });
});
