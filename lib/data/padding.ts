import { invalidOption, SparseTrainError } from '../base/errors.js';
import { whole } from '../base/options/kinds.js';
import { MAX_NEURONS } from '../engine/limits.js';
import { Dataset } from './dataset.js';
import { type InputArray, Matrix } from './matrix.js';

const columnsKind = whole(1, MAX_NEURONS);

/**
 * Appends zeros to each row, because hardware layers are often larger than the data: 784 pixels in 1024 neurons.
 *
 * @param columns - columns of the result
 * @throws SparseTrainError INVALID_DATA if the matrix already has more
 */
export function padMatrix<T extends InputArray>(matrix: Matrix<T>, columns: number): Matrix<T> {
  if (matrix.columns === columns) return matrix;
  if (matrix.columns > columns) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `the data has ${matrix.columns} features, but the network's first layer has only ${columns} neurons`,
    );
  }
  const data = new (matrix.data.constructor as new (length: number) => T)(matrix.rows * columns);
  for (let row = 0; row < matrix.rows; row++) {
    const from = row * matrix.columns;
    data.set(matrix.data.subarray(from, from + matrix.columns), row * columns);
  }
  return new Matrix(data, columns);
}

/** Fits inputs to a network's first layer: hardware arithmetic appends zeros, otherwise the widths must match. */
export function padFor<T extends Dataset | Matrix>(
  network: { readonly arithmetic: { readonly kind: string }; readonly layers: readonly number[] },
  inputs: T,
): T;
export function padFor(
  network: { readonly arithmetic: { readonly kind: string }; readonly layers: readonly number[] },
  inputs: Dataset | Matrix,
): Dataset | Matrix {
  const columns = network.layers[0] as number;
  if (network.arithmetic.kind !== 'hardware') return inputs;
  return inputs instanceof Matrix ? padMatrix(inputs, columns) : padDataset(inputs, columns);
}

/** Appends zeros to each row of a data set. Feature names are dropped. */
export function padDataset(dataset: Dataset, columns: number): Dataset {
  if (!(dataset instanceof Dataset)) throw invalidOption('dataset', 'a Dataset', dataset);
  columnsKind.check('columns', columns);
  if (!(dataset.inputs instanceof Matrix)) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      'sparse rows need no padding; give CsrMatrix more columns instead',
    );
  }
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
