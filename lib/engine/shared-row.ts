import type { NativeNetwork } from './addon.js';
import type { EngineInputs } from './calls.js';

/**
 * Hands whole rows to the engine in memory that both sides share: copying a row takes less time than the engine takes to
 * look at a typed array.
 */
export class SharedRow {
  /** The scores of the last prediction. */
  readonly scores: Float32Array;
  readonly #columns: number;
  readonly #bytes: Uint8Array;
  readonly #fixed: Int16Array;
  readonly #float32: Float32Array;
  readonly #float64: Float64Array;

  /** Undefined where the runtime has no memory to share. */
  static of(engine: NativeNetwork, columns: number, outputs: number): SharedRow | undefined {
    const memory = engine.sharedMemory();
    return memory === undefined ? undefined : new SharedRow(memory, columns, outputs);
  }

  private constructor(memory: ArrayBuffer, columns: number, outputs: number) {
    this.#columns = columns;
    this.#bytes = new Uint8Array(memory, 0, columns);
    this.#fixed = new Int16Array(memory, 0, columns);
    this.#float32 = new Float32Array(memory, 0, columns);
    this.#float64 = new Float64Array(memory, 0, columns);
    this.scores = new Float32Array(memory, 8 * columns, outputs);
  }

  /** Copies a row; returns its type for the engine, or -1 where it is sparse or has another length. */
  put(row: EngineInputs): number {
    if (!ArrayBuffer.isView(row) || row.length !== this.#columns) return -1;
    if (row instanceof Uint8Array) {
      this.#bytes.set(row);
      return 0;
    }
    if (row instanceof Int16Array) {
      this.#fixed.set(row);
      return 1;
    }
    if (row instanceof Float32Array) {
      this.#float32.set(row);
      return 2;
    }
    if (row instanceof Float64Array) {
      this.#float64.set(row);
      return 3;
    }
    return -1;
  }
}
