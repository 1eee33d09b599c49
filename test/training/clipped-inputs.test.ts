import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { ClipCounter, type ColumnScaling, samplingStep } from '../../lib/data/clipping.js';
import { CsrMatrix, Dataset, type InputMatrix, Matrix, Network } from '../../lib/index.js';
import { readRunLog } from '../../lib/report/runs/run-log-file.js';
import { workFolder } from '../cli/run.js';

const folder = workFolder();

describe('ClipCounter', () => {
  const countClipped = (inputs: InputMatrix, scaling: ColumnScaling | undefined, limit: number) => {
    const counter = new ClipCounter(inputs.columns, scaling, limit);
    counter.add(inputs);
    return counter.counts();
  };
  const data = Float64Array.of(1, 100, -9, 3, 8, 0, 2, -101);

  it('counts what lies beyond the limit, by column', () => {
    const expected = {
      values: 8,
      clipped: 3,
      features: [
        { feature: 1, share: 0.5 },
        { feature: 0, share: 0.25 },
      ],
    };
    expect(countClipped(new Matrix(data, 2), undefined, 8)).toEqual(expected);
    expect(countClipped(CsrMatrix.fromMatrix(new Matrix(data, 2)), undefined, 8)).toEqual(expected);
  });

  it('adds up several matrices, and examines rows at even distances of large ones', () => {
    const counter = new ClipCounter(2, undefined, 8);
    counter.add(new Matrix(data, 2));
    counter.add(new Matrix(data, 2), 2);
    expect(counter.counts()).toEqual({
      values: 12,
      clipped: 4,
      features: [
        { feature: 1, share: 3 / 6 },
        { feature: 0, share: 1 / 6 },
      ],
    });
    expect(samplingStep(new Matrix(data, 2))).toBe(1);
    expect(samplingStep(new Matrix(new Uint8Array(9_000_000), 3))).toBe(3);
  });

  it('scales before it compares', () => {
    const scaling = { offset: [0, 100], scale: [0.5, 0.1] };
    expect(countClipped(new Matrix(data, 2), scaling, 8)).toEqual({
      values: 8,
      clipped: 3,
      features: [{ feature: 1, share: 0.75 }],
    });
  });
});

// Files of tests may share a process, which gives the same warning once: these texts are of this file alone.
const warnings: Error[] = [];
const listener = (warning: Error) => warnings.push(warning);
process.on('warning', listener);
afterAll(() => {
  process.off('warning', listener);
});
afterEach(() => {
  warnings.length = 0;
});
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('fit()', () => {
  const rows = (values: readonly number[], featureNames?: string[]) =>
    Dataset.from({
      inputs: Float32Array.from(
        { length: 2 * values.length },
        (_, i) => (i % 2 === 0 ? 0.5 : values[i >> 1]) ?? 0,
      ),
      columns: 2,
      labels: Int32Array.from(values, (_, i) => i % 2),
      featureNames,
    });

  it('warns of inputs that the number format clips, and tells log and inspect() how many', async () => {
    const network = new Network({ layers: [2, 4, 2], scaling: 'none' });
    const log = join(folder(), 'run.jsonl');
    await network.fit(rows([1, 2, 50, 60], ['age', 'monthly income']), { log });
    await settled();
    expect(warnings).toMatchObject([{ name: 'SparseTrainWarning', code: 'INPUTS_CLIPPED' }]);
    expect(warnings.map(({ message }) => message)).toEqual([
      '50.0 % of the values of "monthly income" and 25.0 % of all inputs lie beyond 8.0, where the number format clips them; ' +
        'scale the inputs, or use the float arithmetic',
    ]);
    const clippedInputs = {
      values: 8,
      clipped: 2,
      features: [{ feature: 1, name: 'monthly income', share: 0.5 }],
    };
    expect(network.inspect().clippedInputs).toEqual(clippedInputs);
    const [start = ''] = readFileSync(log, 'utf8').split('\n');
    expect(JSON.parse(start)).toMatchObject({ data: { clippedInputs } });
  });

  it('says nothing where few or none are clipped: scaled, float, few, bytes', async () => {
    await new Network({ layers: [2, 4, 2] }).fit(rows([1, 2, 50, 60]));
    await new Network({ layers: [2, 4, 2], scaling: 'none', arithmetic: { kind: 'float' } }).fit(
      rows([1, 2, 50, 60]),
      { learningRate: 0.001 },
    );
    const few = Array.from({ length: 400 }, (_, i) => (i === 7 ? 99 : 1));
    const network = new Network({ layers: [2, 4, 2], scaling: 'none' });
    await network.fit(rows(few));
    expect(network.inspect().clippedInputs).toMatchObject({ clipped: 1 });
    const bytes = new Network({ layers: [2, 4, 2] });
    await bytes.fit(Dataset.from({ inputs: Uint8Array.of(255, 255, 0, 9), columns: 2, labels: [0, 1] }));
    expect(bytes.inspect().clippedInputs).toBeUndefined();
    await settled();
    expect(warnings).toEqual([]);
  });
});

describe('a stream', () => {
  /** 4,000 examples; the second input leaves the range after the first chunk. */
  function* drifting() {
    for (let i = 0; i < 4000; i++) yield { input: [0.5, i < 2000 ? 1 : 100], label: i % 2 };
  }

  it('counts the inputs of every chunk, warns once, and writes the counts to the end of the log', async () => {
    const network = new Network({ layers: [2, 4, 2], scaling: 'none' });
    const log = join(folder(), 'stream.jsonl');
    await network.fit(drifting(), { log });
    await settled();
    const clippedInputs = { values: 8000, clipped: 2000, features: [{ feature: 1, share: 0.5 }] };
    expect(network.inspect().clippedInputs).toEqual(clippedInputs);
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('input 1 (counted from 0)'),
    ]);
    const [logged] = await readRunLog(log);
    expect(logged?.end).toMatchObject({ clippedInputs });
    expect(logged?.start.data.clippedInputs).toBeUndefined();
  });

  it('warns at its end if it is shorter than what is enough for a warning', async () => {
    const network = new Network({ layers: [2, 4, 2], scaling: 'none' });
    await network.fit([{ input: [0, 77], label: 1 }]);
    await settled();
    expect(warnings).toMatchObject([{ code: 'INPUTS_CLIPPED' }]);
  });
});

describe('learn()', () => {
  it('counts the inputs of the first 64 examples, then of one in 64, and warns once', async () => {
    const network = new Network({ layers: [2, 4, 2], scaling: 'none' });
    for (let i = 0; i < 640; i++) network.learn(i % 2 === 0 ? [1, 20] : [1, 2], i % 2);
    await settled();
    // 64 examples of which half are clipped, and the 9 of numbers 64, 128, ..., all clipped.
    expect(network.inspect().clippedInputs).toEqual({
      values: 2 * 73,
      clipped: 41,
      features: [{ feature: 1, share: 41 / 73 }],
    });
    expect(warnings).toMatchObject([{ code: 'INPUTS_CLIPPED' }]);
  });

  it('counts values of sparse rows, and nothing of bytes that are not scaled', () => {
    const sparse = new Network({ layers: [3, 4, 2], scaling: 'none' });
    sparse.learn({ indices: Uint32Array.of(1), values: Float64Array.of(-9) }, 0);
    expect(sparse.inspect().clippedInputs).toMatchObject({
      values: 3,
      clipped: 1,
      features: [{ feature: 1 }],
    });
    const bytes = new Network({ layers: [3, 4, 2], scaling: 'none' });
    bytes.learn(Uint8Array.of(255, 0, 7), 0);
    expect(bytes.inspect().clippedInputs).toBeUndefined();
  });
});
