import type { ErrorCode } from '../base/errors.js';
import type { KernelSet, NativeNetwork } from './addon.js';
import type { BiasArray, WeightArray } from './arrays.js';
import type {
  CallProgress,
  EngineInputs,
  EngineScaling,
  JunctionInfo,
  PredictJob,
  Telemetry,
  TrainJob,
  TrainResult,
} from './calls.js';
import { callNative, fromNative, networkClosed } from './errors.js';
import { withKernelSet } from './kernel-sets.js';
import { native } from './native.js';
import { SharedRow } from './shared-row.js';
import type { EdgeArrays, NetworkSpec } from './spec.js';

/** Options of an {@link EngineNetwork}. */
export interface EngineOptions {
  /** The error code if the engine refuses the spec; INVALID_OPTION by default. */
  refused?: ErrorCode | undefined;
  /** The kernel set that computes; the current one by default. */
  kernelSet?: KernelSet | undefined;
}

/**
 * A network in native memory. Its errors are SparseTrainErrors: NETWORK_BUSY while train(), rewire() or predict()
 * runs, from every call except progress(), abort() and pause(); NETWORK_CLOSED after {@link close}; otherwise the
 * code that each method documents.
 */
export class EngineNetwork {
  readonly kernelSet: KernelSet;
  #native: NativeNetwork | undefined;
  /** Memory for passing single rows; undefined if they have to be passed as arguments. */
  readonly #row: SharedRow | undefined;
  /** Whether targets are labels. */
  readonly #labelled: boolean;

  /** @throws SparseTrainError NETWORK_TOO_LARGE, NATIVE_UNAVAILABLE, ISA_UNAVAILABLE, or `refused` */
  constructor(spec: NetworkSpec, { refused = 'INVALID_OPTION', kernelSet }: EngineOptions = {}) {
    const make = () => {
      const addon = native();
      return callNative(refused, () => new addon.Network(spec));
    };
    const made = kernelSet === undefined ? make() : withKernelSet(kernelSet, make);
    this.#native = made;
    this.kernelSet = made.kernelSet;
    this.#labelled = spec.output === 'softmax';
    this.#row = SharedRow.of(made, spec.layers[0] as number, spec.layers.at(-1) as number);
  }

  /** Whether {@link close} has been called. */
  get isClosed(): boolean {
    return this.#native === undefined;
  }

  /**
   * Frees the network's memory. Every later call throws NETWORK_CLOSED; closing again does nothing.
   *
   * @throws SparseTrainError NETWORK_BUSY
   */
  close(): void {
    const open = this.#native;
    if (open === undefined) return;
    callNative('INTERNAL', () => open.close());
    this.#native = undefined;
  }

  junctions(): JunctionInfo[] {
    return this.#call('INTERNAL', (open) => open.junctions());
  }

  /**
   * Trains on threads of its own. The arrays must not be changed until the promise settles.
   *
   * @throws SparseTrainError (by rejection) INVALID_DATA
   */
  train(job: TrainJob<EngineInputs>): Promise<TrainResult> {
    return this.#begin('INVALID_DATA', (open) => open.train(job));
  }

  /**
   * Moves the weakest edges of every junction (docs/arithmetic.md, "Dynamic patterns") on a thread of its own. Only
   * for the wide arithmetic.
   *
   * @param rule - `share` of the edges, in units of 2^-16, move to where the recorded gradients are largest, or to
   * random places
   * @returns how many edges moved in each junction
   * @throws SparseTrainError (by rejection) INTERNAL
   */
  rewire(rule: { share: number; byGradient: boolean }): Promise<Float64Array> {
    return this.#begin('INTERNAL', (open) => open.rewire(rule));
  }

  /**
   * Predicts many rows on threads of its own. The arrays must not be changed until the promise settles.
   *
   * @throws SparseTrainError (by rejection) INVALID_DATA
   */
  predict(job: PredictJob): Promise<{ seconds: number }> {
    return this.#begin('INVALID_DATA', (open) => open.predict(job));
  }

  /**
   * Trains on a single example, on the calling thread.
   *
   * @throws SparseTrainError INVALID_DATA
   */
  learn(input: EngineInputs, target: number | Uint8Array | Float64Array, rate: number): void {
    const open = this.#open();
    try {
      if (this.#labelled && typeof target === 'number' && this.#row?.learn(input, target, rate)) return;
      open.learn(input, target, rate); // or says what is wrong
    } catch (error) {
      throw fromNative(error, 'INVALID_DATA');
    }
  }

  /**
   * Returns the index of the largest output, and fills `scores` if given. Runs on the calling thread.
   *
   * @throws SparseTrainError INVALID_DATA
   */
  predictOne(input: EngineInputs, scores?: Float32Array): number {
    const open = this.#open();
    try {
      const decision = this.#row?.predict(input, scores) ?? -1;
      return decision >= 0 ? decision : open.predictOne(input, scores);
    } catch (error) {
      throw fromNative(error, 'INVALID_DATA');
    }
  }

  /**
   * Sets the scaling of float inputs of learn() and predictOne() (undefined: none).
   *
   * @throws SparseTrainError INVALID_DATA
   */
  setScaling(scaling: EngineScaling | undefined): void {
    this.#call('INVALID_DATA', (open) => open.setScaling(scaling));
  }

  /** Finishes the updates that are still in the pipeline. */
  drain(): void {
    this.#call('INTERNAL', (open) => open.drain());
  }

  /** The progress of the running call. */
  progress(): CallProgress {
    return this.#call('INTERNAL', (open) => open.progress());
  }

  /** Asks the running call to stop; it settles within milliseconds with a usable network. */
  abort(): void {
    this.#call('INTERNAL', (open) => open.abort());
  }

  /** Asks a running train() to stop with the pipeline as it is; predict() ignores it. */
  pause(): void {
    this.#call('INTERNAL', (open) => open.pause());
  }

  /**
   * Exports everything that decides how training continues, including inputs in the pipeline and sums of a paused
   * call. The block is the same for every kernel set and number of threads.
   */
  exportState(): Uint8Array {
    return this.#call('INTERNAL', (open) => open.exportState());
  }

  /**
   * Takes over the state of a network with the same spec.
   *
   * @throws SparseTrainError INVALID_FILE with the reason if the block does not fit; nothing changes in that case
   */
  importState(state: Uint8Array): void {
    this.#call('INVALID_FILE', (open) => open.importState(state));
  }

  telemetry(): Telemetry {
    return this.#call('INTERNAL', (open) => open.telemetry());
  }

  /**
   * Sets the number of inputs presented so far, to continue a saved network: rounding numbers depend on it
   * (docs/arithmetic.md, "Schedules").
   *
   * @param count - 0 to 2^53 - 1
   */
  setInputsPresented(count: number): void {
    this.#call('INVALID_FILE', (open) => open.setInputsPresented(count));
  }

  /**
   * Edges by right neuron. The hardware arithmetic has its own edge order, which is not ascending. Custom patterns
   * may use either order.
   */
  pattern(junction: number): EdgeArrays {
    return this.#call('INTERNAL', (open) => open.pattern(junction));
  }

  /**
   * Replaces a pattern: edges in both patterns keep their weights, new ones start at 0. Only for the wide arithmetic.
   */
  setPattern(junction: number, pattern: EdgeArrays): void {
    this.#call('INTERNAL', (open) => open.setPattern(junction, pattern));
  }

  /**
   * A copy of the weights in the order of pattern()'s edges: Int16Array (wide; hardware up to 16 bits, raw),
   * Int32Array (hardware of 32 bits, raw) or Float32Array (float).
   */
  weights(junction: number): WeightArray {
    return this.#call('INTERNAL', (open) => open.weights(junction));
  }

  /** @throws SparseTrainError `refused` if they do not fit */
  setWeights(junction: number, weights: WeightArray, refused: ErrorCode = 'INVALID_DATA'): void {
    this.#call(refused, (open) => open.setWeights(junction, weights));
  }

  /**
   * A copy of the biases: Int32Array (wide, 8 + weightFraction fraction bits; hardware, its format) or Float32Array
   * (float).
   */
  biases(junction: number): BiasArray {
    return this.#call('INTERNAL', (open) => open.biases(junction));
  }

  /** @throws SparseTrainError `refused` if they do not fit */
  setBiases(junction: number, biases: BiasArray, refused: ErrorCode = 'INVALID_DATA'): void {
    this.#call(refused, (open) => open.setBiases(junction, biases));
  }

  #open(): NativeNetwork {
    if (this.#native === undefined) throw networkClosed();
    return this.#native;
  }

  #call<T>(refused: ErrorCode, call: (open: NativeNetwork) => T): T {
    const open = this.#open();
    return callNative(refused, () => call(open));
  }

  async #begin<T>(refused: ErrorCode, call: (open: NativeNetwork) => Promise<T>): Promise<T> {
    const open = this.#open();
    try {
      return await call(open);
    } catch (error) {
      throw fromNative(error, refused);
    }
  }
}
