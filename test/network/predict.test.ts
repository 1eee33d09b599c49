import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../lib/base/random.js';
import { Dataset, Matrix, Network, type NetworkOptions } from '../../lib/index.js';
import { unscaleTargets } from '../../lib/network/batch.js';
import { expectRefusal } from '../datasets/refusal.js';
import { byteClouds, clouds, plane, signs } from '../training/data.js';

describe('predict', () => {
  it('gives probabilities that sum to 1 (softmax)', () => {
    const scores = new Network({ layers: [4, 8, 3] }).predict([0.5, 1, -1, 0]);
    expect(scores).toHaveLength(3);
    expect(scores.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 2);
  });

  it('gives one probability per output (sigmoid) and any value (linear)', () => {
    for (const p of new Network({ layers: [2, 8, 3], output: 'sigmoid' }).predict([1, -1])) {
      expect(p).toBeGreaterThan(0);
      expect(p).toBeLessThan(1);
    }
    const linear = new Network({
      layers: [2, 2],
      output: 'linear',
      pattern: {
        edges: [
          [0, 0],
          [1, 1],
        ],
      },
    });
    linear.junction(0).setWeights(Int16Array.of(4096, -8192));
    expect([...linear.predict([1.5, 0.25])]).toEqual([1.5, -0.5]);
  });

  it('fills an array that it is given', () => {
    const network = new Network({ layers: [2, 3] });
    const scores = new Float32Array(3);
    expect(network.predict([1, 2], scores)).toBe(scores);
    expect([...scores]).toEqual([...network.predict([1, 2])]);
  });

  it('refuses what is not input', async () => {
    const network = new Network({ layers: [3, 2] });
    const refuse = (input: unknown, ...parts: string[]) =>
      expectRefusal('INVALID_DATA', parts, () => network.predict(input as number[]));
    await refuse([1, 2], '3 numbers', 'has 2');
    await refuse(new Float32Array(6), 'input');
    await refuse(new Uint8Array(2), 'input');
    await refuse([1, Number.NaN, 2], 'input 1', 'NaN');
    await refuse([1, '2', 3], 'input 1', '"2"');
    await refuse('abc', '"abc"');
    await refuse(undefined, 'undefined');
    await refuse(new DataView(new ArrayBuffer(3)), 'DataView');
    await expectRefusal('INVALID_OPTION', ['scores', 'Float32Array of 2'], () =>
      network.predict([1, 2, 3], new Float32Array(3)),
    );
  });
});

describe('numbers mean the same in every kind of array', () => {
  const sameScores = (network: Network, row: readonly number[]) => {
    const expected = [...network.predict(row)];
    expect([...network.predict(Float32Array.from(row))]).toEqual(expected);
    expect([...network.predict(Float64Array.from(row))]).toEqual(expected);
    expect([...network.predict(Uint8Array.from(row))]).toEqual(expected);
    expect([...network.predict(Uint8ClampedArray.from(row))]).toEqual(expected);
    expect([...network.predict(Int16Array.from(row))]).toEqual(expected);
    return expected;
  };

  it('after training on bytes', async () => {
    const network = new Network({ layers: [4, 16, 3] });
    const data = byteClouds(300);
    await network.fit(data);
    expect(network.scaling).toEqual({ kind: 'none' });
    sameScores(network, [...data.inputs.row(7)]);
  });

  it('after training on floating point numbers, scaled', async () => {
    const network = new Network({ layers: [4, 16, 3] });
    await network.fit(clouds(300));
    expect(network.scaling?.kind).toBe('robust');
    sameScores(network, [70, 50, 51, 49]);
  });

  it('after training on unscaled floating-point numbers', async () => {
    const network = new Network({ layers: [2, 16, 2], output: 'sigmoid', scaling: 'none' });
    await network.fit(signs(300));
    sameScores(network, [3, 1]);
  });
});

describe('classify', () => {
  it('names the largest score', () => {
    const network = new Network({ layers: [4, 16, 5] });
    for (let i = 0; i < 20; i++) {
      const input = [Math.sin(i), Math.cos(i), Math.sin(3 * i), Math.cos(7 * i)];
      const scores = network.predict(input);
      expect(scores[network.classify(input)]).toBe(Math.max(...scores));
    }
  });

  it('says yes from probability 0.5 on where there is one output', () => {
    const network = new Network({ layers: [1, 1], output: 'sigmoid' });
    network.junction(0).setWeights(Int16Array.of(4096));
    expect([-1, -0.25, 0.25, 1].map((x) => network.classify([x]))).toEqual([0, 0, 1, 1]);
  });
});

describe('predictBatch', () => {
  let network: Network;
  const data = clouds(500);
  beforeAll(async () => {
    network = new Network({ layers: [4, 16, 3] });
    await network.fit(data);
  });

  it('equals predict row by row, for any thread count', async () => {
    const one = await network.predictBatch(data.inputs);
    const three = await network.predictBatch(data.inputs, { threads: 3 });
    expect(one.count).toBe(500);
    expect(one.outputs).toBe(3);
    expect(three.scores).toEqual(one.scores);
    expect(three.decisions).toEqual(one.decisions);
    for (const i of [0, 1, 77, 499]) {
      expect([...one.row(i)]).toEqual([...network.predict(data.inputs.row(i))]);
      expect(one.decisions[i]).toBe(network.classify(data.inputs.row(i)));
    }
  });

  // Many examples use the kernels of mini-batches, single ones do not.
  describe.each([
    ['tiles', { layers: [40, 24, 3], pattern: 'tiled', density: 0.5 }],
    ['blocks that are not full', { layers: [40, 33, 17, 10], pattern: 'tiled' }],
    ['lists', { layers: [40, 24, 3], pattern: 'random', density: 0.3 }],
    ['tanh and independent outputs', { layers: [40, 24, 3], activation: 'tanh', output: 'sigmoid' }],
    ['sums beyond 32 bits', { layers: [40, 24, 3], density: 1 }],
    ['momentum', { layers: [40, 24, 3], optimizer: { momentum: 0.9 } }],
  ] as [string, NetworkOptions][])(
    'gives %s the same scores, many at once or one by one',
    (name, options) => {
      const random = new Random(5);
      const rows = 700;
      /** Mostly zero, and always zero in some columns. */
      const bytes = Uint8Array.from({ length: rows * 40 }, (_, i) =>
        i % 40 < 12 || random.below(4) > 0 ? 0 : random.below(256),
      );
      const outputs = options.layers.at(-1) as number;
      const labels = Int32Array.from({ length: rows }, () => random.below(outputs));
      const flags = options.output === 'sigmoid';
      const dataset = flags
        ? Dataset.from({
            inputs: bytes,
            columns: 40,
            multilabel: Uint8Array.from({ length: rows * 3 }, () => random.below(2)),
          })
        : Dataset.from({
            inputs: bytes,
            columns: 40,
            labels,
            classes: Array.from({ length: outputs }, (_, i) => `class ${i}`),
          });

      it.each([
        ['trained online', 1],
        ['trained in batches', 20],
      ])('%s', async (_, batchSize) => {
        const subject = new Network(options);
        await subject.fit(dataset, { epochs: 2, batchSize, learningRate: 0.01 });
        if (name === 'sums beyond 32 bits') subject.junction(1).setWeights(new Int16Array(72).fill(32767));
        const many = await subject.predictBatch(bytes, { threads: 2 });
        const few = await subject.predictBatch(bytes.subarray(0, 40 * 40));
        const floats = await subject.predictBatch(Float32Array.from(bytes, (x) => x / 256));
        for (let i = 0; i < rows; i++) {
          const scores = [...subject.predict(bytes.subarray(i * 40, i * 40 + 40))];
          expect([...many.row(i)]).toEqual(scores);
          if (i < 40) expect([...few.row(i)]).toEqual(scores);
        }
        expect(floats.scores).toHaveLength(many.scores.length);
        expect(new Set(many.scores).size).toBeGreaterThan(1);
      });
    },
  );

  it('takes matrices, flat arrays and arrays of rows', async () => {
    const rows = [0, 1, 2].map((i) => data.inputs.row(i));
    const expected = (await network.predictBatch(new Matrix(data.inputs.data.slice(0, 12), 4))).scores;
    expect((await network.predictBatch(data.inputs.data.slice(0, 12))).scores).toEqual(expected);
    expect((await network.predictBatch(rows)).scores).toEqual(expected);
    expect((await network.predictBatch(rows.map((row) => [...row]))).scores).toEqual(expected);
  });

  it('reads arrays of rows of bytes as bytes, and of numbers as numbers', async () => {
    const bytes = byteClouds(60);
    const trained = new Network({ layers: [4, 8, 3] });
    await trained.fit(bytes, { epochs: 1 });
    const rows = [0, 1, 2].map((i) => bytes.inputs.row(i) as Uint8Array);
    const { scores } = await trained.predictBatch(rows);
    expect([...scores]).toEqual(rows.flatMap((row) => [...trained.predict(row)]));
    const clamped = rows.map((row) => Uint8ClampedArray.from(row));
    expect((await trained.predictBatch(clamped as never)).scores).toEqual(scores);
    const mixed = [rows[0] as Uint8Array, Float64Array.from(rows[1] as Uint8Array)];
    const asNumbers = [
      ...trained.predict(Float64Array.from(rows[0] as Uint8Array)),
      ...trained.predict(mixed[1] as Float64Array),
    ];
    expect([...(await trained.predictBatch(mixed)).scores]).toEqual(asNumbers);
  });

  it('says which row is missing', async () => {
    const row = [1, 2, 3, 4];
    const holes = [row, undefined, row] as number[][];
    await expectRefusal('INVALID_DATA', ['inputs[1] is missing', '3 rows', '4 numbers'], () =>
      network.predictBatch(holes),
    );
  });

  it('says yes to each row from probability 0.5 on where there is one output', async () => {
    const yesOrNo = new Network({ layers: [1, 1], output: 'sigmoid' });
    yesOrNo.junction(0).setWeights(Int16Array.of(4096));
    const { decisions, scores } = await yesOrNo.predictBatch(Float32Array.of(-1, -0.01, 0, 0.01, 1));
    expect([...decisions]).toEqual([0, 0, 1, 1, 1]);
    expect([...scores].map((score) => Number(score >= 0.5))).toEqual([...decisions]);
  });

  it('brings each target of a regression back to its unit, exactly', () => {
    const scores = Float32Array.of(0, 1, -2, 0.5);
    unscaleTargets(scores, { mean: [10, -4], sd: [3, 8] });
    expect(scores).toEqual(Float32Array.of(10, 4, 4, 0));
  });

  it('brings regressions back to their unit', async () => {
    const values = plane(400);
    const regression = new Network({ layers: [3, 16, 2], output: 'linear' });
    await regression.fit(values);
    const { scores } = await regression.predictBatch(values.inputs);
    expect([...scores.subarray(8, 10)]).toEqual([...regression.predict(values.inputs.row(4))]);
    expect(scores[0]).toBeGreaterThan(900);
  });

  it('runs several at once, one after the other', async () => {
    const expected = (await network.predictBatch(data.inputs)).scores;
    const all = await Promise.all(Array.from({ length: 8 }, () => network.predictBatch(data.inputs)));
    for (const { scores } of all) expect(scores).toEqual(expected);
  });

  it('refuses what does not fit', async () => {
    const refuse = (code: string, inputs: unknown, ...parts: string[]) =>
      expectRefusal(code, parts, () => network.predictBatch(inputs as number[][]));
    await refuse('INVALID_DATA', new Matrix(new Float32Array(10), 5), '5 columns', '4 neurons');
    await refuse('INVALID_DATA', new Float32Array(10), '10 elements');
    await refuse('INVALID_DATA', [], 'no rows');
    await refuse(
      'INVALID_DATA',
      [
        [1, 2, 3, 4],
        [1, 2],
      ],
      'inputs[1]',
      'has 2',
    );
    await refuse('INVALID_DATA', [[1, 2, Number.NaN, 4]], 'inputs[0]');
    await refuse('INVALID_OPTION', ['abcd'], 'inputs[0]');
    await refuse('INVALID_OPTION', [BigInt64Array.of(1n, 2n, 3n, 4n)], 'inputs[0]');
    await refuse('INVALID_OPTION', 'abcd', '"abcd"');
    const threads = (value: unknown) => () => network.predictBatch(data.inputs, { threads: value as number });
    await expectRefusal('INVALID_OPTION', ['threads', 'from 1 to 256', 'is 0'], threads(0));
    await expectRefusal('UNKNOWN_OPTION', ['"thread"', '"threads"'], () =>
      network.predictBatch(data.inputs, { thread: 2 } as object),
    );
    const { row } = { row: async (i: number) => (await network.predictBatch(data.inputs)).row(i) };
    await expectRefusal('INVALID_OPTION', ['from 0 to 499', '500'], () => row(500));
  });

  it('refuses memory that was transferred to another thread', async () => {
    const inputs = new Float32Array(8);
    structuredClone(inputs, { transfer: [inputs.buffer] });
    await expectRefusal('INVALID_DATA', [], () => network.predictBatch(inputs));
  });
});
