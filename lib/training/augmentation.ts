import { SparseTrainError } from '../base/errors.js';
import { checkBoolean, checkWhole } from '../base/options/checks.js';
import { checkOptionNames } from '../base/options/names.js';

/**
 * Images that are presented a little differently every time (docs/arithmetic.md, "Augmentation"): whole pixels, so
 * exactly, and by the seed of the network and the number of the input alone. Inputs are images of one channel, row by row;
 * what comes from outside is 0 (before scaling). Validation and predictions see images as they are.
 */
export interface AugmentationOptions {
  /** Pixels in a row of the image; by default the image is square. */
  width?: number | undefined;
  /** An image is moved by up to so many pixels in each direction, each distance equally often: 0 (the default) to 1024. */
  shift?: number | undefined;
  /** Whether left and right change places in half of the presentations; false by default. */
  mirror?: boolean | undefined;
}

/** {@link AugmentationOptions} with every default filled in. */
export interface Augmentation {
  readonly width: number;
  readonly shift: number;
  readonly mirror: boolean;
}

const MAX_SHIFT = 1024;

/**
 * Checks the `augment` option of fit() and fills in its defaults.
 *
 * @param inputs - neurons of the first layer
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function resolveAugmentation(
  option: AugmentationOptions,
  inputs: number,
  batchSize: number,
): Augmentation {
  checkOptionNames('augment', option, ['width', 'shift', 'mirror']);
  const { width = Math.round(Math.sqrt(inputs)), shift = 0, mirror = false } = option;
  if (option.width === undefined && width * width !== inputs) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `augment needs a width, the pixels in a row of an image: ${inputs} inputs are no square`,
    );
  }
  checkWhole('augment.width', width, 1, inputs);
  if (inputs % width !== 0) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `augment.width is ${width}, which does not divide the network's ${inputs} inputs into rows`,
    );
  }
  checkWhole('augment.shift', shift, 0, MAX_SHIFT);
  checkBoolean('augment.mirror', mirror);
  if (shift === 0 && !mirror) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      'augment changes nothing; give a shift of at least 1 or mirror: true, or leave it out',
    );
  }
  if (batchSize > 1) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `augment is given, but batchSize is ${batchSize}, and images vary only in online training`,
    );
  }
  return { width, shift, mirror };
}
