import { SparseTrainError, seenFrom } from '../base/errors.js';
import { checkedBy, listOf, number, oneOf, oneOrEach, seedKind, whole } from '../base/options/kinds.js';
import {
  applyRules,
  checkOptions,
  type OptionsOf,
  option,
  type Rule,
  refuseUnknown,
} from '../base/options/table.js';
import { literal, optionName, say } from '../base/wording.js';
import {
  INPUT_SCALING_KINDS,
  type InputScaling,
  type InputScalingKind,
  parseInputScaling,
} from '../data/scaling.js';
import { checkNames } from '../data/targets.js';
import { MAX_LAYERS, MAX_NEURONS } from '../engine/limits.js';
import type { NetworkSpec } from '../engine/spec.js';
import {
  type Arithmetic,
  checkRate,
  largestRate,
  type ResolvedArithmetic,
  resolveArithmetic,
} from './arithmetic.js';
import { describeInterleaver } from './interleaver.js';
import { type OptimizerOptions, type ResolvedOptimizer, resolveOptimizer } from './optimizer.js';
import {
  densityKind,
  fanOutKind,
  parallelismKind,
  patternKind,
  type ResolvedPattern,
  resolvePatterns,
} from './patterns.js';

/** The functions of hidden neurons. */
export const ACTIVATIONS = ['relu', 'sigmoid', 'tanh'] as const;

/** The activation function of the hidden neurons. */
export type Activation = (typeof ACTIVATIONS)[number];

/**
 * The output layer and its loss: 'softmax' with cross-entropy (one class per example), 'sigmoid' with
 * cross-entropy (any number of labels per example), 'linear' with squared error (numbers).
 */
export type Output = 'softmax' | 'sigmoid' | 'linear';

const scalingKinds = oneOf(['auto', ...INPUT_SCALING_KINDS]);

/** The name of a scaling, or a fitted scaling. */
const scalingKind = checkedBy<'auto' | InputScalingKind | InputScaling>(
  scalingKinds.expected,
  (name, value) =>
    typeof value === 'object' && value !== null ? (value as InputScaling) : scalingKinds.check(name, value),
  scalingKinds,
);

/** The options of a network. */
export const NETWORK = {
  /** Neurons per layer, input first; 2 to 256 layers of 1 to 2^20 neurons each. */
  layers: option(
    listOf(whole(1, MAX_NEURONS), {
      least: 2,
      expected: 'an array of neurons per layer, input first, such as [784, 256, 10]',
    }),
    { text: 'neurons per layer, input first', required: true },
  ),
  /**
   * The share of a junction's possible edges that exist, above 0 to 1: one number for all junctions or one
   * per junction (one fewer than layers). 1 by default. The pattern rounds it to the nearest density that it
   * can have.
   */
  density: option(oneOrEach(densityKind, 'junction'), {
    text: 'the share of the possible edges that exist: one for all junctions, or one for each',
    otherwise: '1, unless fan-out or the pattern decides',
    flag: '--density',
    placeholder: '<share>',
  }),
  /** Edges per left neuron; replaces `density`. One number for all junctions or one per junction. */
  fanOut: option(oneOrEach(fanOutKind, 'junction'), {
    text: 'edges per left neuron, instead of a density: one for all junctions, or one for each',
    otherwise: 'the density decides',
    flag: '--fan-out',
    placeholder: '<edges>',
  }),
  /**
   * The generator of the edges, or the edges themselves: one for all junctions or one per junction; 'auto' by
   * default.
   */
  pattern: option(oneOrEach(patternKind, 'junction'), {
    text:
      'which edges: auto, tiled, structured, random, local (near pixels of a square image), dense, or clash-free: ' +
      'clash-free-1, -2, -3, SV, SS, MD or unions such as SS+MD; one for all junctions, or one for each',
    otherwise: 'auto',
    flag: '--pattern',
    placeholder: '<kind>',
  }),
  /**
   * z of clash-free patterns: the number of edges that the hardware processes per clock, and of the memories
   * that hold the left layer. It divides the number of left neurons. One for all junctions or one per
   * junction; by default chosen so that all junctions take the same number of clocks.
   */
  parallelism: option(oneOrEach(parallelismKind, 'junction'), {
    text: 'z of clash-free patterns: one for all junctions, or one for each',
    otherwise: 'equal junction cycles',
    flag: '--parallelism',
    placeholder: '<z>',
  }),
  /** The arithmetic; integers with 16-bit weights by default. */
  arithmetic: option(
    checkedBy<Arithmetic>("an object such as { kind: 'wide' }", (_, value) => value as Arithmetic),
    { text: 'the arithmetic: wide (integers), float or hardware', otherwise: 'wide, with 16-bit weights' },
  ),
  /**
   * The activation functions of the hidden layers: one for all or one per hidden layer. 'relu' by default;
   * 'sigmoid' with the hardware arithmetic.
   */
  activation: option(oneOrEach(oneOf(ACTIVATIONS), 'hidden layer'), {
    text: 'the activation function of hidden layers: one for all, or one for each',
    otherwise: 'relu; sigmoid with the hardware arithmetic',
    flag: '--activation',
    placeholder: '<kind>',
  }),
  /** 'softmax' by default. */
  output: option(oneOf(['softmax', 'sigmoid', 'linear']), {
    text: 'softmax (one of several classes), sigmoid (yes or no) or linear (a number)',
    default: 'softmax',
  }),
  /** How gradients become updates: stochastic gradient descent by default. */
  optimizer: option(
    checkedBy<OptimizerOptions>('an object', (_, value) => value as OptimizerOptions),
    { text: 'how gradients become updates', otherwise: 'stochastic gradient descent' },
  ),
  /** The start value of all biases: -1 to 1; 0 by default. The hardware arithmetic draws its biases instead. */
  initialBias: option(number({ from: -1, to: 1 }), {
    text: 'the start value of all biases (not with the hardware arithmetic, which draws them)',
    default: 0,
    flag: '--initial-bias',
  }),
  /**
   * 'pipelined' (the default): all junctions work at the same time on different inputs, so updates reach a
   * junction's weights a few inputs late. 'sequential': each input's training finishes before the next input
   * starts.
   */
  schedule: option(oneOf(['pipelined', 'sequential']), {
    text: 'pipelined (all junctions at once, on different examples) or sequential',
    default: 'pipelined',
    flag: '--schedule',
  }),
  /**
   * Determines the pattern, the initial weights, stochastic rounding and the order of presentation: 0 to 2^53
   * - 1; 1 by default.
   */
  seed: option(seedKind, {
    text: 'determines pattern, initial weights, rounding and order: the same seed gives the same network',
    default: 1,
    flag: '--seed',
  }),
  /**
   * How inputs are converted to the range of the network. The first fit() fits the scaling to its data.
   * 'auto' (the default) means 'none' for Uint8Array inputs and 'robust' for others. An {@link InputScaling} is used
   * unchanged.
   */
  scaling: option(scalingKind, {
    text:
      'the scaling of inputs: none, robust (as standard, but extreme values change nothing), standard (mean 0, deviation 1), ' +
      'minmax (0 to 1) or auto (none for bytes, robust for others)',
    default: 'auto',
    flag: '--scaling',
  }),
  /** The names of the outputs, all different; by default those of the first data set. */
  classes: option(
    checkedBy<readonly string[]>('an array of different names, one for each output', (name, value) => {
      checkNames(value, name);
      return value;
    }),
    { text: 'names of the outputs, all different', otherwise: 'the names in the first data set' },
  ),
  /**
   * The learning rate of learn(): above 0 to 1 (less if the number format has many fraction bits). By default
   * 0.01 times (1 - momentum), with Adam 0.001, with the hardware arithmetic 2^-5.
   */
  learningRate: option(number({ above: 0, to: 1 }), {
    text: 'the learning rate of learn(); at most the rate that the number format can apply',
    otherwise: '0.01 times (1 - momentum), with Adam 0.001, with the hardware arithmetic 2^-5',
  }),
};

/** The options of a network. Everything except `layers` is optional. */
export interface NetworkOptions extends OptionsOf<typeof NETWORK> {}

/** {@link NetworkOptions} checked, with all defaults filled in. */
export interface ResolvedOptions {
  readonly layers: readonly number[];
  readonly patterns: readonly ResolvedPattern[];
  readonly arithmetic: ResolvedArithmetic;
  readonly activations: readonly Activation[];
  readonly output: Output;
  readonly optimizer: ResolvedOptimizer;
  /** The momentum of the optimizer. */
  readonly momentum: number;
  readonly weightDecay: number;
  readonly initialBias: number;
  readonly schedule: 'pipelined' | 'sequential';
  readonly seed: number;
  readonly scaling: 'auto' | InputScalingKind | InputScaling;
  readonly classes: readonly string[] | undefined;
  readonly learningRate: number;
}

/** The settings that the rules about combinations of network options look at. */
interface Combination {
  readonly layers: readonly number[];
  readonly output: Output;
  readonly arithmetic: ResolvedArithmetic;
  readonly optimizer: ResolvedOptimizer;
  readonly activation: Activation | readonly Activation[];
  readonly initialBias: number;
}

/** An option that the hardware arithmetic does not have. */
function notInHardware(
  name: string,
  when: (given: Combination) => boolean,
  value: (given: Combination) => string | number,
): Rule<Combination> {
  return {
    option: name,
    when: (given) => given.arithmetic.kind === 'hardware' && when(given),
    refuse: (given) => {
      const actual = value(given);
      const shown = typeof actual === 'number' ? String(actual) : literal(actual);
      return say`${optionName(name)} is ${shown}, which the hardware arithmetic does not have`;
    },
  };
}

const RULES: readonly Rule<Combination>[] = [
  {
    option: 'output',
    when: ({ layers, output }) => output === 'softmax' && (layers.at(-1) as number) < 2,
    refuse: say`${optionName('layers')} ends with 1 output, whose softmax is always 1`,
    advice: say`use ${optionName('output')} ${literal('sigmoid')} (yes or no) or ${literal('linear')} (a number)`,
  },
  notInHardware(
    'output',
    ({ output }) => output === 'linear',
    ({ output }) => output,
  ),
  notInHardware(
    'optimizer.momentum',
    ({ optimizer }) => optimizer.momentum !== 0,
    ({ optimizer }) => optimizer.momentum,
  ),
  notInHardware(
    'optimizer.weightDecay',
    ({ optimizer }) => optimizer.weightDecay !== 0,
    ({ optimizer }) => optimizer.weightDecay,
  ),
  notInHardware(
    'initialBias',
    ({ initialBias }) => initialBias !== 0,
    ({ initialBias }) => initialBias,
  ),
  notInHardware(
    'activation',
    ({ activation }) => [activation].flat().includes('tanh'),
    () => 'tanh',
  ),
];

/**
 * Checks the options of a network and fills in the defaults.
 *
 * @throws SparseTrainError UNKNOWN_OPTION (a misspelt name), INVALID_OPTION, NETWORK_TOO_LARGE
 */
export function resolveOptions(options: NetworkOptions): ResolvedOptions {
  const given = checkOptions('network options', NETWORK, options);
  const { layers, output, initialBias, schedule, seed, scaling, classes } = given;
  if (layers.length > MAX_LAYERS) {
    throw new SparseTrainError('NETWORK_TOO_LARGE', {
      option: 'layers',
      says: say`${optionName('layers')} has ${layers.length} entries; at most ${MAX_LAYERS} are possible`,
    });
  }
  const arithmetic = resolveArithmetic(given.arithmetic ?? { kind: 'wide' });
  const optimizer = resolveOptimizer(given.optimizer ?? {}, arithmetic);
  const { momentum, weightDecay } = optimizer;
  const isHardware = arithmetic.kind === 'hardware';
  const { activation = isHardware ? 'sigmoid' : 'relu' } = given;
  const { learningRate = usualOnlineRate(arithmetic, optimizer) } = given;
  applyRules(RULES, { layers, output, arithmetic, optimizer, activation, initialBias });
  checkRate('learningRate', learningRate, { arithmetic, momentum });
  const { density, fanOut, pattern, parallelism } = given;
  return {
    layers,
    patterns: resolvePatterns(layers, { density, fanOut, pattern, parallelism, seed }),
    arithmetic,
    activations: perHiddenLayer(activation, layers.length - 2),
    output,
    optimizer,
    momentum,
    weightDecay,
    initialBias,
    schedule,
    seed,
    scaling: checkScaling(scaling, layers[0] as number),
    classes: classes === undefined ? undefined : checkClasses(classes, layers.at(-1) as number),
    learningRate,
  };
}

/** The default learning rate of learn(). */
function usualOnlineRate(arithmetic: ResolvedArithmetic, optimizer: ResolvedOptimizer): number {
  if (arithmetic.kind === 'hardware') return HARDWARE_RATE;
  if (optimizer.kind !== 'sgd') return ADAM_RATE;
  const { momentum } = optimizer;
  return Math.min(0.01 * (1 - momentum), largestRate(arithmetic, momentum));
}

/** The learning rate of Adam that its authors recommend. */
export const ADAM_RATE = 0.001;

/**
 * The default learning rate of learn() with the hardware arithmetic: the last one of the published schedule.
 */
const HARDWARE_RATE = 2 ** -5;

/** Converts resolved options to the engine's spec. */
export function networkSpec(options: ResolvedOptions): NetworkSpec {
  return {
    layers: Uint32Array.from(options.layers),
    arithmetic: options.arithmetic,
    patterns: [...options.patterns],
    activations: [...options.activations],
    output: options.output,
    schedule: options.schedule,
    momentum: options.momentum,
    weightDecay: options.weightDecay,
    optimizer: optimizerSpec(options.optimizer),
    seed: options.seed,
  };
}

/**
 * Options, as plain JSON, that make the same network when given to its constructor. The edges of custom
 * patterns are not included; the word 'custom' stands for them.
 */
export function describeOptions(options: ResolvedOptions) {
  const { patterns, activations, momentum: _momentum, weightDecay: _weightDecay, ...same } = options;
  return {
    ...same,
    pattern: patterns.map((pattern) => {
      if (pattern.kind === 'custom' || pattern.kind === 'dense') return pattern.kind;
      return pattern.kind === 'interleaver'
        ? describeInterleaver(pattern)
        : { kind: pattern.kind, edges: pattern.edges };
    }),
    activation: activations,
  };
}

function optimizerSpec({ kind, beta1, beta2, epsilon }: ResolvedOptimizer): NetworkSpec['optimizer'] {
  if (kind === 'sgd' || beta1 === undefined || beta2 === undefined || epsilon === undefined) return undefined;
  return { kind, beta1, beta2, epsilon };
}

function perHiddenLayer(option: Activation | readonly Activation[], hiddenLayers: number): Activation[] {
  if (typeof option === 'string') return new Array<Activation>(hiddenLayers).fill(option);
  if (option.length === hiddenLayers) return [...option];
  throw new SparseTrainError('INVALID_OPTION', {
    option: 'activation',
    says: say`${optionName('activation')} must be one for all hidden layers or an array of one per hidden layer (${hiddenLayers}), but it has ${option.length}`,
    advice: say`the output layer's function is the option ${optionName('output')}`,
  });
}

function checkClasses(classes: readonly string[], outputs: number): string[] {
  if (classes.length !== outputs) {
    throw new SparseTrainError('INVALID_OPTION', {
      option: 'classes',
      says: say`${optionName('classes')} must have one name for each of the ${outputs} outputs, but it has ${classes.length}`,
    });
  }
  return [...classes];
}

function checkScaling(
  given: 'auto' | InputScalingKind | InputScaling,
  inputs: number,
): ResolvedOptions['scaling'] {
  if (typeof given === 'string') return given;
  refuseUnknown('scaling', given, ['kind', 'offset', 'scale']);
  try {
    return parseInputScaling(given, inputs);
  } catch (error) {
    if (error instanceof SparseTrainError)
      throw seenFrom(say`${optionName('scaling')}: `, error, 'INVALID_OPTION');
    throw error;
  }
}
