import { invalidOption, SparseTrainError, unknownName } from '../base/errors.js';
import { checkStored, fieldsOf, formsOf } from '../base/options/fields.js';
import { listOf, number } from '../base/options/kinds.js';
import { CsrMatrix, type InputMatrix } from './csr.js';
import type { Matrix } from './matrix.js';
import type { Targets } from './targets.js';

/**
 * How inputs are scaled to the range of a network: plain JSON that a model stores and applies again at prediction.
 * Except for `none`, column j of an input becomes `(x - offset[j]) * scale[j]`, where x is the stored number (0 to
 * 255 for bytes). `none` leaves numbers unchanged; the engine then reads a byte x as x / 256.
 *
 * - `standard`: mean 0 and standard deviation 1 over the examples it was fitted on
 * - `minmax`: from 0 to 1 over those examples
 *
 * A constant column has scale 1 and therefore becomes 0.
 */
export type InputScaling =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'standard' | 'minmax';
      readonly offset: readonly number[];
      readonly scale: readonly number[];
    };

/** The names of the kinds of {@link InputScaling}. */
export type InputScalingKind = InputScaling['kind'];

/** All kinds of {@link InputScaling}, for messages and help. */
export const INPUT_SCALING_KINDS: readonly InputScalingKind[] = ['none', 'standard', 'minmax'];

/**
 * How regression targets are scaled to mean 0 and standard deviation 1: plain JSON. Output k is learned as `(y -
 * mean[k]) / sd[k]`, and a prediction p stands for `p * sd[k] + mean[k]`. `sd` is above 0, and 1 for a constant
 * output.
 */
export interface TargetScaling {
  readonly mean: readonly number[];
  readonly sd: readonly number[];
}

/**
 * The default scaling of inputs: `none` for bytes (images), otherwise `standard`. Sparse rows get `minmax`, which
 * keeps zeros in columns without negative values.
 */
export function defaultScalingKind(inputs: InputMatrix): InputScalingKind {
  if (inputs instanceof CsrMatrix) return inputs.values instanceof Uint8Array ? 'none' : 'minmax';
  return inputs.data instanceof Uint8Array ? 'none' : 'standard';
}

/**
 * Fits a scaling to inputs. Pass only the training part, or test results will be too good.
 *
 * @param kind - {@link defaultScalingKind} if left out
 * @throws SparseTrainError INVALID_OPTION for another kind, INVALID_DATA if a column's range exceeds that of a double
 */
export function fitInputScaling(
  inputs: InputMatrix,
  kind: InputScalingKind = defaultScalingKind(inputs),
): InputScaling {
  if (!INPUT_SCALING_KINDS.includes(kind)) {
    if (typeof kind !== 'string')
      throw invalidOption('scaling', `one of ${INPUT_SCALING_KINDS.join(', ')}`, kind);
    throw unknownName('INVALID_OPTION', 'scaling', kind, INPUT_SCALING_KINDS);
  }
  if (kind === 'none') return { kind };
  const { columns } = inputs;
  const isSparse = inputs instanceof CsrMatrix;
  const { lowest, highest } = isSparse ? sparseRanges(inputs) : columnRanges(inputs.data, columns);
  const moments = () => (isSparse ? sparseMoments(inputs) : columnMoments(inputs.data, columns));
  const { mean, sd } = kind === 'standard' ? moments() : { mean: lowest, sd: undefined };
  const offset: number[] = [];
  const scale: number[] = [];
  for (let j = 0; j < columns; j++) {
    const low = lowest[j] as number;
    const high = highest[j] as number;
    const width = sd === undefined ? high - low : (sd[j] as number);
    // The computed mean of equal numbers may be off in the last bit, so a constant column uses its value as the
    // offset.
    const constant = low === high || !Number.isFinite(1 / width);
    offset.push(constant ? low : (mean[j] as number));
    scale.push(constant ? 1 : 1 / width);
    if (!Number.isFinite(width) || !Number.isFinite(offset[j])) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `column ${j} (counted from 0) goes from ${low} to ${high}, too far apart to be scaled`,
      );
    }
  }
  return { kind, offset, scale };
}

/**
 * Fits a scaling to the values of a regression.
 *
 * @throws SparseTrainError INVALID_DATA if the targets are not values, or if their range exceeds that of a double
 */
export function fitTargetScaling(targets: Targets): TargetScaling {
  if (targets.kind !== 'values') {
    throw new SparseTrainError('INVALID_DATA', `only values are scaled; these targets are ${targets.kind}`);
  }
  const { data, names } = targets;
  const { lowest, highest } = columnRanges(data, names.length);
  const { mean, sd } = columnMoments(data, names.length);
  const isConstant = (k: number) => lowest[k] === highest[k] || !Number.isFinite(1 / (sd[k] as number));
  for (const [k, name] of names.entries()) {
    if (!Number.isFinite(sd[k]) || !Number.isFinite(mean[k])) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `"${name}" goes from ${lowest[k]} to ${highest[k]}, too far to scale`,
      );
    }
  }
  return {
    mean: Array.from(mean, (m, k) => (isConstant(k) ? (lowest[k] as number) : m)),
    sd: Array.from(sd, (s, k) => (isConstant(k) ? 1 : s)),
  };
}

/** Describes a scaling in one line, for example `standard (4 columns)`. */
export function describeScaling(scaling: InputScaling): string {
  if (scaling.kind === 'none') return 'none';
  const { length } = scaling.scale;
  return `${scaling.kind} (${length} column${length === 1 ? '' : 's'})`;
}

const finite = number({});

/**
 * Checks a scaling from a file.
 *
 * @param json - parsed JSON, not trusted
 * @param columns - how many columns it must have
 * @throws SparseTrainError INVALID_FILE
 */
export function parseInputScaling(json: unknown, columns: number): InputScaling {
  const numbers = listOf(finite, {
    least: columns,
    most: columns,
    expected: `a list of ${columns} finite numbers`,
  });
  const fitted = { offset: numbers, scale: numbers };
  return checkStored(
    formsOf('kind', { none: {}, standard: fitted, minmax: fitted }),
    json,
    'input scaling: ',
  );
}

/**
 * Checks a target scaling from a file.
 *
 * @param json - parsed JSON, not trusted
 * @param outputs - how many outputs it must have
 * @throws SparseTrainError INVALID_FILE
 */
export function parseTargetScaling(json: unknown, outputs: number): TargetScaling {
  const length = { least: outputs, most: outputs, expected: `a list of ${outputs} finite numbers` };
  return checkStored(
    fieldsOf({ mean: listOf(finite, length), sd: listOf(number({ above: 0 }), length) }),
    json,
    'target scaling: ',
  );
}

type Numbers = Matrix['data'];

function columnRanges(data: Numbers, columns: number): { lowest: Float64Array; highest: Float64Array } {
  const lowest = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
  const highest = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
  for (let start = 0; start < data.length; start += columns) {
    for (let j = 0; j < columns; j++) {
      const x = data[start + j] as number;
      if (x < (lowest[j] as number)) lowest[j] = x;
      if (x > (highest[j] as number)) highest[j] = x;
    }
  }
  return { lowest, highest };
}

/**
 * Mean and population standard deviation (divided by the number of rows) of each column. A second pass sums the
 * squares of differences from the mean, because sums of plain squares lose precision in columns far from 0.
 */
function columnMoments(data: Numbers, columns: number): { mean: Float64Array; sd: Float64Array } {
  const rows = data.length / columns;
  const mean = new Float64Array(columns);
  for (let start = 0; start < data.length; start += columns) {
    for (let j = 0; j < columns; j++) mean[j] = (mean[j] as number) + (data[start + j] as number);
  }
  for (let j = 0; j < columns; j++) mean[j] = (mean[j] as number) / rows;
  const sd = new Float64Array(columns);
  for (let start = 0; start < data.length; start += columns) {
    for (let j = 0; j < columns; j++) {
      const difference = (data[start + j] as number) - (mean[j] as number);
      sd[j] = (sd[j] as number) + difference * difference;
    }
  }
  for (let j = 0; j < columns; j++) sd[j] = Math.sqrt((sd[j] as number) / rows);
  return { mean, sd };
}

/** The ranges of columns, including the zeros that are not stored. */
function sparseRanges({ rows, columns, indices, values }: CsrMatrix): {
  lowest: Float64Array;
  highest: Float64Array;
} {
  const given = new Float64Array(columns);
  const lowest = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
  const highest = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
  const note = (j: number, x: number) => {
    if (x < (lowest[j] as number)) lowest[j] = x;
    if (x > (highest[j] as number)) highest[j] = x;
  };
  for (let i = 0; i < values.length; i++) {
    const j = indices[i] as number;
    note(j, values[i] as number);
    given[j] = (given[j] as number) + 1;
  }
  for (let j = 0; j < columns; j++) if ((given[j] as number) < rows) note(j, 0);
  return { lowest, highest };
}

/** Equals {@link columnMoments} of the dense rows to the last bit: it sums in the same order, zeros included. */
function sparseMoments({ rows, columns, indptr, indices, values }: CsrMatrix): {
  mean: Float64Array;
  sd: Float64Array;
} {
  const mean = new Float64Array(columns);
  for (let i = 0; i < values.length; i++) {
    const j = indices[i] as number;
    mean[j] = (mean[j] as number) + (values[i] as number);
  }
  for (let j = 0; j < columns; j++) mean[j] = (mean[j] as number) / rows;
  const sd = new Float64Array(columns);
  const row = new Float64Array(columns);
  for (let r = 0; r < rows; r++) {
    row.fill(0);
    for (let i = indptr[r] as number; i < (indptr[r + 1] as number); i++)
      row[indices[i] as number] = values[i] as number;
    for (let j = 0; j < columns; j++) {
      const difference = (row[j] as number) - (mean[j] as number);
      sd[j] = (sd[j] as number) + difference * difference;
    }
  }
  for (let j = 0; j < columns; j++) sd[j] = Math.sqrt((sd[j] as number) / rows);
  return { mean, sd };
}
