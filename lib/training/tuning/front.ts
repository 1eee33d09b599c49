/** A first layer of steps, which gives a network thresholds in single columns, as trees have them. */

import type { Dataset } from '../../data/dataset.js';
import type { InputScaling } from '../../data/scaling.js';
import { units } from '../../network/arithmetic.js';
import type { EdgesByNeuron } from '../../network/patterns.js';
import type { Network } from '../network.js';

/** The largest weight and bias of the layer; weights of 12 and more bits reach 8. */
const LARGEST_WEIGHT = 7.5;
const LARGEST_BIAS = 60;
/** Quantiles closer together than this count as one: the unit of inputs is 1/256. */
const LEAST_WIDTH = 1 / 256;
/** The slope of the neuron that passes a column on, small enough for tanh to be nearly straight. */
const PASSING = 0.5;

/** The edges of the layer and its initial weights and biases. */
export interface FrontLayer {
  readonly pattern: EdgesByNeuron;
  readonly weights: Float64Array;
  readonly biases: Float64Array;
}

/**
 * Makes a layer of tanh neurons with one edge each. Every column has a neuron that passes it on nearly as it is and, unless
 * it has only two values, as a level of a category has, one step between each two neighbouring quantiles; the slope of a
 * step is 1 over their distance.
 *
 * @param data - the rows to take the quantiles from
 * @param scaling - the scaling of the network's inputs
 * @param steps - quantiles of each column, at least 2
 */
export function frontLayer({ inputs }: Dataset, scaling: InputScaling, steps: number): FrontLayer {
  const { data, rows, columns } = inputs;
  const left: number[] = [];
  const weights: number[] = [];
  const biases: number[] = [];
  const add = (column: number, slope: number, middle: number) => {
    const weight = Math.min(slope, LARGEST_WEIGHT);
    left.push(column);
    weights.push(weight);
    biases.push(Math.max(-LARGEST_BIAS, Math.min(LARGEST_BIAS, -weight * middle)));
  };
  const values = new Float64Array(rows);
  for (let j = 0; j < columns; j++) {
    const [offset, scale] =
      scaling.kind === 'none' ? [0, 1] : [scaling.offset[j] as number, scaling.scale[j] as number];
    for (let i = 0; i < rows; i++) values[i] = ((data[i * columns + j] as number) - offset) * scale;
    values.sort();
    const lowest = values[0] as number;
    const highest = values[rows - 1] as number;
    if (values.every((value) => value === lowest || value === highest)) {
      add(j, 1, 0);
      continue;
    }
    add(j, PASSING, 0);
    let before: number | undefined;
    for (let k = 0; k < steps; k++) {
      const quantile = values[Math.floor(((k + 0.5) / steps) * rows)] as number;
      if (before !== undefined && quantile < before + LEAST_WIDTH) continue;
      if (before !== undefined) add(j, 1 / (quantile - before), (before + quantile) / 2);
      before = quantile;
    }
  }
  return {
    pattern: {
      offsets: Float64Array.from({ length: left.length + 1 }, (_, i) => i),
      left: Uint32Array.from(left),
    },
    weights: Float64Array.from(weights),
    biases: Float64Array.from(biases),
  };
}

/** Sets the initial weights and biases of a network whose first layer is this one. */
export function beginFront(network: Network, { weights, biases }: FrontLayer): void {
  const { arithmetic } = network;
  const unit = units(arithmetic);
  const isFloat = arithmetic.kind === 'float';
  const first = network.junction(0);
  const [own, ownBiases] = [first.weights(), first.biases()];
  for (const [i, weight] of weights.entries()) {
    own[i] = isFloat ? weight : Math.round(weight / unit.weight);
    const bias = (biases[i] as number) / unit.bias;
    ownBiases[i] = isFloat ? bias : Math.round(bias);
  }
  first.setWeights(own);
  first.setBiases(ownBiases);
}
