import type { NetworkValues } from './settings/network.js';
import type { TrainingValues } from './settings/training.js';

/** Defaults of `sparse-train mnist`. */
export interface MnistPreset {
  /** Neurons of the hidden layers. */
  readonly layers: readonly number[];
  /** The density of every junction except the last, which is dense. */
  readonly density: number;
  /** The pattern of the first junction, and of all others except the last. */
  readonly pattern: 'tiled' | 'structured' | 'local';
  readonly weightBits: number;
  /** If undefined, the API's default for this number of bits applies. */
  readonly weightFraction: number | undefined;
  readonly epochs: number;
  readonly learningRate: number;
}

/**
 * The presets of `sparse-train mnist`: three results of docs/study.md, two of them with the 'local' pattern,
 * which suits images.
 */
export const MNIST_PRESETS = {
  /** Trains in a fraction of a second. */
  fast: {
    layers: [128],
    density: 0.1,
    pattern: 'local',
    weightBits: 16,
    weightFraction: 12,
    epochs: 1,
    learningRate: 0.05,
  },
  /** A few thousand edges with 10-bit weights. */
  small: {
    layers: [48],
    density: 0.06,
    pattern: 'structured',
    weightBits: 10,
    weightFraction: undefined,
    epochs: 5,
    learningRate: 0.04,
  },
  /** A hundred thousand edges with 12-bit weights, ten epochs. */
  accurate: {
    layers: [512],
    density: 0.25,
    pattern: 'local',
    weightBits: 12,
    weightFraction: undefined,
    epochs: 10,
    learningRate: 0.04,
  },
} as const satisfies Record<string, MnistPreset>;

/** Defaults of `sparse-train mnist` without a preset. */
export const MNIST = {
  /** Neurons of the hidden layers. */
  layers: [256],
  /**
   * The density of every junction except the last, which is dense. With the layers above it gives 9.8 % of
   * the dense network's edges.
   */
  density: 0.0867,
  pattern: 'local',
  weightBits: 16,
  weightFraction: 12,
  epochs: 2,
  learningRate: 0.05,
  decay: { kind: 'cosine' },
  seed: 1,
} as const;

/** The settings of `sparse-train mnist`: the given ones, and the preset's for the rest. */
export function mnistValues(
  given: NetworkValues & TrainingValues,
  preset: MnistPreset = MNIST,
): NetworkValues & TrainingValues {
  const layers = given.layers ?? preset.layers;
  const sized = given.density !== undefined || given.fanOut !== undefined;
  const density = sized ? given.density : [...layers.map(() => preset.density), 1];
  const ownPattern = given.pattern ?? patternsOf(preset.pattern, layers.length, sized);
  const isFloat = given.arithmetic === 'float';
  const isOnline = (given.batchSize ?? 1) === 1 && (given.optimizer ?? 'sgd') === 'sgd';
  const { weightBits = isFloat ? undefined : preset.weightBits } = given;
  const {
    weightFraction = weightBits === preset.weightBits && !isFloat ? preset.weightFraction : undefined,
  } = given;
  return {
    ...given,
    layers: [...layers],
    density,
    pattern: ownPattern,
    weightBits,
    weightFraction,
    epochs: given.epochs ?? preset.epochs,
    learningRate: given.learningRate ?? (isOnline ? preset.learningRate : undefined),
    decay: given.decay ?? MNIST.decay,
    seed: given.seed ?? MNIST.seed,
  };
}

/**
 * The preset's patterns, if its number of edges is kept as well. With another number, 'local' stays and other
 * patterns are replaced by the default, because they may not suit it.
 */
function patternsOf(pattern: MnistPreset['pattern'], hidden: number, sized: boolean) {
  if (sized) return pattern === 'local' ? ('local' as const) : undefined;
  const others = pattern === 'local' ? ('tiled' as const) : pattern;
  return [...Array.from({ length: hidden }, (_, j) => (j === 0 ? pattern : others)), 'dense' as const];
}

/**
 * The network that was published for MNIST on an FPGA, padded from 784 inputs and 10 outputs
 * (arXiv:1806.01087).
 */
export const HARDWARE_MNIST = {
  inputs: 1024,
  layers: [64],
  outputs: 32,
  fanOut: [4, 16],
  parallelism: [128, 32],
  pattern: 'clash-free-2',
  width: 12,
  integerBits: 3,
  epochs: 5,
} as const;

/**
 * The settings of `sparse-train mnist --arithmetic hardware`. The rate is the API's default: the published
 * powers of two.
 */
export function hardwareMnistValues(given: NetworkValues & TrainingValues): NetworkValues & TrainingValues {
  const preset = HARDWARE_MNIST;
  const sized = given.density !== undefined || given.fanOut !== undefined || given.layers !== undefined;
  const layers = given.layers ?? [...preset.layers];
  const isPublished = !sized && given.pattern === undefined;
  return {
    ...given,
    layers,
    fanOut: given.fanOut ?? (sized ? undefined : [...preset.fanOut]),
    density: given.density ?? (sized && given.fanOut === undefined ? MNIST.density : undefined),
    pattern: given.pattern ?? preset.pattern,
    parallelism: given.parallelism ?? (isPublished ? [...preset.parallelism] : undefined),
    width: given.width ?? preset.width,
    epochs: given.epochs ?? preset.epochs,
    seed: given.seed ?? MNIST.seed,
  };
}

/** The share of rows that `sparse-train train` sets aside if there are no test data. */
export const TRAIN_VALIDATION = 0.1;
