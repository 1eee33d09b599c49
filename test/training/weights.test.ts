/** Rows that count more than others: weights of rows, and balanced classes. */
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Dataset,
  type FitOptions,
  Network,
  type NetworkOptions,
  readTable,
  streamTable,
} from '../../lib/index.js';
import { readRows } from '../../lib/public/data.js';
import { effectiveRows, Presentations } from '../../lib/training/presentations.js';
import { expectRefusal } from '../datasets/refusal.js';
import { presentedRows } from '../reference/epochs.js';

const ROWS = 60;
const inputs = Float64Array.from({ length: 2 * ROWS }, (_, i) => ((i * 37) % 100) / 50 - 1);
const labels = Int32Array.from({ length: ROWS }, (_, i) => ((inputs[2 * i] as number) > 0.7 ? 1 : 0));

async function digestOf(data: Dataset, fit: FitOptions = {}, options: Partial<NetworkOptions> = {}) {
  using network = new Network({ layers: [2, 8, 2], density: 1, ...options });
  const { examples } = await network.fit(data, { epochs: 3, ...fit });
  return { digest: network.digest(), examples };
}

const weighted = (weights: ArrayLike<number>) => Dataset.from({ inputs, columns: 2, labels, weights });
const plain = Dataset.from({ inputs, columns: 2, labels });

describe('presentations', () => {
  const weightsOf = fc.array(fc.double({ min: 0.01, max: 50, noNaN: true }), { minLength: 1, maxLength: 30 });

  it('are as many as the weights say, to within one, after any number of epochs', () => {
    fc.assert(
      fc.property(weightsOf, fc.integer({ min: 1, max: 40 }), (weights, epochs) => {
        const presentations = new Presentations(Float64Array.from(weights));
        const counts = weights.map(() => 0);
        let presented = 0;
        for (let epoch = 0; epoch < epochs; epoch++) {
          expect(presentations.before(epoch)).toBe(presented);
          for (const row of presentations.rowsIn(epoch)) {
            counts[row] = (counts[row] as number) + 1;
            presented++;
          }
        }
        const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
        for (const [row, weight] of weights.entries())
          expect(Math.abs((counts[row] as number) - (epochs * weight) / mean)).toBeLessThan(1.01);
      }),
    );
  });
});

describe('presentations of many rows', () => {
  it('are those of docs/arithmetic.md in each epoch', () => {
    const weights = Array.from({ length: 2000 }, (_, row) => 0.5 + ((row * 7) % 11) / 10);
    const presentations = new Presentations(Float64Array.from(weights));
    for (const epoch of [0, 1, 2, 7])
      expect([...presentations.rowsIn(epoch)]).toEqual(presentedRows(weights, epoch));
  });
});

describe('weights of rows', () => {
  it('change nothing if all are equal', async () => {
    for (const weight of [0.1, 1, 7]) {
      const equal = weighted(new Array(ROWS).fill(weight) as number[]);
      for (const fit of [{}, { shuffle: false }, { batchSize: 4 }, { validation: 0.2 }])
        expect(await digestOf(equal, fit)).toEqual(await digestOf(plain, fit));
    }
  });

  it('leave out rows of weight 0, as if they were not there', async () => {
    const weights = Array.from({ length: ROWS }, (_, i) => (i % 3 === 0 ? 0 : 2));
    const rows = [...weights.keys()].filter((row) => row % 3 !== 0);
    expect(await digestOf(weighted(weights))).toEqual(await digestOf(plain.subset(rows)));
  });

  it('are counted over all calls of fit()', async () => {
    const data = weighted(Float64Array.from({ length: ROWS }, (_, i) => 1 + (i % 5) / 3));
    using once = new Network({ layers: [2, 8, 2], density: 1 });
    await once.fit(data, { epochs: 4, learningRate: 0.01 });
    using twice = new Network({ layers: [2, 8, 2], density: 1 });
    for (const epochs of [1, 3]) await twice.fit(data, { epochs, learningRate: 0.01 });
    expect(twice.digest()).toBe(once.digest());
    expect(once.digest()).not.toBe((await digestOf(plain, { epochs: 4, learningRate: 0.01 })).digest);
  });

  it('belong to their rows in every part of a dataset', () => {
    const data = weighted(Float64Array.from({ length: ROWS }, (_, i) => i));
    expect([...(data.slice(5, 8).weights ?? [])]).toEqual([5, 6, 7]);
    expect([...(data.subset([9, 2, 9]).weights ?? [])]).toEqual([9, 2, 9]);
    for (const part of data.split(0.3))
      for (const [row, weight] of (part.weights ?? []).entries())
        expect(part.inputs.row(row)).toEqual(data.inputs.row(weight));
  });

  it('are refused if they are none', async () => {
    const refuse = (weights: unknown, ...says: string[]) =>
      expectRefusal('INVALID_DATA', says, () => weighted(weights as number[]));
    await refuse([1, 2], '2 weights for 60 rows');
    await refuse(
      plain.targets.kind === 'classes' ? new Array(ROWS).fill(-1) : [],
      'row 0',
      '-1',
      '0 or more',
    );
    await refuse(new Array(ROWS).fill(Number.NaN), 'NaN');
    await refuse(new Array(ROWS).fill(Number.POSITIVE_INFINITY), 'Infinity');
    await refuse(new Float64Array(ROWS), 'all are 0');
    await expectRefusal('INVALID_OPTION', ['weights', 'array'], () => weighted('heavy' as never));
    const extreme = Float64Array.from({ length: 30_000 }, (_, i) => (i === 7 ? 1e9 : 1));
    const many = Dataset.from({
      inputs: new Float64Array(30_000),
      columns: 1,
      labels: new Int32Array(30_000),
      weights: extreme,
    });
    await expectRefusal('INVALID_DATA', ['row 8', '16384 times the mean'], () =>
      digestOf(many, {}, { layers: [1, 2] }),
    );
  });
});

describe('balanced classes', () => {
  const rare = Int32Array.from({ length: ROWS }, (_, i) => (i % 20 === 3 ? 1 : 0));
  const imbalanced = Dataset.from({ inputs, columns: 2, labels: rare });

  it('are presented equally often', async () => {
    const weights = Float64Array.from(rare, (label) => (label === 1 ? 1 / 3 : 1 / 57));
    const same = Dataset.from({ inputs, columns: 2, labels: rare, weights });
    expect(await digestOf(imbalanced, { classWeights: 'balanced' })).toEqual(await digestOf(same));
    expect(effectiveRows(imbalanced, 'balanced')).toBeCloseTo(4 / (1 / 3 + 1 / 57), 9);
    expect(effectiveRows(imbalanced, undefined)).toBe(ROWS);
  });

  it('go with one sigmoid output and the hardware arithmetic, but need classes', async () => {
    const fit = { classWeights: 'balanced' } as const;
    const yes = { layers: [2, 8, 1], output: 'sigmoid' } as const;
    expect(await digestOf(imbalanced, fit, yes)).not.toEqual(await digestOf(imbalanced, {}, yes));
    const hardware = {
      arithmetic: { kind: 'hardware', width: 12, integerBits: 3 },
      output: 'sigmoid',
      layers: [2, 8, 1],
    } as const;
    expect((await digestOf(imbalanced, fit, hardware)).examples).toBeGreaterThan(0);
    const numbers = Dataset.from({ inputs, columns: 2, values: new Float64Array(ROWS) });
    await expectRefusal('INVALID_OPTION', ['classWeights', 'numbers'], () =>
      digestOf(numbers, fit, { layers: [2, 1], output: 'linear' }),
    );
  });
});

describe('a column of weights', () => {
  const text = [
    'a,w,y',
    ...Array.from({ length: 40 }, (_, i) => `${i % 7},${1 + (i % 2)},${i % 7 > 3 ? 'p' : 'q'}`),
  ];
  const bytes = (lines: readonly string[]) => Readable.from([Buffer.from(lines.join('\n'))]);
  const read = (lines: readonly string[], weight = 'w') => readTable(bytes(lines), { weight, label: 'y' });

  it('is no input, and later rows do not need it', async () => {
    const { train, schema } = await read(text);
    expect([...(train.weights ?? [])].slice(0, 3)).toEqual([1, 2, 1]);
    expect(train.featureNames).toEqual(['a']);
    for (const lines of [['a', '3'], ['y,w,a', 'p,9,3'], ['3'], ['3,9,p']]) {
      const { inputs: later } = await readRows(bytes(lines), schema, {
        header: lines[0]?.includes('a') === true,
      });
      expect([...(later.row(0) as Float64Array)]).toEqual([3]);
    }
    const noLabelGiven = await readTable(bytes(['a,y,w', '1,p,1', '2,q,1']), { weight: 'w' });
    expect(noLabelGiven.train.targets).toMatchObject({ classes: ['p', 'q'] });
  });

  it('leaves out rows without a weight, and refuses what is no weight', async () => {
    expect(await read([...text, '3,,p'])).toMatchObject({ skipped: 1, train: { rows: 40 } });
    const refuse = (lines: readonly string[], ...says: string[]) =>
      expectRefusal('INVALID_DATA', says, () => read(lines));
    await refuse([...text, '3,heavy,p'], 'line 42', '"heavy"', 'weights are numbers');
    await refuse([...text, '3,-2,p'], '-2', '0 or more');
    await refuse(['a,w,y', '1,0,p', '2,0,q'], 'no weight is above 0');
    await expectRefusal('INVALID_OPTION', ['weight', 'is the label'], () => read(text, 'y'));
    await expectRefusal('INVALID_OPTION', ['weight', 'once'], () =>
      streamTable(bytes(text), { weight: 'w' }),
    );
  });
});
