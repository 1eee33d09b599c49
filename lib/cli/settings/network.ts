import { SparseTrainError } from '../../errors.js';
import type { NetworkOptions } from '../../network/options.js';
import type { Settings, Values } from './setting.js';
import { listOf, number, oneOf, oneOrMore, whole } from './value-kinds.js';

/** What a network is. */
export const networkSettings = {
  layers: {
    flag: '--layers',
    kind: listOf(whole(1, 1_000_000), '<sizes>'),
    description: 'neurons of each hidden layer, such as 256,128',
  },
  density: {
    flag: '--density',
    kind: oneOrMore(number(0, 1, { above: true }), '<share>'),
    description: 'the share of the possible edges that there are: one for all junctions, or one for each',
  },
  fanOut: {
    flag: '--fan-out',
    kind: oneOrMore(whole(1, 1_000_000), '<edges>'),
    description: 'edges per left neuron, instead of a density: one for all junctions, or one for each',
  },
  pattern: {
    flag: '--pattern',
    kind: oneOrMore(oneOf(['auto', 'tiled', 'structured', 'random', 'dense']), '<kind>'),
    description:
      'which edges: auto, tiled, structured, random or dense; one for all junctions, or one for each',
  },
  activation: {
    flag: '--activation',
    kind: oneOrMore(oneOf(['relu', 'sigmoid', 'tanh']), '<kind>'),
    description: 'of hidden layers: relu, sigmoid or tanh',
  },
  arithmetic: {
    flag: '--arithmetic',
    kind: oneOf(['wide', 'float']),
    description: 'the datapath: wide (integers) or float (the yardstick)',
    apiName: 'arithmetic.kind',
  },
  bits: {
    flag: '--bits',
    kind: whole(4, 16),
    description: 'of a weight, sign included: 4 to 16',
    apiName: 'arithmetic.weightBits',
  },
  fraction: {
    flag: '--fraction',
    kind: whole(0, 15),
    description: 'how many of the bits stand after the point: 0 to bits - 1',
    apiName: 'arithmetic.weightFraction',
  },
  rounding: {
    flag: '--rounding',
    kind: oneOf(['stochastic', 'nearest']),
    description: 'of updates: stochastic or nearest',
    apiName: 'arithmetic.rounding',
  },
  schedule: {
    flag: '--schedule',
    kind: oneOf(['pipelined', 'sequential']),
    description: 'pipelined (all junctions at once, on different examples) or sequential',
  },
  momentum: {
    flag: '--momentum',
    kind: number(0, 0.9999),
    description: '0 (none) or 0.5 to 0.9999',
    apiName: 'optimizer.momentum',
  },
  weightDecay: {
    flag: '--weight-decay',
    kind: number(0, 1),
    description: 'of weights per unit of learning rate',
    apiName: 'optimizer.weightDecay',
  },
  seed: {
    flag: '--seed',
    kind: whole(0, Number.MAX_SAFE_INTEGER),
    description: 'decides pattern, first weights, rounding and order: the same seed gives the same network',
  },
} as const satisfies Settings;

export type NetworkValues = Values<typeof networkSettings>;

/** The options of a network of these settings; `layers` are all of its layers. */
export function networkOptions(values: NetworkValues, layers: readonly number[]): NetworkOptions {
  const { density, fanOut, pattern, activation, schedule, seed } = values;
  return {
    layers,
    density,
    fanOut,
    pattern,
    activation,
    arithmetic: arithmeticOption(values),
    optimizer: { momentum: values.momentum, weightDecay: values.weightDecay },
    schedule,
    seed,
  };
}

function arithmeticOption(values: NetworkValues): NetworkOptions['arithmetic'] {
  const { arithmetic: kind = 'wide', bits, fraction, rounding } = values;
  if (kind === 'wide') return { kind, weightBits: bits, weightFraction: fraction, rounding };
  for (const key of ['bits', 'fraction', 'rounding'] as const) {
    if (values[key] === undefined) continue;
    const { flag } = networkSettings[key];
    throw new SparseTrainError(
      'INVALID_OPTION',
      `${flag} has no meaning with --arithmetic float; leave it out`,
    );
  }
  return { kind };
}
