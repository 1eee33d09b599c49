/** How a network for a table is made and trained, as far as the table decides it. */

import type { AnyDataset } from '../../data/dataset.js';
import { resolveArithmetic } from '../../network/arithmetic.js';
import type { NetworkOptions, Output } from '../../network/options.js';
import type { FitOptions } from '../fit-options.js';

/** The choices that a table decides, unless the caller does. */
export interface Recipe {
  /** Neurons of the hidden layers. */
  readonly hidden: readonly number[];
  /** Weight decay times training rows. The decay of a whole run is this times rate and epochs, for any number of rows. */
  readonly decay: number;
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

/** The densities of the usual junctions: a tenth, but every neuron reads at least 32 others; the last is dense. */
function automaticDensities(layers: readonly number[]): number[] {
  return layers
    .slice(0, -1)
    .map((left, j) => (j === layers.length - 2 ? 1 : Math.min(1, Math.max(0.1, LEAST_FAN_IN / left))));
}

/** The output layer that learns such targets. */
function outputFor({ targets }: AnyDataset): Output {
  return targets.kind === 'classes' ? 'softmax' : targets.kind === 'multilabel' ? 'sigmoid' : 'linear';
}

/** Whether weight decay may follow the number of rows: in plain gradient descent, one example at a time, in any arithmetic
 * that has weight decay. */
function decays({ network, fit }: Given): boolean {
  const { kind = 'sgd', momentum = 0, weightDecay } = network.optimizer ?? {};
  const isHardware = resolveArithmetic(network.arithmetic ?? { kind: 'wide' }).kind === 'hardware';
  return (
    kind === 'sgd' && momentum === 0 && weightDecay === undefined && (fit.batchSize ?? 1) === 1 && !isHardware
  );
}

/** The recipe for a table: its rows and the kind of its targets decide. */
export function recipeForTable(data: AnyDataset, given: Given): Recipe {
  const isRegression = data.targets.kind === 'values';
  const updates = Math.min(MOST_EPOCHS, Math.ceil(LEAST_UPDATES / data.rows));
  return {
    hidden: given.hidden ?? HIDDEN,
    decay: decays(given) ? (isRegression ? DECAY_OF_NUMBERS : DECAY_OF_CLASSES) : 0,
    epochs: given.fit.epochs ?? (isRegression ? Math.max(EPOCHS, updates) : EPOCHS),
  };
}

/** The recipe for other data, such as images and streams. */
export function recipeForOthers(given: Given): Recipe {
  return { hidden: given.hidden ?? HIDDEN, decay: 0, epochs: given.fit.epochs ?? EPOCHS };
}

/** Works out the options of a network and of its training. What the caller has given stays. */
export function prepare(
  recipe: Recipe,
  data: AnyDataset,
  { network, fit }: Given,
): { network: NetworkOptions; fit: FitOptions } {
  const output = network.output ?? outputFor(data);
  const outputs = output === 'sigmoid' && data.targets.kind === 'classes' ? 1 : data.outputs;
  const layers = [data.features, ...recipe.hidden, outputs];
  const isSized = [network.density, network.fanOut, network.pattern].some((value) => value !== undefined);
  const decay = Math.min(LARGEST_DECAY, recipe.decay / data.rows);
  return {
    network: {
      ...network,
      layers,
      output,
      ...(isSized ? {} : { density: automaticDensities(layers) }),
      ...(decay === 0
        ? {}
        : { optimizer: { ...network.optimizer, weightDecay: Number(decay.toPrecision(3)) } }),
    },
    fit: { ...fit, epochs: recipe.epochs },
  };
}
