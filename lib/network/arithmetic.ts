import { checkOptionNames } from '../datasets/option-names.js';
import { invalidOption, SparseTrainError } from '../errors.js';
import type { NativeArithmetic } from '../native.js';
import { checkOneOf, checkWhole } from './option-checks.js';

/** Integers throughout: the default. */
export interface WideArithmetic {
  kind: 'wide';
  /** Bits of a weight, sign included: 4 to 16; 16 by default. */
  weightBits?: number | undefined;
  /**
   * How many of them stand after the point: 0 to weightBits - 1. By default four bits are left for sign and whole
   * part (range +-8) where there are 12 or more, otherwise two (range +-2).
   */
  weightFraction?: number | undefined;
  /** How updates are rounded: 'stochastic' (the default, drawn from the seed) or 'nearest'. */
  rounding?: 'stochastic' | 'nearest' | undefined;
}

/** Single precision floating point: the yardstick. */
export interface FloatArithmetic {
  kind: 'float';
}

/** The datapath that a network computes with. */
export type Arithmetic = WideArithmetic | FloatArithmetic;

/**
 * The largest learning rate that an arithmetic can apply without scaled deltas leaving their 16 bits
 * (docs/arithmetic.md, "Updates"): 2^(10 - weightFraction), with momentum a sixteenth of it, and never above 1.
 */
export function largestRate(arithmetic: NativeArithmetic, momentum: number): number {
  if (arithmetic.kind === 'float') return 1;
  return Math.min(1, 2 ** (10 - arithmetic.weightFraction - (momentum > 0 ? 4 : 0)));
}

/**
 * Checks a learning rate against what the arithmetic can apply.
 *
 * @throws SparseTrainError INVALID_OPTION
 */
export function checkRate(
  name: string,
  rate: unknown,
  network: { arithmetic: NativeArithmetic; momentum: number },
): asserts rate is number {
  const { arithmetic, momentum } = network;
  const largest = largestRate(arithmetic, momentum);
  if (typeof rate === 'number' && rate > 0 && rate <= largest) return;
  const why =
    largest === 1 || arithmetic.kind === 'float'
      ? ''
      : ` (the most for weights with ${arithmetic.weightFraction} fraction bits${momentum > 0 ? ' and momentum' : ''})`;
  throw invalidOption(name, `a number above 0 and at most ${largest}${why}`, rate);
}

const KINDS = ['wide', 'float', 'hardware'] as const;

/**
 * Checks the `arithmetic` option and fills in its defaults.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function resolveArithmetic(option: unknown): NativeArithmetic {
  if (typeof option !== 'object' || option === null) {
    throw invalidOption('arithmetic', `an object such as { kind: 'wide' }`, option);
  }
  const { kind } = option as Partial<Arithmetic>;
  checkOneOf('arithmetic.kind', kind as unknown, KINDS);
  if ((kind as string) === 'hardware') {
    throw new SparseTrainError(
      'INVALID_OPTION',
      "arithmetic.kind 'hardware' is not available in this release; use 'wide' (integers) or 'float'",
    );
  }
  if (kind === 'float') {
    checkOptionNames("arithmetic of kind 'float'", option, ['kind']);
    return { kind };
  }
  checkOptionNames("arithmetic of kind 'wide'", option, ['kind', 'weightBits', 'weightFraction', 'rounding']);
  const { weightBits = 16, rounding = 'stochastic' } = option as WideArithmetic;
  checkWhole('arithmetic.weightBits', weightBits, 4, 16);
  const { weightFraction = weightBits - (weightBits >= 12 ? 4 : 2) } = option as WideArithmetic;
  if (!Number.isInteger(weightFraction) || weightFraction < 0 || weightFraction >= weightBits) {
    const range = `a whole number from 0 to ${weightBits - 1} (weightBits - 1)`;
    throw invalidOption('arithmetic.weightFraction', range, weightFraction);
  }
  checkOneOf('arithmetic.rounding', rounding, ['stochastic', 'nearest']);
  return { kind: 'wide', weightBits, weightFraction, rounding };
}
