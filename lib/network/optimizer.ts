import { invalidOption, SparseTrainError } from '../base/errors.js';
import { checkNumber, checkNumberAbove, checkOneOf } from '../base/options/checks.js';
import { checkOptionNames } from '../base/options/names.js';
import type { ResolvedArithmetic } from './arithmetic.js';

/** How gradients become updates. */
export interface OptimizerOptions {
  /**
   * 'sgd' (the default): stochastic gradient descent. 'adam' (Kingma and Ba, arXiv:1412.6980) and 'adamw' (Loshchilov
   * and Hutter, arXiv:1711.05101) are for the float arithmetic; they train in batches, with batchSize 1 in batches of
   * one.
   */
  kind?: OptimizerKind | undefined;
  /** Of 'sgd': 0 (none, the default) or 0.5 to 0.9999. */
  momentum?: number | undefined;
  /**
   * 0 (none, the default) to 1. 'sgd' and 'adamw': decay of weights per unit of learning rate (w -= rate * decay * w);
   * 'adam': L2 regularisation, decay * w is added to the gradient. Biases do not decay.
   */
  weightDecay?: number | undefined;
  /** Of 'adam' and 'adamw', how much of the mean gradient stays: 0 to 0.9999; 0.9 by default. */
  beta1?: number | undefined;
  /** The same of the mean squared gradient: 0 to 0.999999; 0.999 by default. */
  beta2?: number | undefined;
  /** Of 'adam' and 'adamw', added to the root of the mean square: above 0 to 1; 1e-8 by default. */
  epsilon?: number | undefined;
}

const KINDS = ['sgd', 'adam', 'adamw'] as const;

export type OptimizerKind = (typeof KINDS)[number];

/** {@link OptimizerOptions} checked, with defaults filled in. What a kind does not have is undefined. */
export interface ResolvedOptimizer {
  readonly kind: OptimizerKind;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly beta1?: number | undefined;
  readonly beta2?: number | undefined;
  readonly epsilon?: number | undefined;
}

/** What only some kinds have. */
const OWN = {
  momentum: ['sgd'],
  beta1: ['adam', 'adamw'],
  beta2: ['adam', 'adamw'],
  epsilon: ['adam', 'adamw'],
};

/**
 * Checks the `optimizer` option and fills in its defaults.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function resolveOptimizer(
  option: OptimizerOptions,
  arithmetic: ResolvedArithmetic,
): ResolvedOptimizer {
  checkOptionNames('optimizer', option, ['kind', 'momentum', 'weightDecay', 'beta1', 'beta2', 'epsilon']);
  const { kind = 'sgd', weightDecay = 0 } = option;
  checkOneOf('optimizer.kind', kind, KINDS);
  if (kind !== 'sgd' && arithmetic.kind !== 'float') {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `optimizer.kind is '${kind}', which only the float arithmetic has; use 'sgd', or arithmetic: { kind: 'float' }`,
    );
  }
  for (const [name, kinds] of Object.entries(OWN)) {
    const given = option[name as keyof typeof OWN];
    // A momentum of 0 is none, whatever the kind.
    if (given === undefined || kinds.includes(kind) || (name === 'momentum' && given === 0)) continue;
    throw new SparseTrainError(
      'INVALID_OPTION',
      `optimizer.${name} has no meaning with kind '${kind}'; leave it out`,
    );
  }
  checkNumber('optimizer.weightDecay', weightDecay, 0, 1);
  if (kind !== 'sgd') {
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = option;
    checkNumber('optimizer.beta1', beta1, 0, 0.9999);
    checkNumber('optimizer.beta2', beta2, 0, 0.999999);
    checkNumberAbove('optimizer.epsilon', epsilon, 0, 1);
    return { kind, momentum: 0, weightDecay, beta1, beta2, epsilon };
  }
  const { momentum = 0 } = option;
  if (momentum !== 0 && (typeof momentum !== 'number' || !(momentum >= 0.5 && momentum <= 0.9999))) {
    throw invalidOption('optimizer.momentum', '0 or a number from 0.5 to 0.9999', momentum);
  }
  return { kind, momentum, weightDecay };
}
