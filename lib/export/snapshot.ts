/** The source of all exports: a network's parameters and arithmetic at one moment. */

import { invalidOption } from '../base/errors.js';
import type { InputScaling, TargetScaling } from '../data/scaling.js';
import type { BiasArray, WeightArray } from '../engine/arrays.js';
import type { ResolvedArithmetic } from '../network/arithmetic.js';
import type { InputUnit } from '../network/inputs.js';
import type { Activation, Output } from '../network/options.js';
import { Network } from '../training/network.js';

/** One junction. Edges are by right neuron: `left[offsets[r]]` to `left[offsets[r + 1] - 1]`. */
export interface JunctionSnapshot {
  readonly leftNeurons: number;
  readonly rightNeurons: number;
  readonly offsets: Float64Array;
  readonly left: Uint32Array;
  /** In the order of the edges. */
  readonly weights: WeightArray;
  readonly biases: BiasArray;
}

export interface NetworkSnapshot {
  readonly layers: readonly number[];
  readonly arithmetic: ResolvedArithmetic;
  /** One per hidden layer. */
  readonly activations: readonly Activation[];
  readonly output: Output;
  readonly classes: readonly string[] | undefined;
  readonly scaling: InputScaling | undefined;
  readonly inputUnit: InputUnit | undefined;
  readonly targetScaling: TargetScaling | undefined;
  readonly digest: string;
  readonly junctions: readonly JunctionSnapshot[];
}

/**
 * Takes a network's state with all finished updates.
 *
 * @throws SparseTrainError INVALID_OPTION, NETWORK_BUSY
 */
export function takeSnapshot(network: Network): NetworkSnapshot {
  if (!(network instanceof Network)) throw invalidOption('network', 'a network', network);
  const { layers, arithmetic, activations, output, classes, scaling, inputUnit, targetScaling } = network;
  return {
    layers,
    arithmetic,
    activations,
    output,
    classes,
    scaling,
    inputUnit,
    targetScaling,
    digest: network.digest(),
    junctions: layers.slice(1).map((rightNeurons, j) => ({
      leftNeurons: layers[j] as number,
      rightNeurons,
      ...network.junction(j).pattern(),
      weights: network.junction(j).weights(),
      biases: network.junction(j).biases(),
    })),
  };
}

/** Whether the only output is the probability of yes; the decision is 1 from probability 0.5 on. */
export function isYesOrNo({ layers, output }: NetworkSnapshot): boolean {
  return output === 'sigmoid' && layers.at(-1) === 1;
}

/** The range of a junction's inputs. */
export interface InputRange {
  /** Their largest magnitude. */
  readonly largest: number;
  /** Whether they can be negative. */
  readonly signed: boolean;
}

/**
 * The largest magnitude of a right neuron's sum, or partial sum: the bias and any of its products, in any order of
 * addition. If no input is negative, products with positive and with negative weights have opposite signs.
 */
export function largestSum(
  { offsets, weights, biases }: JunctionSnapshot,
  { largest, signed }: InputRange,
): number {
  let most = 0;
  for (let r = 0; r < biases.length; r++) {
    let up = 0;
    let down = 0;
    for (let e = offsets[r] as number; e < (offsets[r + 1] as number); e++) {
      const weight = weights[e] as number;
      if (weight > 0) up += weight;
      else down -= weight;
    }
    const sizes = signed ? up + down : Math.max(up, down);
    most = Math.max(most, sizes * largest + Math.abs(biases[r] as number));
  }
  return most;
}
