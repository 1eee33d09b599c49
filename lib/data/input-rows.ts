import { SparseTrainError } from '../base/errors.js';
import { CsrMatrix, type InputMatrix, type SparseRow } from './csr.js';
import { type InputArray, Matrix } from './matrix.js';

/** Takes the inputs of one row. Inputs that are not given are 0; one that is given twice has the last value. */
export interface InputSink {
  /** @param input - counted from 0 */
  put(input: number, value: number): void;
}

/** Gathers rows of inputs to a matrix. */
export interface RowGatherer extends InputSink {
  /** How many rows have ended. */
  readonly rows: number;
  /** Ends the row; the inputs given next belong to another one. */
  end(): void;
  /** Forgets the inputs of the row that has not ended. */
  drop(): void;
  /** The rows that have ended, at least one. */
  matrix(): InputMatrix;
}

/** Gathers full rows. */
export class FullRows implements RowGatherer {
  rows = 0;
  readonly #data: InputArray;
  readonly #width: number;
  #start = 0;

  /**
   * @param rows - the most rows that will come
   * @param float32 - whether 32-bit floats represent all numbers exactly
   * @param name - what messages call the table
   * @throws SparseTrainError INVALID_DATA if they do not fit into memory
   */
  constructor(rows: number, width: number, float32: boolean, name: string) {
    this.#width = width;
    try {
      this.#data = float32 ? new Float32Array(rows * width) : new Float64Array(rows * width);
    } catch (error) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `${name}: ${rows} rows of ${width} inputs (categories count one each) do not fit into memory`,
        { cause: error },
      );
    }
  }

  put(input: number, value: number): void {
    this.#data[this.#start + input] = value;
  }

  end(): void {
    this.rows++;
    this.#start += this.#width;
  }

  drop(): void {
    this.#data.fill(0, this.#start, this.#start + this.#width);
  }

  matrix(): Matrix {
    return new Matrix(this.#data.subarray(0, this.rows * this.#width) as InputArray, this.#width);
  }
}

/** Gathers one row of which only the given inputs are stored. */
export class SparseInputs implements InputSink {
  #indices = new Uint32Array(64);
  #values = new Float64Array(64);
  #count = 0;
  #isSorted = true;

  put(input: number, value: number): void {
    const count = this.#count;
    if (count === this.#indices.length) this.#grow();
    if (count > 0 && input <= (this.#indices[count - 1] as number)) this.#isSorted = false;
    this.#indices[count] = input;
    this.#values[count] = value;
    this.#count++;
  }

  clear(): void {
    this.#count = 0;
    this.#isSorted = true;
  }

  /** The inputs in ascending order, as views of memory that the next row uses again. */
  row(): SparseRow<Float64Array> {
    if (!this.#isSorted) this.#sort();
    return { indices: this.#indices.subarray(0, this.#count), values: this.#values.subarray(0, this.#count) };
  }

  #grow(): void {
    const indices = new Uint32Array(2 * this.#count);
    indices.set(this.#indices);
    this.#indices = indices;
    const values = new Float64Array(2 * this.#count);
    values.set(this.#values);
    this.#values = values;
  }

  #sort(): void {
    const places = Array.from({ length: this.#count }, (_, i) => i);
    places.sort((a, b) => (this.#indices[a] as number) - (this.#indices[b] as number) || a - b);
    const indices = new Uint32Array(this.#indices.length);
    const values = new Float64Array(this.#values.length);
    let used = 0;
    for (const place of places) {
      const input = this.#indices[place] as number;
      if (used > 0 && indices[used - 1] === input) used--;
      indices[used] = input;
      values[used++] = this.#values[place] as number;
    }
    this.#indices = indices;
    this.#values = values;
    this.#count = used;
    this.#isSorted = true;
  }
}

/** Gathers rows of which only the given inputs are stored. */
export class SparseRowGatherer implements RowGatherer {
  readonly #width: number;
  readonly #row = new SparseInputs();
  readonly #starts: number[] = [0];
  #indices = new Uint32Array(4096);
  #values: Float32Array | Float64Array;

  constructor(width: number, float32: boolean) {
    this.#width = width;
    this.#values = float32 ? new Float32Array(4096) : new Float64Array(4096);
  }

  get rows(): number {
    return this.#starts.length - 1;
  }

  put(input: number, value: number): void {
    this.#row.put(input, value);
  }

  end(): void {
    const { indices, values } = this.#row.row();
    const start = this.#starts[this.#starts.length - 1] as number;
    const end = start + indices.length;
    if (end > this.#indices.length) this.#grow(2 * end);
    this.#indices.set(indices, start);
    this.#values.set(values, start);
    this.#starts.push(end);
    this.#row.clear();
  }

  drop(): void {
    this.#row.clear();
  }

  matrix(): CsrMatrix {
    const end = this.#starts[this.rows] as number;
    return new CsrMatrix<InputArray>({
      indptr: this.#starts,
      indices: this.#indices.slice(0, end),
      values: this.#values.slice(0, end),
      columns: this.#width,
    });
  }

  #grow(length: number): void {
    const indices = new Uint32Array(length);
    indices.set(this.#indices);
    this.#indices = indices;
    const values = this.#values instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
    values.set(this.#values);
    this.#values = values;
  }
}
