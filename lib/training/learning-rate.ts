import { invalidOption, SparseTrainError } from '../base/errors.js';
import { checkNumberAbove, checkOneOf, checkWhole } from '../base/options/checks.js';
import { checkOptionNames } from '../base/options/names.js';
import { checkRate, largestRate, type RateUse, type ResolvedArithmetic } from '../network/arithmetic.js';
import type { OptimizerKind } from '../network/optimizer.js';
import { ADAM_RATE } from '../network/options.js';

/** The same rate for every example. */
export interface ConstantRate {
  kind: 'constant';
  /** Above 0 to 1. */
  rate: number;
}

/** Times `factor` after every `every` epochs. */
export interface StepRate {
  kind: 'step';
  /** Of the first epoch: above 0 to 1. */
  rate: number;
  /** Above 0 to 1. */
  factor: number;
  /** Epochs between steps, 1 or more. */
  every: number;
}

/** Times `factor` after every epoch. */
export interface ExponentialRate {
  kind: 'exponential';
  /** Of the first epoch: above 0 to 1. */
  rate: number;
  /** Above 0 to 1. */
  factor: number;
}

/**
 * From `rate` down to `final` along half a cosine over all epochs, in 100 steps an epoch
 * (Loshchilov and Hutter, arXiv:1608.03983, without restarts).
 */
export interface CosineRate {
  kind: 'cosine';
  /** At the beginning: above 0 to 1. */
  rate: number;
  /** At the end: above 0 to `rate`; a hundredth of it by default. */
  final?: number | undefined;
}

/**
 * 2^-exponent, halved after each of so many examples since the beginning of fit(), as hardware does it by shifting:
 * the published schedule is exponent 3 with boundaries 25,000 and 75,000.
 */
export interface PowersOfTwoRate {
  kind: 'powers-of-two';
  /** Of the first example: 0 to 15. */
  exponent: number;
  /** Numbers of examples, ascending; none by default. */
  boundaries?: readonly number[] | undefined;
}

/** How the learning rate changes during fit(). */
export type LearningRateSchedule = ConstantRate | StepRate | ExponentialRate | CosineRate | PowersOfTwoRate;

/** A learning rate that stays (above 0 to 1, or less where the number format has many fraction bits), or a schedule. */
export type LearningRate = number | LearningRateSchedule;

/**
 * The rate that training starts with unless it is said, for all but the hardware arithmetic: a batch's mean gradient is
 * less noisy than one example's, so rates grow with the size of the batch, up to 1 (Goyal et al. 2017, arXiv:1706.02677).
 */
export function usualRate(
  network: { arithmetic: ResolvedArithmetic; optimizer: { kind: OptimizerKind; momentum: number } },
  batchSize: number,
): number {
  const { arithmetic, optimizer } = network;
  if (optimizer.kind !== 'sgd') return ADAM_RATE;
  const { momentum } = optimizer;
  return Math.min(
    Math.min(0.02 * batchSize, 1) * (1 - momentum),
    largestRate(arithmetic, momentum, batchSize),
  );
}

const FIELDS: Record<LearningRateSchedule['kind'], readonly string[]> = {
  constant: ['kind', 'rate'],
  step: ['kind', 'rate', 'factor', 'every'],
  exponential: ['kind', 'rate', 'factor'],
  cosine: ['kind', 'rate', 'final'],
  'powers-of-two': ['kind', 'exponent', 'boundaries'],
};

const KINDS = Object.keys(FIELDS) as LearningRateSchedule['kind'][];

/**
 * Checks a learning rate, also against what the network's number format can apply.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function resolveLearningRate(option: LearningRate, use: RateUse): LearningRateSchedule {
  if (typeof option === 'number') {
    checkRate('learningRate', option, use);
    return { kind: 'constant', rate: option };
  }
  if (typeof option !== 'object' || option === null) {
    throw invalidOption(
      'learningRate',
      "a number or a schedule such as { kind: 'cosine', rate: 0.02 }",
      option,
    );
  }
  checkOneOf('learningRate.kind', option.kind, KINDS);
  checkOptionNames(`learningRate of kind '${option.kind}'`, option, FIELDS[option.kind]);
  if (option.kind === 'powers-of-two') {
    const checked = checkPowersOfTwo(option);
    checkRate('learningRate.exponent: 2^-exponent', 2 ** -checked.exponent, use);
    return checked;
  }
  checkRate('learningRate.rate', option.rate, use);
  if (use.arithmetic.kind === 'hardware') checkPowersAlone(option);
  switch (option.kind) {
    case 'step':
      checkWhole('learningRate.every', option.every, 1, 1_000_000);
      checkNumberAbove('learningRate.factor', option.factor, 0, 1);
      break;
    case 'exponential':
      checkNumberAbove('learningRate.factor', option.factor, 0, 1);
      break;
    case 'cosine': {
      const { final = option.rate / 100 } = option;
      checkNumberAbove('learningRate.final', final, 0, option.rate);
      return { ...option, final };
    }
  }
  return { ...option };
}

/** Refuses schedules whose rates are not all powers of two, as the hardware arithmetic needs them. */
function checkPowersAlone(option: Exclude<LearningRateSchedule, PowersOfTwoRate>): void {
  if (option.kind === 'cosine') {
    throw new SparseTrainError(
      'INVALID_OPTION',
      "learningRate of kind 'cosine' gives rates that are no powers of two, as the hardware arithmetic needs; use kind 'powers-of-two'",
    );
  }
  if ('factor' in option && !Number.isInteger(Math.log2(option.factor)))
    throw invalidOption(
      'learningRate.factor',
      'a power of two with the hardware arithmetic, such as 0.5',
      option.factor,
    );
}

function checkPowersOfTwo(option: PowersOfTwoRate): PowersOfTwoRate {
  const { exponent, boundaries = [] } = option;
  checkWhole('learningRate.exponent', exponent, 0, 15);
  if (!Array.isArray(boundaries))
    throw invalidOption('learningRate.boundaries', 'an array of numbers', boundaries);
  for (const [i, boundary] of boundaries.entries()) {
    const previous = i === 0 ? 0 : (boundaries[i - 1] as number);
    checkWhole(`learningRate.boundaries[${i}]`, boundary, previous + 1, Number.MAX_SAFE_INTEGER);
  }
  return { kind: option.kind, exponent, boundaries: [...boundaries] };
}

/** A stretch of examples within fit(). */
export interface Stretch {
  /** The epoch that it is, counted from 0, and of how many. */
  epoch: number;
  epochs: number;
  /** Examples presented before it since fit() began. */
  presented: number;
  /** Examples in it, 1 or more. */
  examples: number;
}

/** Example i of a stretch has rate `rates[floor(i / interval)]`. */
export interface Rates {
  rates: Float64Array;
  interval: number;
}

/** Steps that the cosine is drawn with in an epoch. */
const COSINE_STEPS = 100;

/** The rates of a stretch, under a schedule that {@link resolveLearningRate} returned. */
export function ratesOf(schedule: LearningRateSchedule, stretch: Stretch): Rates {
  const { epoch, epochs, examples } = stretch;
  switch (schedule.kind) {
    case 'constant':
      return single(schedule.rate, examples);
    case 'step':
      return single(schedule.rate * schedule.factor ** Math.floor(epoch / schedule.every), examples);
    case 'exponential':
      return single(schedule.rate * schedule.factor ** epoch, examples);
    case 'cosine': {
      const { rate, final = rate / 100 } = schedule;
      const interval = Math.ceil(examples / COSINE_STEPS);
      const rates = Float64Array.from({ length: Math.ceil(examples / interval) }, (_, i) => {
        const progress = (epoch + (i * interval) / examples) / epochs;
        return final + ((rate - final) * (1 + Math.cos(Math.PI * progress))) / 2;
      });
      return { rates, interval };
    }
    case 'powers-of-two':
      return powersOfTwo(schedule, stretch);
  }
}

function powersOfTwo(
  { exponent, boundaries = [] }: PowersOfTwoRate,
  { presented, examples }: Stretch,
): Rates {
  const passed = boundaries.filter((boundary) => boundary <= presented).length;
  const inside = boundaries.filter((boundary) => boundary > presented && boundary < presented + examples);
  if (inside.length === 0) return single(2 ** -(exponent + passed), examples);
  const rates = new Float64Array(examples);
  let from = 0;
  for (const [i, boundary] of [...inside, presented + examples].entries()) {
    rates.fill(2 ** -(exponent + passed + i), from, boundary - presented);
    from = boundary - presented;
  }
  return { rates, interval: 1 };
}

function single(rate: number, examples: number): Rates {
  return { rates: Float64Array.of(rate), interval: examples };
}
