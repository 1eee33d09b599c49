import { invalidOption, SparseTrainError } from '../base/errors.js';
import { checkedBy, listOf, number, oneOf, whole } from '../base/options/kinds.js';
import { type OptionsOf, option, type Table, type VariantOf, variantOf } from '../base/options/table.js';
import { optionName, say } from '../base/wording.js';
import { checkRate, largestRate, type RateUse, type ResolvedArithmetic } from '../network/arithmetic.js';
import type { OptimizerKind } from '../network/optimizer.js';
import { ADAM_RATE } from '../network/options.js';

/** A rate to start training with. Number formats limit it further. */
export const rateKind = number({ above: 0, to: 1 });

const factorKind = number({ above: 0, to: 1 });

const CONSTANT = {
  /** Above 0 to 1. */
  rate: option(rateKind, { text: 'the rate', required: true }),
};

const STEP = {
  /** The rate of the first epoch: above 0 to 1. */
  rate: option(rateKind, { text: 'the rate of the first epoch', required: true }),
  /** Above 0 to 1. */
  factor: option(factorKind, { text: 'the rate is multiplied by it at each step', required: true }),
  /** Epochs between steps, 1 to 1,000,000. */
  every: option(whole(1, 1_000_000), { text: 'epochs between steps', required: true }),
};

const EXPONENTIAL = {
  /** The rate of the first epoch: above 0 to 1. */
  rate: option(rateKind, { text: 'the rate of the first epoch', required: true }),
  /** Above 0 to 1. */
  factor: option(factorKind, { text: 'the rate is multiplied by it after each epoch', required: true }),
};

const COSINE = {
  /** The rate at the beginning: above 0 to 1. */
  rate: option(rateKind, { text: 'the rate at the beginning', required: true }),
  /** The rate at the end: above 0 to `rate`; a hundredth of it by default. */
  final: option(rateKind, {
    text: 'the rate at the end, at most the one at the beginning',
    otherwise: 'a hundredth of rate',
  }),
};

const ascendingText = 'an array of ascending whole numbers from 1 to 2^53 - 1';

const boundariesKind = checkedBy<readonly number[]>(ascendingText, (name, value) => {
  const boundaries = listOf(whole(1), { expected: 'an array of numbers' }).check(name, value);
  for (const [i, boundary] of boundaries.entries())
    whole((boundaries[i - 1] ?? 0) + 1).check(`${name}[${i}]`, boundary);
  return boundaries;
});

const POWERS_OF_TWO = {
  /** The exponent of the first example: 0 to 15. */
  exponent: option(whole(0, 15), { text: 'the first rate is 2^-exponent', required: true }),
  /** Numbers of examples, ascending; none by default. */
  boundaries: option(boundariesKind, {
    text: 'numbers of examples, ascending, after each of which the rate is halved',
    default: [],
  }),
};

/** The options of each schedule of the learning rate. */
export const SCHEDULES = {
  constant: CONSTANT,
  step: STEP,
  exponential: EXPONENTIAL,
  cosine: COSINE,
  'powers-of-two': POWERS_OF_TWO,
} satisfies Record<string, Table>;

const scheduleText = "a number or a schedule such as { kind: 'cosine', rate: 0.02 }";

const scheduleKind = variantOf(
  SCHEDULES,
  oneOf(['constant', 'step', 'exponential', 'cosine', 'powers-of-two']),
  scheduleText,
);

/** The same rate for every example. */
export interface ConstantRate extends OptionsOf<typeof CONSTANT> {
  kind: 'constant';
}

/** Multiplied by `factor` after every `every` epochs. */
export interface StepRate extends OptionsOf<typeof STEP> {
  kind: 'step';
}

/** Multiplied by `factor` after every epoch. */
export interface ExponentialRate extends OptionsOf<typeof EXPONENTIAL> {
  kind: 'exponential';
}

/**
 * Falls from `rate` to `final` along half a cosine over all epochs, in 100 steps per epoch
 * (Loshchilov and Hutter, arXiv:1608.03983, without restarts).
 */
export interface CosineRate extends OptionsOf<typeof COSINE> {
  kind: 'cosine';
}

/**
 * 2^-exponent, halved at each of the boundaries, which count examples since the beginning of fit(); hardware does this by
 * shifting. The published schedule has exponent 3 and boundaries 25,000 and 75,000.
 */
export interface PowersOfTwoRate extends OptionsOf<typeof POWERS_OF_TWO> {
  kind: 'powers-of-two';
}

/** How the learning rate changes during fit(). */
export type LearningRateSchedule = ConstantRate | StepRate | ExponentialRate | CosineRate | PowersOfTwoRate;

/** A constant learning rate (above 0 to 1; less if the number format has many fraction bits), or a schedule. */
export type LearningRate = number | LearningRateSchedule;

/**
 * The default rate at the beginning of training, except with the hardware arithmetic. The mean gradient of a batch is less
 * noisy than that of one example, so the rate grows with the size of the batch, up to 1 (Goyal et al. 2017, arXiv:1706.02677).
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

type CheckedSchedule = VariantOf<typeof SCHEDULES>;

/** A learning rate: a number, or a schedule. */
export const learningRateKind = checkedBy<number | CheckedSchedule, LearningRate>(
  scheduleText,
  (name, value) =>
    typeof value === 'number' ? rateKind.check(name, value) : scheduleKind.check(name, value),
);

/**
 * Checks a learning rate, and whether the network's number format can apply it.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function resolveLearningRate(option: LearningRate, use: RateUse): LearningRateSchedule {
  const given = learningRateKind.check('learningRate', option);
  if (typeof given === 'number') {
    checkRate('learningRate', given, use);
    return { kind: 'constant', rate: given };
  }
  if (given.kind === 'powers-of-two') {
    checkRate('learningRate.exponent: 2^-exponent', 2 ** -given.exponent, use);
    return given;
  }
  checkRate('learningRate.rate', given.rate, use);
  if (use.arithmetic.kind === 'hardware') checkPowersAlone(given);
  if (given.kind !== 'cosine') return given;
  const { rate, final = rate / 100 } = given;
  return { ...given, final: number({ above: 0, to: rate }).check('learningRate.final', final) };
}

/** Refuses schedules with rates that are not powers of two, which the hardware arithmetic cannot apply. */
function checkPowersAlone(given: Exclude<CheckedSchedule, { kind: 'powers-of-two' }>): void {
  if (given.kind === 'cosine') {
    throw new SparseTrainError('INVALID_OPTION', {
      option: 'learningRate.kind',
      says: say`${optionName('learningRate.kind', 'cosine')} gives rates that are not powers of two, as the hardware arithmetic needs`,
      advice: say`use ${optionName('learningRate.kind', 'powers-of-two')}`,
    });
  }
  if ('factor' in given && !Number.isInteger(Math.log2(given.factor)))
    throw invalidOption(
      'learningRate.factor',
      'a power of two with the hardware arithmetic, such as 0.5',
      given.factor,
    );
}

/** A stretch of examples within fit(). */
export interface Stretch {
  /** Its epoch, counted from 0, and the number of epochs. */
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

/** Steps of the cosine per epoch. */
const COSINE_STEPS = 100;

/** Computes the rates of a stretch from a schedule that {@link resolveLearningRate} returned. */
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
