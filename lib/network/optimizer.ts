import { invalidOption } from '../base/errors.js';
import { checkedBy, number, oneOf } from '../base/options/kinds.js';
import { applyRules, checkOptions, type OptionsOf, option, type Rule } from '../base/options/table.js';
import { literal, optionName, say } from '../base/wording.js';
import type { ResolvedArithmetic } from './arithmetic.js';

const momentumText = '0 or a number from 0.5 to 0.9999';

/** Momentum is 0 or a value for which the velocities of the integer arithmetic do not overflow. */
const momentumKind = checkedBy(
  momentumText,
  (name, value) => {
    if (value === 0) return value;
    if (typeof value === 'number' && value >= 0.5 && value <= 0.9999) return value;
    throw invalidOption(name, momentumText, value);
  },
  {
    ...number({ from: 0, to: 0.9999 }),
    bounds: { within: [0, 0.5, 0.9999], beyond: [-1e-6, 0.499, 0.99991] },
  },
);

/** The options of `optimizer`. */
export const OPTIMIZER = {
  /**
   * 'sgd' (the default): stochastic gradient descent. 'adam' (Kingma and Ba, arXiv:1412.6980) and 'adamw'
   * (Loshchilov and Hutter, arXiv:1711.05101) are for the float arithmetic. They train in batches; with
   * batchSize 1 every batch holds one example.
   */
  kind: option(oneOf(['sgd', 'adam', 'adamw']), {
    text: 'sgd (stochastic gradient descent), or with the float arithmetic adam or adamw',
    default: 'sgd',
  }),
  /** For 'sgd': 0 (no momentum, the default) or 0.5 to 0.9999. */
  momentum: option(momentumKind, {
    text: 'for sgd: 0 (none) or 0.5 to 0.9999',
    default: 0,
    flag: '--momentum',
  }),
  /**
   * 0 (no decay, the default) to 1. For 'sgd' and 'adamw': decay of the weights per unit of learning rate (w
   * -= rate * decay * w). For 'adam': L2 regularisation, which adds decay * w to the gradient. Biases do not
   * decay.
   */
  weightDecay: option(number({ from: 0, to: 1 }), {
    text: 'decay of weights per unit of learning rate; for adam: added to the gradient (L2)',
    default: 0,
    flag: '--weight-decay',
  }),
  /**
   * For 'adam' and 'adamw': the share of the mean gradient that each step keeps, 0 to 0.9999; 0.9 by default.
   */
  beta1: option(number({ from: 0, to: 0.9999 }), {
    text: 'for adam and adamw: the share of the mean gradient that each step keeps',
    otherwise: '0.9',
    flag: '--beta1',
  }),
  /**
   * For 'adam' and 'adamw': the share of the mean squared gradient that each step keeps, 0 to 0.999999; 0.999
   * by default.
   */
  beta2: option(number({ from: 0, to: 0.999999 }), {
    text: 'for adam and adamw: the share of the mean squared gradient that each step keeps',
    otherwise: '0.999',
    flag: '--beta2',
  }),
  /** For 'adam' and 'adamw': added to the root of the mean square, above 0 to 1; 1e-8 by default. */
  epsilon: option(number({ above: 0, to: 1 }), {
    text: 'for adam and adamw: added to the root of the mean square',
    otherwise: '1e-8',
    flag: '--epsilon',
  }),
};

/** How gradients become updates. */
export interface OptimizerOptions extends OptionsOf<typeof OPTIMIZER> {}

export type OptimizerKind = 'sgd' | 'adam' | 'adamw';

/**
 * {@link OptimizerOptions} checked, with defaults filled in. Options that do not apply to a kind are
 * undefined.
 */
export interface ResolvedOptimizer {
  readonly kind: OptimizerKind;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly beta1?: number | undefined;
  readonly beta2?: number | undefined;
  readonly epsilon?: number | undefined;
}

type Context = ResolvedOptimizer & { readonly arithmetic: ResolvedArithmetic };

/** An option that only some kinds of optimizer have. */
function onlyFor(
  name: 'momentum' | 'beta1' | 'beta2' | 'epsilon',
  hasIt: (kind: OptimizerKind) => boolean,
): Rule<Context> {
  return {
    option: `optimizer.${name}`,
    // A momentum of 0 means no momentum, so every kind accepts it.
    when: (given) => {
      const value = given[name];
      return value !== undefined && !(name === 'momentum' && value === 0) && !hasIt(given.kind);
    },
    refuse: ({ kind }) =>
      say`${optionName(`optimizer.${name}`)} has no meaning with ${optionName('optimizer.kind', kind)}`,
    advice: 'leave it out',
  };
}

const RULES: readonly Rule<Context>[] = [
  {
    option: 'optimizer.kind',
    when: ({ kind, arithmetic }) => kind !== 'sgd' && arithmetic.kind !== 'float',
    refuse: ({ kind }) =>
      say`${optionName('optimizer.kind')} is ${literal(kind)}, which only the float arithmetic has`,
    advice: say`use ${literal('sgd')}, or ${optionName('arithmetic.kind', 'float')}`,
  },
  onlyFor('momentum', (kind) => kind === 'sgd'),
  onlyFor('beta1', (kind) => kind !== 'sgd'),
  onlyFor('beta2', (kind) => kind !== 'sgd'),
  onlyFor('epsilon', (kind) => kind !== 'sgd'),
];

/**
 * Checks the `optimizer` option and fills in its defaults.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function resolveOptimizer(option: unknown, arithmetic: ResolvedArithmetic): ResolvedOptimizer {
  const given = checkOptions('optimizer', OPTIMIZER, option, 'optimizer.');
  applyRules(RULES, { ...given, arithmetic });
  const { kind, momentum, weightDecay, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = given;
  return kind === 'sgd'
    ? { kind, momentum, weightDecay }
    : { kind, momentum: 0, weightDecay, beta1, beta2, epsilon };
}
