import { describe, expect, it } from 'vitest';
import type { TrialRecord, Parameters as Values } from '../../../lib/public/search.js';
import { makeSampler } from '../../../lib/search/samplers/make.js';
import { contextOf, repeatable, trialOf } from './context.js';

const float = (low: number, high: number) => ({ kind: 'float', low, high }) as const;
type NsgaSettings = { population: number; crossover: number; mutation?: number | undefined };
const space = { x: float(0, 1), y: float(0, 1) };
const two = {
  objectives: [
    { measure: 'a', direction: 'minimize' },
    { measure: 'b', direction: 'minimize' },
  ],
} as const;
const SEEDS = Array.from({ length: 400 }, (_, seed) => seed);

/** Trials at different points, with these values of the objectives. */
function trialsWith(values: readonly (readonly number[])[]): TrialRecord[] {
  const [xs, ys] = [repeatable(1, values.length), repeatable(2, values.length)];
  return values.map((own, i) => trialOf(i, { x: xs[i] as number, y: ys[i] as number }, own));
}

/** Children that 400 studies propose for trial `number`, which differ in their seeds. */
function childrenOf(
  settings: NsgaSettings,
  trials: readonly TrialRecord[],
  number: number,
  options: Parameters<typeof contextOf>[1] = {},
): Values[] {
  return SEEDS.map((seed) => {
    const context = contextOf(space, { ...options, seed });
    return makeSampler({ kind: 'nsga2', mutation: undefined, ...settings }, context).propose(
      number,
      trials,
    ) as Values;
  });
}

/** How often each trial was copied. */
function copiesOf(trials: readonly TrialRecord[], children: readonly Values[]): number[] {
  const texts = children.map((child) => JSON.stringify(child));
  const counts = trials.map(
    ({ parameters }) => texts.filter((text) => text === JSON.stringify(parameters)).length,
  );
  expect(counts.reduce((a, b) => a + b)).toBe(children.length);
  return counts;
}

/** Expects about this share of 400, within four standard deviations of a fair draw. */
function expectShare(count: number, share: number): void {
  expect(Math.abs(count - 400 * share)).toBeLessThan(4 * Math.sqrt(400 * share * (1 - share)));
}

describe('the parents of NSGA-II', () => {
  const copying = (population: number) => ({ population, crossover: 0, mutation: 0 });

  it('win a tournament of two by their rank', () => {
    const trials = trialsWith([[2], [1]]);
    const [worse, better] = copiesOf(trials, childrenOf(copying(2), trials, 2)) as [number, number];
    expectShare(better, 3 / 4);
    expectShare(worse, 1 / 4);
  });

  it('win at equal rank by being less crowded', () => {
    const trials = trialsWith([
      [0, 10],
      [5, 5],
      [10, 0],
    ]);
    const [, crowded] = copiesOf(trials, childrenOf(copying(3), trials, 3, two)) as [number, number];
    expectShare(crowded, 1 / 9);
  });

  it('are the best of the last generation and of the parents before it', () => {
    const used = (values: readonly number[]) => {
      const trials = trialsWith(values.map((value) => [value]));
      const counts = copiesOf(trials, childrenOf(copying(2), trials, values.length));
      return [...counts.keys()].filter((i) => (counts[i] as number) > 0);
    };
    expect(used([1, 2, 3, 4])).toEqual([0, 1]);
    expect(used([3, 4, 1, 2])).toEqual([2, 3]);
    expect(used([1, 4, 2, 3])).toEqual([0, 2]);
    // Three generations: the best of the first is still there.
    expect(used([1, 9, 5, 6, 4, 7])).toEqual([0, 4]);
  });

  it('are the less crowded ones of the last front that does not fit', () => {
    const trials = trialsWith([
      [0, 10],
      [1, 9],
      [2, 8],
      [3, 7],
      [7, 3],
      [10, 0],
    ]);
    const counts = copiesOf(trials, childrenOf(copying(3), trials, 6, two));
    // The trials at the ends, and the one with the widest gap beside it.
    expect([...counts.keys()].filter((i) => (counts[i] as number) > 0)).toEqual([0, 4, 5]);
  });

  it('are only trials that are complete', () => {
    const states = ['complete', 'failed', 'running', 'complete'] as const;
    const trials = trialsWith([[4], [1], [2], [3]]).map((trial, i) => ({
      ...trial,
      state: states[i] ?? 'failed',
    }));
    const counts = copiesOf(trials, childrenOf(copying(4), trials, 4));
    expect([counts[1], counts[2]]).toEqual([0, 0]);
  });

  it('are two at least; until then, and in the first generation, points are drawn at random', () => {
    const trials = trialsWith([[1], [2], [3], [4], [5]]);
    const one = trials.map((trial, i) => ({
      ...trial,
      state: i === 0 ? ('complete' as const) : ('running' as const),
    }));
    for (const [number, known] of [
      [3, trials.slice(0, 3)],
      [4, one],
    ] as const) {
      const context = contextOf(space, { seed: 6 });
      const random = makeSampler({ kind: 'random' }, context).propose(number, known);
      expect(makeSampler({ kind: 'nsga2', ...copying(4) }, context).propose(number, known)).toEqual(random);
    }
    const next = makeSampler({ kind: 'nsga2', ...copying(4) }, contextOf(space)).propose(
      4,
      trials.slice(0, 4),
    );
    expect(trials.map(({ parameters }) => parameters)).toContainEqual(next);
  });
});

describe('the children of NSGA-II', () => {
  const trials = trialsWith([[1], [1], [1], [1]]);
  const parents = trials.map(({ parameters }) => parameters);
  const isOld = (name: 'x' | 'y') => (child: Values) =>
    parents.some((parent) => parent[name] === child[name]);
  const isCopy = (child: Values) => parents.some(({ x, y }) => x === child.x && y === child.y);

  it('mix two parents as often as was asked for, parameter by parameter', () => {
    for (const crossover of [0, 0.5, 1]) {
      const children = childrenOf({ population: 4, crossover, mutation: 0 }, trials, 4);
      expect(children.every(isOld('x')) && children.every(isOld('y'))).toBe(true);
      // The parents differ in three cases of four, and then every second mixture has parameters of both.
      const mixed = children.filter((child) => !isCopy(child)).length;
      if (crossover === 0) expect(mixed).toBe(0);
      else expectShare(mixed, (crossover * 3) / 8);
    }
  });

  it('have each parameter drawn anew as often as was asked for, and by default one of them', () => {
    for (const [mutation, share] of [
      [1, 1],
      [0.25, 0.25],
      [undefined, 0.5],
    ] as const) {
      const children = childrenOf({ population: 4, crossover: 0, mutation }, trials, 4);
      for (const name of ['x', 'y'] as const) {
        const fresh = children.filter((child) => !isOld(name)(child)).length;
        if (share === 1) expect(fresh).toBe(400);
        else expectShare(fresh, share);
      }
    }
  });

  it('inherit a parameter that only one parent has, and draw it if neither has it', () => {
    const nested = {
      kind: { kind: 'categorical', choices: ['p', 'q'] },
      z: { ...float(0, 1), when: { kind: 'q' } },
    } as const;
    const family = [trialOf(0, { kind: 'p' }, [1]), trialOf(1, { kind: 'q', z: 0.25 }, [1])];
    const propose = (seed: number, of: readonly TrialRecord[], mutation: number) =>
      makeSampler(
        { kind: 'nsga2', population: 2, crossover: 1, mutation },
        contextOf(nested, { seed }),
      ).propose(2, of);
    const children = SEEDS.map((seed) => propose(seed, family, 0) as Values);
    // All children that have z have the value of the only parent with z.
    expect(new Set(children.map(({ kind, z }) => `${kind} ${z}`))).toEqual(
      new Set(['p undefined', 'q 0.25']),
    );
    const without = [trialOf(0, { kind: 'p' }, [1]), trialOf(1, { kind: 'p' }, [1])];
    const drawn = SEEDS.map((seed) => propose(seed, without, 0.5) as Values).filter(
      ({ kind }) => kind === 'q',
    );
    expect(drawn.length).toBeGreaterThan(50);
    expect(new Set(drawn.map(({ z }) => z)).size).toBe(drawn.length);
  });

  it('are bred a hundred times if they break constraints; then a point is drawn at random', () => {
    let asked = 0;
    const seen: Values[] = [];
    const isFeasible = (child: Values) => {
      seen.push(child);
      return ++asked > 100;
    };
    const sampler = makeSampler(
      { kind: 'nsga2', population: 4, crossover: 0, mutation: 0 },
      contextOf(space, { isFeasible }),
    );
    expect(sampler.propose(4, trials)).toBe(seen[100]);
    expect(asked).toBe(101);
    expect(seen.slice(0, 100).every(isCopy)).toBe(true);
    expect(isCopy(seen[100] as Values)).toBe(false);
  });
});
