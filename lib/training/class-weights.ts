import { invalidOption, SparseTrainError } from '../base/errors.js';
import { listOf, number, wordOr } from '../base/options/kinds.js';
import { literal, optionName, say } from '../base/wording.js';
import type { NetworkCore } from '../network/core.js';

/** The largest weight of a class. */
const MOST = 127;

/**
 * How much each class counts. 'balanced' presents the examples of rare classes more often, and those of frequent classes
 * less often, so that all classes count the same. A list has one number per class (0 to 127), by which errors are
 * multiplied; in integers, what exceeds 2 is cut off, so that large numbers have less effect than they say.
 */
export type ClassWeights = 'balanced' | readonly number[];

/** The option `classWeights`; there must be as many weights as classes. */
export const classWeightsKind = wordOr(
  'balanced',
  listOf(number({ from: 0, to: MOST }), {
    expected: 'an array of numbers, one per class',
    placeholder: '<weights>',
  }),
);

/**
 * Returns the weights by which errors are multiplied; undefined without a list.
 *
 * @param isStream - whether the examples cannot be counted in advance, as 'balanced' needs it
 * @throws SparseTrainError INVALID_OPTION
 */
export function resolveClassWeights(
  option: ClassWeights | undefined,
  core: NetworkCore,
  isStream: boolean,
): Float64Array | undefined {
  if (option === undefined) return undefined;
  if (option === 'balanced') {
    if (!isStream) return undefined;
    throw new SparseTrainError('INVALID_OPTION', {
      option: 'classWeights',
      says: say`${optionName('classWeights')} ${literal('balanced')} needs a data set to count`,
      advice: 'for a stream, give one number per class',
    });
  }
  if (core.options.output !== 'softmax') {
    throw new SparseTrainError('INVALID_OPTION', {
      option: 'classWeights',
      says: say`${optionName('classWeights')} needs ${optionName('output')} ${literal('softmax')}, not ${literal(core.options.output)}`,
    });
  }
  if (option.length !== core.outputs) {
    const expected = say`${literal('balanced')} or an array of ${core.outputs} numbers, one per class`;
    throw invalidOption('classWeights', expected, option);
  }
  return Float64Array.from(option);
}
