import { SparseTrainError } from '../../base/errors.js';
import { MAX_BATCH } from '../../engine/limits.js';
import { resolveArithmetic } from '../../network/arithmetic.js';
import { resolveOptimizer } from '../../network/optimizer.js';
import type { NetworkOptions } from '../../network/options.js';
import type { FitOptions } from '../../training/fit-options.js';
import { usualRate } from '../../training/learning-rate.js';
import { dynamicPattern } from './dynamic-pattern.js';
import { type Decay, decay, learningRateOption } from './learning-rate.js';
import type { Settings, Values } from './setting.js';
import { flag, number, whole, wholeOrAuto } from './value-kinds.js';

/** How a network is trained. */
export const trainingSettings = {
  epochs: { flag: '--epochs', kind: whole(1, 1_000_000), description: 'passes over the training data' },
  batchSize: {
    flag: '--batch-size',
    kind: whole(1, MAX_BATCH),
    description:
      'examples per update: 1 trains online, more in mini-batches (not with --arithmetic hardware)',
  },
  learningRate: {
    flag: '--learning-rate',
    kind: number(0, 1, { above: true }),
    description: 'of the first epoch',
    apiName: 'learningRate.rate',
  },
  decay: {
    flag: '--decay',
    kind: decay,
    description:
      'how the rate changes: constant, cosine, exponential:FACTOR (times FACTOR after each epoch), ' +
      'step:FACTOR:EPOCHS or powers-of-two:EXAMPLES,... (halved after so many examples)',
  },
  patience: {
    flag: '--patience',
    kind: whole(1, 1_000_000),
    description: 'stop after so many epochs without a smaller validation loss, and go back to the best',
    apiName: 'earlyStopping.patience',
  },
  dynamicPattern: {
    flag: '--dynamic-pattern',
    kind: dynamicPattern,
    description:
      'move the weakest edges during training: set (to anywhere), rigl (to where the gradient is largest); with ' +
      'METHOD:SHARE:EXAMPLES, the share that moves at first and how often (default: 0.3, once an epoch)',
  },
  shift: {
    flag: '--shift',
    kind: whole(0, 1024),
    description: 'move images by up to so many pixels whenever they are presented (default: 0)',
    apiName: 'augment.shift',
  },
  mirror: {
    flag: '--mirror',
    kind: flag,
    description: 'mirror images in half of their presentations',
    apiName: 'augment.mirror',
  },
  imageWidth: {
    flag: '--image-width',
    kind: whole(1, 1_000_000),
    description: 'pixels in a row of an image, for --shift and --mirror (default: images are square)',
    apiName: 'augment.width',
  },
  threads: {
    flag: '--threads',
    kind: wholeOrAuto(1, 256),
    description: "that share the work, or 'auto': one for small networks, up to all cores for large ones",
  },
} as const satisfies Settings;

export type TrainingValues = Values<typeof trainingSettings>;

/** The options of fit() of these settings, for a network with these options. */
export function fitOptions(values: TrainingValues, network: NetworkOptions): FitOptions {
  const { epochs, batchSize, patience, threads } = values;
  return {
    epochs,
    batchSize,
    threads,
    learningRate: learningRate(values, network),
    earlyStopping: patience === undefined ? undefined : { patience },
    dynamicPattern: values.dynamicPattern,
    augment: augmentation(values),
  };
}

function augmentation({ shift, mirror, imageWidth }: TrainingValues): FitOptions['augment'] {
  if ((shift ?? 0) > 0 || mirror === true) return { shift, mirror, width: imageWidth };
  if (imageWidth === undefined) return undefined;
  throw new SparseTrainError(
    'INVALID_OPTION',
    '--image-width is for --shift and --mirror; give one of them, or leave it out',
  );
}

/** If a rate or its change is given, both, the other one being the API's default. */
function learningRate(values: TrainingValues, network: NetworkOptions): FitOptions['learningRate'] {
  if (values.learningRate === undefined && values.decay === undefined) return undefined;
  const arithmetic = resolveArithmetic(network.arithmetic ?? { kind: 'wide' });
  const optimizer = resolveOptimizer(network.optimizer ?? {}, arithmetic);
  const isHardware = arithmetic.kind === 'hardware';
  const usual = isHardware ? 2 ** -3 : usualRate({ arithmetic, optimizer }, values.batchSize ?? 1);
  const rate = values.learningRate ?? usual;
  const change: Decay = values.decay ?? { kind: isHardware ? 'constant' : 'cosine' };
  if (isHardware && change.kind !== 'constant' && change.kind !== 'powers-of-two') {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `--decay ${change.kind} gives rates that are not powers of two, as the hardware arithmetic needs; use constant or powers-of-two:EXAMPLES,...`,
    );
  }
  return learningRateOption(rate, change);
}
