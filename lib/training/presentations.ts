/** How often each row is presented in an epoch, by the weights of rows and classes. */

import { SparseTrainError } from '../base/errors.js';
import { optionName, say } from '../base/wording.js';
import type { AnyDataset } from '../data/dataset.js';
import type { ClassWeights } from './class-weights.js';

/** Weights are whole numbers of this part of their mean. */
const UNIT = 2 ** 16;
/** The largest weight, in means; with it, the counts of a million epochs are exact in doubles. */
const MOST = 2 ** 14;
/** The golden ratio times 2^16: offsets of successive rows lie far apart (Knuth, "Sorting and Searching", 6.4). */
const GOLDEN = 40_503;

/**
 * A schedule of presentations. In epoch e, a row of the weight w (in units of 2^-16 of the mean weight) is presented
 * floor(((e + 1) * w + u) / 2^16) - floor((e * w + u) / 2^16) times, so after any number of epochs as often as its weight
 * says, to within one. Rows of equal weights are presented once each in every epoch.
 */
export class Presentations {
  readonly #units: Float64Array;

  /**
   * @param weights - at least one, all above 0
   * @throws SparseTrainError INVALID_DATA if a weight is more than 2^14 times the mean
   */
  constructor(weights: Float64Array) {
    const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
    this.#units = weights.map((weight, row) => {
      const units = Math.round((weight / mean) * UNIT);
      if (units <= MOST * UNIT) return units;
      throw new SparseTrainError(
        'INVALID_DATA',
        `weights: row ${row + 1} of the rows with weights above 0 has ${weight}, more than ${MOST} times the mean; limit the weights`,
      );
    });
  }

  /** The rows of an epoch, ascending, each as often as it is presented. */
  rowsIn(epoch: number): Uint32Array {
    const counts = this.#units.map(
      (units, row) => timesBefore(epoch + 1, units, row) - timesBefore(epoch, units, row),
    );
    const rows = new Uint32Array(counts.reduce((sum, count) => sum + count, 0));
    let at = 0;
    for (const [row, count] of counts.entries()) {
      rows.fill(row, at, at + count);
      at += count;
    }
    return rows;
  }

  /** Presentations in all epochs before this one. */
  before(epoch: number): number {
    return this.#units.reduce((sum, units, row) => sum + timesBefore(epoch, units, row), 0);
  }
}

/** How often a row is presented in all epochs before this one. */
function timesBefore(epoch: number, units: number, row: number): number {
  return Math.floor((epoch * units + ((row * GOLDEN) % UNIT)) / UNIT);
}

/**
 * The weights of rows together with those that balance the classes: each class then counts the same in all.
 *
 * @returns undefined if all rows count the same
 * @throws SparseTrainError INVALID_OPTION if there are no classes to balance
 */
export function rowWeights(
  { rows, targets, weights }: Pick<AnyDataset, 'rows' | 'targets' | 'weights'>,
  classWeights: ClassWeights | undefined,
): Float64Array | undefined {
  if (classWeights !== 'balanced') return weights;
  if (targets.kind !== 'classes')
    throw new SparseTrainError('INVALID_OPTION', {
      option: 'classWeights',
      says: say`${optionName('classWeights', 'balanced')} needs classes, but the data has ${targets.kind === 'values' ? 'numbers' : 'several labels for each row'}`,
    });
  const { labels, classes } = targets;
  const sums = new Float64Array(classes.length);
  for (const [row, label] of labels.entries())
    sums[label] = (sums[label] as number) + (weights === undefined ? 1 : (weights[row] as number));
  return Float64Array.from({ length: rows }, (_, row) => {
    const weight = weights === undefined ? 1 : (weights[row] as number);
    const share = sums[labels[row] as number] as number;
    return weight === 0 ? 0 : Math.min(weight / share, MOST_SHARE / rows);
  });
}

/** A class with very few rows among very many cannot count more than this. */
const MOST_SHARE = 2 ** 12;

/**
 * How many rows of equal weights say as much as these (Kish 1965): the square of the sum of the weights, over the sum of
 * their squares.
 */
export function effectiveRows(
  data: Pick<AnyDataset, 'rows' | 'targets' | 'weights'>,
  classWeights: ClassWeights | undefined,
): number {
  const isBalanced = classWeights === 'balanced' && data.targets.kind === 'classes';
  const weights = isBalanced ? rowWeights(data, classWeights) : data.weights;
  if (weights === undefined) return data.rows;
  let [sum, squares] = [0, 0];
  for (const weight of weights) {
    sum += weight;
    squares += weight * weight;
  }
  return (sum * sum) / squares;
}
