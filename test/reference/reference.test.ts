/** Checks the reference against facts from elsewhere, so that it and the engine cannot be wrong together. */
import { describe, expect, test } from 'vitest';
import { exactExp, PROBABILITY, SIGMOID, TANH } from './activations.js';
import { at, range, round, sum } from './integers.js';
import { makePattern } from './patterns.js';
import { irwinHall, junctionKey, lanesOf, mix64, permutation, randomAt } from './random.js';
import { numberAt, placesOf } from './rounding-places.js';
import { Schedule } from './schedule.js';
import { expNegative, softmax } from './softmax.js';

describe('random numbers', () => {
  test('are the published sequence of SplitMix64', () => {
    // https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64
    expect(range(5).map((counter) => randomAt(1234567n, counter))).toEqual([
      6457827717110365317n,
      3203168211198807973n,
      9817491932198370423n,
      4593380528125082431n,
      16408922859458223821n,
    ]);
    expect(mix64(2n ** 64n - 1n)).toBeLessThan(2n ** 64n);
  });

  test('are normal enough', () => {
    const key = junctionKey(7, 'weights', 0);
    const values = range(20_000).map((counter) => irwinHall(randomAt(key, counter)));
    const deviation = Math.sqrt(sum(values.map((value) => value ** 2)) / values.length);
    expect(Math.abs(sum(values) / values.length)).toBeLessThan(1000);
    expect(deviation / (65536 / Math.sqrt(3))).toBeCloseTo(1, 2);
    expect(37837.22771 / (65536 / Math.sqrt(3))).toBeCloseTo(1, 7);
  });

  test('round without bias wherever an edge stands', () => {
    // Ordinals step through all 65,536 numbers before one comes again.
    const lanes = lanesOf(junctionKey(1, 'update', 0), 0);
    const numbers = new Set(range(65536).map((ordinal) => numberAt(lanes, { ordinal, lane: 5 })));
    expect(numbers.size).toBe(65536);
  });

  test('permute', () => {
    const order = permutation(1000, 5, 0);
    expect([...order].sort((a, b) => a - b)).toEqual(range(1000));
    expect(permutation(1000, 5, 1)).not.toEqual(order);
  });
});

describe('rounding', () => {
  test('is to nearest, ties upwards', () => {
    expect([-5, -3, -2, -1, 0, 1, 2, 3, 5].map((x) => round(x, 1) + 0)).toEqual([
      -2, -1, -1, 0, 0, 1, 1, 2, 3,
    ]);
    expect(round(-7, 0)).toBe(-7);
    expect(round(2 ** 45 + 8, 4)).toBe(2 ** 41 + 1);
  });
});

describe('functions', () => {
  test('exactExp is e^x', () => {
    for (let x = -700; x <= 700; x += 0.37)
      expect(Math.abs(exactExp(x) / Math.exp(x) - 1)).toBeLessThan(2e-13);
  });

  test('tables are the functions, rounded', () => {
    for (const [i, value] of SIGMOID.entries()) {
      const x = (i - 2047) / 256;
      expect(Math.abs(value - 256 / (1 + Math.exp(-x)))).toBeLessThan(0.50001);
      expect(Math.abs(at(TANH, i) - 256 * Math.tanh(x))).toBeLessThan(0.50001);
      expect(Math.abs(at(PROBABILITY, i) - 16384 / (1 + Math.exp(-x)))).toBeLessThan(0.50001);
    }
  });

  test('expNegative is 2^15 e^-x', () => {
    for (let z = 0; z <= 65536; z += 7) {
      expect(Math.abs(expNegative(z) - 32768 * Math.exp(-z / 4096))).toBeLessThan(8);
      expect(expNegative(z)).toBeGreaterThanOrEqual(expNegative(z + 1));
    }
    expect(expNegative(0)).toBe(32768);
    expect(expNegative(65536)).toBe(0);
  });

  test('softmax is softmax within 6 units of 2^-14', () => {
    let worst = 0;
    for (let i = 0; i < 3000; i++) {
      const fraction = i % 16;
      const n = 1 + (i % 37);
      const spread = 1 + (i % 11);
      const sums = range(n).map((k) =>
        Math.floor(spread * 2 ** (8 + fraction) * Math.sin(1 + i * 17.3 + k * k * 0.77)),
      );
      const exponentials = sums.map((s) => Math.exp((s - Math.max(...sums)) / 2 ** (8 + fraction)));
      for (const [k, p] of softmax(sums, fraction).entries())
        worst = Math.max(worst, Math.abs(p - (16384 * at(exponentials, k)) / sum(exponentials)));
    }
    expect(worst).toBeLessThan(6);
    expect(softmax([5], 12)).toEqual([16384]);
    expect(softmax([-(2 ** 30), 2 ** 30], 15)).toEqual([0, 16384]);
  });
});

describe('patterns', () => {
  const fanOuts = (pattern: number[][], left: number) =>
    range(left).map((l) => sum(pattern.map((lefts) => Number(lefts.includes(l)))));

  test('structured: equal fan-in, fan-outs within one', () => {
    const pattern = makePattern({ kind: 'structured', edges: 30 * 7 }, 50, 30, 1, 0);
    expect(pattern.map((lefts) => new Set(lefts).size)).toEqual(range(30).map(() => 7));
    expect(new Set(fanOuts(pattern, 50))).toEqual(new Set([4, 5]));
  });

  test('tiled: blocks of 16 share their pairs', () => {
    const pattern = makePattern({ kind: 'tiled', edges: 40 * 12 }, 30, 40, 1, 0);
    expect(new Set(pattern.map((lefts) => lefts.join())).size).toBe(3);
    expect(pattern.every((lefts) => lefts.length === 12)).toBe(true);
  });

  test('random: exactly the requested number of edges, no neuron left out', () => {
    for (const edges of [50, 60, 300, 750, 751, 1400, 1499, 1500]) {
      const pattern = makePattern({ kind: 'random', edges }, 50, 30, 1, 0);
      expect(pattern.every((lefts) => lefts.length > 0 && new Set(lefts).size === lefts.length)).toBe(true);
      expect(sum(pattern.map((lefts) => lefts.length))).toBe(edges);
      expect(Math.min(...fanOuts(pattern, 50))).toBeGreaterThan(0);
    }
  });

  test('places number tiles by group and block, or edges by left neuron', () => {
    const dense = range(17).flatMap((right) => range(4).map((left) => ({ left, right })));
    const tiles = placesOf(dense);
    expect(tiles.layout).toBe('tiles');
    expect(tiles.places[4 * 16 + 3]).toEqual({ ordinal: 3, lane: 1 });
    const diagonal = range(100).map((i) => ({ left: 99 - i, right: i }));
    const list = placesOf(diagonal);
    expect(list.layout).toBe('list');
    expect(list.places[0]).toEqual({ ordinal: 3, lane: 3 });
  });
});

describe('the pipelined schedule', () => {
  /** Blocks as [input of FF, input of BP and UP] per junction. */
  const blocks = (J: number, count: number) => {
    const schedule = new Schedule<{ t: number }>('pipelined', J);
    return range(count).map((t) =>
      schedule.block({ t }).flatMap((step) => step.map(({ forward, backward }) => [forward?.t, backward?.t])),
    );
  };

  test('for two junctions is the published one', () => {
    expect(blocks(2, 5)[4]).toEqual([
      [4, 1],
      [3, 2],
    ]);
  });

  test.for([1, 2, 3, 5])('FF and BP see the updates that they should, J = %i', (J) => {
    const run = blocks(J, 40);
    for (const [b, junctions] of run.entries()) {
      for (const [j, [forward = -1, backward = -1]] of junctions.entries()) {
        // Updates of this junction that took effect in earlier blocks.
        const updates = range(b).map((earlier) => run[earlier]?.[j]?.[1] ?? -1);
        const last = Math.max(-1, ...updates);
        if (forward >= 0) expect(last).toBe(Math.max(-1, forward - 2 * (J - 1 - j) - 2));
        if (backward >= 0) expect(last).toBe(backward - 1);
      }
    }
  });

  test('an input is done after 2J blocks', () => {
    const schedule = new Schedule<object>('pipelined', 3);
    expect(schedule.busy).toBe(false);
    schedule.block({});
    for (let b = 1; b < 6; b++) {
      expect(schedule.busy).toBe(true);
      schedule.block(undefined);
    }
    expect(schedule.busy).toBe(false);
  });
});
