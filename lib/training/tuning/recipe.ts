/** How a network for a table is made and trained, as far as the table decides it. */

import { CsrMatrix } from '../../data/csr.js';
import { type AnyDataset, type Dataset, isDense } from '../../data/dataset.js';
import { fitInputScaling } from '../../data/scaling.js';
import { resolveArithmetic } from '../../network/arithmetic.js';
import type { NetworkOptions, Output } from '../../network/options.js';
import type { FitOptions } from '../fit-options.js';
import { usualRate } from '../learning-rate.js';
import type { Network } from '../network.js';
import { effectiveRows } from '../presentations.js';
import { beginFront, frontLayer } from './front.js';

/** The choices that a table decides, unless the caller does. */
export interface Recipe {
  /** Neurons of the hidden layers. */
  readonly hidden: readonly number[];
  /** Quantiles of each column that a first layer makes steps of; 0 for no such layer. */
  readonly steps: number;
  /** Weight decay times training rows. The decay of a whole run is this times rate and epochs, for any number of rows. */
  readonly decay: number;
  /** The learning rate of the first example, which falls along a cosine; undefined for the usual one. */
  readonly rate: number | undefined;
  readonly epochs: number;
}

/** What the caller has decided. */
export interface Given {
  /** Options of the network without its layers. */
  readonly network: Omit<NetworkOptions, 'layers'>;
  readonly fit: FitOptions;
  /** Neurons of the hidden layers. */
  readonly hidden?: readonly number[] | undefined;
}

/** The usual hidden layer. */
export const HIDDEN: readonly number[] = [128];
/** The usual number of epochs. */
export const EPOCHS = 20;
/** A regression has more epochs if it would otherwise have fewer updates than this ... */
const LEAST_UPDATES = 6000;
/** ... but never more epochs than this. */
const MOST_EPOCHS = 100;
/** Weight decay times rows of a classification. */
const DECAY_OF_CLASSES = 2;
/** Weight decay times rows of a regression, whose targets are noisy more often than labels are. */
const DECAY_OF_NUMBERS = 6;
/** The largest weight decay that there is. */
const LARGEST_DECAY = 1;
/** Every neuron of a sparse junction reads at least this many others. */
const LEAST_FAN_IN = 32;
/** A table with more inputs has rather words and levels than numbers, of which a first layer of steps is made. */
const MOST_FEATURES = 1000;
/** A first layer of steps needs weights of at least this many bits. */
const LEAST_BITS = 12;

/** The most edges of a junction that is dense because its inputs are sparse. */
const MOST_DENSE_EDGES = 2 ** 24;

/**
 * The densities of the usual junctions: a tenth, but every neuron reads at least 32 others; the last is dense. The first
 * is dense as well if the rows are sparse: their zeros cost no time, and the weights of a rare category learn only in its
 * few rows, so there must be many of them.
 */
export function automaticDensities(
  layers: readonly number[],
  { inputs }: Pick<AnyDataset, 'inputs'>,
): number[] {
  return layers.slice(0, -1).map((left, j) => {
    if (j === layers.length - 2) return 1;
    const edges = left * (layers[j + 1] as number);
    const affordable = j === 0 && inputs instanceof CsrMatrix ? MOST_DENSE_EDGES / edges : 0;
    return Math.min(1, Math.max(0.1, LEAST_FAN_IN / left, affordable));
  });
}

/** The output layer that learns such targets. */
function outputFor({ targets }: AnyDataset): Output {
  return targets.kind === 'classes' ? 'softmax' : targets.kind === 'multilabel' ? 'sigmoid' : 'linear';
}

/**
 * Whether weight decay may follow the number of rows: in plain gradient descent, one example at a time, in any arithmetic
 * that has weight decay.
 */
export function decays({ network, fit }: Given): boolean {
  const { kind = 'sgd', momentum = 0, weightDecay } = network.optimizer ?? {};
  const isHardware = resolveArithmetic(network.arithmetic ?? { kind: 'wide' }).kind === 'hardware';
  return (
    kind === 'sgd' && momentum === 0 && weightDecay === undefined && (fit.batchSize ?? 1) === 1 && !isHardware
  );
}

/** Whether a first layer of steps is possible: rows in full, weights of enough bits, and edges that nobody has chosen. */
export function canHaveSteps(data: AnyDataset, { network }: Given): boolean {
  const { arithmetic, density, fanOut, pattern, activation, parallelism } = network;
  if (!isDense(data) || data.features > MOST_FEATURES) return false;
  if ([density, fanOut, pattern, activation, parallelism].some((value) => value !== undefined)) return false;
  const resolved = resolveArithmetic(arithmetic ?? { kind: 'wide' });
  if (resolved.kind === 'wide')
    return resolved.weightBits >= LEAST_BITS && resolved.weightBits - resolved.weightFraction >= 4;
  return resolved.kind === 'float';
}

/** The recipe for a table: its rows and the kind of its targets decide. */
export function recipeForTable(data: AnyDataset, given: Given): Recipe {
  const isRegression = data.targets.kind === 'values';
  const updates = Math.min(MOST_EPOCHS, Math.ceil(LEAST_UPDATES / data.rows));
  const others = recipeForOthers(given);
  return {
    ...others,
    decay: decays(given) ? (isRegression ? DECAY_OF_NUMBERS : DECAY_OF_CLASSES) : 0,
    epochs: given.fit.epochs ?? (isRegression ? Math.max(EPOCHS, updates) : others.epochs),
  };
}

/** The recipe for other data, such as images and streams. */
export function recipeForOthers(given: Given): Recipe {
  return {
    hidden: given.hidden ?? HIDDEN,
    steps: 0,
    decay: 0,
    rate: undefined,
    epochs: given.fit.epochs ?? EPOCHS,
  };
}

/** The rate that training begins with if nobody chooses one. */
export function rateOf({ network, fit }: Given): number {
  const arithmetic = resolveArithmetic(network.arithmetic ?? { kind: 'wide' });
  const { kind = 'sgd', momentum = 0 } = network.optimizer ?? {};
  return usualRate({ arithmetic, optimizer: { kind, momentum } }, fit.batchSize ?? 1);
}

/** The options of a network and of its training. */
export interface Prepared {
  readonly network: NetworkOptions;
  readonly fit: FitOptions;
  /** Sets the initial weights that the recipe has chosen; to be called before training. */
  readonly begin: (network: Network) => void;
}

/** The options of a network and of its training by a recipe. Options that the caller has given are kept. */
export function prepare(recipe: Recipe, data: AnyDataset, given: Given): Prepared {
  const { network, fit } = given;
  const output = network.output ?? outputFor(data);
  const outputs = output === 'sigmoid' && data.targets.kind === 'classes' ? 1 : data.outputs;
  const front = recipe.steps > 0 && isDense(data) ? stepsFor(data, given, recipe.steps) : undefined;
  const inner = front === undefined ? [] : [front.layer.weights.length];
  const layers = [data.features, ...inner, ...recipe.hidden, outputs];
  const isSized = [network.density, network.fanOut, network.pattern].some((value) => value !== undefined);
  const decay = Math.min(LARGEST_DECAY, recipe.decay / effectiveRows(data, fit.classWeights));
  const { rate, epochs } = recipe;
  return {
    network: {
      ...network,
      layers,
      output,
      ...(isSized ? {} : { density: automaticDensities(layers, data) }),
      ...(decay === 0
        ? {}
        : { optimizer: { ...network.optimizer, weightDecay: Number(decay.toPrecision(3)) } }),
      ...(front === undefined ? {} : front.options(layers)),
    },
    fit: { ...fit, epochs, ...(rate === undefined ? {} : { learningRate: { kind: 'cosine', rate } }) },
    begin: (made) => {
      if (front !== undefined) beginFront(made, front.layer);
    },
  };
}

/** A first layer of steps, and the options of a network that has it. */
function stepsFor(data: Dataset, { network }: Given, steps: number) {
  const { scaling: option = 'auto' } = network;
  const scaling =
    typeof option === 'object'
      ? option
      : fitInputScaling(data.inputs, option === 'auto' ? undefined : option);
  const layer = frontLayer(data, scaling, steps);
  const options = (layers: readonly number[]): Partial<NetworkOptions> => ({
    scaling,
    pattern: layers.slice(1).map((_, j) => (j === 0 ? layer.pattern : 'auto')),
    activation: layers.slice(2).map((_, j) => (j === 0 ? 'tanh' : 'relu')),
  });
  return { layer, options };
}
