import { invalidOption, SparseTrainError } from '../base/errors.js';
import { whole } from '../base/options/kinds.js';
import { MAX_NEURONS } from '../engine/limits.js';
import { CsrMatrix, type InputMatrix } from './csr.js';
import { type AnyDataset, Dataset } from './dataset.js';
import { type InputArray, Matrix, newLike } from './matrix.js';

const columnsKind = whole(1, MAX_NEURONS);

/**
 * Appends zeros to each row, because hardware layers are often larger than the data: 784 pixels in 1024 neurons.
 *
 * @param columns - columns of the result
 * @throws SparseTrainError INVALID_DATA if the matrix already has more
 */
export function padMatrix<T extends InputArray>(matrix: Matrix<T>, columns: number): Matrix<T>;
export function padMatrix(matrix: InputMatrix, columns: number): InputMatrix;
export function padMatrix(matrix: InputMatrix, columns: number): InputMatrix {
  if (matrix.columns === columns) return matrix;
  if (matrix.columns > columns) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `the data has ${matrix.columns} features, but the network's first layer has only ${columns} neurons`,
    );
  }
  // Sparse rows hold no zeros, so only their width changes.
  if (matrix instanceof CsrMatrix) {
    const { indptr, indices, values } = matrix;
    return new CsrMatrix({ indptr, indices, values, columns });
  }
  const data = newLike(matrix.data, matrix.rows * columns);
  for (let row = 0; row < matrix.rows; row++) {
    const from = row * matrix.columns;
    data.set(matrix.data.subarray(from, from + matrix.columns), row * columns);
  }
  return new Matrix(data, columns);
}

/** Fits inputs to a network's first layer: hardware arithmetic appends zeros, otherwise the widths must match. */
export function padFor<T extends AnyDataset | InputMatrix>(
  network: { readonly arithmetic: { readonly kind: string }; readonly layers: readonly number[] },
  inputs: T,
): T;
export function padFor(
  network: { readonly arithmetic: { readonly kind: string }; readonly layers: readonly number[] },
  inputs: AnyDataset | InputMatrix,
): AnyDataset | InputMatrix {
  const columns = network.layers[0] as number;
  if (network.arithmetic.kind !== 'hardware') return inputs;
  return inputs instanceof Dataset ? padDataset(inputs, columns) : padMatrix(inputs, columns);
}

/** Appends zeros to each row of a data set. Feature names are dropped. */
export function padDataset(dataset: Dataset, columns: number): Dataset;
export function padDataset(dataset: AnyDataset, columns: number): AnyDataset;
export function padDataset(dataset: AnyDataset, columns: number): AnyDataset {
  if (!(dataset instanceof Dataset)) throw invalidOption('dataset', 'a Dataset', dataset);
  columnsKind.check('columns', columns);
  if (dataset.features === columns) return dataset;
  const inputs = padMatrix(dataset.inputs, columns);
  const { targets } = dataset;
  switch (targets.kind) {
    case 'classes':
      return Dataset.from({ inputs, labels: targets.labels, classes: targets.classes });
    case 'multilabel':
      return Dataset.from({ inputs, multilabel: targets.data, targetNames: targets.names });
    case 'values':
      return Dataset.from({ inputs, values: targets.data, targetNames: targets.names });
  }
}
