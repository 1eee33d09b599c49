import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { native } from '../../lib/engine/native.js';
import { dispersion, edgePermutation, scatter, spread } from '../../lib/hardware/connectivity.js';
import { measureConnectivity, patternCount, type Wiring } from '../../lib/public/hardware.js';
import { connectivitySvg } from '../../lib/terminal/connectivity-text.js';
import { interleave } from '../reference/hardware.js';

function wiring(left: number, right: number, lefts: number[]): Wiring {
  const fanIn = lefts.length / right;
  return { left, right, offsets: Array.from({ length: right + 1 }, (_, r) => r * fanIn), lefts };
}

/** The worked example of the description: p = 32, fo = 2, z = 8. */
const start = [2, 0, 3, 1, 2, 0, 3, 1];
const example = wiring(
  32,
  8,
  interleave({ left: 32, fanOut: 2, parallelism: 8, startVectors: [start, start] }),
);

const permutations = fc
  .integer({ min: 2, max: 40 })
  .chain((n) => fc.shuffledSubarray([...Array(n).keys()], { minLength: n, maxLength: n }));

describe('the permutation of edges', () => {
  it('is the worked example: edge 45 reads left neuron 13 and is edge 27 there', () => {
    expect(example.lefts[45]).toBe(13);
    expect(edgePermutation(example)[45]).toBe(27);
  });

  it('is left * fo + sweep for every edge of an interleaver, and a permutation', () => {
    const pi = edgePermutation(example);
    expect(Array.from(pi)).toEqual(Array.from(example.lefts).map((left, w) => left * 2 + Math.floor(w / 32)));
    expect(new Set(pi).size).toBe(64);
  });
});

describe('spread and dispersion', () => {
  it('are what their definitions say, pair by pair', () => {
    fc.assert(
      fc.property(permutations, (pi) => {
        let least = Number.POSITIVE_INFINITY;
        const vectors = new Set<string>();
        for (let i = 0; i < pi.length; i++) {
          for (let j = i + 1; j < pi.length; j++) {
            const rise = (pi[j] as number) - (pi[i] as number);
            least = Math.min(least, j - i + Math.abs(rise));
            vectors.add(`${j - i},${rise}`);
          }
        }
        expect(spread(pi)).toBe(least);
        const result = dispersion(pi);
        expect(result?.sampled).toBe(false);
        expect(result?.dispersion).toBeCloseTo(vectors.size / ((pi.length * (pi.length - 1)) / 2), 12);
      }),
    );
  });

  it('of the identity are the least there can be', () => {
    const identity = Array.from({ length: 50 }, (_, i) => i);
    expect(spread(identity)).toBe(2);
    expect(dispersion(identity)?.dispersion).toBeCloseTo(49 / (25 * 49), 12);
  });

  it('do not take long for 8192 edges, and are estimated from a sample beyond', () => {
    const edges = native().permutation(8192, 1, 1);
    const begun = performance.now();
    const full = dispersion(edges);
    expect(spread(edges)).toBeGreaterThan(1);
    expect(performance.now() - begun).toBeLessThan(5000);
    expect(full?.sampled).toBe(false);
    const sampled = dispersion(edges, 2 ** 22);
    expect(sampled?.sampled).toBe(true);
    expect(sampled?.dispersion).toBeCloseTo(full?.dispersion as number, 2);
  });

  it('of a single edge are not defined', () => {
    expect(spread([0])).toBeUndefined();
    expect(dispersion([0])).toBeUndefined();
  });
});

describe('scatter', () => {
  it('is 1 where every window gets its share', () => {
    // Right neuron r reads r mod 4 of every window of 4.
    const lefts = Array.from({ length: 16 }, (_, r) => [0, 4, 8, 12].map((first) => first + (r % 4))).flat();
    expect(scatter([wiring(16, 16, lefts)])).toEqual({ overLeft: 1, overRight: 1 });
  });

  it('is low where right neurons read neighbours only', () => {
    const lefts = Array.from({ length: 4 }, (_, r) => [4 * r, 4 * r + 1, 4 * r + 2, 4 * r + 3]).flat();
    expect(scatter([wiring(16, 4, lefts)]).overLeft).toBeCloseTo(1 / 4, 12);
  });

  it('of the network is the least of its junctions and of their product', () => {
    const second = wiring(
      8,
      4,
      Array.from({ length: 16 }, (_, w) => w % 8),
    );
    const { junctions, product, scatter: least } = measureConnectivity([example, second]);
    const all = [...junctions, product].flatMap(({ overLeft, overRight }) => [overLeft, overRight]);
    expect(all).toHaveLength(6);
    expect(least).toBe(Math.min(...all));
    for (const value of all) expect(value).toBeGreaterThan(0);
    for (const value of all) expect(value).toBeLessThanOrEqual(1);
  });
});

describe('numbers of patterns', () => {
  const family = { left: 9, fanOut: 2, fanIn: 3, parallelism: 3, dither: false } as const;
  it('are the published ones for p = 9, fo = 2, n = 6, z = 3', () => {
    expect([1, 2, 3].map((type) => patternCount({ ...family, type: type as 1 | 2 | 3 }))).toEqual([
      46656n,
      729n,
      27n,
    ]);
  });

  it('are those of all start vectors that the engine takes', () => {
    const seen = new Set<string>();
    for (let code = 0; code < 27; code++) {
      const vector = [code % 3, Math.floor(code / 3) % 3, Math.floor(code / 9)];
      const startVectors = Uint32Array.from([...vector, ...vector]);
      const { left } = native().interleaver({
        left: 9,
        right: 6,
        fanOut: 2,
        parallelism: 3,
        type: 3,
        dither: false,
        startVectors,
        seed: 1,
        junction: 0,
      });
      seen.add(left.join());
    }
    expect(BigInt(seen.size)).toBe(patternCount({ ...family, type: 3 }));
  });

  it('count deals of memories to right neurons where a clock has several', () => {
    const two = { left: 8, fanOut: 1, fanIn: 2, parallelism: 4, dither: true } as const;
    expect(patternCount({ ...two, type: 3 })).toBe(6n * 16n);
    expect(patternCount({ ...two, type: 2, fanIn: 4 })).toBe(16n);
  });

  it('are exact where they have hundreds of digits', () => {
    const count = patternCount({
      left: 1024,
      fanOut: 4,
      fanIn: 64,
      parallelism: 128,
      type: 2,
      dither: false,
    });
    expect(count).toBe(8n ** 512n);
  });
});

describe('the picture of a junction', () => {
  it('has a square for every edge', () => {
    const svg = connectivitySvg(example, 'p < n & "z"');
    expect(svg.match(/h1v1h-1z/g)).toHaveLength(64);
    expect(svg).toContain('M13 5h1');
    expect(svg).toContain('p &lt; n &amp; &quot;z&quot;');
  });

  it('stays small for large junctions', () => {
    const lefts = Array.from({ length: 300_000 }, (_, w) => (w * 7919) % 30_000);
    expect(connectivitySvg(wiring(30_000, 3000, lefts), 'large').length).toBeLessThan(8_000_000);
  });
});
