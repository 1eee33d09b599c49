import { listOf, whole } from '../../base/options/kinds.js';
import { MAX_NEURONS } from '../../engine/limits.js';
import { arithmeticKind, HARDWARE, WIDE } from '../../network/arithmetic.js';
import { OPTIMIZER } from '../../network/optimizer.js';
import { NETWORK, type NetworkOptions } from '../../network/options.js';
import { flagsOf, type Settings, settingOf, toOptions, type Values } from './setting.js';

/** The default hardware format of the command line: the published one for each width. */
const HARDWARE_WIDTH = 12;
const HARDWARE_INTEGER_BITS = 3;

const { width, integerBits, ...hardware } = flagsOf(HARDWARE, 'arithmetic.');

/** The settings of a network. */
export const networkSettings = {
  layers: {
    flag: '--layers',
    kind: listOf(whole(1, MAX_NEURONS), { least: 1, placeholder: '<sizes>' }),
    description: 'neurons of each hidden layer, such as 256,128',
  },
  ...flagsOf(NETWORK),
  arithmetic: {
    flag: '--arithmetic',
    kind: arithmeticKind,
    description:
      "the arithmetic: wide (integers), float (the reference) or hardware (the published design's, bit for bit)",
    option: 'arithmetic.kind',
    otherwise: 'wide',
  },
  ...flagsOf(WIDE, 'arithmetic.'),
  width: { ...width, otherwise: `${HARDWARE_WIDTH} with --arithmetic hardware` },
  integerBits: { ...integerBits, otherwise: `${HARDWARE_INTEGER_BITS}, at most width - 3` },
  ...hardware,
  optimizer: settingOf(OPTIMIZER.kind, '--optimizer', 'optimizer.kind'),
  ...flagsOf(OPTIMIZER, 'optimizer.'),
} satisfies Settings;

/** The layers of a network that is described as a whole, its inputs included. */
export const wholeLayers = {
  flag: '--layers',
  kind: listOf(whole(1, MAX_NEURONS), {
    least: 2,
    expected: 'a list of neurons of all layers, input first, such as 1024,64,32',
    placeholder: '<sizes>',
  }),
  description: 'neurons of all layers, input first, such as 1024,64,32',
} as const;

export type NetworkValues = Values<typeof networkSettings>;

/** Converts these settings to the options of a network; `layers` holds all of its layers. */
export function networkOptions(values: NetworkValues, layers: readonly number[]): NetworkOptions {
  const { layers: _hidden, ...others } = values;
  // Each value has been checked to fit its option; the network checks how they combine.
  return { ...toOptions(withHardwareFormat(others), networkSettings), layers } as NetworkOptions;
}

/** Fills in the published number format if the hardware arithmetic does not specify one. */
function withHardwareFormat(values: NetworkValues): NetworkValues {
  const { arithmetic = 'wide' } = values;
  if (arithmetic !== 'hardware') return { ...values, arithmetic };
  const { width: bits = HARDWARE_WIDTH } = values;
  return {
    ...values,
    width: bits,
    integerBits: values.integerBits ?? Math.min(HARDWARE_INTEGER_BITS, bits - 3),
  };
}
