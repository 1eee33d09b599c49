import { describe, expect, it } from 'vitest';
import { defaultScalingKind, fitInputScaling, INPUT_SCALING_KINDS } from '../../lib/data/scaling.js';
import { CsrMatrix, Dataset, type InputArray, Matrix } from '../../lib/index.js';
import { type CsrSource, type InputScaling, padDataset } from '../../lib/public/data.js';
import { expectRefusal } from './refusal.js';

/** [[0, 5, 0, 0], [0, 0, 0, 0], [1, 0, 0, 2]] */
const three = (): CsrSource<InputArray> => ({
  indptr: [0, 1, 1, 3],
  indices: Uint32Array.of(1, 0, 3),
  values: Uint8Array.of(5, 1, 2),
  columns: 4,
});

describe('CsrMatrix', () => {
  it('holds what is given, without copying values and columns', () => {
    const source = three();
    const matrix = new CsrMatrix(source);
    expect([matrix.rows, matrix.columns, [...matrix.indptr]]).toEqual([3, 4, [0, 1, 1, 3]]);
    expect(matrix.values).toBe(source.values);
    expect(matrix.indices).toBe(source.indices);
    expect(matrix.row(2)).toEqual({ indices: Uint32Array.of(0, 3), values: Uint8Array.of(1, 2) });
    expect(matrix.row(1).values).toHaveLength(0);
  });

  it('has no rows before the first and after the last', async () => {
    const matrix = new CsrMatrix(three());
    for (const index of [-1, 3, 0.5])
      await expectRefusal('INVALID_OPTION', ['row must be', '0 to 2'], () => matrix.row(index));
  });

  it("takes SciPy's signed indices and starts of every integer kind", () => {
    const indices = Int32Array.of(1, 0, 3);
    for (const indptr of [
      Int32Array.of(0, 1, 1, 3),
      BigInt64Array.of(0n, 1n, 1n, 3n),
      Float64Array.of(0, 1, 1, 3),
    ]) {
      expect([...new CsrMatrix({ ...three(), indptr, indices }).indices]).toEqual([1, 0, 3]);
    }
    expect(new CsrMatrix({ ...three(), indices }).indices.buffer).toBe(indices.buffer);
  });

  it.each([Uint8Array, Int16Array, Float32Array, Float64Array])(
    'becomes a %o matrix and comes back',
    (Kind) => {
      const whole = new Matrix(new Kind([0, 5, 0, 0, 0, 0, 0, 0, 1, 0, 0, 2]) as InputArray, 4);
      const sparse = CsrMatrix.fromMatrix(whole);
      expect([[...sparse.indptr], [...sparse.indices], sparse.values]).toEqual([
        [0, 1, 1, 3],
        [1, 0, 3],
        new Kind([5, 1, 2]),
      ]);
      expect(sparse.toMatrix()).toEqual(whole);
    },
  );

  it.each([
    ['a column beyond the last', { indices: Uint32Array.of(1, 0, 4) }, ['row 2', 'column 4', '0 to 3']],
    ['a negative column', { indices: Int32Array.of(-1, 0, 3) }, ['row 0', 'column -1']],
    [
      'columns that descend',
      { indices: Uint32Array.of(1, 3, 0) },
      ['row 2', 'column 0', 'after column 3', 'ascend'],
    ],
    ['a column named twice', { indices: Uint32Array.of(1, 3, 3) }, ['row 2', 'after column 3', 'different']],
    ['starts that descend', { indptr: [0, 2, 1, 3] }, ['indptr[2] is 1', 'never descend']],
    ['starts that do not begin with 0', { indptr: [1, 1, 3] }, ['indptr[0] is 1']],
    ['starts that end too early', { indptr: [0, 1, 2] }, ['ends with 2', '3 values']],
    ['starts beyond the values', { indptr: [0, 9] }, ['indptr[1] is 9']],
    ['starts that are not whole numbers', { indptr: [0, 1.5, 3] }, ['indptr[1] is 1.5']],
    ['no row', { indptr: [0] }, ['one more than rows']],
    ['fewer columns than values', { indices: Uint32Array.of(1, 0) }, ['2 indices', '3 values']],
  ])('refuses %s', async (_, change, parts) => {
    await expectRefusal('INVALID_DATA', parts, () => new CsrMatrix({ ...three(), ...change }));
  });

  it('refuses what is of another kind', async () => {
    const wrong = (change: object) => () => new CsrMatrix({ ...three(), ...change } as never);
    await expectRefusal('INVALID_OPTION', ['indptr'], wrong({ indptr: '012' }));
    await expectRefusal('INVALID_OPTION', ['indices', 'Uint32Array'], wrong({ indices: [1, 0, 3] }));
    await expectRefusal('INVALID_OPTION', ['values', 'Float64Array'], wrong({ values: [5, 1, 2] }));
    await expectRefusal('INVALID_OPTION', ['columns'], wrong({ columns: 0 }));
    await expectRefusal('INVALID_OPTION', ['indptr, indices'], () => new CsrMatrix(undefined as never));
    await expectRefusal('INVALID_OPTION', ['row'], () => new CsrMatrix(three()).row(3));
  });

  it('refuses memory that was taken away', async () => {
    const indices = Uint32Array.of(1, 0, 3);
    structuredClone(indices.buffer, { transfer: [indices.buffer] });
    await expectRefusal(
      'INVALID_DATA',
      ['indices', 'transferred'],
      () => new CsrMatrix({ ...three(), indices }),
    );
  });
});

describe('Dataset of sparse rows', () => {
  const data = () => Dataset.from({ inputs: new CsrMatrix(three()), labels: [0, 1, 2] });

  it('reports rows, features and outputs', () => {
    expect([data().rows, data().features, data().outputs]).toEqual([3, 4, 3]);
  });

  it('gives parts of it', () => {
    expect([...data().slice(1).inputs.toMatrix().data]).toEqual([0, 0, 0, 0, 1, 0, 0, 2]);
    const part = data().subset([2, 0, 2]);
    expect([...part.inputs.toMatrix().data]).toEqual([1, 0, 0, 2, 0, 5, 0, 0, 1, 0, 0, 2]);
    expect(part.targets).toMatchObject({ labels: Int32Array.of(2, 0, 2) });
    const [train, validation] = data().split(0.3);
    expect([train.rows, validation.rows]).toEqual([2, 1]);
  });

  it('names the place of what is not a finite number', async () => {
    const inputs = new CsrMatrix({ ...three(), values: Float64Array.of(5, 1, Number.NaN) });
    await expectRefusal('INVALID_DATA', ['row 2, column 3', 'NaN'], () =>
      Dataset.from({ inputs, labels: [0, 1, 2] }),
    );
    const first = new CsrMatrix({ ...three(), values: Float32Array.of(Infinity, 1, Number.NaN) });
    await expectRefusal('INVALID_DATA', ['row 0, column 1', 'Infinity'], () =>
      Dataset.from({ inputs: first, labels: [0, 1, 2] }),
    );
  });

  it('is padded by more columns, which hold nothing', () => {
    const padded = padDataset(data(), 8);
    expect(padded.inputs).toMatchObject({ columns: 8, rows: 3 });
    expect(padded.inputs).toMatchObject({ indices: data().inputs.indices, values: data().inputs.values });
  });
});

describe('scaling of sparse rows', () => {
  const numbers = [0, -3, 7, 0.1, 0, 0, 7, 0.7, 2.5, 0, 7, 0, 0, 0, 7, 1e-3];
  const whole = new Matrix(Float64Array.from(numbers), 4);
  const sparse = CsrMatrix.fromMatrix(whole);

  it('is the one of the same rows in full, to the last bit', () => {
    for (const kind of INPUT_SCALING_KINDS) {
      expect(fitInputScaling(sparse, kind)).toEqual(fitInputScaling(whole, kind));
    }
  });

  it('keeps zeros where many columns are mostly 0', () => {
    expect(defaultScalingKind(sparse)).toBe('robust');
    // 65 columns, each 1 in one row of 65, and one without zeros.
    const columns = 66;
    const tags = CsrMatrix.fromMatrix(
      new Matrix(
        Float64Array.from({ length: 65 * columns }, (_, i) => {
          const [row, column] = [Math.floor(i / columns), i % columns];
          return column === 65 ? row + 1 : column === row ? 1 : 0;
        }),
        columns,
      ),
    );
    const { offset, scale } = fitInputScaling(tags) as Exclude<InputScaling, { kind: 'none' }>;
    expect(offset.slice(0, 65)).toEqual(new Array(65).fill(0));
    expect(scale.slice(0, 65)).toEqual(new Array(65).fill(1));
    expect(offset[65]).toBe(33);
    expect(defaultScalingKind(new CsrMatrix(three()))).toBe('none');
  });
});
