import { invalidOption, SparseTrainError } from '../base/errors.js';
import { checkNumber, checkOneOf, checkWhole } from '../base/options/checks.js';
import { checkOptionNames } from '../base/options/names.js';
import { checkSeed } from '../base/random.js';
import {
  INPUT_SCALING_KINDS,
  type InputScaling,
  type InputScalingKind,
  parseInputScaling,
} from '../data/scaling.js';
import { checkNames } from '../data/targets.js';
import type { NativeSpec } from '../engine/native.js';
import {
  type Arithmetic,
  checkRate,
  largestRate,
  type ResolvedArithmetic,
  resolveArithmetic,
} from './arithmetic.js';
import { describeInterleaver } from './interleaver.js';
import { type OptimizerOptions, type ResolvedOptimizer, resolveOptimizer } from './optimizer.js';
import { type PatternOption, type ResolvedPattern, resolvePatterns } from './patterns.js';

/** The function of hidden neurons. */
export type Activation = 'relu' | 'sigmoid' | 'tanh';

/**
 * The output layer and the loss that it is trained with: 'softmax' with cross-entropy (one class per example),
 * 'sigmoid' with cross-entropy (any number of labels per example), 'linear' with squared error (numbers).
 */
export type Output = 'softmax' | 'sigmoid' | 'linear';

/** What a network is. Everything but `layers` may be left out. */
export interface NetworkOptions {
  /** Neurons per layer, input first; two layers or more, 1 to 1,000,000 neurons each. */
  layers: readonly number[];
  /**
   * The share of a junction's possible edges that it has, above 0 to 1: one number for all junctions or one per
   * junction (one fewer than layers). 1 by default. The pattern rounds it to what it can.
   */
  density?: number | readonly number[] | undefined;
  /** Edges per left neuron instead of a density: one number for all junctions or one per junction. */
  fanOut?: number | readonly number[] | undefined;
  /** Which edges there are: one for all junctions or one per junction; 'auto' by default. */
  pattern?: PatternOption | readonly PatternOption[] | undefined;
  /**
   * z of clash-free patterns: edges that the hardware processes per clock, and memories that hold the left layer, whose
   * neurons it divides. One for all junctions or one per junction; by default such that all take equally many clocks.
   */
  parallelism?: number | readonly number[] | undefined;
  /** The datapath; 16-bit integer weights by default. */
  arithmetic?: Arithmetic | undefined;
  /** Of hidden layers: one for all or one per hidden layer; 'relu' by default, of the hardware arithmetic 'sigmoid'. */
  activation?: Activation | readonly Activation[] | undefined;
  /** 'softmax' by default. */
  output?: Output | undefined;
  /** How gradients become updates: stochastic gradient descent by default. */
  optimizer?: OptimizerOptions | undefined;
  /** What all biases start from: -1 to 1; 0 by default. Not for the hardware arithmetic, which draws them. */
  initialBias?: number | undefined;
  /**
   * 'pipelined' (the default): all junctions work at once on different inputs, so weights of a junction see updates a
   * few inputs late; 'sequential': each input is trained to the end before the next.
   */
  schedule?: 'pipelined' | 'sequential' | undefined;
  /** Decides pattern, first weights, stochastic rounding and order of presentation: 0 to 2^53 - 1; 1 by default. */
  seed?: number | undefined;
  /**
   * How inputs are brought to the range that the network works in. A kind is fitted to the data of the first fit();
   * 'auto' (the default) is 'none' for Uint8Array inputs, 'minmax' for others in a CsrMatrix and otherwise 'standard'. An {@link InputScaling} is used
   * as it is.
   */
  scaling?: 'auto' | InputScalingKind | InputScaling | undefined;
  /** Names of the outputs, all different; by default those of the first data set trained on. */
  classes?: readonly string[] | undefined;
  /**
   * The rate of learn(): above 0 to 1 (less where the number format has many fraction bits); by default 0.01 times
   * (1 - momentum), with Adam 0.001, for the hardware arithmetic 2^-5.
   */
  learningRate?: number | undefined;
}

/** {@link NetworkOptions} checked, with every default filled in. */
export interface ResolvedOptions {
  readonly layers: readonly number[];
  readonly patterns: readonly ResolvedPattern[];
  readonly arithmetic: ResolvedArithmetic;
  readonly activations: readonly Activation[];
  readonly output: Output;
  readonly optimizer: ResolvedOptimizer;
  /** The optimizer's. */
  readonly momentum: number;
  readonly weightDecay: number;
  readonly initialBias: number;
  readonly schedule: 'pipelined' | 'sequential';
  readonly seed: number;
  readonly scaling: 'auto' | InputScalingKind | InputScaling;
  readonly classes: readonly string[] | undefined;
  readonly learningRate: number;
}

/** The most neurons that a layer may have. */
export const MAX_NEURONS = 1_000_000;

/** The most layers that a network may have. */
export const MAX_LAYERS = 1000;

const NAMES = [
  'layers',
  'density',
  'fanOut',
  'pattern',
  'parallelism',
  'arithmetic',
  'activation',
  'output',
  'optimizer',
  'initialBias',
  'schedule',
  'seed',
  'scaling',
  'classes',
  'learningRate',
] as const satisfies readonly (keyof NetworkOptions)[];

/**
 * Checks the options of a network and fills in the defaults.
 *
 * @throws SparseTrainError UNKNOWN_OPTION (a misspelt name), INVALID_OPTION, NETWORK_TOO_LARGE
 */
export function resolveOptions(options: NetworkOptions): ResolvedOptions {
  checkOptionNames('network options', options, NAMES);
  const layers = checkLayers(options.layers);
  const {
    arithmetic = { kind: 'wide' },
    output = 'softmax',
    optimizer: optimizerOption = {},
    initialBias = 0,
    schedule = 'pipelined',
    seed = 1,
    scaling = 'auto',
    classes,
  } = options;
  checkOneOf('output', output, ['softmax', 'sigmoid', 'linear']);
  const outputs = layers.at(-1) as number;
  if (output === 'softmax' && outputs < 2) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      "layers ends with 1 output, over which a softmax is always 1; use output 'sigmoid' (yes or no) or 'linear' (a number)",
    );
  }
  checkOneOf('schedule', schedule, ['pipelined', 'sequential']);
  checkSeed(seed);
  checkNumber('initialBias', initialBias, -1, 1);
  const resolved = resolveArithmetic(arithmetic);
  const optimizer = resolveOptimizer(optimizerOption, resolved);
  const { momentum, weightDecay } = optimizer;
  const isHardware = resolved.kind === 'hardware';
  const usualRate = isHardware
    ? HARDWARE_RATE
    : optimizer.kind === 'sgd'
      ? Math.min(0.01 * (1 - momentum), largestRate(resolved, momentum))
      : ADAM_RATE;
  const { learningRate = usualRate, activation = isHardware ? 'sigmoid' : 'relu' } = options;
  if (isHardware) checkHardwareOptions({ output, activation, momentum, weightDecay, initialBias });
  checkRate('learningRate', learningRate, { arithmetic: resolved, momentum });
  return {
    layers,
    patterns: resolvePatterns(layers, {
      density: options.density,
      fanOut: options.fanOut,
      pattern: options.pattern,
      parallelism: options.parallelism,
      seed,
    }),
    arithmetic: resolved,
    activations: checkActivations(activation, layers.length - 2),
    output,
    optimizer,
    momentum,
    weightDecay,
    initialBias,
    schedule,
    seed,
    scaling: checkScaling(scaling, layers[0] as number),
    classes: classes === undefined ? undefined : checkClasses(classes, outputs),
    learningRate,
  };
}

/** The rate of Adam that its authors recommend. */
export const ADAM_RATE = 0.001;

/** The rate of learn() of the hardware arithmetic: the one that the published schedule ends with. */
const HARDWARE_RATE = 2 ** -5;

/** Refuses what the hardware does not have. */
function checkHardwareOptions(options: {
  output: Output;
  activation: unknown;
  momentum: number;
  weightDecay: number;
  initialBias: number;
}): void {
  const refuse = (what: string) =>
    new SparseTrainError('INVALID_OPTION', `${what}, which the hardware arithmetic does not have`);
  const { output, activation, momentum, weightDecay, initialBias } = options;
  if (output === 'linear') throw refuse("output is 'linear'");
  if (momentum !== 0) throw refuse(`optimizer.momentum is ${momentum}`);
  if (weightDecay !== 0) throw refuse(`optimizer.weightDecay is ${weightDecay}`);
  if (initialBias !== 0) throw refuse(`initialBias is ${initialBias}`);
  if ([activation].flat().includes('tanh')) throw refuse("activation is 'tanh'");
}

/** The engine's form of the same. */
export function nativeSpec(options: ResolvedOptions): NativeSpec {
  return {
    layers: Uint32Array.from(options.layers),
    arithmetic: options.arithmetic,
    patterns: [...options.patterns],
    activations: [...options.activations],
    output: options.output,
    schedule: options.schedule,
    momentum: options.momentum,
    weightDecay: options.weightDecay,
    optimizer: nativeOptimizer(options.optimizer),
    seed: options.seed,
  };
}

/**
 * Options that make the same network when given to its constructor, as plain JSON; only the edges of custom patterns
 * are not in it (their place says 'custom').
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

function nativeOptimizer({ kind, beta1, beta2, epsilon }: ResolvedOptimizer): NativeSpec['optimizer'] {
  if (kind === 'sgd' || beta1 === undefined || beta2 === undefined || epsilon === undefined) return undefined;
  return { kind, beta1, beta2, epsilon };
}

function checkLayers(layers: unknown): number[] {
  if (!Array.isArray(layers) || layers.length < 2) {
    throw invalidOption(
      'layers',
      'an array of neurons per layer, input first, such as [784, 256, 10]',
      layers,
    );
  }
  if (layers.length > MAX_LAYERS) {
    throw new SparseTrainError(
      'NETWORK_TOO_LARGE',
      `layers has ${layers.length} entries; at most ${MAX_LAYERS} are possible`,
    );
  }
  for (const [i, neurons] of layers.entries()) checkWhole(`layers[${i}]`, neurons, 1, MAX_NEURONS);
  return [...layers];
}

const ACTIVATIONS: readonly Activation[] = ['relu', 'sigmoid', 'tanh'];

function checkActivations(option: unknown, hiddenLayers: number): Activation[] {
  if (!Array.isArray(option)) {
    checkOneOf('activation', option, ACTIVATIONS);
    return new Array<Activation>(hiddenLayers).fill(option);
  }
  if (option.length !== hiddenLayers) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `activation must be one for all hidden layers or an array of one per hidden layer (${hiddenLayers}), ` +
        `but it has ${option.length}; the output layer's function is the option output`,
    );
  }
  return option.map((activation: unknown, i) => {
    checkOneOf(`activation[${i}]`, activation, ACTIVATIONS);
    return activation;
  });
}

function checkClasses(classes: unknown, outputs: number): string[] {
  checkNames(classes, 'classes');
  if (classes.length !== outputs) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `classes must have one name for each of the ${outputs} outputs, but it has ${classes.length}`,
    );
  }
  return [...classes];
}

function checkScaling(option: unknown, inputs: number): ResolvedOptions['scaling'] {
  if (typeof option !== 'object' || option === null) {
    checkOneOf('scaling', option, ['auto', ...INPUT_SCALING_KINDS]);
    return option;
  }
  checkOptionNames('scaling', option, ['kind', 'offset', 'scale']);
  try {
    return parseInputScaling(option, inputs);
  } catch (error) {
    const { message } = error as Error;
    throw new SparseTrainError('INVALID_OPTION', `scaling: ${message}`, { cause: error });
  }
}
