import { describe, expect, it } from 'vitest';
import { CsrMatrix, Dataset, Network } from '../../lib/index.js';
import { columnImportance } from '../../lib/training/importance.js';

/** Three columns of numbers: the second decides, the others do not. */
const ROWS = 400;
const inputs = Float64Array.from({ length: 3 * ROWS }, (_, i) => ((i * 7919) % 211) / 105 - 1);
const featureNames = ['left', 'middle', 'right'];
const middle = (row: number) => inputs[3 * row + 1] as number;
const labels = Array.from({ length: ROWS }, (_, row) => (middle(row) > 0 ? 1 : 0));
const data = Dataset.from({ inputs, labels, columns: 3, featureNames });

describe('the importance of columns', () => {
  it('names the one that decides first, and finds the others worth little', async () => {
    const network = new Network({ layers: [3, 32, 2] });
    await network.fit(data, { epochs: 20 });
    const found = await columnImportance(network, data);
    expect(found[0]).toMatchObject({ column: 'middle' });
    expect(found[0]?.score).toBeGreaterThan(0.3);
    expect(found.slice(1).every(({ score }) => Math.abs(score) < 0.05)).toBe(true);
    expect(await columnImportance(network, data)).toEqual(found);
  });

  it('is the fall of R² of a regression', async () => {
    const values = Float64Array.from({ length: ROWS }, (_, row) => 3 * middle(row));
    const numbers = Dataset.from({ inputs, values, columns: 3, featureNames });
    const network = new Network({ layers: [3, 32, 1], output: 'linear' });
    await network.fit(numbers, { epochs: 20 });
    const [first] = await columnImportance(network, numbers);
    expect(first?.column).toBe('middle');
    expect(first?.score).toBeGreaterThan(1);
  });

  it('is the same for sparse rows', async () => {
    const network = new Network({ layers: [3, 32, 2], scaling: 'none' });
    await network.fit(data, { epochs: 5 });
    const sparse = Dataset.from({ inputs: CsrMatrix.fromMatrix(data.inputs), labels, featureNames });
    const found = await columnImportance(network, sparse as never);
    expect(found).toEqual(await columnImportance(network, data));
  });
});
