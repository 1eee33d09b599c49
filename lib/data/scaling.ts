import { invalidOption, SparseTrainError, unknownName } from '../base/errors.js';
import { checkStored, fieldsOf, formsOf } from '../base/options/fields.js';
import { listOf, number } from '../base/options/kinds.js';
import { CsrMatrix, type InputMatrix } from './csr.js';
import type { Matrix } from './matrix.js';
import { quantileOf, widthOf } from './robust.js';
import type { Targets } from './targets.js';

/**
 * How inputs are scaled to the range of a network: plain JSON that a model stores and applies again at prediction.
 * Except for `none`, column j of an input becomes `(x - offset[j]) * scale[j]`, where x is the stored number (0 to
 * 255 for bytes). `none` leaves numbers unchanged; the engine then reads a byte x as x / 256.
 *
 * - `robust`: as `standard`, except that extreme values change nothing: a column whose standard deviation they make large
 *   gets median 0 and a width of about 1. A column of two values gets mean 0 and their distance becomes 2, so that a rare
 *   one does not become a large input. Columns that are mostly 0 become 0 to 1 if there are many of them
 * - `standard`: mean 0 and standard deviation 1 over the examples it was fitted on
 * - `minmax`: from 0 to 1 over those examples
 *
 * A constant column has scale 1 and therefore becomes 0.
 */
export type InputScaling =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'robust' | 'standard' | 'minmax';
      readonly offset: readonly number[];
      readonly scale: readonly number[];
    };

/** The names of the kinds of {@link InputScaling}. */
export type InputScalingKind = InputScaling['kind'];

/** All kinds of {@link InputScaling}, for messages and help. */
export const INPUT_SCALING_KINDS: readonly InputScalingKind[] = ['none', 'robust', 'standard', 'minmax'];

/**
 * How regression targets are scaled to mean 0 and standard deviation 1: plain JSON. Output k is learned as `(y -
 * mean[k]) / sd[k]`, and a prediction p stands for `p * sd[k] + mean[k]`. `sd` is above 0, and 1 for a constant
 * output.
 */
export interface TargetScaling {
  readonly mean: readonly number[];
  readonly sd: readonly number[];
}

/** The default scaling of inputs: `none` for bytes (images), otherwise `robust`, which keeps zeros in sparse columns. */
export function defaultScalingKind(inputs: InputMatrix): InputScalingKind {
  const numbers = inputs instanceof CsrMatrix ? inputs.values : inputs.data;
  return numbers instanceof Uint8Array ? 'none' : 'robust';
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
  const ranges = isSparse ? sparseRanges(inputs) : columnRanges(inputs.data, columns);
  const { lowest, highest } = ranges;
  const { middle, widths } = measuresOf(inputs, kind, ranges);
  const offset: number[] = [];
  const scale: number[] = [];
  for (let j = 0; j < columns; j++) {
    const low = lowest[j] as number;
    const high = highest[j] as number;
    const width = widths === undefined ? high - low : (widths[j] as number);
    // The computed mean of equal numbers may be off in the last bit, so a constant column uses its value as the
    // offset.
    const constant = low === high || !Number.isFinite(1 / width);
    offset.push(constant ? low : (middle[j] as number));
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

/** The offset and the width of each column; without widths, that is its range. */
interface Measures {
  readonly middle: Float64Array;
  readonly widths: Float64Array | undefined;
}

function measuresOf(inputs: InputMatrix, kind: InputScalingKind, ranges: Ranges): Measures {
  switch (kind) {
    case 'robust':
      return robustMeasures(inputs, ranges);
    case 'standard':
      return standardMeasures(inputs);
    default:
      return { middle: ranges.lowest, widths: undefined };
  }
}

function standardMeasures(inputs: InputMatrix) {
  const { mean, sd } =
    inputs instanceof CsrMatrix ? sparseMoments(inputs) : columnMoments(inputs.data, inputs.columns);
  return { middle: mean, widths: sd };
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
    formsOf('kind', { none: {}, robust: fitted, standard: fitted, minmax: fitted }),
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

interface Ranges {
  readonly lowest: Float64Array;
  readonly highest: Float64Array;
}

/** In larger data, evenly spaced rows decide about `robust` scaling: at most this many. */
const MOST_SORTED = 2 ** 16;

/** A standard deviation of more than this many robust widths is due to extreme values. */
const INFLATED = 3;
/** If more columns than this are mostly 0, they keep their zeros, and become 0 to 1. */
const FEW_SPARSE_COLUMNS = 64;
/** A column that is mostly 0 has extreme values if its largest is this many times as large as most of the others. */
const EXTREME = 20;

/** The offset and width of `robust` scaling of each column. */
function robustMeasures(inputs: InputMatrix, { lowest, highest }: Ranges): Measures {
  const { middle, widths } = standardMeasures(inputs);
  const sparse: [column: number, width: number, isExtreme: boolean][] = [];
  const pairs: number[] = [];
  for (const { column, values, zeros } of sampledColumns(inputs)) {
    const count = values.length + zeros;
    const low = lowest[column] as number;
    const high = highest[column] as number;
    if ((zeros === 0 || low === 0 || high === 0) && values.every((value) => value === low || value === high))
      pairs.push(column);
    if (2 * zeros > count) {
      const largest = Math.max(high, -low);
      const width = values.length === 0 ? largest : quantileOf(values.map(Math.abs).sort(), 0.95);
      sparse.push([column, width, largest > EXTREME * width]);
      continue;
    }
    const sorted = new Float64Array(count);
    sorted.set(values);
    sorted.sort();
    const width = widthOf(sorted);
    const deviation = widths[column] as number;
    // NaN and infinite deviations are of ranges that exceed those of doubles.
    if (width === undefined || deviation <= INFLATED * width) continue;
    middle[column] = quantileOf(sorted, 0.5);
    widths[column] = width;
  }
  for (const column of pairs) widths[column] = ((highest[column] as number) - (lowest[column] as number)) / 2;
  for (const [column, width, isExtreme] of sparse) {
    if (!isExtreme && sparse.length <= FEW_SPARSE_COLUMNS) continue;
    middle[column] = 0;
    widths[column] = width;
  }
  return { middle, widths };
}

/** The values of each column in evenly spaced rows, those that are not 0 apart from the number of zeros. */
function* sampledColumns(
  inputs: InputMatrix,
): Generator<{ column: number; values: Float64Array; zeros: number }, void, void> {
  const { rows, columns } = inputs;
  const step = Math.ceil(rows / MOST_SORTED);
  const count = Math.ceil(rows / step);
  if (!(inputs instanceof CsrMatrix)) {
    const { data } = inputs;
    const values = new Float64Array(count);
    for (let column = 0; column < columns; column++) {
      let used = 0;
      for (let i = column; i < data.length; i += step * columns) {
        const x = data[i] as number;
        if (x !== 0) values[used++] = x;
      }
      yield { column, values: values.slice(0, used), zeros: count - used };
    }
    return;
  }
  const { indptr, indices, values } = inputs;
  const starts = new Float64Array(columns + 1);
  const each = (visit: (column: number, value: number) => void) => {
    for (let row = 0; row < rows; row += step) {
      for (let i = indptr[row] as number; i < (indptr[row + 1] as number); i++) {
        const value = values[i] as number;
        if (value !== 0) visit(indices[i] as number, value);
      }
    }
  };
  each((column) => {
    starts[column + 1] = (starts[column + 1] as number) + 1;
  });
  for (let j = 0; j < columns; j++) starts[j + 1] = (starts[j + 1] as number) + (starts[j] as number);
  const next = starts.slice(0, columns);
  const byColumn = new Float64Array(starts[columns] as number);
  each((column, value) => {
    byColumn[next[column] as number] = value;
    next[column] = (next[column] as number) + 1;
  });
  for (let column = 0; column < columns; column++) {
    const found = byColumn.slice(starts[column], starts[column + 1]);
    yield { column, values: found, zeros: count - found.length };
  }
}

function columnRanges(data: Numbers, columns: number): Ranges {
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
function sparseRanges({ rows, columns, indices, values }: CsrMatrix): Ranges {
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
