import type { KernelSet, LearnerStage, LearnerState, NativeLearner } from './addon.js';
import { callNative, networkClosed } from './errors.js';
import { native } from './native.js';

export type { LearnerStage, LearnerState } from './addon.js';

/** The most entries of all rows of a stage together. */
export const STAGE_ENTRIES = 2 ** 16;
/** The most rows of a stage. */
export const STAGE_ROWS = 256;
/** How many numbers {@link LearnerStage.results} has for each row. */
export const RESULTS_PER_ROW = 3;

/**
 * Makes a stage. Learners with several targets share the entries of rows (`rows`); each target has its own targets
 * and results.
 */
export function makeStage(rows?: LearnerStage): LearnerStage {
  return {
    slots: rows?.slots ?? new Uint32Array(STAGE_ENTRIES),
    values: rows?.values ?? new Int16Array(STAGE_ENTRIES),
    ends: rows?.ends ?? new Uint32Array(STAGE_ROWS),
    plains: rows?.plains ?? new Uint32Array(STAGE_ROWS),
    outputs: new Int32Array(STAGE_ROWS),
    numbers: new Int32Array(STAGE_ROWS),
    results: new Float64Array(STAGE_ROWS * RESULTS_PER_ROW),
  };
}

/**
 * A learner in native memory. Its errors are SparseTrainErrors; after {@link close} every call throws NETWORK_CLOSED.
 */
export class EngineLearner {
  readonly kernelSet: KernelSet;
  readonly stage: LearnerStage;
  readonly #native: NativeLearner;
  #isClosed = false;

  /** @throws SparseTrainError NATIVE_UNAVAILABLE, ISA_UNAVAILABLE */
  constructor(seed: number, classes: boolean, stage: LearnerStage) {
    this.stage = stage;
    this.#native = callNative('INVALID_OPTION', () => new (native().Learner)({ seed, classes, stage }));
    this.kernelSet = this.#native.kernelSet;
  }

  /**
   * Adds a slot for each key.
   *
   * @param keys - pairs of 32-bit words, the low one first
   * @param random - whether the first weights are random; otherwise they are zero
   */
  addSlots(keys: Uint32Array, random: boolean): void {
    callNative('NETWORK_TOO_LARGE', () => this.#native.addSlots(keys, random));
  }

  /** Adds a class for each key; a class is in use once its first example has been learned. */
  addOutputs(keys: Uint32Array): void {
    callNative('NETWORK_TOO_LARGE', () => this.#native.addOutputs(keys));
  }

  /** Predicts and then learns the first rows of the stage. */
  learn(rows: number, boost: boolean): void {
    callNative('INTERNAL', () => this.#native.learn(rows, boost));
  }

  /** Predicts the first rows of the stage. */
  predict(rows: number): void {
    callNative('INTERNAL', () => this.#native.predict(rows));
  }

  /** The probability of each class in use, for the row that was predicted last. */
  probabilities(): Float64Array {
    return this.#native.probabilities();
  }

  exportState(): LearnerState {
    return callNative('OUT_OF_MEMORY', () => this.#native.exportState());
  }

  /** @throws SparseTrainError INVALID_FILE if the state does not fit the slots and outputs */
  importState(state: LearnerState): void {
    callNative('INVALID_FILE', () => this.#native.importState(state));
  }

  /** Frees the memory. */
  close(): void {
    this.#isClosed = true;
    this.#native.close();
  }

  /** @throws SparseTrainError NETWORK_CLOSED */
  requireOpen(): void {
    if (this.#isClosed) throw networkClosed();
  }
}
