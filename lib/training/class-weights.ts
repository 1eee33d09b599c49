import { invalidOption, SparseTrainError } from '../base/errors.js';
import { listOf, number, wordOr } from '../base/options/kinds.js';
import { literal, optionName, say } from '../base/wording.js';
import type { NetworkCore } from '../network/core.js';
import type { Examples } from './examples.js';

/** The largest weight of a class. */
const MOST = 127;

/**
 * How much the errors on each class count: one number per class (0 to 127), or 'balanced': examples / (classes x
 * examples of the class), at most 127, so that rare classes count as much as others.
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
 * Returns the weight of each class.
 *
 * @param examples - counted for 'balanced'; undefined for a stream, which cannot be counted in advance
 * @throws SparseTrainError INVALID_OPTION
 */
export function resolveClassWeights(
  option: ClassWeights | undefined,
  core: NetworkCore,
  examples: Examples | undefined,
): Float64Array | undefined {
  if (option === undefined) return undefined;
  if (core.options.output !== 'softmax') {
    throw new SparseTrainError('INVALID_OPTION', {
      option: 'classWeights',
      says: say`${optionName('classWeights')} needs ${optionName('output')} ${literal('softmax')}, not ${literal(core.options.output)}`,
    });
  }
  if (option === 'balanced') {
    if (examples?.targets.kind !== 'classes') {
      throw new SparseTrainError('INVALID_OPTION', {
        option: 'classWeights',
        says: say`${optionName('classWeights')} ${literal('balanced')} needs a data set to count`,
        advice: 'for a stream, give one number per class',
      });
    }
    return balanced(examples.targets.labels, core.outputs);
  }
  if (option.length !== core.outputs) {
    const expected = say`${literal('balanced')} or an array of ${core.outputs} numbers, one per class`;
    throw invalidOption('classWeights', expected, option);
  }
  return Float64Array.from(option);
}

function balanced(labels: Int32Array, classes: number): Float64Array {
  const counts = new Float64Array(classes);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  const present = counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
  // The weight of a class without examples is never used.
  return counts.map((count) => (count === 0 ? 1 : Math.min(MOST, labels.length / (present * count))));
}
