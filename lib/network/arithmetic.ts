import { invalidOption } from '../base/errors.js';
import { checkOneOf, checkWhole } from '../base/options/checks.js';
import { checkOptionNames } from '../base/options/names.js';
import type { NativeArithmetic, NativeHardware } from '../engine/native.js';

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

/**
 * The datapath of the published hardware, bit for bit (docs/hardware.md): every number has the same format, 1 sign bit,
 * `integerBits` before and the others after the point. There is no softmax: the output layer has an activation
 * function like the others, and learning rates are powers of two.
 */
export interface HardwareArithmetic {
  kind: 'hardware';
  /** Bits of every number: 4 to 16, or 32. */
  width: number;
  /** Bits before the point, the sign not counted: 0 to width - 3. */
  integerBits: number;
  /** The least value of the sigmoid tables within their range; some published tables have 1. 0 by default. */
  tableFloor?: 0 | 1 | undefined;
  /** What is minimised; 'cross-entropy' by default. */
  cost?: 'cross-entropy' | 'quadratic' | undefined;
  /** The function of output neurons; 'sigmoid' by default. */
  outputActivation?: 'sigmoid' | 'relu' | undefined;
}

/** The datapath that a network computes with. */
export type Arithmetic = WideArithmetic | FloatArithmetic | HardwareArithmetic;

/** An arithmetic with every default filled in. */
export type ResolvedArithmetic = NativeArithmetic | NativeHardware;

/** The largest k of a learning rate 2^-k of the hardware arithmetic. */
const MAX_RATE_SHIFT = 31;

/**
 * The largest learning rate that an arithmetic can apply without scaled deltas leaving their 16 bits
 * (docs/arithmetic.md, "Updates"): 2^(10 - weightFraction), with momentum a sixteenth of it, and never above 1.
 * Mini-batches have no scaled deltas, and so only the last of these limits.
 */
export function largestRate(arithmetic: ResolvedArithmetic, momentum: number, batchSize = 1): number {
  if (arithmetic.kind !== 'wide' || batchSize > 1) return 1;
  return Math.min(1, 2 ** (10 - arithmetic.weightFraction - (momentum > 0 ? 4 : 0)));
}

/** What a learning rate must suit. */
export interface RateUse {
  arithmetic: ResolvedArithmetic;
  momentum: number;
  /** 1 unless given. */
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
      `a power of two from 1 down to 2^-${MAX_RATE_SHIFT}, such as 0.125, as the hardware arithmetic shifts`,
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

const KINDS = ['wide', 'float', 'hardware'] as const;

/**
 * Checks the `arithmetic` option and fills in its defaults.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function resolveArithmetic(option: unknown): ResolvedArithmetic {
  if (typeof option !== 'object' || option === null) {
    throw invalidOption('arithmetic', `an object such as { kind: 'wide' }`, option);
  }
  const { kind } = option as Partial<Arithmetic>;
  checkOneOf('arithmetic.kind', kind, KINDS);
  if (kind === 'hardware') return resolveHardware(option as HardwareArithmetic);
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

const HARDWARE_NAMES = ['kind', 'width', 'integerBits', 'tableFloor', 'cost', 'outputActivation'] as const;

function resolveHardware(option: HardwareArithmetic): NativeHardware {
  checkOptionNames("arithmetic of kind 'hardware'", option, HARDWARE_NAMES);
  const { width, integerBits, tableFloor = 0, cost = 'cross-entropy', outputActivation = 'sigmoid' } = option;
  const isWidth = Number.isInteger(width) && ((width >= 4 && width <= 16) || width === 32);
  if (!isWidth) throw invalidOption('arithmetic.width', 'a whole number from 4 to 16, or 32', width);
  if (!Number.isInteger(integerBits) || integerBits < 0 || integerBits > width - 3) {
    const range = `a whole number from 0 to ${width - 3} (of ${width} bits one is the sign and two at least stand after the point)`;
    throw invalidOption('arithmetic.integerBits', range, integerBits);
  }
  if (tableFloor !== 0 && tableFloor !== 1)
    throw invalidOption('arithmetic.tableFloor', '0 or 1', tableFloor);
  checkOneOf('arithmetic.cost', cost, ['cross-entropy', 'quadratic']);
  checkOneOf('arithmetic.outputActivation', outputActivation, ['sigmoid', 'relu']);
  return { kind: 'hardware', width, integerBits, tableFloor, cost, outputActivation };
}

/** What one unit of a weight and of a bias is worth; 1 for floats. */
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
