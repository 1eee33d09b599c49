import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Network, type NetworkOptions } from '../../lib/index.js';
import { resolveOptions } from '../../lib/network/options.js';
import { expectRefusal } from '../datasets/refusal.js';

const patternsOf = (options: NetworkOptions) => resolveOptions(options).patterns;
const refuse = (options: unknown, code: string, ...parts: string[]) =>
  expectRefusal(code, parts, () => resolveOptions(options as NetworkOptions));

describe('the automatic pattern', () => {
  it('is dense at density 1', () => {
    expect(patternsOf({ layers: [20, 30, 10], density: 1 })).toEqual([{ kind: 'dense' }, { kind: 'dense' }]);
  });

  it('is tiled where tiles reach every left neuron, from 16 edges each on', () => {
    expect(patternsOf({ layers: [784, 512], density: 0.05 })).toEqual([{ kind: 'tiled', edges: 20070 }]);
    expect(patternsOf({ layers: [784, 512], density: 0.01 })[0]?.kind).toBe('structured');
    expect(patternsOf({ layers: [512, 10], density: 0.5 })[0]?.kind).toBe('structured');
  });

  it('leaves no neuron without edges if there are enough edges', () => {
    const layer = fc.integer({ min: 1, max: 150 });
    fc.assert(
      fc.property(
        layer,
        layer,
        fc.double({ min: 0, max: 1, minExcluded: true, noNaN: true }),
        (left, right, density) => {
          const network = new Network({ layers: [left, right], density, output: 'linear' });
          const [junction] = network.inspect().junctions;
          expect(junction?.fanIn.minimum).toBeGreaterThan(0);
          if ((junction?.edges ?? 0) >= left) expect(junction?.fanOut.minimum).toBeGreaterThan(0);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('density and fan-out', () => {
  it('are one for all junctions or one each', () => {
    expect(patternsOf({ layers: [8, 8, 4], density: 0.5, pattern: 'random' })).toEqual([
      { kind: 'random', edges: 32 },
      { kind: 'random', edges: 16 },
    ]);
    expect(patternsOf({ layers: [8, 8, 4], fanOut: [2, 4], pattern: 'structured' })).toEqual([
      { kind: 'structured', edges: 16 },
      { kind: 'structured', edges: 32 },
    ]);
  });

  it('are refused when out of range, too few or contradictory', async () => {
    await refuse({ layers: [8, 8], density: 0 }, 'INVALID_OPTION', 'density', 'above 0', 'is 0');
    await refuse({ layers: [8, 8], density: 10 }, 'INVALID_OPTION', 'density', 'at most 1', '10');
    await refuse(
      { layers: [8, 8, 4], density: [0.5] },
      'INVALID_OPTION',
      'density',
      '2 for 3 layers',
      'has 1',
    );
    await refuse({ layers: [8, 8, 4], density: [0.5, 2] }, 'INVALID_OPTION', 'density[1]', '2');
    await refuse({ layers: [8, 4], fanOut: 5 }, 'INVALID_OPTION', 'fanOut', 'from 1 to 4', 'is 5');
    await refuse({ layers: [8, 4], fanOut: 2, density: 0.5 }, 'INVALID_OPTION', 'density and fanOut');
    await refuse({ layers: [8, 4], pattern: 'dense', density: 0.5 }, 'INVALID_OPTION', "'dense'", 'density');
    await refuse(
      { layers: [8, 4], pattern: { kind: 'random', edges: 3 }, density: 0.5 },
      'INVALID_OPTION',
      'leave out',
    );
  });

  it('that make too many edges are refused before memory is', async () => {
    await refuse({ layers: [1_000_000, 1_000_000], density: 0.01 }, 'NETWORK_TOO_LARGE', '2^31 - 1');
    await refuse({ layers: [100_000, 100_000] }, 'NETWORK_TOO_LARGE', '10000000000 edges');
  });
});

describe('a pattern of the user', () => {
  it('has exactly the given edges', () => {
    const edges = [
      [3, 1],
      [0, 0],
      [2, 0],
      [1, 1],
    ] as const;
    const network = new Network({ layers: [4, 2], pattern: { edges } });
    expect(network.junction(0).pattern()).toEqual({
      offsets: Float64Array.of(0, 2, 4),
      left: Uint32Array.of(0, 2, 1, 3),
    });
    expect(network.inspect().junctions[0]).toMatchObject({ pattern: 'custom', edges: 4, density: 0.5 });
  });

  it('may be that of another network', () => {
    const original = new Network({ layers: [40, 32, 4], density: 0.3, pattern: 'random', seed: 9 });
    const copy = new Network({
      layers: [40, 32, 4],
      pattern: [original.junction(0).pattern(), original.junction(1).pattern()],
    });
    expect(copy.junction(0).pattern()).toEqual(original.junction(0).pattern());
    expect(copy.junction(1).pattern()).toEqual(original.junction(1).pattern());
  });

  it('is refused with the edge that is wrong', async () => {
    const edges = (...list: unknown[]) => ({ layers: [4, 2], pattern: { edges: list } });
    await refuse(edges([0, 0], [4, 1]), 'INVALID_OPTION', 'pattern.edges[1][0]', 'from 0 to 3', 'is 4');
    await refuse(edges([0, 2]), 'INVALID_OPTION', 'pattern.edges[0][1]', 'from 0 to 1');
    await refuse(edges([0, 1], [1, 1], [0, 1]), 'INVALID_OPTION', '[0, 1] twice');
    await refuse(edges([0]), 'INVALID_OPTION', 'pattern.edges[0]', 'a pair');
    await refuse(edges(), 'INVALID_OPTION', 'pattern.edges', 'at least one');
    await refuse(
      { layers: [4, 2], pattern: { kind: 'tilde', edges: 2 } },
      'INVALID_OPTION',
      'pattern.kind',
      "'tiled'",
    );
    await refuse({ layers: [4, 2], pattern: 'struktured' }, 'INVALID_OPTION', 'pattern', "'structured'?");
  });

  it('is refused when its offsets or order make no pattern', async () => {
    const make = (offsets: number[], left: number[]) => () =>
      new Network({
        layers: [4, 2],
        pattern: { offsets: Float64Array.from(offsets), left: Uint32Array.from(left) },
      });
    await expectRefusal('INVALID_OPTION', ['offsets', '3 entries'], make([0, 2], [0, 1]));
    await expectRefusal('INVALID_OPTION', ['out of order'], make([0, 2, 3], [1, 0, 2]));
    await expectRefusal('INVALID_OPTION', ['duplicate'], make([0, 2, 3], [1, 1, 2]));
    await expectRefusal('INVALID_OPTION', ['left neuron 7'], make([0, 2, 3], [1, 7, 2]));
    await expectRefusal('INVALID_OPTION', ['offsets'], make([0, 9, 3], [1, 2, 2]));
  });
});
