import { describe, expect, it } from 'vitest';
import { Draws } from '../../../lib/search/random.js';
import { normalCdf } from '../../../lib/search/samplers/normal.js';
import { ParzenEstimator, recencyWeights } from '../../../lib/search/samplers/parzen.js';
import { axisOf } from '../../../lib/search/space/parameter.js';

const normalDensity = (z: number) => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);

/** A kernel: its centre and its width. */
type Kernel = readonly [centre: number, width: number];

/** The density of kernels with equal weights, each cut off at the ends of a range and divided by its mass within. */
function density(kernels: readonly Kernel[], low: number, high: number, at: number): number {
  const parts = kernels.map(([centre, width]) => {
    const inside = normalCdf((high - centre) / width) - normalCdf((low - centre) / width);
    return normalDensity((at - centre) / width) / width / inside;
  });
  return parts.reduce((a, b) => a + b) / kernels.length;
}

/** The mass of a cell under those kernels. */
function mass(kernels: readonly Kernel[], low: number, high: number, from: number, to: number): number {
  const parts = kernels.map(([centre, width]) => {
    const share = (a: number, b: number) => normalCdf((b - centre) / width) - normalCdf((a - centre) / width);
    return share(from, to) / share(low, high);
  });
  return parts.reduce((a, b) => a + b) / kernels.length;
}

describe('the density of a Parzen estimator', () => {
  const axis = axisOf('x', { kind: 'float', low: 0, high: 10 });
  const expectKernels = (observations: readonly number[], kernels: readonly Kernel[]) => {
    const estimator = new ParzenEstimator(
      [axis],
      observations.map((x) => [x]),
    );
    for (const at of [0, 0.7, 3, 4.4, 6, 9, 10])
      expect(Math.exp(estimator.logDensity([at]))).toBeCloseTo(density(kernels, 0, 10, at), 10);
  };

  it("is only the prior's without observations", () => {
    expectKernels([], [[5, 10]]);
  });

  it('has kernels as wide as the distance to the farther neighbour, and one as wide as the range', () => {
    expectKernels(
      [1, 4, 6],
      [
        [1, 3],
        [4, 3],
        [6, 2],
        [5, 10],
      ],
    );
    expectKernels(
      [8, 1, 5.5],
      [
        [8, 2.5],
        [1, 4.5],
        [5.5, 4.5],
        [5, 10],
      ],
    );
  });

  it('counts the ends of the range as neighbours of a single observation', () => {
    expectKernels(
      [2],
      [
        [2, 8],
        [5, 10],
      ],
    );
    expectKernels(
      [8.5],
      [
        [8.5, 8.5],
        [5, 10],
      ],
    );
  });

  it('has no kernel narrower than a share of the range that falls with their number', () => {
    // Four kernels with the prior's: a fifth of the range.
    expectKernels(
      [3, 3.1, 3.2],
      [
        [3, 2],
        [3.1, 2],
        [3.2, 2],
        [5, 10],
      ],
    );
  });

  it('has no kernel narrower than a hundredth of the range, however many there are', () => {
    const estimator = new ParzenEstimator(
      [axis],
      Array.from({ length: 400 }, () => [3]),
    );
    const weights = [...recencyWeights(400), 1];
    const total = weights.reduce((a, b) => a + b);
    const prior = 1 / total;
    for (const at of [2.9, 3, 3.25]) {
      const expected = (1 - prior) * density([[3, 0.1]], 0, 10, at) + prior * density([[5, 10]], 0, 10, at);
      expect(Math.exp(estimator.logDensity([at]))).toBeCloseTo(expected, 10);
    }
  });

  it('is the product over parameters within each kernel', () => {
    const other = axisOf('y', { kind: 'float', low: -1, high: 1 });
    const estimator = new ParzenEstimator([axis, other], [[2, 0.5]]);
    const at = [3, 0.1];
    const first = density([[2, 8]], 0, 10, 3) * density([[0.5, 1.5]], -1, 1, 0.1);
    const prior = density([[5, 10]], 0, 10, 3) * density([[0, 2]], -1, 1, 0.1);
    expect(Math.exp(estimator.logDensity(at))).toBeCloseTo((first + prior) / 2, 10);
  });

  it('gives an older observation less weight', () => {
    const points = [[1], ...new Array<number[]>(25).fill([9])];
    const estimator = new ParzenEstimator([axis], points);
    const least = 10 / 28;
    for (const at of [1, 5, 8.9]) {
      const of = (centre: number, width: number) => density([[centre, width]], 0, 10, at);
      // The kernels: the oldest, that of its neighbour, 24 without neighbours nearby, and the prior.
      const sum = of(1, 8) / 26 + of(9, 8) + 24 * of(9, least) + of(5, 10);
      expect(Math.exp(estimator.logDensity([at]))).toBeCloseTo(sum / (1 / 26 + 26), 10);
    }
  });

  it('is that of rounded values: the mass of the cell around each', () => {
    const whole = axisOf('n', { kind: 'int', low: 1, high: 40 });
    const estimator = new ParzenEstimator([whole], [[3], [5], [9]]);
    const kernels: Kernel[] = [
      [3, 8],
      [5, 8],
      [9, 8],
      [20.5, 40],
    ];
    for (const n of [1, 2, 9, 40]) {
      // The prior's cells are narrow, so the density at their centre is used.
      const observed = mass(kernels.slice(0, 3), 0.5, 40.5, n - 0.5, n + 0.5);
      const prior = density(kernels.slice(3), 0.5, 40.5, n);
      expect(Math.exp(estimator.logDensity([n]))).toBeCloseTo((3 * observed + prior) / 4, 10);
    }
  });

  it('is that of rounded values on a logarithmic scale', () => {
    const whole = axisOf('n', { kind: 'int', low: 1, high: 8, log: true });
    const [low, high] = [Math.log(0.5), Math.log(8.5)];
    const range = high - low;
    const estimator = new ParzenEstimator([whole], [[Math.log(2)]]);
    const kernels: Kernel[] = [
      [Math.log(2), Math.max(Math.log(2) - low, high - Math.log(2))],
      [(low + high) / 2, range],
    ];
    for (const n of [1, 2, 3]) {
      const expected = mass(kernels, low, high, Math.log(n - 0.5), Math.log(n + 0.5));
      expect(Math.exp(estimator.logDensity([Math.log(n)]))).toBeCloseTo(expected, 10);
    }
  });

  it('leaves every category some probability, less with more observations', () => {
    const kinds = axisOf('k', { kind: 'categorical', choices: ['p', 'q', 'r'] });
    const shares = (observations: readonly number[]) => {
      const estimator = new ParzenEstimator(
        [kinds],
        observations.map((kind) => [kind]),
      );
      return [0, 1, 2].map((kind) => Math.exp(estimator.logDensity([kind])));
    };
    const [p, q, r] = shares([0, 0, 2]);
    const [own, other] = [1.25 / 1.75, 0.25 / 1.75];
    expect(p).toBeCloseTo((own + own + other + 1 / 3) / 4, 12);
    expect(q).toBeCloseTo((other + other + other + 1 / 3) / 4, 12);
    expect(r).toBeCloseTo((other + other + own + 1 / 3) / 4, 12);
    for (const share of shares([])) expect(share).toBeCloseTo(1 / 3, 12);
  });
});

describe('the weights of observations', () => {
  it('are 1 for the newest 25 and rise to it from 1 divided by their number', () => {
    const ones = new Array<number>(25).fill(1);
    expect(recencyWeights(0)).toEqual([]);
    expect(recencyWeights(25)).toEqual(ones);
    expect(recencyWeights(26)).toEqual([1 / 26, ...ones]);
    expect(recencyWeights(27)).toEqual([1 / 27, 1, ...ones]);
    expect(recencyWeights(28)).toEqual([1 / 28, 1 / 28 + 27 / 28 / 2, 1, ...ones]);
  });
});

describe('the draws of a Parzen estimator', () => {
  const COUNT = 20_000;
  /** Expects values to be drawn as often as the estimator says, within five standard deviations. */
  function expectFrequencies(
    estimator: ParzenEstimator,
    values: readonly number[],
    at = (value: number) => value,
  ) {
    const draws = new Draws(11, 0);
    const counts = new Map<number, number>();
    for (let i = 0; i < COUNT; i++) {
      const [value] = estimator.draw(draws) as [number];
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts.keys()].filter((value) => !values.map(at).includes(value))).toEqual([]);
    for (const value of values) {
      const share = Math.exp(estimator.logDensity([at(value)]));
      const deviation = Math.sqrt(COUNT * share * (1 - share));
      expect(Math.abs((counts.get(at(value)) ?? 0) - COUNT * share)).toBeLessThan(5 * deviation + 1);
    }
  }
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

  it('follow its density over whole numbers', () => {
    const whole = axisOf('n', { kind: 'int', low: 1, high: 12 });
    expectFrequencies(new ParzenEstimator([whole], [[2], [3], [11]]), upTo(12));
  });

  it('follow its density over whole numbers on a logarithmic scale', () => {
    const whole = axisOf('n', { kind: 'int', low: 1, high: 9, log: true });
    expectFrequencies(new ParzenEstimator([whole], [[Math.log(2)], [Math.log(8)]]), upTo(9), Math.log);
  });

  it('follow its density over steps', () => {
    const stepped = axisOf('s', { kind: 'float', low: 0.5, high: 3, step: 0.5 });
    expectFrequencies(new ParzenEstimator([stepped], [[1], [2.5]]), [0.5, 1, 1.5, 2, 2.5, 3]);
  });

  it('follow its density over categories', () => {
    const kinds = axisOf('k', { kind: 'categorical', choices: ['p', 'q', 'r'] });
    expectFrequencies(new ParzenEstimator([kinds], [[0], [2], [2]]), [0, 1, 2]);
  });

  it('keep to the range and follow its density, for numbers that are not rounded', () => {
    const axis = axisOf('x', { kind: 'float', low: 0, high: 10 });
    const estimator = new ParzenEstimator([axis], [[0.5], [9]]);
    const draws = new Draws(12, 0);
    const below = [0, 0, 0, 0, 0];
    for (let i = 0; i < COUNT; i++) {
      const [x] = estimator.draw(draws) as [number];
      expect(x >= 0 && x <= 10).toBe(true);
      below[Math.floor(x / 2.0000001)] = (below[Math.floor(x / 2.0000001)] as number) + 1;
    }
    const kernels: Kernel[] = [
      [0.5, 8.5],
      [9, 8.5],
      [5, 10],
    ];
    for (const [i, drawn] of below.entries()) {
      const share = mass(kernels, 0, 10, 2 * i, 2 * i + 2);
      expect(Math.abs(drawn - COUNT * share)).toBeLessThan(5 * Math.sqrt(COUNT * share * (1 - share)));
    }
  });

  it('take all parameters of a point from one kernel', () => {
    const axes = ['x', 'y'].map((name) =>
      axisOf(name, { kind: 'categorical', choices: ['p', 'q', 'r', 's'] }),
    );
    const observations = Array.from({ length: 200 }, (_, i) => [i % 4, i % 4]);
    const estimator = new ParzenEstimator(axes, observations);
    const draws = new Draws(13, 0);
    const points = Array.from({ length: 500 }, () => estimator.draw(draws));
    expect(points.filter(([x, y]) => x === y).length).toBeGreaterThan(450);
  });
});
