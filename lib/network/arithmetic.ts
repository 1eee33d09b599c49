import { invalidOption } from '../base/errors.js';
import { checkedBy, oneOf, oneOfNumbers, whole } from '../base/options/kinds.js';
import { checkValues, checkVariant, type OptionsOf, option, type Table } from '../base/options/table.js';
import { optionName, say } from '../base/wording.js';
import type { ArithmeticSpec } from '../engine/spec.js';

/** The options of the wide arithmetic. */
export const WIDE = {
  /** Bits of a weight, sign included: 4 to 16; 16 by default. */
  weightBits: option(whole(4, 16), {
    text: 'bits of a weight, sign included',
    default: 16,
    flag: '--weight-bits',
    oldNames: ['bits'],
  }),
  /**
   * Fraction bits of a weight: 0 to weightBits - 1. By default, formats of 12 or more bits keep four bits for
   * the sign and the whole part (range +-8), narrower ones keep two (range +-2).
   */
  weightFraction: option(whole(0, 15), {
    text: 'how many of the weight bits come after the binary point, at most weight bits - 1',
    otherwise: 'weight bits - 4, below 12 bits weight bits - 2',
    flag: '--weight-fraction',
    oldNames: ['fraction'],
  }),
  /** How updates are rounded: 'stochastic' (the default, drawn from the seed) or 'nearest'. */
  rounding: option(oneOf(['stochastic', 'nearest']), {
    text: 'how updates are rounded: stochastic (drawn from the seed) or nearest',
    default: 'stochastic',
    flag: '--rounding',
  }),
};

/** Integers throughout; the default. */
export interface WideArithmetic extends OptionsOf<typeof WIDE> {
  kind: 'wide';
}

/** Single-precision floating point: the reference that the integer arithmetics are compared with. */
export interface FloatArithmetic {
  kind: 'float';
}

/** Bits of every number of the hardware arithmetic. */
const widthKind = checkedBy(
  'a whole number from 4 to 16, or 32',
  (name, value) => {
    const isWidth =
      Number.isInteger(value) && (((value as number) >= 4 && (value as number) <= 16) || value === 32);
    if (isWidth) return value as number;
    throw invalidOption(name, 'a whole number from 4 to 16, or 32', value);
  },
  { ...whole(4, 32), bounds: { within: [4, 16, 32], beyond: [3, 17, 31, 33] } },
);

/** The options of the hardware arithmetic. */
export const HARDWARE = {
  /** Bits of every number: 4 to 16, or 32. */
  width: option(widthKind, { text: 'bits of every number: 4 to 16, or 32', required: true, flag: '--width' }),
  /** Bits before the binary point, without the sign: 0 to width - 3. */
  integerBits: option(whole(0, 29), {
    text: 'bits before the binary point, without the sign, at most width - 3',
    required: true,
    flag: '--integer-bits',
  }),
  /**
   * The smallest value that the sigmoid tables hold within their range; some published tables use 1. 0 by
   * default.
   */
  tableFloor: option(oneOfNumbers([0, 1]), {
    text: 'smallest value in the sigmoid tables, 0 or 1',
    default: 0,
    flag: '--table-floor',
  }),
  /** The cost that training minimises; 'cross-entropy' by default. */
  cost: option(oneOf(['cross-entropy', 'quadratic']), {
    text: 'the cost that training minimises',
    default: 'cross-entropy',
    flag: '--cost',
  }),
  /** The activation function of the output neurons; 'sigmoid' by default. */
  outputActivation: option(oneOf(['sigmoid', 'relu']), {
    text: 'activation function of output neurons',
    default: 'sigmoid',
    flag: '--output-activation',
  }),
};

/**
 * The datapath of the published hardware, bit for bit (docs/hardware.md). All numbers have the same format: 1
 * sign bit, `integerBits` bits before the binary point and the remaining bits after it. There is no softmax:
 * the output layer has an activation function like the other layers, and learning rates are powers of two.
 */
export interface HardwareArithmetic extends OptionsOf<typeof HARDWARE> {
  kind: 'hardware';
}

/** The datapath that a network computes with. */
export type Arithmetic = WideArithmetic | FloatArithmetic | HardwareArithmetic;

/** An arithmetic with all defaults filled in. */
export type ResolvedArithmetic = ArithmeticSpec;

/** The largest k of a learning rate 2^-k of the hardware arithmetic. */
const MAX_RATE_SHIFT = 31;

/**
 * The largest learning rate that an arithmetic can apply before scaled deltas overflow their 16 bits
 * (docs/arithmetic.md, "Updates"): 2^(10 - weightFraction), a sixteenth of that with momentum, and never
 * above 1. Mini-batches have no scaled deltas, so only the limit of 1 applies to them.
 */
export function largestRate(arithmetic: ResolvedArithmetic, momentum: number, batchSize = 1): number {
  if (arithmetic.kind !== 'wide' || batchSize > 1) return 1;
  return Math.min(1, 2 ** (10 - arithmetic.weightFraction - (momentum > 0 ? 4 : 0)));
}

/** The settings that limit the learning rate. */
export interface RateUse {
  arithmetic: ResolvedArithmetic;
  momentum: number;
  /** Examples per update; 1 by default. */
  batchSize?: number;
}

/**
 * Checks a learning rate against what the arithmetic can apply.
 *
 * @throws SparseTrainError INVALID_OPTION
 */
export function checkRate(name: string, rate: unknown, use: RateUse): asserts rate is number {
  const { arithmetic, momentum } = use;
  if (arithmetic.kind === 'hardware') {
    if (
      typeof rate === 'number' &&
      Number.isInteger(Math.log2(rate)) &&
      rate <= 1 &&
      rate >= 2 ** -MAX_RATE_SHIFT
    )
      return;
    throw invalidOption(
      name,
      `a power of two from 1 down to 2^-${MAX_RATE_SHIFT}, such as 0.125, because the hardware arithmetic shifts`,
      rate,
    );
  }
  const largest = largestRate(arithmetic, momentum, use.batchSize);
  if (typeof rate === 'number' && rate > 0 && rate <= largest) return;
  const why =
    largest === 1 || arithmetic.kind === 'float'
      ? ''
      : ` (the most for weights with ${arithmetic.weightFraction} fraction bits${momentum > 0 ? ' and momentum' : ''})`;
  throw invalidOption(name, `a number above 0 and at most ${largest}${why}`, rate);
}

/** The options of each arithmetic. */
export const ARITHMETICS = { wide: WIDE, float: {}, hardware: HARDWARE } satisfies Record<string, Table>;

/** Which arithmetic. */
export const arithmeticKind = oneOf(['wide', 'float', 'hardware']);

/**
 * Checks the `arithmetic` option and fills in its defaults.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function resolveArithmetic(option: unknown): ResolvedArithmetic {
  if (typeof option !== 'object' || option === null) {
    throw invalidOption('arithmetic', `an object such as { kind: 'wide' }`, option);
  }
  const given = option as Record<string, unknown>;
  const kind = checkVariant('arithmetic', ARITHMETICS, arithmeticKind, given);
  if (kind === 'float') return { kind };
  if (kind === 'hardware') {
    const hardware = checkValues(HARDWARE, given, 'arithmetic.');
    const { width, integerBits } = hardware;
    if (integerBits > width - 3) {
      const range = `a whole number from 0 to ${width - 3} (of ${width} bits, one is the sign and at least two come after the point)`;
      throw invalidOption('arithmetic.integerBits', range, integerBits);
    }
    return { kind, ...hardware };
  }
  const wide = checkValues(WIDE, given, 'arithmetic.');
  const { weightBits, weightFraction = weightBits - (weightBits >= 12 ? 4 : 2) } = wide;
  if (weightFraction >= weightBits) {
    const range = say`a whole number from 0 to ${weightBits - 1} (${optionName('arithmetic.weightBits')} - 1)`;
    throw invalidOption('arithmetic.weightFraction', range, weightFraction);
  }
  return { kind, ...wide, weightFraction };
}

/** The value of one unit of a weight and of a bias; 1 for floats. */
export function units(arithmetic: ResolvedArithmetic): { weight: number; bias: number } {
  switch (arithmetic.kind) {
    case 'float':
      return { weight: 1, bias: 1 };
    case 'wide':
      return { weight: 2 ** -arithmetic.weightFraction, bias: 2 ** -(8 + arithmetic.weightFraction) };
    case 'hardware': {
      const unit = 2 ** (arithmetic.integerBits + 1 - arithmetic.width);
      return { weight: unit, bias: unit };
    }
  }
}
