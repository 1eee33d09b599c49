import type { KernelSet, LearnerStage, LearnerState, NativeLearner } from './addon.js';
import { callNative, fromNative, networkClosed } from './errors.js';
import { native } from './native.js';

export type { LearnerStage, LearnerState } from './addon.js';

/** The most entries of all rows of a stage together; native/addon/learner_object.cpp has the same sizes. */
export const STAGE_ENTRIES = 2 ** 16;
/** The most rows of a stage. */
export const STAGE_ROWS = 256;
/** The most words of keys of slots that wait. */
const WAITING_KEYS = 1024;
/** How many numbers {@link LearnerStage.results} has for each row. */
export const RESULTS_PER_ROW = 3;

/**
 * Makes a stage. Learners with several targets share the entries of rows (`rows`); each target has its own targets
 * and results.
 */
export function makeStage(rows?: LearnerStage): LearnerStage {
  const entries = rows?.entries ?? new ArrayBuffer(STAGE_ENTRIES * (4 + 2) + STAGE_ROWS * 2 * 4);
  const targets = new ArrayBuffer(STAGE_ROWS * (RESULTS_PER_ROW * 8 + 2 * 4));
  const ends = STAGE_ENTRIES * 4;
  const outputs = STAGE_ROWS * RESULTS_PER_ROW * 8;
  return {
    entries,
    slots: new Uint32Array(entries, 0, STAGE_ENTRIES),
    ends: new Uint32Array(entries, ends, STAGE_ROWS),
    plains: new Uint32Array(entries, ends + STAGE_ROWS * 4, STAGE_ROWS),
    values: new Int16Array(entries, ends + STAGE_ROWS * 8, STAGE_ENTRIES),
    targets,
    results: new Float64Array(targets, 0, STAGE_ROWS * RESULTS_PER_ROW),
    outputs: new Int32Array(targets, outputs, STAGE_ROWS),
    numbers: new Int32Array(targets, outputs + STAGE_ROWS * 4, STAGE_ROWS),
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
  /** The keys of new slots that the engine does not have yet, and whether their first weights are random. */
  readonly #keys = new Uint32Array(WAITING_KEYS);
  #waiting = 0;
  #areRandom = false;

  /**
   * @param hidden - hidden neurons of each member, a multiple of 64
   * @throws SparseTrainError NATIVE_UNAVAILABLE, ISA_UNAVAILABLE
   */
  constructor(seed: number, classes: boolean, hidden: number, stage: LearnerStage) {
    this.stage = stage;
    const { entries, targets } = stage;
    this.#native = callNative(
      'INVALID_OPTION',
      () => new (native().Learner)({ seed, classes, hidden, entries, targets }),
    );
    this.kernelSet = this.#native.kernelSet;
  }

  /**
   * Adds a slot. The engine gets slots together with the next rows, because rows of words bring many.
   *
   * @param random - whether the first weights are random; otherwise they are zero
   */
  addSlot(low: number, high: number, random: boolean): void {
    if (this.#waiting === WAITING_KEYS || random !== this.#areRandom) this.#flush();
    this.#areRandom = random;
    this.#keys[this.#waiting++] = low;
    this.#keys[this.#waiting++] = high;
  }

  /** Hands waiting slots to the engine. */
  #flush(): void {
    if (this.#waiting === 0) return;
    const keys = this.#keys.subarray(0, this.#waiting);
    this.#waiting = 0;
    callNative('NETWORK_TOO_LARGE', () => this.#native.addSlots(keys, this.#areRandom));
  }

  /** Adds a class for each key; a class is in use once its first example has been learned. */
  addOutputs(keys: Uint32Array): void {
    callNative('NETWORK_TOO_LARGE', () => this.#native.addOutputs(keys));
  }

  /** Predicts and then learns the first rows of the stage. */
  learn(rows: number, boost: boolean): void {
    // Without callNative(), whose closure takes time in every call.
    try {
      if (this.#waiting > 0) this.#flush();
      this.#native.learn(rows, boost);
    } catch (error) {
      throw fromNative(error, 'INTERNAL');
    }
  }

  /** Predicts the first rows of the stage. */
  predict(rows: number): void {
    this.#flush();
    callNative('INTERNAL', () => this.#native.predict(rows));
  }

  /** The probability of each class in use, for the row that was predicted last. */
  probabilities(): Float64Array {
    return this.#native.probabilities();
  }

  exportState(): LearnerState {
    this.#flush();
    return callNative('OUT_OF_MEMORY', () => this.#native.exportState());
  }

  /** @throws SparseTrainError INVALID_FILE if the state does not fit the slots and outputs */
  importState(state: LearnerState): void {
    this.#flush();
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
