import { SparseTrainError, unknownName } from '../../base/errors.js';
import type { Parameters } from './parameter.js';

/** Properties of a network that are known before training, for constraints. */
export const QUANTITIES = ['edges', 'denseEdges', 'density', 'parameters', 'clocks'] as const;

/** One of {@link QUANTITIES}. */
export type Quantity = (typeof QUANTITIES)[number];

/** `left relation right`, each side a number or a name. */
export interface Constraint {
  readonly text: string;
  readonly left: string | number;
  readonly relation: '<=' | '<' | '>=' | '>';
  readonly right: string | number;
}

const SHAPE = /^\s*([A-Za-z_][\w.-]*|[-+.\deE]+)\s*(<=|>=|<|>)\s*([A-Za-z_][\w.-]*|[-+.\deE]+)\s*$/;

/**
 * Reads a constraint such as `edges <= 20000` or `width1 >= width2`.
 *
 * @param path - what messages call it
 * @param names - the parameters and quantities that it may name
 * @throws SparseTrainError INVALID_OPTION
 */
export function parseConstraint(path: string, text: string, names: readonly string[]): Constraint {
  const [, left, relation, right] = SHAPE.exec(text) ?? [];
  if (left === undefined || relation === undefined || right === undefined) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `${path} must compare two names or numbers with <=, <, >= or >, such as "edges <= 20000", but it is "${text}"`,
    );
  }
  const side = (word: string): string | number => {
    const value = Number(word);
    if (!Number.isNaN(value)) return value;
    if (!names.includes(word))
      throw unknownName('INVALID_OPTION', `name in ${path} ("${text}"):`, word, names);
    return word;
  };
  return { text, left: side(left), relation: relation as Constraint['relation'], right: side(right) };
}

/** The quantities that a constraint names. */
export function quantitiesOf({ left, right }: Constraint): Quantity[] {
  return QUANTITIES.filter((name) => name === left || name === right);
}

/**
 * Whether a constraint holds. A constraint on a parameter that does not exist in this point holds.
 *
 * @param quantities - the values of the quantities that it names
 */
export function holds(
  { left, relation, right }: Constraint,
  parameters: Parameters,
  quantities: Readonly<Partial<Record<Quantity, number>>>,
): boolean {
  const resolve = (side: string | number) =>
    typeof side === 'number' ? side : (parameters[side] ?? quantities[side as Quantity]);
  const [a, b] = [resolve(left), resolve(right)];
  if (a === undefined || b === undefined) return true;
  switch (relation) {
    case '<=':
      return Number(a) <= Number(b);
    case '<':
      return Number(a) < Number(b);
    case '>=':
      return Number(a) >= Number(b);
    case '>':
      return Number(a) > Number(b);
  }
}
