import { describe, expect, it } from 'vitest';
import { Random } from '../../lib/base/random.js';
import { native } from '../../lib/engine/native.js';
import {
  CsrMatrix,
  Dataset,
  type FitOptions,
  type InputArray,
  Matrix,
  Network,
  type NetworkOptions,
} from '../../lib/index.js';
import { expectRefusal } from '../datasets/refusal.js';

const COLUMNS = 75;

/** Rows most of whose numbers are zero, some of them empty. */
function sparseNumbers<T extends InputArray>(
  rows: number,
  into: T,
  draw: (random: Random) => number,
  seed = 1,
): T {
  const random = new Random(seed);
  for (let i = 0; i < rows * COLUMNS; i++) {
    if (Math.floor(i / COLUMNS) % 7 !== 3 && random.below(12) === 0) into[i] = draw(random);
  }
  return into;
}

const bytes = (rows: number, seed?: number) =>
  sparseNumbers(rows, new Uint8Array(rows * COLUMNS), (random) => 1 + random.below(255), seed);
const floats = (rows: number) =>
  sparseNumbers(rows, new Float32Array(rows * COLUMNS), (random) => random.below(4000) / 1000 - 1);
const large = (rows: number) =>
  sparseNumbers(rows, new Int16Array(rows * COLUMNS), (random) => random.below(4095) - 2047);

/** The same examples with whole and with sparse inputs. */
function both(data: InputArray): [Dataset, Dataset<CsrMatrix>] {
  const inputs = new Matrix(data, COLUMNS);
  const labels = Int32Array.from({ length: inputs.rows }, (_, i) => (i * 7) % 3);
  return [Dataset.from({ inputs, labels }), Dataset.from({ inputs: CsrMatrix.fromMatrix(inputs), labels })];
}

const tiles: NetworkOptions = { layers: [COLUMNS, 48, 3], pattern: 'tiled', density: [0.4, 1], seed: 3 };
const list: NetworkOptions = { layers: [COLUMNS, 40, 3], pattern: 'random', density: [0.1, 1], seed: 3 };

async function learned(options: NetworkOptions, data: Dataset | Dataset<CsrMatrix>, fit: FitOptions) {
  const network = new Network(options);
  const run = await network.fit(data, { epochs: 2, ...fit });
  const { scores } = await network.predictBatch(data.inputs);
  return {
    digest: network.digest(),
    loss: run.epochs.map(({ loss }) => loss),
    scores,
    scaling: network.scaling,
  };
}

describe('training on sparse rows', () => {
  const networks: [string, NetworkOptions, InputArray][] = [
    ['tiles', tiles, bytes(300)],
    ['a list', list, bytes(300)],
    [
      'large numbers, tiles',
      { ...tiles, scaling: 'none', arithmetic: { kind: 'wide', weightFraction: 4 } },
      large(300),
    ],
    [
      'large numbers, a list',
      { ...list, scaling: 'none', arithmetic: { kind: 'wide', weightFraction: 4 } },
      large(300),
    ],
    ['momentum', { ...tiles, optimizer: { momentum: 0.9 } }, bytes(300)],
    ['weight decay', { ...list, optimizer: { weightDecay: 0.01 } }, bytes(300)],
    ['numbers as they are', { ...tiles, scaling: 'none' }, floats(300)],
    ['zeros that scaling moves', { ...tiles, scaling: 'standard' }, floats(300)],
    ['integers that are scaled', { ...tiles, scaling: 'minmax' }, large(300)],
    ['float', { ...list, arithmetic: { kind: 'float' } }, bytes(300)],
    ['float, scaled', { ...tiles, arithmetic: { kind: 'float' }, scaling: 'minmax' }, floats(300)],
    [
      'Adam',
      { ...list, arithmetic: { kind: 'float' }, optimizer: { kind: 'adam' }, scaling: 'none' },
      floats(300),
    ],
  ];
  for (const batchSize of [1, 50]) {
    it.each(networks)(
      `in batches of ${batchSize} teaches what full rows teach: %s`,
      async (_, options, data) => {
        const [full, sparse] = both(data);
        const rate = options.arithmetic?.kind === 'wide' ? 0.5 : 0.002;
        const expected = await learned(options, full, { batchSize, learningRate: rate });
        for (const threads of [1, 2]) {
          expect(await learned(options, sparse, { batchSize, learningRate: rate, threads })).toEqual(
            expected,
          );
        }
      },
    );
  }

  it('teaches the hardware arithmetic what full rows teach', async () => {
    for (const data of [bytes(200), floats(200)]) {
      const [full, sparse] = both(data);
      const options: NetworkOptions = {
        layers: [COLUMNS, 20, 4],
        arithmetic: { kind: 'hardware', width: 12, integerBits: 3 },
        pattern: 'structured',
        density: 0.2,
        scaling: 'none',
      };
      expect(await learned(options, sparse, {})).toEqual(await learned(options, full, {}));
    }
  });

  it('goes from full rows to sparse ones and back, with batches of several sizes', async () => {
    const [full, sparse] = both(bytes(200));
    const networks = [new Network(tiles), new Network(tiles)];
    for (const [step, batchSize] of [64, 1, 200, 7].entries()) {
      const data = step % 2 === 0 ? sparse : full;
      await networks[0]?.fit(full, { epochs: 1, batchSize });
      await networks[1]?.fit(data, { epochs: 1, batchSize });
    }
    expect(networks[1]?.digest()).toBe(networks[0]?.digest());
  });

  it('leaves counts of steps and clipped values as they are with full rows', async () => {
    const [full, sparse] = both(large(300));
    const seen = [];
    for (const data of [full, sparse]) {
      const network = new Network({
        ...tiles,
        scaling: 'none',
        arithmetic: { kind: 'wide', weightFraction: 4 },
      });
      const run = await network.fit(data, { epochs: 1, batchSize: 32, learningRate: 0.5 });
      seen.push(run.epochs.map(({ saturation }) => saturation));
    }
    expect(seen[0]?.[0]?.batchSteps?.[0]).toBeGreaterThan(0);
    expect(seen[1]).toEqual(seen[0]);
  });

  it('validates, evaluates and predicts on sparse rows', async () => {
    const [full, sparse] = both(bytes(300));
    const networks = [new Network(tiles), new Network(tiles)] as const;
    const a = await networks[0].fit(full, { epochs: 2, validation: 0.3, earlyStopping: {} });
    const b = await networks[1].fit(sparse, { epochs: 2, validation: 0.3, earlyStopping: {} });
    expect(b.validation).toEqual(a.validation);
    expect(await networks[1].evaluate(sparse)).toEqual(await networks[0].evaluate(full));
  });

  it('learns from a stream of sparse rows', async () => {
    for (const data of [bytes(1500), floats(1500)]) {
      const [full, sparse] = both(data);
      const networks = [new Network(tiles), new Network(tiles)] as const;
      const labels = full.targets.kind === 'classes' ? full.targets.labels : [];
      const rowsOf = function* (inputs: Matrix | CsrMatrix) {
        for (let i = 0; i < inputs.rows; i++) yield { input: inputs.row(i), label: labels[i] };
      };
      await networks[0].fit(rowsOf(full.inputs), { learningRate: 0.01 });
      await networks[1].fit(rowsOf(sparse.inputs), { learningRate: 0.01 });
      expect(networks[1].digest()).toBe(networks[0].digest());
      expect(networks[1].scaling?.kind).toBe(data instanceof Float32Array ? 'robust' : 'none');
    }
  });

  it('learns and predicts one sparse row', () => {
    const [full, sparse] = both(bytes(60));
    const networks = [new Network(tiles), new Network(tiles)] as const;
    for (let i = 0; i < full.rows; i++) {
      networks[0].learn(full.inputs.row(i), i % 3);
      networks[1].learn(sparse.inputs.row(i), i % 3);
    }
    expect(networks[1].digest()).toBe(networks[0].digest());
    expect(networks[1].predict(sparse.inputs.row(5))).toEqual(networks[0].predict(full.inputs.row(5)));
    expect(networks[1].classify(sparse.inputs.row(9))).toBe(networks[0].classify(full.inputs.row(9)));
  });
});

describe('sparse rows that cannot be learned from', () => {
  const [, sparse] = both(bytes(20));

  it('are those of other widths', async () => {
    const network = new Network({ layers: [COLUMNS + 1, 3] });
    await expectRefusal('INVALID_DATA', ['75', '76'], () => network.fit(sparse));
    await expectRefusal('INVALID_DATA', ['75', '76'], () => network.predictBatch(sparse.inputs));
  });

  it('are single rows with columns out of range or order', async () => {
    const network = new Network(tiles);
    const values = Uint8Array.of(1, 2);
    const row = (...indices: number[]) => ({ indices: Uint32Array.from(indices), values });
    await expectRefusal('INVALID_DATA', ['column 75', '0 to 74'], () => network.predict(row(3, 75)));
    await expectRefusal('INVALID_DATA', ['ascend'], () => network.learn(row(3, 2), 1));
    await expectRefusal('INVALID_DATA', ['1 indices for 2 values'], () => network.learn(row(3), 1));
    await expectRefusal('INVALID_DATA', ['typed array'], () =>
      network.learn({ indices: row().indices } as never, 1),
    );
  });

  it('are arrays of them, which a CsrMatrix is for', async () => {
    const network = new Network(tiles);
    await expectRefusal('INVALID_OPTION', ['inputs[0]', 'CsrMatrix'], () =>
      network.predictBatch([sparse.inputs.row(0)]),
    );
  });

  it('are images to be varied', async () => {
    const network = new Network(tiles);
    await expectRefusal('INVALID_OPTION', ['augment', 'toMatrix'], () =>
      network.fit(sparse, { augment: { width: 15, shift: 1 } }),
    );
  });

  it('are rows of another kind in the middle of a stream', async () => {
    const mixed = (second: unknown) => [
      { input: sparse.inputs.row(0), label: 0 },
      { input: second as never, label: 0 },
    ];
    const network = new Network(tiles);
    await expectRefusal('INVALID_DATA', ['example 1', 'sparse row'], () =>
      network.fit(mixed(new Uint8Array(COLUMNS))),
    );
    const floatRow = { indices: Uint32Array.of(1), values: Float32Array.of(1) };
    await expectRefusal('INVALID_DATA', ['example 1', 'alike'], () => network.fit(mixed(floatRow)));
  });
});

describe('the engine', () => {
  it('checks sparse rows again', () => {
    const { Network: Engine } = native();
    const engine = new Engine({
      layers: Uint32Array.of(4, 3),
      arithmetic: { kind: 'float' },
      patterns: [{ kind: 'dense' }],
      activations: [],
      output: 'softmax',
      schedule: 'sequential',
      momentum: 0,
      weightDecay: 0,
      seed: 1,
    });
    const row = (indices: number[], starts: number[]) => ({
      values: new Uint8Array(2).fill(9),
      indices: Uint32Array.from(indices),
      starts: Float64Array.from(starts),
    });
    expect(engine.predictOne(row([0, 3], [0, 2]))).toBeGreaterThanOrEqual(0);
    for (const [indices, starts] of [
      [
        [0, 4],
        [0, 2],
      ],
      [
        [3, 3],
        [0, 2],
      ],
      [
        [3, 0],
        [0, 2],
      ],
      [[0], [0, 2]],
      [
        [0, 3],
        [0, 3],
      ],
      [
        [0, 3],
        [0, 1],
      ],
      [
        [0, 3],
        [1, 2],
      ],
      [
        [0, 3],
        [0, 2, 1],
      ],
      [[0, 3], []],
      [
        [0, 3],
        [0, Number.NaN],
      ],
    ] as const) {
      expect(() => engine.predictOne(row([...indices], [...starts]))).toThrow(RangeError);
    }
    expect(() => engine.predictOne({ ...row([0, 3], [0, 2]), indices: [0, 3] as never })).toThrow(TypeError);
  });

  it('reads nowhere else when columns are overwritten while it trains', async () => {
    const [, sparse] = both(bytes(4000));
    const { indptr, values } = sparse.inputs;
    const shared = new Uint32Array(new SharedArrayBuffer(4 * values.length));
    shared.set(sparse.inputs.indices);
    const inputs = new CsrMatrix({ indptr, indices: shared, values, columns: COLUMNS });
    const labels = Int32Array.from({ length: 4000 }, (_, i) => i % 3);
    for (const batchSize of [1, 64]) {
      const network = new Network(tiles);
      const training = network.fit(Dataset.from({ inputs, labels }), { epochs: 3, batchSize });
      shared.fill(0xffffffff);
      await training.catch(() => undefined);
      shared.set(sparse.inputs.indices);
      expect(network.predict(sparse.inputs.row(0)).every(Number.isFinite)).toBe(true);
    }
  });
});
