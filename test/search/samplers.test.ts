import { describe, expect, it } from 'vitest';
import { createStudy, type Parameters, type Study, type StudyDefinition } from '../../lib/public/search.js';
import { normalCdf } from '../../lib/search/samplers/normal.js';
import { ParzenEstimator, recencyWeights } from '../../lib/search/samplers/parzen.js';
import { SOBOL_DIMENSIONS, SobolSequence } from '../../lib/search/samplers/sobol.js';
import { axisOf } from '../../lib/search/space/parameter.js';

type Point = Record<string, number>;

/** Runs a study of a function to its end; the values are called a, b and so on. */
async function search(
  definition: Omit<StudyDefinition, 'objectives'>,
  ...functions: ((point: Point) => number)[]
): Promise<Study> {
  const names = ['a', 'b'].slice(0, functions.length);
  const objectives = names.map((measure) => ({ measure, direction: 'minimize' as const }));
  const study = await createStudy({ ...definition, objectives });
  for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
    const point = trial.parameters as Point;
    study.tell(trial, {
      values: Object.fromEntries(functions.map((value, i) => [names[i] as string, value(point)])),
    });
  }
  return study;
}

const float = (low: number, high: number) => ({ kind: 'float', low, high }) as const;
const sphere = ({ x = 0, y = 0 }: Point) => (x - 1) ** 2 + (y + 2) ** 2;
const plane = { x: float(-5, 5), y: float(-5, 5) };
const points = (study: Study): Parameters[] => study.trials.map(({ parameters }) => parameters);

describe('the grid', () => {
  const space = {
    n: { kind: 'int', low: 1, high: 3 },
    kind: { kind: 'categorical', choices: ['p', 'q'] },
    extra: { kind: 'float', low: 0, high: 1, step: 0.5, when: { kind: 'q' } },
  } as const;

  it('tries every point once and then ends', async () => {
    const study = await search({ space, sampler: 'grid' }, () => 0);
    const texts = points(study).map((point) => JSON.stringify(point));
    expect(texts).toHaveLength(3 * (1 + 3));
    expect(new Set(texts).size).toBe(texts.length);
    expect(study.isDone).toBe(true);
  });

  it('leaves out what breaks a constraint', async () => {
    const study = await search({ space, sampler: 'grid', constraints: ['n >= 2', 'extra < 1'] }, () => 0);
    expect(study.trials).toHaveLength(2 * (1 + 2));
  });
});

describe('every sampler', () => {
  const space = {
    x: float(0, 1),
    n: { kind: 'int', low: 1, high: 64, log: true },
    kind: { kind: 'categorical', choices: ['p', 'q', 'r'] },
    y: { kind: 'float', low: 0, high: 1, when: { kind: ['q', 'r'] } },
  } as const;
  const value = ({ x = 0, n = 0, y = 0 }: Point) => x + Math.abs(n - 20) + y;
  const settings = [
    'random',
    'sobol',
    'tpe',
    { kind: 'tpe', multivariate: false },
    { kind: 'nsga2', population: 8 },
  ] as const;
  for (const sampler of settings) {
    it(`gives the same points for the same seed, keeps to ranges, conditions and constraints: ${JSON.stringify(sampler)}`, async () => {
      const definition = { space, sampler, trials: 40, constraints: ['x <= 0.75'] };
      const first = points(await search({ ...definition, seed: 3 }, value));
      expect(points(await search({ ...definition, seed: 3 }, value))).toEqual(first);
      expect(points(await search({ ...definition, seed: 4 }, value))).not.toEqual(first);
      for (const { x, n, kind, y, ...rest } of first as Record<string, number | string>[]) {
        expect(rest).toEqual({});
        expect(x).toBeLessThanOrEqual(0.75);
        expect(Number.isInteger(n) && Number(n) >= 1 && Number(n) <= 64).toBe(true);
        expect(y === undefined).toBe(kind === 'p');
      }
    });
  }
});

describe('the Sobol sequence', () => {
  it('has one point in every equal part of each dimension', () => {
    const sequence = new SobolSequence(SOBOL_DIMENSIONS, 5);
    const all = Array.from({ length: 256 }, (_, i) => sequence.point(i));
    for (let d = 0; d < SOBOL_DIMENSIONS; d++) {
      const parts = new Set(all.map((point) => Math.floor((point[d] as number) * 256)));
      expect(parts.size).toBe(256);
    }
  });

  it('has one point in every equal rectangle of its first two dimensions, however scrambled', () => {
    for (const seed of [1, 2, 3]) {
      const sequence = new SobolSequence(2, seed);
      for (const width of [1, 2, 4, 8, 16]) {
        const boxes = new Set<number>();
        for (let i = 0; i < 64; i++) {
          const [x = 0, y = 0] = sequence.point(i);
          boxes.add(Math.floor(x * width) * 1000 + Math.floor((y * 64) / width));
        }
        expect(boxes.size).toBe(64);
      }
    }
  });

  it('integrates far better than random points in ten dimensions', () => {
    const errors = [1, 2, 3, 4, 5].map((seed) => {
      const sequence = new SobolSequence(10, seed);
      let sum = 0;
      for (let i = 0; i < 1024; i++)
        sum += sequence.point(i).reduce((product, x) => product * (1 + 0.5 * (x - 0.5)), 1);
      return (sum / 1024 - 1) ** 2;
    });
    // Random points: a variance of (1 + 1/48)^10 - 1 = 0.229, and so 2.2e-4 for the mean of 1024.
    expect(errors.reduce((a, b) => a + b) / 5).toBeLessThan(2.2e-4 / 20);
  });
});

describe('the normal distribution', () => {
  it('is as tabled', () => {
    const table = [
      [0, 0.5],
      [1, 0.841344746068543],
      [-2, 0.022750131948179],
      [3.5, 0.999767370920964],
      [-5, 2.866515718e-7],
    ];
    for (const [z = 0, share = 0] of table) expect(normalCdf(z)).toBeCloseTo(share, 12);
  });
});

describe('a Parzen estimator', () => {
  it('is a density: its mass is 1', () => {
    const axis = axisOf('x', { kind: 'float', low: 0, high: 2 });
    const estimator = new ParzenEstimator([axis], [[0.1], [0.2], [1.9]]);
    let mass = 0;
    for (let i = 0; i < 2000; i++) mass += Math.exp(estimator.logDensity([(i + 0.5) / 1000])) / 1000;
    expect(mass).toBeCloseTo(1, 3);
  });

  it('is a distribution over whole numbers, and over categories', () => {
    const whole = axisOf('n', { kind: 'int', low: 1, high: 40, log: true });
    const numbers = new ParzenEstimator([whole], [[Math.log(3)], [Math.log(4)]]);
    const kinds = axisOf('k', { kind: 'categorical', choices: ['p', 'q', 'r'] });
    const categories = new ParzenEstimator([kinds], [[0], [0], [2]]);
    const masses = Array.from({ length: 40 }, (_, i) => Math.exp(numbers.logDensity([Math.log(i + 1)])));
    expect(masses.reduce((a, b) => a + b)).toBeCloseTo(1, 2);
    const shares = [0, 1, 2].map((kind) => Math.exp(categories.logDensity([kind])));
    expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(
      (shares[0] as number) > (shares[2] as number) && (shares[2] as number) > (shares[1] as number),
    ).toBe(true);
  });

  it('gives old observations less weight', () => {
    const weights = recencyWeights(100);
    expect(weights.slice(75)).toEqual(new Array(25).fill(1));
    expect(weights[0]).toBeCloseTo(0.01);
    expect(recencyWeights(3)).toEqual([1, 1, 1]);
  });
});

describe('TPE', () => {
  it('finds a minimum much more closely than random points', async () => {
    const best = async (sampler: 'tpe' | 'random') => {
      const values: number[] = [];
      for (let seed = 1; seed <= 7; seed++) {
        const study = await search({ space: plane, sampler, trials: 80, seed }, sphere);
        values.push(study.best?.values.a as number);
      }
      return values.sort((a, b) => a - b)[3] as number;
    };
    expect(await best('tpe')).toBeLessThan((await best('random')) / 3);
  });

  it('learns which category and which branch are good', async () => {
    const space = {
      kind: { kind: 'categorical', choices: ['bad', 'good', 'worse'] },
      x: { kind: 'float', low: 0, high: 1, when: { kind: 'good' } },
    } as const;
    const study = await search({ space, sampler: 'tpe', trials: 60 }, ({ x }) =>
      x === undefined ? 2 : (x - 0.3) ** 2,
    );
    const late = study.trials.slice(30);
    expect(late.filter(({ parameters }) => parameters.kind === 'good').length).toBeGreaterThan(20);
    expect(study.best?.parameters.x).toBeCloseTo(0.3, 1);
  });

  it('learns from trials that were pruned, the farther they got the more', async () => {
    const study = await createStudy({
      space: { x: float(0, 1) },
      sampler: { kind: 'tpe', startupTrials: 10 },
      trials: 60,
      objectives: [{ measure: 'a', direction: 'minimize' }],
    });
    for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
      const x = trial.parameters.x as number;
      // The nearer to 0.8, the longer a trial runs.
      for (let epoch = 0; epoch < Math.ceil(10 * (1 - Math.abs(x - 0.8))); epoch++) trial.report(1);
      study.tell(trial, { state: 'pruned' });
    }
    const late = study.trials.slice(40).map(({ parameters }) => parameters.x as number);
    expect(late.filter((x) => Math.abs(x - 0.8) < 0.15).length).toBeGreaterThan(10);
  });
});

describe('NSGA-II', () => {
  it('finds a front of two objectives better than random points', async () => {
    const space = { x: float(0, 4), y: float(0, 4), z: float(0, 4) };
    const first = ({ x = 0, y = 0, z = 0 }: Point) => x + y * y + z * z;
    const second = ({ x = 0, y = 0, z = 0 }: Point) => 4 - x + y * y + z * z;
    // Away from the front, which is y = z = 0, only y and z make the objectives worse.
    const excess = async (sampler: StudyDefinition['sampler']) => {
      const study = await search({ space, sampler, trials: 200 }, first, second);
      const costs = study.front.map(({ values }) => ((values.a as number) + (values.b as number) - 4) / 2);
      return { cost: costs.reduce((a, b) => a + b) / costs.length, size: costs.length };
    };
    const bred = await excess({ kind: 'nsga2', population: 20 });
    const random = await excess('random');
    expect(bred.cost).toBeLessThan(random.cost / 2);
    expect(bred.size).toBeGreaterThan(5);
  });
});
