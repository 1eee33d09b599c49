import { boolean, whole } from '../base/options/kinds.js';
import { applyRules, type CheckedOptions, type OptionsOf, option, type Rule } from '../base/options/table.js';
import { optionName, say } from '../base/wording.js';
import { MAX_NEURONS, MAX_SHIFT } from '../engine/limits.js';

/** The options of `augment`. */
export const AUGMENT = {
  /** Pixels in a row of the image; by default the image is square. */
  width: option(whole(1, MAX_NEURONS), {
    text: 'pixels in a row of an image, for shift and mirror',
    otherwise: 'images are square',
  }),
  /** The most pixels to move an image in each direction, all distances equally likely: 0 (the default) to 1024. */
  shift: option(whole(0, MAX_SHIFT), {
    text: 'move images by up to this number of pixels whenever they are presented',
    default: 0,
    flag: '--shift',
  }),
  /** Whether to mirror images, left and right, in half of their presentations; false by default. */
  mirror: option(boolean, {
    text: 'mirror images in half of their presentations',
    default: false,
    flag: '--mirror',
  }),
};

/**
 * Presents images a little differently every time (docs/arithmetic.md, "Augmentation"). They move by whole pixels, so
 * nothing is rounded, and only the seed of the network and the number of the input decide how. Inputs are images of one
 * channel, row by row; pixels from outside the image are 0 (before scaling). Validation and predictions use images as
 * they are.
 */
export interface AugmentationOptions extends OptionsOf<typeof AUGMENT> {}

/** {@link AugmentationOptions} with every default filled in. */
export interface Augmentation {
  readonly width: number;
  readonly shift: number;
  readonly mirror: boolean;
}

interface Context {
  readonly given: CheckedOptions<typeof AUGMENT>;
  readonly width: number;
  readonly inputs: number;
  readonly batchSize: number;
}

const RULES: readonly Rule<Context>[] = [
  {
    option: 'augment.width',
    when: ({ given, width, inputs }) => given.width === undefined && width * width !== inputs,
    refuse: ({ inputs }) =>
      say`augment needs ${optionName('augment.width')}, the pixels in a row of an image: ${inputs} inputs are not square`,
  },
  {
    option: 'augment.width',
    when: ({ width, inputs }) => inputs % width !== 0,
    refuse: ({ width, inputs }) =>
      say`${optionName('augment.width')} is ${width}, which does not divide the network's ${inputs} inputs into rows`,
  },
  {
    option: 'augment',
    when: ({ given }) => given.shift === 0 && !given.mirror,
    refuse: 'augment changes nothing',
    advice: say`give ${optionName('augment.shift')} of at least 1 or ${optionName('augment.mirror', true)}, or leave it out`,
  },
  {
    option: 'batchSize',
    when: ({ batchSize }) => batchSize > 1,
    refuse: ({ batchSize }) =>
      say`augment is given, but ${optionName('batchSize')} is ${batchSize}, and images vary only in online training`,
  },
];

/**
 * Checks the `augment` option of fit() against the network and fills in its defaults.
 *
 * @param inputs - neurons of the first layer
 * @throws SparseTrainError INVALID_OPTION
 */
export function resolveAugmentation(
  given: CheckedOptions<typeof AUGMENT>,
  inputs: number,
  batchSize: number,
): Augmentation {
  const { width = Math.round(Math.sqrt(inputs)), shift, mirror } = given;
  applyRules(RULES, { given, width, inputs, batchSize });
  return { width, shift, mirror };
}
