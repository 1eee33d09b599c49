import { describe, expect, it } from 'vitest';
import { Dataset, type InputRow, Network } from '../../lib/index.js';

const make = () => new Network({ layers: [2, 8, 2], seed: 4 });
const NUMBERS = [20, 110];
/** The same two numbers in every kind of array that can hold them. */
const KINDS: Readonly<Record<string, InputRow>> = {
  Uint8Array: Uint8Array.from(NUMBERS),
  Uint8ClampedArray: Uint8ClampedArray.from(NUMBERS),
  Int16Array: Int16Array.from(NUMBERS),
  Float32Array: Float32Array.from(NUMBERS),
  Float64Array: Float64Array.from(NUMBERS),
  'number[]': NUMBERS,
  'a sparse row of bytes': { indices: Uint32Array.of(0, 1), values: Uint8Array.from(NUMBERS) },
  'a sparse row of floats': { indices: Uint32Array.of(0, 1), values: Float32Array.from(NUMBERS) },
};

describe('the same numbers', () => {
  it.each(Object.entries(KINDS))('mean the same in every array after learn() of a %s', (kind, first) => {
    const network = make();
    network.learn(first, 1);
    network.flush();
    expect(network.inputUnit).toBe(/Uint8|Int16|bytes/.test(kind) ? '1/256' : 'number');
    const scores = Object.values(KINDS).map((input) => [...network.predict(input)]);
    expect(scores).toEqual(scores.map(() => scores[0]));
    const classes = Object.values(KINDS).map((input) => network.classify(input));
    expect(new Set(classes).size).toBe(1);
    // Later examples teach the same, too.
    const digests = Object.values(KINDS).map((input) => {
      const other = make();
      other.learn(first, 1);
      for (let i = 0; i < 20; i++) other.learn(input, i % 2);
      return other.digest();
    });
    expect(new Set(digests).size).toBe(1);
  });

  it.each([Uint8Array, Int16Array, Float32Array, Float64Array])(
    'mean the same in every array after fit() of a %o',
    async (Kind) => {
      const network = make();
      const inputs = new Kind(80).map((_: number, i: number) => (i * 37) % 128);
      await network.fit(
        Dataset.from({ inputs, columns: 2, labels: Int32Array.from({ length: 40 }, (_, i) => i % 2) }),
      );
      const scores = Object.values(KINDS).map((input) => [...network.predict(input)]);
      expect(scores).toEqual(scores.map(() => scores[0]));
    },
  );
});
