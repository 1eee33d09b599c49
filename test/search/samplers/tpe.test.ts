import { describe, expect, it } from 'vitest';
import type { Parameters, TrialRecord } from '../../../lib/public/search.js';
import { Draws } from '../../../lib/search/random.js';
import { makeSampler } from '../../../lib/search/samplers/make.js';
import { ParzenEstimator } from '../../../lib/search/samplers/parzen.js';
import type { SamplerContext } from '../../../lib/search/samplers/sampler.js';
import { coordinateOf, valueAt } from '../../../lib/search/space/parameter.js';
import { contextOf, repeatable, trialOf } from './context.js';

const settings = { kind: 'tpe', startupTrials: 10, candidates: 24, multivariate: true } as const;
const float = (low: number, high: number) => ({ kind: 'float', low, high }) as const;

/**
 * The method of Bergstra and others (2011), section 4, implemented once more for independent parameters: draw points
 * from the density of the good trials, and choose the one whose good density divided by that of the other trials is
 * largest.
 */
function bestCandidate(
  { space }: SamplerContext,
  draws: Draws,
  good: readonly TrialRecord[],
  others: readonly TrialRecord[],
  candidates: number = settings.candidates,
): Parameters {
  return space.assemble((axis) => {
    const density = (trials: readonly TrialRecord[]) => {
      const having = trials.filter(({ parameters }) => axis.name in parameters);
      return new ParzenEstimator(
        [axis],
        having.map(({ parameters }) => [coordinateOf(axis, parameters[axis.name] as number)]),
      );
    };
    const [ofGood, ofOthers] = [density(good), density(others)];
    const points = Array.from({ length: candidates }, () => ofGood.draw(draws));
    const ratios = points.map((point) => ofGood.logDensity(point) - ofOthers.logDensity(point));
    return valueAt(axis, points[ratios.indexOf(Math.max(...ratios))]?.[0] as number);
  });
}

/** Expects TPE to take exactly these trials as good, and all others that it uses as `others`. */
function expectSplit(
  context: SamplerContext,
  trials: readonly TrialRecord[],
  goodNumbers: readonly number[],
  otherNumbers: readonly number[],
): void {
  const chosen = (numbers: readonly number[]) => trials.filter(({ number }) => numbers.includes(number));
  for (const number of [trials.length, trials.length + 1, trials.length + 2]) {
    const proposed = makeSampler({ ...settings, multivariate: false }, context).propose(number, trials);
    const draws = new Draws(context.seed, number);
    expect(proposed).toEqual(bestCandidate(context, draws, chosen(goodNumbers), chosen(otherNumbers)));
  }
}

/** Trials of a parameter x, whose losses are given. */
const withLosses = (losses: readonly number[]) => {
  const xs = repeatable(5, losses.length);
  return losses.map((loss, i) => trialOf(i, { x: xs[i] as number }, [loss]));
};
const count = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('the point that TPE proposes', () => {
  it('lies where good trials are more frequent than others, not where both are frequent', () => {
    // Half of the good trials took p, half q; all others took p. So q is the better choice.
    const kinds = contextOf({ kind: { kind: 'categorical', choices: ['p', 'q'] } });
    const trials = count(0, 100).map((i) => trialOf(i, { kind: i < 10 && i % 2 === 0 ? 'q' : 'p' }, [i]));
    const proposed = count(100, 200).map(
      (number) => makeSampler(settings, kinds).propose(number, trials)?.kind,
    );
    expect(proposed.filter((kind) => kind === 'q')).toHaveLength(100);
  });

  it('keeps away from where the others are, on a line', () => {
    // The good trials lie at 0.2 and at 0.8, the others about 0.2.
    const line = contextOf({ x: float(0, 1) });
    const spread = repeatable(7, 100);
    const trials = count(0, 100).map((i) => {
      const centre = i < 10 && i % 2 === 0 ? 0.8 : 0.2;
      return trialOf(i, { x: centre + 0.02 * ((spread[i] as number) - 0.5) }, [i]);
    });
    const proposed = count(100, 200).map(
      (number) => makeSampler(settings, line).propose(number, trials)?.x as number,
    );
    expect(proposed.filter((x) => x > 0.5)).toHaveLength(100);
  });

  it('is the candidate with the largest ratio of the densities', () => {
    const context = contextOf({ x: float(0, 1), y: float(-5, 5) }, { seed: 8 });
    const [xs, ys] = [repeatable(1, 40), repeatable(2, 40)];
    const trials = count(0, 40).map((i) =>
      trialOf(i, { x: xs[i] as number, y: 10 * (ys[i] as number) - 5 }, [(i * 7) % 40]),
    );
    // The smallest of (7 i mod 40) are at i = 0, 23, 6, 29.
    expectSplit(
      context,
      trials,
      [0, 6, 23, 29],
      count(0, 40).filter((i) => ![0, 6, 23, 29].includes(i)),
    );
  });

  it('is chosen among as many candidates as were asked for', () => {
    const context = contextOf({ x: float(0, 1) });
    const trials = withLosses(count(0, 30));
    for (const candidates of [1, 2, 5]) {
      const sampler = makeSampler({ ...settings, candidates, multivariate: false }, context);
      const expected = bestCandidate(
        context,
        new Draws(1, 30),
        trials.slice(0, 3),
        trials.slice(3),
        candidates,
      );
      expect(sampler.propose(30, trials)).toEqual(expected);
    }
  });

  it('is drawn with all parameters of one condition together', () => {
    const context = contextOf({
      kind: { kind: 'categorical', choices: ['p', 'q'] },
      x: float(0, 1),
      // Its name is the names of the other two, joined: densities must not be mixed up because of that.
      kindx: { ...float(0, 1), when: { kind: 'q' } },
    });
    const xs = repeatable(3, 60);
    const trials = count(0, 60).map((i) => {
      const x = xs[i] as number;
      return trialOf(i, i % 2 === 0 ? { kind: 'p', x } : { kind: 'q', x, kindx: (x + 0.5) % 1 }, [i]);
    });
    const [good, others] = [trials.slice(0, 6), trials.slice(6)];
    let nested = 0;
    for (const number of count(60, 80)) {
      const draws = new Draws(1, number);
      const drawn: Record<string, number> = {};
      const draw = (names: readonly string[]) => {
        const axes = names.map((name) => context.space.axis(name));
        const density = (of: readonly TrialRecord[]) => {
          const having = of.filter(({ parameters }) => names.every((name) => name in parameters));
          const at = ({ parameters }: TrialRecord) =>
            axes.map((axis) => coordinateOf(axis, parameters[axis.name] as number));
          return new ParzenEstimator(axes, having.map(at));
        };
        const [ofGood, ofOthers] = [density(good), density(others)];
        const points = Array.from({ length: 24 }, () => ofGood.draw(draws));
        const ratios = points.map((point) => ofGood.logDensity(point) - ofOthers.logDensity(point));
        const best = points[ratios.indexOf(Math.max(...ratios))] as number[];
        for (const [i, name] of names.entries()) drawn[name] = best[i] as number;
      };
      draw(['kind', 'x']);
      if (drawn.kind === 1) draw(['kindx']);
      const expected = { kind: ['p', 'q'][drawn.kind as number], x: drawn.x, kindx: drawn.kindx };
      expect({ kindx: undefined, ...makeSampler(settings, context).propose(number, trials) }).toEqual(
        expected,
      );
      if (drawn.kindx !== undefined) nested++;
    }
    expect(nested).toBeGreaterThan(0);
    expect(nested).toBeLessThan(20);
  });
});

describe('the good trials of TPE', () => {
  const line = contextOf({ x: float(0, 1) }, { seed: 4 });

  it('are a tenth of all, rounded up', () => {
    expectSplit(line, withLosses(count(0, 31)), count(0, 4), count(4, 31));
    expectSplit(line, withLosses(count(0, 30)), count(0, 3), count(3, 30));
  });

  it('are 25 at most', () => {
    expectSplit(line, withLosses(count(0, 300)), count(0, 25), count(25, 300));
  });

  it('are the earliest of equals', () => {
    expectSplit(line, withLosses(new Array<number>(30).fill(5)), count(0, 3), count(3, 30));
  });

  it('have the largest values where the objective is to be maximized', () => {
    const most = contextOf({ x: float(0, 1) }, { objectives: [{ measure: 'a', direction: 'maximize' }] });
    expectSplit(most, withLosses(count(0, 20)), [18, 19], count(0, 18));
  });

  it('leave failed trials out of account, and running ones are others', () => {
    const trials = withLosses(count(0, 20)).map((trial) => {
      if (trial.number < 3) return { ...trial, state: 'failed' } as const;
      return trial.number < 6 ? ({ ...trial, state: 'running' } as const) : trial;
    });
    expectSplit(line, trials, [6, 7], [3, 4, 5, ...count(8, 20)]);
  });

  it('are complete trials first, then pruned ones with more epochs, then those with the smaller last loss', () => {
    const xs = repeatable(5, 40);
    const curves = [[3], [1, 1, 9], [1, 1, 4], [1, 1, 7], [0, 0], []];
    const trials = count(0, 40).map((i) => {
      const x = xs[i] as number;
      if (i === 0) return trialOf(i, { x }, [100]);
      return trialOf(i, { x }, [], { state: 'pruned', curve: curves[i] ?? [5] });
    });
    // One complete, 38 pruned with epochs (number 5 has none): 4 are good.
    expectSplit(
      line,
      trials,
      [0, 1, 2, 3],
      count(4, 40).filter((i) => i !== 5),
    );
    expectSplit(line, trials.slice(0, 19), [0, 2], [1, 3, 4, ...count(6, 19)]);
    const most = contextOf({ x: float(0, 1) }, { objectives: [{ measure: 'a', direction: 'maximize' }] });
    expectSplit(most, trials.slice(0, 19), [0, 1], [2, 3, 4, ...count(6, 19)]);
  });

  it('are those of the first fronts and, of the last, the least crowded, with two objectives', () => {
    const two = contextOf(
      { x: float(0, 1) },
      {
        objectives: [
          { measure: 'a', direction: 'minimize' },
          { measure: 'b', direction: 'minimize' },
        ],
      },
    );
    const xs = repeatable(5, 30);
    // A front of five, of which the third and the fourth are close to others, after trials that they dominate.
    const front = [
      [0, 10],
      [4, 5],
      [4.5, 4.5],
      [5, 4],
      [10, 0],
    ];
    const trials = (dominated: number) =>
      count(0, dominated + 5).map((i) =>
        trialOf(i, { x: xs[i] as number }, front[i - dominated] ?? [20 + i, 20 + i]),
      );
    expectSplit(two, trials(6), [6, 10], [...count(0, 6), 7, 8, 9]);
    expectSplit(two, trials(25), [25, 26, 29], [...count(0, 25), 27, 28]);
  });
});

describe('TPE', () => {
  const space = { x: float(0, 1) };

  it('draws at random until enough trials have ended', () => {
    const context = contextOf(space, { seed: 3 });
    const trials = withLosses(count(0, 12)).map((trial) => {
      const states = { 3: 'failed', 7: 'running', 9: 'pruned' } as const;
      return { ...trial, state: states[trial.number as 3] ?? ('complete' as const), curve: [1] };
    });
    const random = makeSampler({ kind: 'random' }, context);
    expect(makeSampler(settings, context).propose(12, trials.slice(0, 11))).toEqual(
      random.propose(12, trials),
    );
    expect(makeSampler(settings, context).propose(12, trials)).not.toEqual(random.propose(12, trials));
  });

  it('proposes a hundred points that break constraints, then draws at random', () => {
    const trials = withLosses(count(0, 300)).map((trial) =>
      trial.number < 25 ? { ...trial, parameters: { x: 0.4 } } : trial,
    );
    for (const multivariate of [true, false]) {
      const seen: number[] = [];
      const isFeasible = ({ x }: Parameters) => seen.push(x as number) > 100;
      const context = contextOf(space, { seed: 5, isFeasible });
      const proposed = makeSampler({ ...settings, multivariate }, context).propose(300, trials);
      // All good trials lie at 0.4.
      expect(seen.map((x) => Math.abs(x - 0.4) < 0.2)).toEqual([
        ...new Array<boolean>(100).fill(true),
        false,
      ]);
      expect(proposed).toEqual({ x: seen[100] });
    }
  });

  it('proposes the first candidate that keeps the constraints', () => {
    let asked = 0;
    const context = contextOf(space, { isFeasible: () => ++asked === 3 });
    makeSampler(settings, context).propose(40, withLosses(count(0, 40)));
    expect(asked).toBe(3);
  });
});
