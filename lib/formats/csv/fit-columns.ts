/** Decides what the values of a column of numbers become once all of them are known: medians, and bends of heavy tails. */

import { CsrMatrix, type InputMatrix } from '../../data/csr.js';
import { quantileOf, widthOf } from '../../data/robust.js';
import { bentNumber } from './input-coder.js';
import { type CsvColumn, type CsvSchema, inputWidth, type NumberCoding } from './schema.js';

/** In larger tables, this many evenly spaced rows decide. */
const MOST_ROWS = 2 ** 16;

/** A column of numbers, or the ages of a column of dates. */
interface Numbers {
  readonly column: Extract<CsvColumn, { kind: 'number' | 'date' }>;
  /** The values in the rows that decide, without missing ones. */
  readonly values: number[];
}

/**
 * Completes a schema by the rows that were encoded with it, and changes these rows to what the complete schema makes of
 * them: missing numbers, which are NaN, become medians, and columns with heavy tails are bent.
 */
export function fitColumns(inputs: InputMatrix, schema: CsvSchema): CsvSchema {
  const byInput = new Map<number, Numbers>();
  let at = 0;
  for (const column of schema.columns) {
    const isFitted = column.kind === 'number' || (column.kind === 'date' && column.parts.includes('age'));
    if (isFitted) byInput.set(at, { column, values: [] });
    at += inputWidth(column);
  }
  if (byInput.size === 0) return schema;
  const step = Math.ceil(inputs.rows / MOST_ROWS);
  for (let row = 0; row < inputs.rows; row += step)
    eachNumber(inputs, row, byInput, (numbers, x) => {
      if (!Number.isNaN(x)) numbers.values.push(x);
    });
  const fitted = new Map<CsvColumn, CsvColumn>();
  for (const { column, values } of byInput.values()) {
    const sorted = Float64Array.from(values).sort();
    const fill = sorted.length === 0 ? 0 : quantileOf(sorted, 0.5) + 0;
    const bend = column.kind === 'number' ? bendOf(sorted) : undefined;
    fitted.set(column, { ...column, fill, ...(bend === undefined ? {} : { bend }) });
  }
  for (let row = 0; row < inputs.rows; row++) {
    eachNumber(inputs, row, byInput, ({ column }, x) => {
      const { fill, bend } = fitted.get(column) as NumberCoding;
      const given = Number.isNaN(x) ? (fill as number) : x;
      return bend === undefined ? given : bentNumber(given, bend);
    });
  }
  return { ...schema, columns: schema.columns.map((column) => fitted.get(column) ?? column) };
}

/** Visits the numbers of a row that belong to columns of numbers; what `visit` returns replaces a number. */
function eachNumber(
  inputs: InputMatrix,
  row: number,
  byInput: ReadonlyMap<number, Numbers>,
  visit: (numbers: Numbers, x: number) => number | undefined,
): void {
  if (inputs instanceof CsrMatrix) {
    const { indptr, indices, values } = inputs;
    for (let i = indptr[row] as number; i < (indptr[row + 1] as number); i++) {
      const numbers = byInput.get(indices[i] as number);
      if (numbers === undefined) continue;
      const replaced = visit(numbers, values[i] as number);
      if (replaced !== undefined) values[i] = replaced;
    }
    return;
  }
  const { data, columns } = inputs;
  for (const [input, numbers] of byInput) {
    const replaced = visit(numbers, data[row * columns + input] as number);
    if (replaced !== undefined) data[row * columns + input] = replaced;
  }
}

/** Fewer numbers show no tails. */
const LEAST_NUMBERS = 50;
/** A tail is heavy if the middle 98 % are this many times as wide as a normal distribution's would be. */
const HEAVY = 3;

/** Places in a sorted column, and the numbers of the standard normal distribution at these places. */
const PLACES: readonly (readonly [place: number, normal: number])[] = [
  [0.005, -2.5758],
  [0.02, -2.0537],
  [0.1, -1.2816],
  [0.25, -0.6745],
  [0.5, 0],
  [0.75, 0.6745],
  [0.9, 1.2816],
  [0.98, 2.0537],
  [0.995, 2.5758],
];

/**
 * The bend of a column with heavy tails, such as amounts of money: it makes the column about normally distributed.
 * Columns in which only a few extreme values stick out stay straight, as scaling does not heed these.
 *
 * @param sorted - the numbers of the column
 */
function bendOf(sorted: Float64Array): NumberCoding['bend'] {
  if (sorted.length < LEAST_NUMBERS || widthOf(sorted) === undefined) return undefined;
  const at = (part: number) => quantileOf(sorted, part);
  const middle = (at(0.75) - at(0.25)) / 1.349;
  if (!(middle > 0) || (at(0.99) - at(0.01)) / 4.65 <= HEAVY * middle) return undefined;
  const points: (readonly [number, number])[] = [];
  for (const [place, normal] of PLACES) {
    const x = at(place) + 0;
    const last = points.at(-1);
    if (last === undefined || x > last[0]) points.push([x, normal]);
  }
  return points.length < 4 || !Number.isFinite((points.at(-1)?.[0] as number) - (points[0]?.[0] as number))
    ? undefined
    : points;
}
