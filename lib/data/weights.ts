import { describeValue, invalidOption, SparseTrainError } from '../base/errors.js';
import { checkUsable } from './matrix.js';

/**
 * Checks the weights of rows and copies them, unless they are a Float64Array.
 *
 * @throws SparseTrainError INVALID_OPTION, INVALID_DATA
 */
export function rowWeightsOf(weights: ArrayLike<number>, rows: number): Float64Array {
  const isBig = weights instanceof BigInt64Array || weights instanceof BigUint64Array;
  if (ArrayBuffer.isView(weights) && !isBig && !(weights instanceof DataView))
    checkUsable(weights, 'weights');
  else if (!Array.isArray(weights))
    throw invalidOption('weights', 'an array of numbers, one per row', weights);
  if (weights.length !== rows)
    throw new SparseTrainError(
      'INVALID_DATA',
      `there are ${weights.length} weights for ${rows} rows; each row needs exactly one`,
    );
  let largest = 0;
  for (let row = 0; row < rows; row++) {
    const weight = weights[row];
    if (typeof weight !== 'number' || !(weight >= 0) || !Number.isFinite(weight))
      throw new SparseTrainError(
        'INVALID_DATA',
        `weights: row ${row} is ${describeValue(weight)}, but must be a finite number that is 0 or more`,
      );
    largest = Math.max(largest, weight);
  }
  if (largest === 0)
    throw new SparseTrainError('INVALID_DATA', 'weights: all are 0, so there is no row to learn');
  return weights instanceof Float64Array ? weights : Float64Array.from(weights);
}
