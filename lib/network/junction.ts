import { invalidOption } from '../base/errors.js';
import type { BiasArray, WeightArray } from '../engine/arrays.js';
import type { NetworkCore } from './core.js';
import type { EdgesByNeuron } from './patterns.js';

/**
 * The edges between two neighbouring layers of a network, with their weights and the biases of the right layer. It shows
 * the network as it is at each call, and copies all numbers. Made by `network.junction(index)`.
 *
 * Each method throws NETWORK_BUSY while an asynchronous call of the network computes, and NETWORK_CLOSED after `close()`.
 */
export class Junction {
  /** Counted from 0: junction j connects layers j and j + 1. */
  readonly index: number;
  readonly #core: NetworkCore;

  /** @internal */
  constructor(core: NetworkCore, index: number) {
    this.#core = core;
    this.index = index;
  }

  /** Neurons of its left layer. */
  get left(): number {
    return this.#core.options.layers[this.index] as number;
  }

  /** Neurons of its right layer. */
  get right(): number {
    return this.#core.options.layers[this.index + 1] as number;
  }

  /**
   * The edges, by right neuron.
   *
   * @throws SparseTrainError NETWORK_BUSY, NETWORK_CLOSED
   */
  pattern(): EdgesByNeuron {
    return this.#core.engine.pattern(this.index);
  }

  /**
   * The weights in the order of the edges: an Int16Array in units of 2^-weightFraction (wide arithmetic); raw words in an
   * Int16Array, or an Int32Array above 16 bits (hardware); or a Float32Array (float). Updates that are still in the
   * pipeline are applied first.
   *
   * @throws SparseTrainError NETWORK_BUSY, NETWORK_CLOSED
   */
  weights(): WeightArray {
    this.#core.drain();
    return this.#core.engine.weights(this.index);
  }

  /**
   * Replaces the weights. Takes the same type, length, order and unit as weights() returns.
   *
   * @throws SparseTrainError INVALID_OPTION, INVALID_DATA, NETWORK_BUSY, NETWORK_CLOSED
   */
  setWeights(weights: WeightArray): void {
    const { arithmetic } = this.#core.options;
    const isLong = arithmetic.kind === 'hardware' && arithmetic.width > 16;
    const type = arithmetic.kind === 'float' ? Float32Array : isLong ? Int32Array : Int16Array;
    if (!(weights instanceof type))
      throw invalidOption('weights', `${type === Float32Array ? 'a' : 'an'} ${type.name}`, weights);
    this.#core.drain();
    this.#core.engine.setWeights(this.index, weights);
  }

  /**
   * The biases of the right layer: an Int32Array in units of 2^-(8 + weightFraction) (wide arithmetic), raw words in an
   * Int32Array (hardware), or a Float32Array (float). Updates that are still in the pipeline are applied first.
   *
   * @throws SparseTrainError NETWORK_BUSY, NETWORK_CLOSED
   */
  biases(): BiasArray {
    this.#core.drain();
    return this.#core.engine.biases(this.index);
  }

  /**
   * Replaces the biases of the right layer. Takes the same type, length and unit as biases() returns.
   *
   * @throws SparseTrainError INVALID_OPTION, INVALID_DATA, NETWORK_BUSY, NETWORK_CLOSED
   */
  setBiases(biases: BiasArray): void {
    const { kind } = this.#core.options.arithmetic;
    const type = kind === 'float' ? Float32Array : Int32Array;
    if (!(biases instanceof type))
      throw invalidOption('biases', `${type === Float32Array ? 'a' : 'an'} ${type.name}`, biases);
    this.#core.drain();
    this.#core.engine.setBiases(this.index, biases);
  }
}
