/** What exports are made from: a network's parameters and how it computes, taken at one moment. */
import type { InputScaling, TargetScaling } from '../datasets/scaling.js';
import { invalidOption } from '../errors.js';
import type { ResolvedArithmetic } from '../network/arithmetic.js';
import type { BiasArray, WeightArray } from '../network/engine.js';
import { InferenceNetwork } from '../network/inference.js';
import type { InputUnit } from '../network/inputs.js';
import type { Activation, Output } from '../network/options.js';

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
 * Takes a network's state, finished updates included.
 *
 * @throws SparseTrainError INVALID_OPTION, NETWORK_BUSY
 */
export function takeSnapshot(network: InferenceNetwork): NetworkSnapshot {
  if (!(network instanceof InferenceNetwork)) throw invalidOption('network', 'a network', network);
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
      ...network.pattern(j),
      weights: network.weights(j),
      biases: network.biases(j),
    })),
  };
}

/** Whether the only output is the probability of yes: its decision is 1 from probability 0.5 on. */
export function isYesOrNo({ layers, output }: NetworkSnapshot): boolean {
  return output === 'sigmoid' && layers.at(-1) === 1;
}

/**
 * The largest size that a right neuron's sum, or a part of it, can have: the bias and all products, each counted with its
 * size, whatever the inputs of at most `largestInput` are and in whatever order they are added.
 */
export function largestSum({ offsets, weights, biases }: JunctionSnapshot, largestInput: number): number {
  let largest = 0;
  for (let r = 0; r < biases.length; r++) {
    let sizes = 0;
    for (let e = offsets[r] as number; e < (offsets[r + 1] as number); e++) {
      sizes += Math.abs(weights[e] as number);
    }
    largest = Math.max(largest, sizes * largestInput + Math.abs(biases[r] as number));
  }
  return largest;
}
