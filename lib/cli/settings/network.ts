import { SparseTrainError } from '../../base/errors.js';
import { INTERLEAVER_NAMES } from '../../network/interleaver.js';
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
    kind: oneOrMore(
      oneOf(['auto', 'tiled', 'structured', 'random', 'local', 'dense', ...INTERLEAVER_NAMES]),
      '<kind>',
    ),
    description:
      'which edges: auto, tiled, structured, random, local (near pixels of a square image), dense, or clash-free: clash-free-1, -2, -3, SV, SS, MD or unions ' +
      'such as SS+MD; one for all junctions, or one for each',
  },
  parallelism: {
    flag: '--parallelism',
    kind: oneOrMore(whole(1, 1_000_000), '<z>'),
    description:
      'z of clash-free patterns: one for all junctions, or one for each (default: equal junction cycles)',
  },
  activation: {
    flag: '--activation',
    kind: oneOrMore(oneOf(['relu', 'sigmoid', 'tanh']), '<kind>'),
    description: 'of hidden layers: relu, sigmoid or tanh',
  },
  arithmetic: {
    flag: '--arithmetic',
    kind: oneOf(['wide', 'float', 'hardware']),
    description:
      "the datapath: wide (integers), float (the yardstick) or hardware (the published design's, bit for bit)",
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
  width: {
    flag: '--width',
    kind: whole(4, 32),
    description: 'hardware arithmetic: bits of every number, 4 to 16 or 32 (default: 12)',
    apiName: 'arithmetic.width',
  },
  integerBits: {
    flag: '--integer-bits',
    kind: whole(0, 29),
    description:
      'hardware arithmetic: bits before the point, the sign not counted (default: 3, at most width - 3)',
    apiName: 'arithmetic.integerBits',
  },
  tableFloor: {
    flag: '--table-floor',
    kind: whole(0, 1),
    description: 'hardware arithmetic: least value of the sigmoid tables, 0 or 1 (default: 0)',
    apiName: 'arithmetic.tableFloor',
  },
  cost: {
    flag: '--cost',
    kind: oneOf(['cross-entropy', 'quadratic']),
    description: 'hardware arithmetic: what is minimised (default: cross-entropy)',
    apiName: 'arithmetic.cost',
  },
  outputActivation: {
    flag: '--output-activation',
    kind: oneOf(['sigmoid', 'relu']),
    description: 'hardware arithmetic: of output neurons (default: sigmoid)',
    apiName: 'arithmetic.outputActivation',
  },
  schedule: {
    flag: '--schedule',
    kind: oneOf(['pipelined', 'sequential']),
    description: 'pipelined (all junctions at once, on different examples) or sequential',
  },
  optimizer: {
    flag: '--optimizer',
    kind: oneOf(['sgd', 'adam', 'adamw']),
    description: 'sgd (gradient descent), or with --arithmetic float adam or adamw',
    apiName: 'optimizer.kind',
  },
  momentum: {
    flag: '--momentum',
    kind: number(0, 0.9999),
    description: 'of sgd: 0 (none) or 0.5 to 0.9999',
    apiName: 'optimizer.momentum',
  },
  weightDecay: {
    flag: '--weight-decay',
    kind: number(0, 1),
    description: 'of weights per unit of learning rate; of adam: added to the gradient (L2)',
    apiName: 'optimizer.weightDecay',
  },
  initialBias: {
    flag: '--initial-bias',
    kind: number(-1, 1),
    description: 'what all biases start from (not with --arithmetic hardware)',
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
  const { density, fanOut, pattern, parallelism, activation, schedule, seed } = values;
  return {
    layers,
    density,
    fanOut,
    pattern,
    parallelism,
    activation,
    arithmetic: arithmeticOption(values),
    optimizer: { kind: values.optimizer, momentum: values.momentum, weightDecay: values.weightDecay },
    initialBias: values.initialBias,
    schedule,
    seed,
  };
}

/** The settings that only one kind of arithmetic has. */
const OWN_SETTINGS = {
  wide: ['bits', 'fraction', 'rounding'],
  float: [],
  hardware: ['width', 'integerBits', 'tableFloor', 'cost', 'outputActivation'],
} as const;

function arithmeticOption(values: NetworkValues): NetworkOptions['arithmetic'] {
  const { arithmetic: kind = 'wide' } = values;
  for (const [other, keys] of Object.entries(OWN_SETTINGS)) {
    if (other === kind) continue;
    for (const key of keys) {
      if (values[key] === undefined) continue;
      const { flag } = networkSettings[key];
      throw new SparseTrainError(
        'INVALID_OPTION',
        `${flag} has no meaning with --arithmetic ${kind}; leave it out`,
      );
    }
  }
  switch (kind) {
    case 'float':
      return { kind };
    case 'wide':
      return { kind, weightBits: values.bits, weightFraction: values.fraction, rounding: values.rounding };
    case 'hardware': {
      const { width = 12, tableFloor, cost, outputActivation } = values;
      const { integerBits = Math.min(3, width - 3) } = values;
      return {
        kind,
        width,
        integerBits,
        tableFloor: tableFloor as 0 | 1 | undefined,
        cost,
        outputActivation,
      };
    }
  }
}
