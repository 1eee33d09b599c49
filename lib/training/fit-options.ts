import { invalidOption, SparseTrainError } from '../base/errors.js';
import {
  boolean,
  callback,
  checkedBy,
  instanceOf,
  type Kind,
  path,
  plainObject,
  seedKind,
  whole,
} from '../base/options/kinds.js';
import {
  applyRules,
  type CheckedOptions,
  checkOptions,
  type OptionsOf,
  objectOf,
  option,
  type Rule,
} from '../base/options/table.js';
import { literal, optionName, say, type Wording } from '../base/wording.js';
import { type AnyDataset, Dataset } from '../data/dataset.js';
import { MAX_BATCH } from '../engine/limits.js';
import type { NetworkCore } from '../network/core.js';
import { THREADS, threadCount } from '../network/threads.js';
import { AUGMENT, type Augmentation, type AugmentationOptions, resolveAugmentation } from './augmentation.js';
import { calibrationKind } from './calibration.js';
import type { CheckpointOutcome } from './checkpoint/checkpointer.js';
import {
  CHECKPOINT,
  type CheckpointOptions,
  type CheckpointRule,
  checkpointRule,
} from './checkpoint/options.js';
import { type ClassWeights, classWeightsKind } from './class-weights.js';
import {
  DYNAMIC_PATTERN,
  DYNAMIC_PATTERN_RULES,
  type DynamicPatternOptions,
  type DynamicPatternRule,
} from './dynamic-pattern.js';
import { EARLY_STOPPING, type EarlyStoppingOptions, type EarlyStoppingRule } from './early-stopping.js';
import {
  type LearningRateSchedule,
  learningRateKind,
  resolveLearningRate,
  usualRate,
} from './learning-rate.js';
import type { EpochRecord, TrainingProgress } from './records.js';

const validationText = 'a Dataset or a number above 0 and below 1 (the share to set aside)';

const validationKind = checkedBy<AnyDataset | number>(
  validationText,
  (name, value) => {
    if (value instanceof Dataset) return value;
    if (typeof value === 'number' && value > 0 && value < 1) return value;
    throw invalidOption(name, validationText, value);
  },
  { bounds: { within: [1e-6, 0.999], beyond: [0, 1] } },
);

// Named, so that the reference and editors show the names of these types.
const earlyStoppingKind: Kind<EarlyStoppingRule, EarlyStoppingOptions> = objectOf(EARLY_STOPPING);
const dynamicPatternKind: Kind<DynamicPatternRule, DynamicPatternOptions> = objectOf(DYNAMIC_PATTERN);
const augmentKind: Kind<CheckedOptions<typeof AUGMENT>, AugmentationOptions> = objectOf(AUGMENT);
const checkpointKind: Kind<CheckedOptions<typeof CHECKPOINT>, CheckpointOptions> = objectOf(
  CHECKPOINT,
  'an object such as { file, every: { seconds: 60 } }',
);

/** Passes over a data set if nothing else is asked for. */
export const USUAL_EPOCHS = 5;

/** The options of {@link Network.fit}. */
export const FIT = {
  /** Passes over the data: 1 to 1,000,000; 5 by default. A stream has one. */
  epochs: option(whole(1, 1_000_000), {
    text: 'passes over the training data',
    otherwise: `${USUAL_EPOCHS}; a stream is read once`,
    flag: '--epochs',
  }),
  /**
   * A number or a schedule. By default a cosine over all epochs from 0.02 times batchSize (at most 1), times
   * 1 - momentum (at most what the number format can apply), with Adam from 0.001; for the hardware
   * arithmetic the published powers of two (2^-3, 2^-4 after 25,000 examples, 2^-5 after 75,000); for a stream the
   * network's own rate, as in learn().
   */
  learningRate: option(learningRateKind, {
    text: 'a number, or a schedule',
    otherwise: 'a cosine from 0.02 times batchSize; see the API reference',
  }),
  /**
   * Examples per update: 1 (the default) trains online, 2 to 65,536 in mini-batches, which the hardware arithmetic does
   * not have. A batch consists of consecutive examples (the last of an epoch may be smaller); its gradients are averaged,
   * and the learning rate applies to the batch. Batches are not pipelined: one is finished before the next begins.
   */
  batchSize: option(whole(1, MAX_BATCH), {
    text: 'examples per update: 1 trains online, more in mini-batches (not with the hardware arithmetic)',
    default: 1,
    flag: '--batch-size',
  }),
  /** Measured after every epoch: a data set, or the share (above 0, below 1) of the data to set aside by seed. */
  validation: option(validationKind, {
    text: 'measured after every epoch: a data set, or the share of the data to set aside',
    otherwise: 'nothing is measured',
  }),
  /** Whether every epoch has an order of its own, drawn from the seed; true by default. A stream keeps its order. */
  shuffle: option(boolean, {
    text: 'whether every epoch has an order of its own, drawn from the seed',
    otherwise: 'true; a stream keeps its order',
  }),
  /** Decides the order of examples and which ones are set aside: 0 to 2^53 - 1; by default the network's own seed. */
  seed: option(seedKind, {
    text: 'decides the order of the examples and which of them are set aside',
    otherwise: "the network's",
  }),
  /** Threads that share the work of each example or batch: 1 to 256, or 'auto' (the default), which trains small
   * networks on one core. What is learned does not depend on it. */
  ...THREADS,
  /** Stops training within milliseconds; the network can still be used and the run says 'aborted'. */
  signal: option(instanceOf(AbortSignal, 'an AbortSignal'), { text: 'stops training within milliseconds' }),
  /** Called about ten times a second, and at the end of every epoch. */
  onProgress: option(callback<(progress: TrainingProgress) => void>(), {
    text: 'called about ten times a second, and at the end of every epoch',
  }),
  /**
   * Called after every epoch and awaited until `signal` stops training; the network may be used in it, for example
   * saved.
   */
  onEpoch: option(callback<(record: EpochRecord) => void | Promise<void>>(), {
    text: 'called after every epoch and awaited',
  }),
  /** Stops training when a metric no longer gets better. */
  earlyStopping: option(earlyStoppingKind, {
    text: 'stops training when a metric no longer gets better',
    otherwise: 'all epochs are trained',
  }),
  /** Edges move during training; without it the pattern stays. */
  dynamicPattern: option(dynamicPatternKind, {
    text: 'edges move during training',
    otherwise: 'the pattern stays',
  }),
  /** Images are moved or mirrored at random whenever they are presented. */
  augment: option(augmentKind, {
    text: 'images are moved or mirrored at random whenever they are presented',
    otherwise: 'images stay as they are',
  }),
  /** How much each class counts: 'balanced' for any classes, a list for softmax only. */
  classWeights: option(classWeightsKind, {
    text: 'how much each class counts: balanced (rows of rare classes are presented more often), or a factor for its errors from 0 to 127 for each class',
    otherwise: 'every example counts the same',
    flag: '--class-weights',
    placeholder: '<weights>',
  }),
  /**
   * Makes the probabilities of classes neither too sure nor too unsure, when training has ended: 'validation' divides the
   * weights and biases of the last junction by the temperature with the least loss on the validation; a number (0.25 to 8)
   * is that temperature. Decisions stay, except where integers are rounded. Classes only (softmax, or one sigmoid output),
   * and not with the hardware arithmetic. Aborted training is not calibrated.
   */
  calibration: option(calibrationKind, {
    text: 'temperature by which sums of the last layer are divided after training; validation: the one with the least loss there',
    otherwise: 'probabilities stay as they are',
    flag: '--calibration',
    placeholder: '<temperature>',
  }),
  /** A checkpoint file; resuming from it after a crash gives the identical network. */
  checkpoint: option(checkpointKind, {
    text: 'a file from which training can resume after a crash',
    otherwise: 'there is none',
  }),
  /** Called after every checkpoint. One that could not be written does not stop training. */
  onCheckpoint: option(callback<(outcome: CheckpointOutcome) => void>(), {
    text: 'called after every checkpoint',
  }),
  /**
   * A file to which the run log is appended: JSON lines `start` (or `resume`), one `epoch` for each epoch, one
   * `checkpoint` for each checkpoint, and `end`.
   */
  log: option(path(), { text: 'a file to which the run log is appended', otherwise: 'there is none' }),
  /** Plain data, fit for JSON, that the log's first line holds as `context`, such as a command line. */
  logContext: option(plainObject, { text: "plain data that the log's first line holds as context" }),
};

/** Options of {@link Network.fit}. */
export interface FitOptions extends OptionsOf<typeof FIT> {}

/** {@link FitOptions} checked, with defaults filled in. */
export interface FitPlan {
  readonly epochs: number;
  readonly learningRate: LearningRateSchedule;
  readonly validation: AnyDataset | number | undefined;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: FitOptions['onProgress'];
  readonly onEpoch: FitOptions['onEpoch'];
  readonly earlyStopping: EarlyStoppingRule | undefined;
  readonly dynamicPattern: DynamicPatternRule | undefined;
  readonly augment: Augmentation | undefined;
  readonly classWeights: ClassWeights | undefined;
  readonly calibration: number | 'validation' | undefined;
  readonly checkpoint: CheckpointRule | undefined;
  readonly onCheckpoint: FitOptions['onCheckpoint'];
  readonly log: string | undefined;
  readonly logContext: FitOptions['logContext'];
}

/** The values that rules about combinations of fit options check. */
interface Combination {
  readonly plan: FitPlan;
  readonly core: NetworkCore;
}

function refusal(
  name: string,
  when: (combination: Combination) => boolean,
  refuse: Wording | ((combination: Combination) => Wording),
  advice?: Wording,
): Rule<Combination> {
  return { option: name, when, refuse, advice };
}

const RULES: readonly Rule<Combination>[] = [
  refusal(
    'earlyStopping.metric',
    ({ plan, core }) => plan.earlyStopping?.metric === 'accuracy' && core.options.output === 'linear',
    say`${optionName('earlyStopping.metric')} ${literal('accuracy')} is not for regression`,
    say`use ${literal('loss')}`,
  ),
  refusal(
    'earlyStopping.metric',
    ({ plan, core }) =>
      plan.earlyStopping?.metric === 'accuracy' &&
      core.options.output === 'sigmoid' &&
      plan.validation === undefined,
    say`${optionName('earlyStopping.metric')} ${literal('accuracy')} needs ${optionName('validation')} here`,
    say`give it, or use ${literal('loss')}`,
  ),
  refusal(
    'augment',
    ({ plan, core }) => plan.augment !== undefined && core.options.optimizer.kind !== 'sgd',
    ({ core }) =>
      say`${optionName('augment')} is given, but ${optionName('optimizer.kind')} is ${literal(core.options.optimizer.kind)}, which trains in batches, and images vary only in online training`,
  ),
  refusal(
    'classWeights',
    ({ plan, core }) => Array.isArray(plan.classWeights) && core.options.arithmetic.kind === 'hardware',
    say`${optionName('classWeights')} has a number for each class, which the hardware arithmetic does not have`,
  ),
  refusal(
    'calibration',
    ({ plan, core }) => plan.calibration !== undefined && core.options.arithmetic.kind === 'hardware',
    say`${optionName('calibration')} is given, but the hardware arithmetic has no probabilities`,
    'leave it out',
  ),
  refusal(
    'calibration',
    ({ plan, core }) =>
      plan.calibration !== undefined && core.options.output !== 'softmax' && !core.isYesOrNo,
    say`${optionName('calibration')} is given, but the network does not predict one of several classes`,
    'leave it out',
  ),
  refusal(
    'calibration',
    ({ plan }) => plan.calibration === 'validation' && plan.validation === undefined,
    say`${optionName('calibration')} is ${literal('validation')}, but nothing is set aside for it`,
    say`give ${optionName('validation')}, or a number`,
  ),
  refusal(
    'checkpoint',
    ({ plan }) => plan.checkpoint !== undefined && plan.dynamicPattern !== undefined,
    say`${optionName('checkpoint')} is given, but ${optionName('dynamicPattern')} moves edges, which a checkpoint does not hold`,
    'leave one of them out',
  ),
];

function onStream(
  name: string,
  when: (plan: FitPlan) => boolean,
  what: (plan: FitPlan) => Wording,
  advice?: Wording,
) {
  return refusal(
    name,
    ({ plan }) => when(plan),
    ({ plan }) => say`${what(plan)}, but the data is a stream`,
    advice,
  );
}

/** Refuses options that need the whole data set. */
const STREAM_RULES: readonly Rule<Combination>[] = [
  onStream(
    'epochs',
    ({ epochs }) => epochs !== 1,
    ({ epochs }) => say`${optionName('epochs')} is ${epochs}, and only a data set can be read more than once`,
  ),
  onStream(
    'shuffle',
    ({ shuffle }) => shuffle,
    () => say`${optionName('shuffle')} is true, which needs all examples at hand`,
  ),
  onStream(
    'validation',
    ({ validation }) => typeof validation === 'number',
    () => say`${optionName('validation')} is a share of a data set`,
    'give a Dataset',
  ),
  onStream(
    'earlyStopping',
    ({ earlyStopping }) => earlyStopping !== undefined,
    () => say`${optionName('earlyStopping')} compares epochs`,
  ),
  onStream(
    'learningRate.kind',
    ({ learningRate: { kind } }) => kind !== 'constant' && kind !== 'powers-of-two',
    ({ learningRate: { kind } }) => say`${optionName('learningRate.kind', kind)} counts epochs`,
    say`use a number or ${optionName('learningRate.kind', 'powers-of-two')}`,
  ),
];

/**
 * Checks the options of fit() and fills in their defaults.
 *
 * @param isStream - whether the data is a stream, for which some options have no meaning
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function planFit(options: FitOptions, core: NetworkCore, isStream: boolean): FitPlan {
  const given = checkOptions('fit options', FIT, options);
  const {
    epochs = isStream ? 1 : USUAL_EPOCHS,
    batchSize,
    shuffle = !isStream,
    seed = core.options.seed,
    threads,
  } = given;
  const { arithmetic } = core.options;
  if (batchSize > 1 && arithmetic.kind === 'hardware') {
    const reason = 'the hardware arithmetic updates after every example, as the published design does';
    throw new SparseTrainError('INVALID_OPTION', {
      option: 'batchSize',
      says: say`${optionName('batchSize')} must be 1, but it is ${batchSize}: ${reason}`,
    });
  }
  const { augment, checkpoint, learningRate = defaultRate(core, batchSize, isStream) } = given;
  const plan: FitPlan = {
    epochs,
    learningRate: resolveLearningRate(learningRate, { ...core.options, batchSize }),
    batchSize,
    validation: given.validation,
    shuffle,
    seed,
    threads: threadCount(threads, core, { kind: 'train', batchSize }),
    signal: given.signal,
    onProgress: given.onProgress,
    onEpoch: given.onEpoch,
    earlyStopping: given.earlyStopping,
    dynamicPattern: given.dynamicPattern,
    augment: augment === undefined ? undefined : resolveAugmentation(augment, core.inputs, batchSize),
    classWeights: given.classWeights,
    calibration: given.calibration,
    checkpoint: checkpoint === undefined ? undefined : checkpointRule(checkpoint),
    onCheckpoint: given.onCheckpoint,
    log: given.log,
    logContext: given.logContext,
  };
  if (plan.dynamicPattern !== undefined)
    applyRules(DYNAMIC_PATTERN_RULES, { network: core.options, batchSize, isStream });
  applyRules(RULES, { plan, core });
  if (isStream) applyRules(STREAM_RULES, { plan, core });
  return plan;
}

function defaultRate(core: NetworkCore, batchSize: number, isStream: boolean) {
  if (isStream) return core.learningRate;
  return core.options.arithmetic.kind === 'hardware'
    ? ({ kind: 'powers-of-two', exponent: 3, boundaries: [25_000, 75_000] } as const)
    : ({ kind: 'cosine', rate: usualRate(core.options, batchSize), final: undefined } as const);
}
