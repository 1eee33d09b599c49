import { count, percent } from '../base/numbers.js';
import { fieldsOf, optional } from '../base/options/fields.js';
import { anyText, type Kind, listOf, number, whole } from '../base/options/kinds.js';
import { CsrMatrix, type InputMatrix } from './csr.js';

/** At most this many values are examined; in larger data, evenly spaced rows. */
const MOST_VALUES = 2 ** 22;
/** The most features that are listed. */
const MOST_FEATURES = 20;

/** The inputs that lie beyond the range of a network's number format, which clips them. */
export interface ClippedInputs {
  /** How many values were examined: all of them, or those of evenly spaced rows. */
  readonly values: number;
  /** How many of these are clipped. */
  readonly clipped: number;
  /** Inputs with clipped values, counted from 0, the largest share first; at most 20. */
  readonly features: readonly ClippedFeature[];
}

/** One input and the share of its values that are clipped, 0 to 1. */
export interface ClippedFeature {
  readonly feature: number;
  /** Absent where the columns of the data have no names. */
  readonly name?: string | undefined;
  readonly share: number;
}

const total = number({ from: 0 });

/** Counts that a model file or a run log holds. */
export const clippedInputsKind: Kind<ClippedInputs> = fieldsOf({
  values: total,
  clipped: total,
  features: listOf(
    fieldsOf({ feature: whole(0), name: optional(anyText), share: number({ from: 0, to: 1 }) }),
    { most: MOST_FEATURES },
  ),
});

/** The counts for people: `2 of 8 (25.00 %): income 50.00 %`. Names are those of the data. */
export function describeClipped({ values, clipped, features }: ClippedInputs): string {
  if (clipped === 0) return `none of ${count(values)}`;
  const named = features
    .slice(0, 3)
    .map(({ feature, name = `input ${feature}`, share }) => `${name} ${percent(share)}`);
  const others = features.length > named.length ? ' and others' : '';
  return `${count(clipped)} of ${count(values)} (${percent(clipped / values)}): ${named.join(', ')}${others}`;
}

/** The scaling of each column before it is clipped: `(x - offset[j]) * scale[j]`. */
export interface ColumnScaling {
  readonly offset: ArrayLike<number>;
  readonly scale: ArrayLike<number>;
}

/** Counts inputs that a number format clips. */
export class ClipCounter {
  readonly #lowest: Float64Array;
  readonly #highest: Float64Array;
  readonly #counts: Float64Array;
  #rows = 0;

  /**
   * @param scaling - undefined for numbers that are not scaled
   * @param limit - the largest absolute value of the format
   */
  constructor(columns: number, scaling: ColumnScaling | undefined, limit: number) {
    [this.#lowest, this.#highest] = bounds(columns, scaling, limit);
    this.#counts = new Float64Array(columns);
  }

  /** Rows that have been examined. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Examines the rows of a matrix.
   *
   * @param step - 1 for every row, 2 for every other one, and so on
   */
  add(inputs: InputMatrix, step = 1): void {
    const { rows, columns } = inputs;
    for (let row = 0; row < rows; row += step) {
      this.#rows++;
      if (inputs instanceof CsrMatrix) {
        const { indptr, indices, values } = inputs;
        for (let i = indptr[row] as number; i < (indptr[row + 1] as number); i++)
          this.#examine(indices[i] as number, values[i] as number);
        continue;
      }
      const { data } = inputs;
      for (let j = 0, i = row * columns; j < columns; j++, i++) this.#examine(j, data[i] as number);
    }
  }

  #examine(j: number, x: number): void {
    if (x > (this.#highest[j] as number) || x < (this.#lowest[j] as number))
      this.#counts[j] = (this.#counts[j] as number) + 1;
  }

  /**
   * What has been counted so far.
   *
   * @param names - of the columns
   */
  counts(names?: readonly string[]): ClippedInputs {
    const features: ClippedFeature[] = [];
    let clipped = 0;
    for (const [feature, count] of this.#counts.entries()) {
      if (count === 0) continue;
      clipped += count;
      const name = names?.[feature];
      features.push({ feature, ...(name === undefined ? {} : { name }), share: count / this.#rows });
    }
    features.sort((a, b) => b.share - a.share);
    return {
      values: this.#rows * this.#counts.length,
      clipped,
      features: features.slice(0, MOST_FEATURES),
    };
  }
}

/** The distance between rows at which at most four million values of a matrix are examined. */
export function samplingStep(inputs: InputMatrix): number {
  const { rows, columns } = inputs;
  const perRow = inputs instanceof CsrMatrix ? Math.ceil(inputs.values.length / rows) : columns;
  return Math.max(1, Math.ceil((rows * perRow) / MOST_VALUES));
}

/** For each column, the range of stored numbers that fits the format. */
function bounds(
  columns: number,
  scaling: ColumnScaling | undefined,
  limit: number,
): [lowest: Float64Array, highest: Float64Array] {
  const lowest = new Float64Array(columns);
  const highest = new Float64Array(columns);
  for (let j = 0; j < columns; j++) {
    const width = Math.abs(limit / (scaling?.scale[j] ?? 1));
    const middle = scaling?.offset[j] ?? 0;
    lowest[j] = middle - width;
    highest[j] = middle + width;
  }
  return [lowest, highest];
}
