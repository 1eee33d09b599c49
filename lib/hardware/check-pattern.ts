import { checkArgument } from '../base/options/fields.js';
import { anything, type Kind, whole } from '../base/options/kinds.js';
import { MAX_NEURONS } from '../engine/limits.js';
import { findViolation, type PatternViolation } from '../engine/patterns.js';
import { customPattern, type EdgeList, type EdgesByNeuron } from '../network/patterns.js';

/** A pattern to check. */
export interface PatternToCheck {
  /** Neurons of the left and of the right layer. */
  left: number;
  right: number;
  /**
   * Edges by right neuron in the order in which the hardware processes them, z in each clock; or pairs of neurons. The
   * pairs of a right neuron are sorted by their left neuron.
   */
  edges: EdgesByNeuron | EdgeList['edges'];
  /** z: the edges processed in a clock cycle, and the memories of the left layer (neuron l is in memory l mod z). */
  parallelism: number;
}

const neurons = whole(1, MAX_NEURONS);

const PATTERN = {
  left: neurons,
  right: neurons,
  // customPattern() copies the edges and checks them.
  edges: anything as Kind<PatternToCheck['edges']>,
  parallelism: neurons,
};

/** The result of {@link checkPattern}. */
export type PatternVerdict =
  | {
      readonly clashFree: true;
      /** Whether every left neuron is read once in every left / z clocks, as an interleaver of types 1 to 3 does. */
      readonly completeSweeps: boolean;
    }
  | { readonly clashFree: false; readonly violation: PatternViolation };

/**
 * Goes through all edges of a pattern. It shows that no memory is read twice in a clock cycle and that no edge occurs
 * twice, or names the first edge that breaks one of these rules.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function checkPattern(pattern: PatternToCheck): PatternVerdict {
  const { left, right, edges, parallelism } = checkArgument('pattern to check', PATTERN, pattern);
  const custom = customPattern(Array.isArray(edges) ? { edges } : edges, 'pattern', left, right);
  const { violation, completeSweeps } = findViolation({
    leftNeurons: left,
    rightNeurons: right,
    offsets: custom.offsets,
    left: custom.left,
    parallelism,
  });
  return violation === undefined ? { clashFree: true, completeSweeps } : { clashFree: false, violation };
}
