import type { NativeNetwork } from './addon.js';
import type { EngineInputs } from './calls.js';

/** Offsets in the shared memory, in doubles (native/addon/network_single.cpp). The row and the scores follow. */
const TYPE = 0;
const LABEL = 1;
const RATE = 2;
const SCORES_WANTED = 3;
const DECISION = 4;
const DONE = 5;
const ROW = 8;

/**
 * Calls the engine for one whole row, with all arguments and results in memory that both sides share: copying a row
 * is faster than letting the engine inspect a typed array.
 */
export class SharedRow {
  readonly #columns: number;
  readonly #numbers: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #fixed: Int16Array;
  readonly #float32: Float32Array;
  readonly #float64: Float64Array;
  readonly #scores: Float32Array;
  readonly #learn: () => void;
  readonly #predict: () => void;

  /** Undefined if the runtime cannot share memory. */
  static of(engine: NativeNetwork, columns: number, outputs: number): SharedRow | undefined {
    const calls = engine.sharedCalls();
    return calls === undefined ? undefined : new SharedRow(calls, columns, outputs);
  }

  private constructor({ memory, learn, predict }: SharedCalls, columns: number, outputs: number) {
    this.#columns = columns;
    this.#numbers = new Float64Array(memory, 0, ROW);
    this.#bytes = new Uint8Array(memory, 8 * ROW, columns);
    this.#fixed = new Int16Array(memory, 8 * ROW, columns);
    this.#float32 = new Float32Array(memory, 8 * ROW, columns);
    this.#float64 = new Float64Array(memory, 8 * ROW, columns);
    this.#scores = new Float32Array(memory, 8 * (ROW + columns), outputs);
    this.#learn = learn;
    this.#predict = predict;
  }

  /** Learns a label. Returns false if nothing was done, because this path does not support the call or it is wrong. */
  learn(row: EngineInputs, label: number, rate: number): boolean {
    if (!this.#put(row)) return false;
    const numbers = this.#numbers;
    numbers[LABEL] = label;
    numbers[RATE] = rate;
    this.#learn();
    return numbers[DONE] === 1;
  }

  /** Returns the decision and fills `scores` if given; -1 if nothing was done. */
  predict(row: EngineInputs, scores: Float32Array | undefined): number {
    const from = this.#scores;
    if (scores !== undefined && scores.length !== from.length) return -1;
    if (!this.#put(row)) return -1;
    const numbers = this.#numbers;
    numbers[SCORES_WANTED] = scores === undefined ? 0 : 1;
    this.#predict();
    if (numbers[DONE] !== 1) return -1;
    if (scores !== undefined) {
      if (from.length > 32) scores.set(from);
      else for (let i = 0; i < from.length; i++) scores[i] = from[i] as number; // quicker for a few
    }
    return numbers[DECISION] as number;
  }

  /** Copies a row; returns false if it is sparse or has another length. */
  #put(row: EngineInputs): boolean {
    if (!ArrayBuffer.isView(row)) return false;
    if (row instanceof Uint8Array) return this.#copy(0, this.#bytes, row);
    if (row instanceof Int16Array) return this.#copy(1, this.#fixed, row);
    if (row instanceof Float32Array) return this.#copy(2, this.#float32, row);
    if (row instanceof Float64Array) return this.#copy(3, this.#float64, row);
    return false;
  }

  #copy<T extends Uint8Array | Int16Array | Float32Array | Float64Array>(
    type: number,
    to: T,
    row: T,
  ): boolean {
    if (row.length !== this.#columns) return false;
    to.set(row);
    this.#numbers[TYPE] = type;
    return true;
  }
}

/** The result of {@link NativeNetwork.sharedCalls}. */
type SharedCalls = NonNullable<ReturnType<NativeNetwork['sharedCalls']>>;
