/**
 * What fit() makes of a data set before the engine trains on it, computed by the reference: docs/arithmetic.md, section
 * "Epochs".
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dataset, Network, type NetworkOptions } from '../../lib/index.js';
import { networkSpec, resolveOptions } from '../../lib/network/options.js';
import { ratesOf } from '../../lib/training/learning-rate.js';
import { digestOf } from '../reference/document.js';
import { automatic } from '../reference/document-networks.js';
import {
  columnOf,
  fittedScaling,
  presentedRows,
  type RateSchedule,
  rateAt,
  type ScalingKind,
} from '../reference/epochs.js';
import { type Job, rateOf } from '../reference/examples.js';
import { at, nearest, range } from '../reference/integers.js';
import { localPattern } from '../reference/local-pattern.js';
import { permutation } from '../reference/random.js';
import { WideReference } from '../reference/wide-network.js';
import { Source } from './scenario.js';

const ROWS = 37;
const COLUMNS = 6;
const source = new Source(11);
const bytes = Uint8Array.from({ length: ROWS * COLUMNS }, () => source.below(256));
const numbers = Float64Array.from(bytes, (x, i) => (i % COLUMNS === 2 ? 7.5 : x / 3 - 20));
const labels = Int32Array.from({ length: ROWS }, () => source.below(3));
const values = Float64Array.from({ length: ROWS * 2 }, (_, i) => (i % 2 === 0 ? 100 : 0.01) * source.real());

const network = (options: Partial<NetworkOptions>): NetworkOptions => ({
  layers: [COLUMNS, 9, 3],
  ...options,
});

/** The reference of a network, not trained yet. */
const referenceOf = (options: NetworkOptions) => new WideReference(networkSpec(resolveOptions(options)));

/** The rates of an epoch of all rows, as the training loop takes them. */
const ratesIn = (schedule: RateSchedule, epoch: number, epochs: number) =>
  Float64Array.from({ length: ROWS }, (_, i) => rateAt(schedule, epoch, i, epochs, ROWS));

/** Trains the reference as fit() does. */
function fitReference(
  reference: WideReference,
  job: Pick<Job, 'inputs' | 'targets'> & Partial<Job>,
  schedule: RateSchedule,
  { epochs = 5, seed = 1, first = 0 } = {},
): void {
  for (const epoch of range(epochs)) {
    const order = Uint32Array.from(permutation(ROWS, seed, first + epoch));
    const rates = ratesIn(schedule, epoch, epochs);
    reference.train({ rateInterval: 1, drain: true, ...job, order, rates });
  }
}

const scalingOf = (inputs: ArrayLike<number>, columns: number, kind: ScalingKind) => {
  const fitted = range(columns).map((c) => fittedScaling(columnOf(inputs, columns, c), kind));
  return {
    offset: Float64Array.from(fitted, ({ offset }) => offset),
    scale: Float64Array.from(fitted, ({ scale }) => scale),
    deviation: fitted.map(({ deviation }) => deviation),
  };
};

const cosine = (rate: number): RateSchedule => ({ kind: 'cosine', rate, final: rate / 100 });

describe('fit() with weights of rows', () => {
  const weights = range(ROWS).map((row) => (row % 5 === 0 ? 0 : 1 + (row % 3) * 0.75));

  it('presents each row as often as its weight says', async () => {
    const engine = new Network(network({}));
    const data = Dataset.from({ inputs: bytes, columns: COLUMNS, labels, weights });
    const run = await engine.fit(data, { epochs: 3 });
    const used = range(ROWS).filter((row) => at(weights, row) > 0);
    const reference = referenceOf(network({}));
    const schedule = cosine(0.02);
    let presented = 0;
    for (const epoch of range(3)) {
      const rows = presentedRows(
        used.map((row) => at(weights, row)),
        epoch,
      );
      const order = Uint32Array.from(permutation(rows.length, 1, epoch), (i) => at(used, at(rows, i)));
      const rates = Float64Array.from(rows, (_, i) => rateAt(schedule, epoch, i, 3, rows.length));
      reference.train({ inputs: bytes, targets: labels, rateInterval: 1, drain: true, order, rates });
      presented += rows.length;
    }
    expect(run.examples).toBe(presented);
    expect(engine.digest()).toBe(digestOf(reference, 2));
  });
});

describe('fit() with defaults', () => {
  it('on bytes reads them as they are, along a cosine from 0.02', async () => {
    const engine = new Network(network({}));
    await engine.fit(Dataset.from({ inputs: bytes, columns: COLUMNS, labels }));
    const reference = referenceOf(network({}));
    fitReference(reference, { inputs: bytes, targets: labels }, cosine(0.02));
    expect(engine.digest()).toBe(digestOf(reference, 2));
  });

  it('on a regression scales inputs and values, and predictions back', async () => {
    const options = network({ layers: [COLUMNS, 9, 2], output: 'linear' });
    const engine = new Network(options);
    await engine.fit(Dataset.from({ inputs: numbers, columns: COLUMNS, values }));
    const reference = referenceOf(options);
    const scaling = scalingOf(numbers, COLUMNS, 'robust');
    const { offset: mean, deviation } = scalingOf(values, 2, 'standard');
    const targets = values.map((y, i) => (y - at(mean, i % 2)) / at(deviation, i % 2));
    fitReference(reference, { inputs: numbers, targets, scaling }, cosine(0.02));
    expect(engine.digest()).toBe(digestOf(reference, 2));

    const row = numbers.slice(0, COLUMNS);
    const { scores } = reference.predict(row, scaling, 1);
    const back = range(2).map((k) => Math.fround(at(scores, k) * at(deviation, k) + at(mean, k)));
    expect(Array.from(engine.predict(row))).toEqual(back);

    engine.learn(row, [50, 0.002]);
    const learned = [50, 0.002].map((y, k) => (y - at(mean, k)) / at(deviation, k));
    reference.train({
      inputs: row,
      targets: Float64Array.from(learned),
      scaling,
      order: Uint32Array.of(0),
      rates: Float64Array.of(0.01),
      rateInterval: 1,
      drain: true,
    });
    expect(engine.digest()).toBe(digestOf(reference, 2));
  });

  it.each(['robust', 'standard', 'minmax'] as const)('scales bytes if asked to: %s', async (kind) => {
    const engine = new Network(network({ scaling: kind }));
    await engine.fit(Dataset.from({ inputs: bytes, columns: COLUMNS, labels }), { epochs: 2 });
    const reference = referenceOf(network({ scaling: kind }));
    const job = {
      inputs: Float64Array.from(bytes),
      targets: labels,
      scaling: scalingOf(bytes, COLUMNS, kind),
    };
    fitReference(reference, job, cosine(0.02), { epochs: 2 });
    expect(engine.digest()).toBe(digestOf(reference, 2));
  });

  it('starts biases from initialBias, rounded to the format', async () => {
    const options = network({ initialBias: -0.037 });
    const reference = referenceOf(options);
    for (const j of [0, 1])
      reference.setBiases(
        j,
        reference.biases(j).map(() => nearest(-0.037 * 2 ** 20)),
      );
    expect(new Network(options).digest()).toBe(digestOf(reference, 2));
  });
});

describe('dynamic patterns', () => {
  it.each([1, 5])('drain after every %i examples, also where no edge moves', async (every) => {
    const options = network({ density: 0.4, pattern: 'structured' });
    const dynamicPattern = { method: 'set', every, fraction: 1e-9 } as const;
    const engine = new Network(options);
    const dataset = Dataset.from({ inputs: bytes, columns: COLUMNS, labels });
    await engine.fit(dataset, { epochs: 1, learningRate: 0.02, dynamicPattern });

    const reference = referenceOf(options);
    const order = Uint32Array.from(permutation(ROWS, 1, 0));
    const whole: Job = {
      inputs: bytes,
      targets: labels,
      order,
      rates: Float64Array.of(0.02),
      rateInterval: 1,
      drain: true,
    };
    for (let from = 0; from < ROWS; from += every)
      reference.train({ ...whole, order: order.subarray(from, from + every) });
    expect(engine.digest()).toBe(digestOf(reference, 2));

    const undrained = referenceOf(options);
    undrained.train(whole);
    expect(engine.digest()).not.toBe(digestOf(undrained, 2));
    const sequential = referenceOf({ ...options, schedule: 'sequential' });
    sequential.train(whole);
    expect(engine.digest() === digestOf(sequential, 2)).toBe(every === 1);
  });
});

describe('a network that was saved and loaded', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sparse-train-oracle-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('continues the numbers of its inputs and epochs, but starts without velocities', async () => {
    const options = network({ optimizer: { kind: 'sgd', momentum: 0.9 } });
    const dataset = Dataset.from({ inputs: bytes, columns: COLUMNS, labels });
    const schedule = { kind: 'constant', rate: 0.01 } as const;
    const first = new Network(options);
    await first.fit(dataset, { epochs: 2, learningRate: 0.01 });
    await first.save(join(folder, 'model.safetensors'));
    const engine = await Network.load(join(folder, 'model.safetensors'));
    await engine.fit(dataset, { epochs: 1, learningRate: 0.01 });

    const job = { inputs: bytes, targets: labels };
    const before = referenceOf(options);
    fitReference(before, job, schedule, { epochs: 2 });
    const loaded = referenceOf(options);
    for (const j of [0, 1]) {
      loaded.setWeights(j, before.weights(j));
      loaded.setBiases(j, before.biases(j));
    }
    expect(before.inputs).toBe(2 * ROWS);
    loaded.inputs = before.inputs;
    fitReference(loaded, job, schedule, { epochs: 1, first: 2 });
    expect(engine.digest()).toBe(digestOf(loaded, 2));
  });
});

describe('rates', () => {
  const schedules: RateSchedule[] = [
    { kind: 'constant', rate: 0.3 },
    { kind: 'step', rate: 0.3, factor: 0.7, every: 2 },
    { kind: 'exponential', rate: 0.3, factor: 0.7 },
    { kind: 'cosine', rate: 0.3, final: 0.001 },
    { kind: 'powers-of-two', exponent: 2, boundaries: [1, 99, 100, 250, 401] },
  ];
  it.each(schedules)('of the schedule $kind are the formulas', (schedule) => {
    for (const n of [1, 37, 100, 101, 250]) {
      for (const epoch of range(5)) {
        const stretch = { epoch, epochs: 5, presented: epoch * n, examples: n };
        const { rates, interval } = ratesOf(schedule, stretch);
        const got = range(n).map((i) => rateOf({ rates, rateInterval: interval } as Job, i));
        expect(got).toEqual(range(n).map((i) => rateAt(schedule, epoch, i, 5, n)));
      }
    }
  });
});

describe('patterns by option', () => {
  it.each([
    [4, 1, 0.5],
    [36, 3, 0.2],
    [36, 40, 0.1],
    [100, 300, 0.3],
    [784, 256, 0.05],
    [64, 10, 0.97],
  ])('local, %i-%i at density %f, reads the pixels that the page says', (left, right, density) => {
    for (const seed of [0, 1, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER]) {
      const made = new Network({
        layers: [left, right, 2],
        density: [density, 1],
        pattern: ['local', 'dense'],
        seed,
      });
      const { offsets, left: lefts } = made.junction(0).pattern();
      const expected = localPattern(left, right, nearest(density * left * right), seed);
      expect(Array.from(lefts)).toEqual(expected.flat());
      expect(at(offsets, right)).toBe(lefts.length);
    }
  });

  it.each([
    [784, 256, 0.1],
    [784, 30, 0.02],
    [50, 40, 0.3],
    [50, 40, 0.01],
    [7, 5, 1],
  ])('auto, %i-%i at density %f, chooses the generator that the page says', (left, right, density) => {
    const options = resolveOptions({ layers: [left, right], density });
    const [pattern] = options.patterns;
    expect(automatic(left, right, density)).toMatch(new RegExp(`^${pattern?.kind}`));
    if (pattern?.kind === 'tiled' || pattern?.kind === 'structured')
      expect(automatic(left, right, density)).toContain(`(${pattern.edges} edges`);
  });
});

describe('one sigmoid output', () => {
  it('decides 1 from probability 1/2 on, which is the sum -2^(F-1)', () => {
    const engine = new Network({ layers: [1, 1], output: 'sigmoid' });
    engine.junction(0).setWeights(Int16Array.of(0));
    const half = 2 ** 11; // F = 12
    for (const [bias, decision] of [
      [-half, 1],
      [-half - 1, 0],
      [0, 1],
      [half, 1],
    ] as const) {
      engine.junction(0).setBiases(Int32Array.of(bias));
      expect(engine.classify(Uint8Array.of(0))).toBe(decision);
    }
  });
});
