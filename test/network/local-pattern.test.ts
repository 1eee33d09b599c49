import { describe, expect, it } from 'vitest';
import { localPattern, Network } from '../../lib/index.js';
import type { LocalPatternOptions } from '../../lib/public/types.js';
import { expectRefusal } from '../datasets/refusal.js';

/** The pixels of every neuron, as places in the image. */
function fields(options: LocalPatternOptions): { x: number; y: number }[][] {
  const { offsets, left } = localPattern(options);
  return Array.from({ length: options.neurons }, (_, r) =>
    Array.from(left.subarray(offsets[r], offsets[r + 1]), (pixel) => ({
      x: pixel % options.width,
      y: Math.floor(pixel / options.width),
    })),
  );
}

const deviation = (values: number[]): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
};

describe('a local pattern', () => {
  it('has the fan-in that is asked for, no pixel twice, all within the image', () => {
    for (const [width, height, fanIn] of [
      [28, 28, 34],
      [7, 3, 20],
      [1, 5, 5],
      [40, 2, 1],
    ] as const) {
      const { offsets, left } = localPattern({ width, height, neurons: 20, fanIn });
      expect(offsets).toEqual(Float64Array.from({ length: 21 }, (_, r) => r * fanIn));
      for (let r = 0; r < 20; r++) {
        const field = [...left.subarray(r * fanIn, (r + 1) * fanIn)];
        expect(field).toEqual([...new Set(field)].sort((a, b) => a - b));
        expect(Math.max(...field)).toBeLessThan(width * height);
      }
      new Network({ layers: [width * height, 20, 3], pattern: [{ offsets, left }, 'dense'] });
    }
  });

  it('keeps the pixels of a neuron together, and spreads the neurons', () => {
    for (const radius of [2, 5]) {
      const all = fields({ width: 60, neurons: 200, fanIn: 30, radius, spread: 8, seed: 3 });
      const within = all.map((field) => deviation(field.map(({ x }) => x)));
      expect(within.reduce((sum, value) => sum + value, 0) / 200 / radius).toBeCloseTo(1.1, 0);
      const centres = all.map((field) => field.reduce((sum, { y }) => sum + y, 0) / 30);
      expect(deviation(centres)).toBeGreaterThan(6.5);
      expect(deviation(centres)).toBeLessThan(9.5);
    }
  });

  it('gives neighbours the same field where they share, so that the engine makes tiles of it', () => {
    const options = { width: 28, neurons: 40, fanIn: 60, share: 16 };
    const all = fields(options);
    expect(all[15]).toEqual(all[0]);
    expect(all[16]).not.toEqual(all[0]);
    expect(all[39]).toEqual(all[32]);
    const layoutOf = (share: number) =>
      new Network({
        layers: [784, 40, 10],
        pattern: [localPattern({ ...options, share }), 'dense'],
      }).inspect().junctions[0]?.layout;
    expect([layoutOf(16), layoutOf(1)]).toEqual(['tiles', 'list']);
  });

  it('keeps pairs of pixels together if requested, and no more than requested', () => {
    const { offsets, left } = localPattern({ width: 28, neurons: 40, fanIn: 60, share: 16, together: 2 });
    expect(offsets.at(-1)).toBe(40 * 60);
    for (let i = 0; i < left.length; i += 2) {
      expect((left[i] as number) % 2).toBe(0);
      expect(left[i + 1]).toBe((left[i] as number) + 1);
    }
  });

  it("is what 'local' makes of a square image, with the density's number of edges", () => {
    const made = (neurons: number) =>
      new Network({ layers: [784, neurons, 10], density: 0.1, pattern: 'local', seed: 7 });
    const options = { width: 28, fanIn: 78, together: 2, seed: 7 };
    expect(made(256).junction(0).pattern()).toEqual(localPattern({ ...options, neurons: 256, share: 16 }));
    expect(made(40).junction(0).pattern()).toEqual(localPattern({ ...options, neurons: 40, share: 2 }));
    expect(made(256).inspect().junctions[0]?.layout).toBe('tiles');
    const all = new Network({ layers: [16, 5, 3], pattern: 'local' }).inspect().junctions;
    expect(all.map(({ edges }) => edges)).toEqual([80, 15]);
  });

  it('is refused by name if the left layer is not such an image', async () => {
    for (const [inputs, word] of [
      [780, 'square'],
      [25, 'even'],
    ] as const) {
      await expectRefusal('INVALID_OPTION', [word, String(inputs), 'localPattern'], () => {
        new Network({ layers: [inputs, 40, 10], density: 0.1, pattern: 'local' });
      });
    }
  });

  it('depends only on its seed', () => {
    const made = (seed: number) => localPattern({ width: 28, neurons: 5, fanIn: 9, seed });
    expect(made(1)).toEqual(made(1));
    expect(made(1)).not.toEqual(made(2));
    expect([...localPattern({ width: 28, neurons: 1, fanIn: 6 }).left]).toMatchInlineSnapshot(`
      [
        216,
        243,
        274,
        300,
        304,
        329,
      ]
    `);
  });

  it('is refused with values that are none', async () => {
    const refuse = (wrong: object, ...parts: string[]) =>
      expectRefusal('INVALID_OPTION', parts, () =>
        localPattern({ width: 28, neurons: 10, fanIn: 9, ...wrong } as LocalPatternOptions),
      );
    await refuse({ fanIn: 785 }, 'fanIn', '784');
    await refuse({ radius: 0 }, 'radius');
    await refuse({ share: 11 }, 'share', '10');
    await refuse({ together: 2 }, 'together', '9');
    await refuse({ together: 3 }, 'together', '28');
    await refuse({ seed: -1 }, 'seed');
    await expectRefusal('UNKNOWN_OPTION', ['fanin', 'fanIn'], () =>
      localPattern({ width: 28, neurons: 10, fanin: 9 } as unknown as LocalPatternOptions),
    );
  });
});
