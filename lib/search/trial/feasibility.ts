import { SparseTrainError } from '../../base/errors.js';
import type { NetworkOptions } from '../../network/options.js';
import type { StudyPlan } from '../definition/check.js';
import { type Constraint, holds, quantitiesOf } from '../space/constraint.js';
import type { Parameters } from '../space/parameter.js';
import { fillTemplate } from '../template.js';
import { measureNetwork, mightHaveAtMost, wantedEdges } from './quantities.js';

/**
 * Whether a point keeps a study's constraints. The untrained network is made only if there is no cheaper way. A point
 * with invalid options is accepted: its trial fails and says why.
 */
export function isFeasible(
  { constraints, training }: Pick<StudyPlan, 'constraints' | 'training'>,
  parameters: Parameters,
): boolean {
  const plain = constraints.filter((constraint) => quantitiesOf(constraint).length === 0);
  if (!plain.every((constraint) => holds(constraint, parameters, {}))) return false;
  const others = constraints.filter((constraint) => !plain.includes(constraint));
  if (others.length === 0 || training === undefined) return true;
  const options = fillTemplate(training.network, parameters) as unknown as NetworkOptions;
  const wanted = [...new Set(others.flatMap(quantitiesOf))];
  try {
    const edges = wantedEdges(options);
    if (others.some((constraint) => isFarAbove(constraint, edges))) return false;
    const quantities = measureNetwork(options, wanted, training.budget);
    return others.every((constraint) => holds(constraint, parameters, quantities));
  } catch (error) {
    if (!(error instanceof SparseTrainError)) throw error;
    return !wanted.includes('clocks');
  }
}

/** Whether a network with about this many edges certainly breaks `edges <= limit`. */
function isFarAbove({ left, relation, right }: Constraint, edges: number): boolean {
  if (left !== 'edges' || typeof right !== 'number' || !relation.startsWith('<')) return false;
  return !mightHaveAtMost(right, edges);
}
