import { SparseTrainError } from '../../base/errors.js';
import { literal, optionName, say } from '../../base/wording.js';
import { resolveArithmetic } from '../../network/arithmetic.js';
import { resolveOptimizer } from '../../network/optimizer.js';
import type { NetworkOptions } from '../../network/options.js';
import { AUGMENT } from '../../training/augmentation.js';
import { EARLY_STOPPING } from '../../training/early-stopping.js';
import { FIT, type FitOptions } from '../../training/fit-options.js';
import { rateKind, usualRate } from '../../training/learning-rate.js';
import { dynamicPattern } from './dynamic-pattern.js';
import { type Decay, decay, learningRateOption } from './learning-rate.js';
import { flagsOf, type Settings, settingOf, toOptions, type Values } from './setting.js';

const { epochs, batchSize, threads, ...fit } = flagsOf(FIT);
const { patience } = flagsOf(EARLY_STOPPING, 'earlyStopping.');

/** How a network is trained. */
export const trainingSettings = {
  epochs,
  batchSize,
  learningRate: {
    flag: '--learning-rate',
    kind: rateKind,
    description: 'the learning rate of the first epoch',
    option: ['learningRate.rate', 'learningRate', 'learningRate.exponent'],
  },
  decay: {
    flag: '--decay',
    kind: decay,
    description:
      'how the rate changes: constant, cosine, exponential:FACTOR (multiplied by FACTOR after each epoch), ' +
      'step:FACTOR:EPOCHS or powers-of-two:EXAMPLES,... (halved after each of these numbers of examples)',
    option: [
      'decay',
      'learningRate.kind',
      'learningRate.factor',
      'learningRate.every',
      'learningRate.boundaries',
    ],
  },
  patience: {
    ...patience,
    description: 'stop after this many epochs without a smaller validation loss, and restore the best epoch',
    otherwise: 'train all epochs',
  },
  dynamicPattern: {
    flag: '--dynamic-pattern',
    kind: dynamicPattern,
    description:
      'move the weakest edges during training: set (to random places), rigl (to where the gradient is largest); with ' +
      'METHOD:SHARE:EXAMPLES, the share that moves at first, and the examples between moves',
    otherwise: '0.3, once an epoch',
  },
  ...flagsOf(AUGMENT, 'augment.'),
  imageWidth: settingOf(AUGMENT.width, '--image-width', 'augment.width'),
  ...fit,
  threads,
} satisfies Settings;

export type TrainingValues = Values<typeof trainingSettings>;

/** The options of fit() that these settings describe, for a network with these options. */
export function fitOptions(values: TrainingValues, network: Omit<NetworkOptions, 'layers'>): FitOptions {
  const { learningRate: _rate, decay: _decay, ...others } = values;
  const { augment, ...options } = toOptions(others, trainingSettings) as Partial<FitOptions>;
  return {
    ...options,
    learningRate: learningRate(values, network),
    // --shift 0 means that images are not shifted, which is also the default.
    augment: augment?.shift === 0 && Object.keys(augment).length === 1 ? undefined : augment,
  };
}

/** If the rate or its change is given, sets both; the one that is missing gets the API's default. */
function learningRate(
  values: TrainingValues,
  network: Omit<NetworkOptions, 'layers'>,
): FitOptions['learningRate'] {
  if (values.learningRate === undefined && values.decay === undefined) return undefined;
  const arithmetic = resolveArithmetic(network.arithmetic ?? { kind: 'wide' });
  const optimizer = resolveOptimizer(network.optimizer ?? {}, arithmetic);
  const isHardware = arithmetic.kind === 'hardware';
  const usual = isHardware ? 2 ** -3 : usualRate({ arithmetic, optimizer }, values.batchSize ?? 1);
  const rate = values.learningRate ?? usual;
  const change: Decay = values.decay ?? { kind: isHardware ? 'constant' : 'cosine' };
  if (isHardware && change.kind !== 'constant' && change.kind !== 'powers-of-two') {
    throw new SparseTrainError('INVALID_OPTION', {
      option: 'decay',
      says: say`${optionName('decay', change.kind)} gives rates that are not powers of two, but the hardware arithmetic needs powers of two`,
      advice: say`use ${literal('constant')} or ${literal('powers-of-two:EXAMPLES,...')}`,
    });
  }
  return learningRateOption(rate, change);
}
