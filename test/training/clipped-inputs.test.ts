import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { countClipped } from '../../lib/data/clipping.js';
import { CsrMatrix } from '../../lib/data/csr.js';
import { Dataset } from '../../lib/data/dataset.js';
import { Matrix } from '../../lib/data/matrix.js';
import { Network } from '../../lib/training/network.js';
import { workFolder } from '../cli/run.js';

const folder = workFolder();

describe('countClipped', () => {
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

  it('scales before it compares', () => {
    const scaling = { offset: [0, 100], scale: [0.5, 0.1] };
    expect(countClipped(new Matrix(data, 2), scaling, 8)).toEqual({
      values: 8,
      clipped: 3,
      features: [{ feature: 1, share: 0.75 }],
    });
  });
});

describe('fit()', () => {
  const warnings: Error[] = [];
  const listener = (warning: Error) => warnings.push(warning);
  process.on('warning', listener);
  afterEach(() => {
    warnings.length = 0;
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
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
    await network.fit(rows([1, 2, 50, 60], ['age', 'income']), { log });
    await settled();
    expect(warnings).toMatchObject([{ name: 'SparseTrainWarning', code: 'INPUTS_CLIPPED' }]);
    expect(warnings.map(({ message }) => message)).toEqual([
      '50.0 % of the values of "income" and 25.0 % of all inputs lie beyond 8.0, where the number format clips them; ' +
        'scale the inputs, or use the float arithmetic',
    ]);
    const clippedInputs = { values: 8, clipped: 2, features: [{ feature: 1, name: 'income', share: 0.5 }] };
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
