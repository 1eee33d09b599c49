import { describe, expect, it } from 'vitest';
import { padFor, padMatrix } from '../../lib/data/padding.js';
import { CsrMatrix, Dataset, Matrix } from '../../lib/index.js';
import { padDataset } from '../../lib/public/data.js';
import { expectRefusal } from './refusal.js';

const two = () => new Matrix(Int16Array.of(1, 2, 3, 4, 5, 6), 3);

describe('padding a matrix', () => {
  it('appends zeros to each row and keeps the kind of array', () => {
    const padded = padMatrix(two(), 5);
    expect(padded).toMatchObject({ rows: 2, columns: 5 });
    expect(padded.data).toEqual(Int16Array.of(1, 2, 3, 0, 0, 4, 5, 6, 0, 0));
  });

  it('gives back a matrix that has the width already', () => {
    const matrix = two();
    expect(padMatrix(matrix, 3)).toBe(matrix);
  });

  it('refuses to cut rows', async () => {
    await expectRefusal('INVALID_DATA', ['3 features', 'only 2 neurons'], () => padMatrix(two(), 2));
  });
});

describe('padding a data set', () => {
  it('keeps targets of every kind, with their names', () => {
    const targets = [
      { labels: [1, 0], classes: ['p', 'q', 'r'] },
      { values: [0.5, 1, 2, 3], targetNames: ['height', 'width'] },
      { multilabel: [1, 0, 0, 1], targetNames: ['red', 'blue'] },
    ];
    for (const own of targets) {
      const data = Dataset.from({ inputs: two(), ...own, featureNames: ['a', 'b', 'c'] });
      const padded = padDataset(data, 4);
      expect(padded.inputs.data).toEqual(Int16Array.of(1, 2, 3, 0, 4, 5, 6, 0));
      expect(padded.targets).toEqual(data.targets);
      expect(padded.featureNames).toBe(undefined);
    }
  });

  it('gives back one that has the width already', () => {
    const data = Dataset.from({ inputs: two(), labels: [0, 1], featureNames: ['a', 'b', 'c'] });
    expect(padDataset(data, 3)).toBe(data);
  });

  it('takes as many columns as a layer may have neurons', async () => {
    const data = Dataset.from({ inputs: Uint8Array.of(7), labels: [0] });
    expect(padDataset(data, 2 ** 20).features).toBe(2 ** 20);
    for (const columns of [2 ** 20 + 1, 0, 1.5, '4'])
      await expectRefusal('INVALID_OPTION', ['columns', '1 to 2^20'], () =>
        padDataset(data, columns as number),
      );
  });

  it('widens sparse rows, and refuses values that are not data sets', async () => {
    const sparse = new CsrMatrix({
      indptr: [0, 1],
      indices: Uint32Array.of(0),
      values: Float32Array.of(1),
      columns: 2,
    });
    const data = Dataset.from({ inputs: sparse, labels: [0] });
    expect(padDataset(data, 4).inputs).toEqual(new CsrMatrix({ ...sparse, columns: 4 }));
    await expectRefusal('INVALID_OPTION', ['dataset', 'Dataset'], () => padDataset(two() as never, 4));
  });
});

describe('fitting inputs to a network', () => {
  it('appends zeros only for the hardware arithmetic', () => {
    const data = Dataset.from({ inputs: two(), labels: [0, 1] });
    const hardware = { arithmetic: { kind: 'hardware' }, layers: [4, 2] };
    expect(padFor(hardware, data).features).toBe(4);
    expect(padFor(hardware, two()).columns).toBe(4);
    for (const kind of ['wide', 'float']) {
      const other = { arithmetic: { kind }, layers: [4, 2] };
      expect(padFor(other, data)).toBe(data);
    }
  });
});
