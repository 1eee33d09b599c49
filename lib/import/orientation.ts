/** Decides whether rows of matrices are left or right neurons, so that they form a network. */
import { SparseTrainError } from '../base/errors.js';
import { optionName, say } from '../base/wording.js';
import { invalidFile } from '../network/model-file/safetensors.js';
import { type FoundMatrix, transposed } from './matrices.js';

/** Whether the rows of a matrix are the neurons on its right, as in PyTorch, or on its left, as in Keras. */
export type Orientation = 'right-left' | 'left-right';

export interface OrientedMatrices {
  readonly orientation: Orientation;
  /** Matrices with a row for each right neuron. */
  readonly matrices: readonly FoundMatrix[];
  /** Neurons per layer, input first. */
  readonly layers: readonly number[];
}

/**
 * Orients matrices so that they have a row for each right neuron. The orientation follows from how one matrix fits the
 * next, and from the lengths of biases; if both orientations fit, rows are right neurons.
 *
 * @throws SparseTrainError INVALID_OPTION if the requested orientation does not fit, INVALID_FILE if none fits
 */
export function orient(found: readonly FoundMatrix[], wanted: Orientation | undefined): OrientedMatrices {
  const orientation = wanted ?? (['right-left', 'left-right'] as const).find((way) => fits(found, way));
  const shapes = found.map(({ name, matrix }) => `${name} ${matrix.rows} x ${matrix.columns}`).join(', ');
  if (orientation === undefined) {
    throw invalidFile(
      say`its matrices do not follow each other (${shapes}); name those that do with ${optionName('matrices')}, input first`,
    );
  }
  if (!fits(found, orientation)) {
    throw new SparseTrainError('INVALID_OPTION', {
      option: 'orientation',
      says: say`${optionName('orientation', orientation)} does not fit the matrices: ${shapes}`,
    });
  }
  const matrices =
    orientation === 'right-left'
      ? found
      : found.map((each) => ({ ...each, matrix: transposed(each.matrix) }));
  const first = matrices[0] as FoundMatrix;
  return {
    orientation,
    matrices,
    layers: [first.matrix.columns, ...matrices.map(({ matrix }) => matrix.rows)],
  };
}

function fits(found: readonly FoundMatrix[], way: Orientation): boolean {
  const sides = found.map(({ matrix: { rows, columns } }) =>
    way === 'right-left' ? { left: columns, right: rows } : { left: rows, right: columns },
  );
  return sides.every(({ left, right }, j) => {
    const length = found[j]?.bias?.shape[0] ?? right;
    return length === right && (j === 0 || sides[j - 1]?.right === left);
  });
}
