import { describeValue, SparseTrainError } from '../base/errors.js';
import { CsrMatrix, type SparseRow } from '../data/csr.js';
import { type InputArray, newLike } from '../data/matrix.js';

/** Gathers the sparse rows of a stream. */
export class SparseRows {
  readonly #columns: number;
  #indices = new Uint32Array(1024);
  #values: InputArray;
  #starts: number[] = [0];

  /** @param first - the stream's first row, which decides the kind of numbers that all others must have */
  constructor(columns: number, first: SparseRow) {
    this.#columns = columns;
    this.#values = newLike(first.values, 1024);
  }

  clear(): void {
    this.#starts = [0];
  }

  /**
   * Adds a copy of a row.
   *
   * @throws SparseTrainError INVALID_DATA, INVALID_OPTION
   */
  add({ indices, values }: SparseRow): void {
    const row = new CsrMatrix({ indptr: [0, values?.length], indices, values, columns: this.#columns });
    if (newLike(values, 0).constructor !== this.#values.constructor) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `input has ${describeValue(values)}, but the first one had ${describeValue(this.#values)}; all must be alike`,
      );
    }
    if (!row.values.every(Number.isFinite)) {
      throw new SparseTrainError('INVALID_DATA', 'input has something that is not a finite number');
    }
    const start = this.#starts.at(-1) as number;
    const end = start + values.length;
    if (end > this.#indices.length) this.#grow(2 * end);
    this.#indices.set(row.indices, start);
    this.#values.set(row.values, start);
    this.#starts.push(end);
  }

  /** The first `count` rows, as views of this memory. */
  matrix(count: number): CsrMatrix {
    const end = this.#starts[count] as number;
    return new CsrMatrix({
      indptr: this.#starts.slice(0, count + 1),
      indices: this.#indices.subarray(0, end),
      values: this.#values.subarray(0, end) as InputArray,
      columns: this.#columns,
    });
  }

  #grow(length: number): void {
    const indices = new Uint32Array(length);
    indices.set(this.#indices);
    this.#indices = indices;
    const values = newLike(this.#values, length);
    values.set(this.#values);
    this.#values = values;
  }
}
