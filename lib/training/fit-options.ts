import { invalidOption, SparseTrainError } from '../base/errors.js';
import { checkBoolean, checkFunction, checkWhole } from '../base/options/checks.js';
import { checkOptionNames } from '../base/options/names.js';
import { checkSeed } from '../base/random.js';
import { type AnyDataset, Dataset } from '../data/dataset.js';
import type { NetworkCore } from '../network/core.js';
import { checkThreads, type Threads, threadCount } from '../network/threads.js';
import { type Augmentation, type AugmentationOptions, resolveAugmentation } from './augmentation.js';
import { checkBatchSize } from './batch-size.js';
import type { CheckpointOutcome } from './checkpoint/checkpointer.js';
import { type CheckpointOptions, type CheckpointRule, resolveCheckpoint } from './checkpoint/options.js';
import type { ClassWeights } from './class-weights.js';
import {
  type DynamicPatternOptions,
  type DynamicPatternRule,
  resolveDynamicPattern,
} from './dynamic-pattern.js';
import { type EarlyStoppingOptions, type EarlyStoppingRule, resolveEarlyStopping } from './early-stopping.js';
import {
  type LearningRate,
  type LearningRateSchedule,
  resolveLearningRate,
  usualRate,
} from './learning-rate.js';
import type { EpochRecord, TrainingProgress } from './records.js';

/** Options of {@link Network.fit}. */
export interface FitOptions {
  /** Passes over the data: 1 to 1,000,000; 5 by default. A stream has one. */
  epochs?: number | undefined;
  /**
   * A number or a schedule. By default a cosine over all epochs from 0.02 times batchSize (at most 1), times
   * 1 - momentum (at most what the number format can apply), with Adam from 0.001; for the hardware
   * arithmetic the published powers of two (2^-3, 2^-4 after 25,000 examples, 2^-5 after 75,000); for a stream the
   * network's own rate, as in learn().
   */
  learningRate?: LearningRate | undefined;
  /**
   * Examples per update: 1 (the default) trains online, 2 to 65,536 in mini-batches, which the hardware arithmetic does
   * not have. A batch is so many consecutive examples (the last of an epoch may be smaller), its gradients are averaged,
   * and the learning rate is that of a batch. Batches follow one another: the pipelined schedule is one of single
   * examples.
   */
  batchSize?: number | undefined;
  /** Measured after every epoch: a data set, or the share (above 0, below 1) of the data to set aside by seed. */
  validation?: AnyDataset | number | undefined;
  /** Whether every epoch has an order of its own, drawn from the seed; true by default. A stream keeps its order. */
  shuffle?: boolean | undefined;
  /** Of the orders and of the share set aside: 0 to 2^53 - 1; the network's own by default. */
  seed?: number | undefined;
  /** Threads that share the work of each example or batch: 1 to 256, or 'auto' (the default), which leaves small networks
   * to one core. What is learned does not depend on it. */
  threads?: Threads | undefined;
  /** Stops training within milliseconds; the network can be used on and the run says 'aborted'. */
  signal?: AbortSignal | undefined;
  /** Called about ten times a second, and at the end of every epoch. */
  onProgress?: ((progress: TrainingProgress) => void) | undefined;
  /** Called after every epoch and awaited; the network may be used in it, for example saved. */
  onEpoch?: ((record: EpochRecord) => void | Promise<void>) | undefined;
  earlyStopping?: EarlyStoppingOptions | undefined;
  /** Edges move during training; without it the pattern stays. */
  dynamicPattern?: DynamicPatternOptions | undefined;
  /** Images are moved or mirrored at random whenever they are presented. */
  augment?: AugmentationOptions | undefined;
  /** How much errors on each class count (softmax only). */
  classWeights?: ClassWeights | undefined;
  /** A file that training can be gone on with from after a crash, to the very network that it would have made. */
  checkpoint?: CheckpointOptions | undefined;
  /** Called after every checkpoint, also where one could not be written, which does not stop training. */
  onCheckpoint?: ((outcome: CheckpointOutcome) => void) | undefined;
  /**
   * A file to which the run log is appended: JSON lines `start` (or `resume`), `epoch` (one for each), `checkpoint` (as
   * well) and `end`.
   */
  log?: string | undefined;
  /** What else the log's first line is to say, as `context`: plain data, fit for JSON, such as a command line. */
  logContext?: Readonly<Record<string, unknown>> | undefined;
}

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
  readonly checkpoint: CheckpointRule | undefined;
  readonly onCheckpoint: FitOptions['onCheckpoint'];
  readonly log: string | undefined;
  readonly logContext: FitOptions['logContext'];
}

const NAMES = [
  'epochs',
  'learningRate',
  'batchSize',
  'validation',
  'shuffle',
  'seed',
  'threads',
  'signal',
  'onProgress',
  'onEpoch',
  'earlyStopping',
  'dynamicPattern',
  'augment',
  'classWeights',
  'checkpoint',
  'onCheckpoint',
  'log',
  'logContext',
] as const satisfies readonly (keyof FitOptions)[];

/**
 * Checks the options of fit() and fills in their defaults.
 *
 * @param isStream - whether the data is a stream, for which some options have no meaning
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function planFit(options: FitOptions, core: NetworkCore, isStream: boolean): FitPlan {
  checkOptionNames('fit options', options, NAMES);
  const {
    epochs = isStream ? 1 : 5,
    batchSize = 1,
    shuffle = !isStream,
    seed = core.options.seed,
    threads = 'auto',
  } = options;
  checkWhole('epochs', epochs, 1, 1_000_000);
  checkBatchSize(batchSize, core.options.arithmetic);
  checkBoolean('shuffle', shuffle);
  checkSeed(seed);
  checkThreads('threads', threads);
  checkValidation(options.validation);
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal)) {
    throw invalidOption('signal', 'an AbortSignal', options.signal);
  }
  if (options.onProgress !== undefined) checkFunction('onProgress', options.onProgress);
  if (options.onEpoch !== undefined) checkFunction('onEpoch', options.onEpoch);
  if (options.onCheckpoint !== undefined) checkFunction('onCheckpoint', options.onCheckpoint);
  if (options.log !== undefined && (typeof options.log !== 'string' || options.log === '')) {
    throw invalidOption('log', 'the path of a file', options.log);
  }
  checkLogContext(options.logContext);
  const { arithmetic, optimizer, output } = core.options;
  const published: LearningRate = { kind: 'powers-of-two', exponent: 3, boundaries: [25_000, 75_000] };
  const defaultRate: LearningRate = isStream
    ? core.learningRate
    : arithmetic.kind === 'hardware'
      ? published
      : { kind: 'cosine', rate: usualRate(core.options, batchSize) };
  const plan: FitPlan = {
    epochs,
    learningRate: resolveLearningRate(options.learningRate ?? defaultRate, { ...core.options, batchSize }),
    batchSize,
    validation: options.validation,
    shuffle,
    seed,
    threads: threadCount(threads, core, { kind: 'train', batchSize }),
    signal: options.signal,
    onProgress: options.onProgress,
    onEpoch: options.onEpoch,
    earlyStopping:
      options.earlyStopping === undefined ? undefined : resolveEarlyStopping(options.earlyStopping),
    dynamicPattern:
      options.dynamicPattern === undefined
        ? undefined
        : resolveDynamicPattern(options.dynamicPattern, core.options, { batchSize, isStream }),
    augment:
      options.augment === undefined
        ? undefined
        : resolveAugmentation(options.augment, core.inputs, batchSize),
    classWeights: options.classWeights,
    checkpoint: options.checkpoint === undefined ? undefined : resolveCheckpoint(options.checkpoint),
    onCheckpoint: options.onCheckpoint,
    log: options.log,
    logContext: options.logContext,
  };
  if (plan.earlyStopping?.metric === 'accuracy' && output === 'linear') {
    throw new SparseTrainError(
      'INVALID_OPTION',
      "earlyStopping.metric 'accuracy' is not for regression; use 'loss'",
    );
  }
  if (plan.earlyStopping?.metric === 'accuracy' && output === 'sigmoid' && plan.validation === undefined) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      "earlyStopping.metric 'accuracy' needs validation here; or use 'loss'",
    );
  }
  if (plan.augment !== undefined && optimizer.kind !== 'sgd') {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `augment is given, but optimizer.kind is '${optimizer.kind}', which trains in batches, and images vary only in online training`,
    );
  }
  if (plan.classWeights !== undefined && arithmetic.kind === 'hardware') {
    throw new SparseTrainError(
      'INVALID_OPTION',
      'classWeights is given, which the hardware arithmetic does not have',
    );
  }
  if (plan.checkpoint !== undefined && plan.dynamicPattern !== undefined) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      'checkpoint is given, but dynamicPattern moves edges, which a checkpoint does not hold; leave one of them out',
    );
  }
  if (isStream) checkStreamPlan(plan);
  return plan;
}

function checkLogContext(context: unknown): void {
  if (context === undefined) return;
  const isPlain = typeof context === 'object' && context !== null && !Array.isArray(context);
  try {
    if (isPlain && JSON.stringify(context) !== undefined) return;
  } catch (error) {
    const message = `logContext must be fit for JSON (${(error as Error).message})`;
    throw new SparseTrainError('INVALID_OPTION', message, { cause: error });
  }
  throw invalidOption('logContext', 'an object of plain data', context);
}

function checkValidation(validation: unknown): void {
  if (validation === undefined || validation instanceof Dataset) return;
  if (typeof validation !== 'number' || !(validation > 0 && validation < 1)) {
    throw invalidOption(
      'validation',
      'a Dataset or a number above 0 and below 1 (the share to set aside)',
      validation,
    );
  }
}

/** Refuses what needs all of the data at hand. */
function checkStreamPlan(plan: FitPlan): void {
  const refuse = (what: string) =>
    new SparseTrainError('INVALID_OPTION', `${what}, but the data is a stream`);
  if (plan.epochs !== 1)
    throw refuse(`epochs is ${plan.epochs}, and only a data set can be read more than once`);
  if (plan.shuffle) throw refuse('shuffle is true, which needs all examples at hand');
  if (typeof plan.validation === 'number')
    throw refuse('validation is a share of a data set; give a Dataset');
  if (plan.earlyStopping !== undefined) throw refuse('earlyStopping compares epochs');
  const { kind } = plan.learningRate;
  if (kind !== 'constant' && kind !== 'powers-of-two') {
    throw refuse(`learningRate of kind '${kind}' counts epochs; use a number or kind 'powers-of-two'`);
  }
}
