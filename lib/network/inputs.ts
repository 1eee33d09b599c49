import { describeValue, SparseTrainError } from '../base/errors.js';
import { type Kind, oneOf } from '../base/options/kinds.js';
import { CsrMatrix, type InputMatrix, isSparseRow, type SparseRow } from '../data/csr.js';
import type { InputArray } from '../data/matrix.js';
import type { InputScaling } from '../data/scaling.js';
import type { DenseInputs, EngineInputs, EngineScaling, SparseInputs } from '../engine/calls.js';

/**
 * The inputs of one example, in the unit of the training data: one number for each neuron of the first layer,
 * or only the numbers that are not 0. Typed arrays are read without copying wherever the scaling allows it.
 */
export type InputRow = InputArray | Uint8ClampedArray | readonly number[] | SparseRow;

/**
 * The meaning of a stored number if no scaling applies: '1/256' after training on integers (bytes of images;
 * 16-bit integers have the same unit and a larger range), 'number' after training on floating-point numbers.
 */
export type InputUnit = '1/256' | 'number';

export const inputUnitKind: Kind<InputUnit> = oneOf(['1/256', 'number']);

/** The unit of numbers in an array of this kind, for a network that has not been trained yet. */
export function unitOf(input: InputRow): InputUnit {
  const numbers = isSparseRow(input) ? input.values : input;
  const isWhole =
    numbers instanceof Uint8Array || numbers instanceof Uint8ClampedArray || numbers instanceof Int16Array;
  return isWhole ? '1/256' : 'number';
}

/**
 * Converts arrays of every element type to a form that the engine reads, so that the same numbers mean the
 * same whatever array holds them.
 */
export class InputReader {
  /** Undefined until the first fit() decides it. */
  readonly scaling: InputScaling | undefined;
  /** Undefined until the first fit() decides it. */
  readonly unit: InputUnit | undefined;
  /** The scaling that the engine applies to floating-point inputs. */
  readonly engineScaling: EngineScaling | undefined;
  readonly #columns: number;
  readonly #integersAsTheyAre: boolean;
  readonly #row: Float64Array;

  constructor(columns: number, scaling: InputScaling | undefined, unit: InputUnit | undefined) {
    this.scaling = scaling;
    this.unit = unit;
    this.#columns = columns;
    const scaled = scaling !== undefined && scaling.kind !== 'none';
    this.#integersAsTheyAre = !scaled && unit !== 'number';
    this.#row = new Float64Array(columns);
    if (scaled) {
      this.engineScaling = {
        offset: Float64Array.from(scaling.offset),
        scale: Float64Array.from(scaling.scale),
      };
    } else if (unit === '1/256') {
      this.engineScaling = {
        offset: new Float64Array(columns),
        scale: new Float64Array(columns).fill(1 / 256),
      };
    }
  }

  /** Many rows, full or sparse; copies only if integers have to be scaled. */
  matrix(inputs: InputMatrix): {
    inputs: EngineInputs;
    scaling: EngineScaling | undefined;
  } {
    if (!(inputs instanceof CsrMatrix)) return this.rows(inputs.data);
    const { inputs: values, scaling } = this.rows(inputs.values);
    const sparse = { values, indices: inputs.indices, starts: inputs.indptr };
    return (scaling && withZerosKept(sparse, scaling)) ?? { inputs: sparse, scaling };
  }

  /** Many full rows, row-major. */
  rows(inputs: InputArray): { inputs: DenseInputs; scaling: EngineScaling | undefined } {
    if (inputs instanceof Float32Array || inputs instanceof Float64Array)
      return { inputs, scaling: this.engineScaling };
    if (this.#integersAsTheyAre) return { inputs, scaling: undefined };
    return { inputs: Float32Array.from(inputs), scaling: this.engineScaling };
  }

  /**
   * Returns one row, without allocating. A converted row is valid until the next call.
   *
   * @throws SparseTrainError INVALID_DATA if it is not an array of numbers or (when converted here) of another length
   */
  row(input: InputRow): EngineInputs {
    if (this.#integersAsTheyAre && (input instanceof Uint8Array || input instanceof Int16Array)) return input;
    if (input instanceof Float32Array || input instanceof Float64Array) return input;
    return isSparseRow(input) ? this.#sparse(input) : this.#converted(input);
  }

  #sparse({ indices, values }: SparseRow): SparseInputs {
    const row = new CsrMatrix({ indptr: [0, values?.length], indices, values, columns: this.#columns });
    return { values: this.rows(row.values).inputs, indices: row.indices, starts: row.indptr };
  }

  #converted(input: unknown): DenseInputs {
    if (this.#integersAsTheyAre && input instanceof Uint8ClampedArray) {
      return new Uint8Array(input.buffer, input.byteOffset, input.length);
    }
    const isArray = Array.isArray(input) || (ArrayBuffer.isView(input) && !(input instanceof DataView));
    if (!isArray) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `an input must be a typed array or an array of ${this.#columns} numbers, but it is ${describeValue(input)}`,
      );
    }
    const numbers = input as ArrayLike<number>;
    if (numbers.length !== this.#columns) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `an input must have ${this.#columns} numbers, one per neuron of the first layer, but it has ${numbers.length}`,
      );
    }
    const row = this.#row;
    for (let i = 0; i < row.length; i++) {
      const x = numbers[i];
      if (typeof x !== 'number' || !Number.isFinite(x)) {
        throw new SparseTrainError(
          'INVALID_DATA',
          `input ${i} must be a finite number, but it is ${describeValue(x)}`,
        );
      }
      row[i] = x;
    }
    return row;
  }
}

/**
 * Scales the columns whose zeros scaling would move, so that the engine finds only columns whose zeros stay zeros and
 * skips silent inputs. The engine computes the same bits: it scales what is already scaled by 1.
 *
 * @returns undefined if there are no such columns, or so many that they would fill the rows
 */
function withZerosKept(
  { values, indices, starts }: SparseInputs,
  { offset, scale }: EngineScaling,
): { inputs: SparseInputs; scaling: EngineScaling } | undefined {
  const moved = Uint32Array.from(offset.keys()).filter((column) => offset[column] !== 0);
  const rows = starts.length - 1;
  if (moved.length === 0 || moved.length * rows > values.length) return undefined;
  const all = values.length + moved.length * rows;
  const kept = {
    values: new Float64Array(all),
    indices: new Uint32Array(all),
    starts: new Float64Array(rows + 1),
  };
  let used = 0;
  const add = (column: number, value: number) => {
    kept.indices[used] = column;
    kept.values[used++] =
      offset[column] === 0 ? value : (value - (offset[column] as number)) * (scale[column] as number);
  };
  for (let row = 0; row < rows; row++) {
    let next = 0;
    const end = starts[row + 1] as number;
    for (let i = starts[row] as number; i < end; i++) {
      const column = indices[i] as number;
      while ((moved[next] as number) < column) add(moved[next++] as number, 0);
      if (moved[next] === column) next++;
      add(column, values[i] as number);
    }
    while (next < moved.length) add(moved[next++] as number, 0);
    kept.starts[row + 1] = used;
  }
  return {
    inputs: {
      values: kept.values.subarray(0, used),
      indices: kept.indices.subarray(0, used),
      starts: kept.starts,
    },
    scaling: {
      offset: new Float64Array(offset.length),
      scale: scale.map((s, column) => (offset[column] === 0 ? s : 1)),
    },
  };
}
