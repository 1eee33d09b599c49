import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { native } from '../../lib/engine/native.js';
import type { HardwareSpec } from '../../lib/engine/spec.js';
import { hardwareNumbers, sigmoidTable } from '../reference/hardware-numbers.js';

/** Rounded down to whole numbers, as an arithmetic shift does. */
const floorDiv = (a: bigint, b: bigint) => (a >= 0n || a % b === 0n ? a / b : a / b - 1n);

/** The multiplier from its definition, without shifts. */
function multiply(a: number, b: number, width: number, fraction: number): number {
  const product = BigInt(a) * BigInt(b);
  const [min, max] = [-(2n ** BigInt(width - 1)), 2n ** BigInt(width - 1) - 1n];
  const cut = floorDiv(product, 2n ** BigInt(fraction));
  const clipped = cut > max ? max : cut < min ? min : cut;
  const half = ((floorDiv(product, 2n ** BigInt(fraction - 1)) % 2n) + 2n) % 2n;
  return Number(half === 1n && clipped !== max ? clipped + 1n : clipped);
}

/**
 * Lets the engine multiply: networks of one edge per right neuron, whose weights are all of `factors`. An output neuron
 * with a clipped ReLU shows sums from 1 to 2^F - 1, so biases bring each product into that range.
 */
async function engineProducts(
  width: number,
  integerBits: number,
  inputs: readonly number[],
  factors: readonly number[],
): Promise<number[][]> {
  const fraction = width - 1 - integerBits;
  const one = 2 ** fraction;
  const { min, max } = hardwareNumbers({ width, integerBits });
  const arithmetic: HardwareSpec = {
    kind: 'hardware',
    width,
    integerBits,
    tableFloor: 0,
    cost: 'cross-entropy',
    outputActivation: 'relu',
  };
  const right = factors.length;
  const network = new (native().Network)({
    layers: Uint32Array.of(1, right),
    arithmetic,
    patterns: [{ kind: 'dense' }],
    activations: [],
    output: 'softmax',
    schedule: 'pipelined',
    momentum: 0,
    weightDecay: 0,
    seed: 1,
  });
  network.setWeights(0, width > 16 ? Int32Array.from(factors) : Int16Array.from(factors));
  const products = inputs.map(() => new Array<number>(right).fill(Number.NaN));
  // The sums that can be told apart are 2 to one - 2 (1 stands for anything below, one - 1 for anything above).
  for (let bias = min; bias <= max; bias += Math.max(1, one - 3)) {
    network.setBiases(0, new Int32Array(right).fill(bias));
    const scores = new Float32Array(inputs.length * right);
    await network.predict({ inputs: Int16Array.from(inputs), count: inputs.length, threads: 1, scores });
    for (const [k, score] of scores.entries()) {
      const sum = score * one;
      if (sum >= 2 && sum <= one - 2) (products[Math.floor(k / right)] as number[])[k % right] = sum - bias;
    }
  }
  return products;
}

const words = (width: number) => Array.from({ length: 2 ** width }, (_, i) => i - 2 ** (width - 1));

describe('the multiplier', () => {
  it.each([2, 3, 4, 5, 6, 7])(
    'of 8 bits with %i fraction bits is the definition for all pairs',
    async (fraction) => {
      const integerBits = 7 - fraction;
      const all = words(8);
      const { mul } = hardwareNumbers({ width: 8, integerBits });
      const products = await engineProducts(8, integerBits, all, all);
      let shown = 0;
      for (const [i, a] of all.entries()) {
        for (const [k, b] of all.entries()) {
          const wanted = multiply(a, b, 8, fraction);
          if (mul(a, b) !== wanted) expect(`${a} x ${b} = ${mul(a, b)}`).toBe(String(wanted));
          const got = (products[i] as number[])[k] as number;
          if (Number.isNaN(got)) continue;
          shown++;
          if (got !== wanted) expect(`engine: ${a} x ${b} = ${got}`).toBe(String(wanted));
        }
      }
      // Products that saturate cannot be brought into the ReLU's range by any bias.
      expect(shown).toBeGreaterThan(0.5 * 2 ** 16);
    },
  );

  it('of 16 bits is the definition for random pairs', () => {
    const word = fc.integer({ min: -32768, max: 32767 });
    fc.assert(
      fc.property(word, word, fc.integer({ min: 2, max: 15 }), (a, b, fraction) => {
        const { mul } = hardwareNumbers({ width: 16, integerBits: 15 - fraction });
        expect(mul(a, b)).toBe(multiply(a, b, 16, fraction));
      }),
      { numRuns: 20_000 },
    );
  });

  it('of 16 bits is so in the engine for random inputs and weights', async () => {
    const inputs = [
      -32768,
      -32767,
      -1,
      0,
      1,
      32767,
      ...fc.sample(fc.integer({ min: -32768, max: 32767 }), 20),
    ];
    const factors = [
      -32768,
      -32767,
      -1,
      0,
      1,
      32767,
      ...fc.sample(fc.integer({ min: -32768, max: 32767 }), 90),
    ];
    for (const integerBits of [0, 2, 4]) {
      const products = await engineProducts(16, integerBits, inputs, factors);
      let shown = 0;
      for (const [i, a] of inputs.entries()) {
        for (const [k, b] of factors.entries()) {
          const got = (products[i] as number[])[k] as number;
          if (Number.isNaN(got)) continue;
          shown++;
          expect([a, b, got]).toEqual([a, b, multiply(a, b, 16, 15 - integerBits)]);
        }
      }
      expect(shown).toBeGreaterThan(500);
    }
  });
});

describe('the adder', () => {
  it('of 8 bits is exact and clips, for all pairs', () => {
    const { add } = hardwareNumbers({ width: 8, integerBits: 2 });
    for (const a of words(8)) {
      for (const b of words(8)) {
        const wanted = BigInt(a) + BigInt(b);
        const clipped = wanted > 127n ? 127n : wanted < -128n ? -128n : wanted;
        if (BigInt(add(a, b)) !== clipped) expect(`${a} + ${b} = ${add(a, b)}`).toBe(String(clipped));
      }
    }
  });
});

describe('sigmoid tables', () => {
  const formats = [...Array.from({ length: 13 }, (_, i) => i + 4), 32].flatMap((width) =>
    Array.from({ length: Math.min(width - 2, 13) }, (_, integerBits) => ({ width, integerBits })),
  );

  it.each([0, 1] as const)(
    'of every format with a floor of %i are the formula at every address',
    (tableFloor) => {
      for (const format of formats) {
        const { addressFraction, values, slopes } = native().hardwareTable({ ...format, tableFloor });
        const fraction = format.width - 1 - format.integerBits;
        const domain = Math.min(8, 2 ** format.integerBits);
        expect(values.length).toBe(
          Math.min(4096, 2 ** format.width, 2 ** (fraction + Math.log2(domain) + 1)),
        );
        expect(addressFraction).toBe(Math.log2(values.length) - 1 - Math.log2(domain));
        const table = sigmoidTable(format, tableFloor);
        const half = values.length / 2;
        for (let address = -half; address < half; address++) {
          const { a, slope } = table.look(address * 2 ** (fraction - addressFraction));
          const got = [values[address + half], slopes[address + half]];
          if (got[0] !== a || got[1] !== slope)
            expect({ format, address, got }).toEqual({ format, address, got: [a, slope] });
        }
      }
    },
  );

  it('rise, and lie between 0 and 1', () => {
    for (const format of formats) {
      const { values, slopes } = native().hardwareTable({ ...format, tableFloor: 0 });
      const one = 2 ** (format.width - 1 - format.integerBits);
      const falls = values.findIndex((value, i) => value < (i === 0 ? 0 : (values[i - 1] as number)));
      expect({ format, falls }).toEqual({ format, falls: -1 });
      expect(values.at(-1)).toBeLessThan(one);
      expect(slopes.findIndex((slope) => slope < 0 || slope >= one / 4)).toBe(-1);
    }
  });
});
