/** What fit() on a data set gives to the training loop: docs/arithmetic.md, section "Epochs". */
import { at, range, sum } from './integers.js';

export type RateSchedule =
  | { kind: 'constant'; rate: number }
  | { kind: 'step'; rate: number; factor: number; every: number }
  | { kind: 'exponential'; rate: number; factor: number }
  | { kind: 'cosine'; rate: number; final: number }
  | { kind: 'powers-of-two'; exponent: number; boundaries: readonly number[] };

/** The rate of example `i` of epoch `epoch` (both from 0), of `epochs` epochs of `n` examples. */
export function rateAt(schedule: RateSchedule, epoch: number, i: number, epochs: number, n: number): number {
  switch (schedule.kind) {
    case 'constant':
      return schedule.rate;
    case 'step':
      return schedule.rate * schedule.factor ** Math.floor(epoch / schedule.every);
    case 'exponential':
      return schedule.rate * schedule.factor ** epoch;
    case 'cosine': {
      const { rate, final } = schedule;
      const step = Math.ceil(n / 100);
      const progress = (epoch + (Math.floor(i / step) * step) / n) / epochs;
      return final + ((rate - final) * (1 + Math.cos(Math.PI * progress))) / 2;
    }
    case 'powers-of-two': {
      const presented = epoch * n + i;
      const passed = schedule.boundaries.filter((boundary) => boundary <= presented).length;
      return 2 ** -(schedule.exponent + passed);
    }
  }
}

/** The rows that an epoch presents, in ascending order, each as often as its weight says. */
export function presentedRows(weights: readonly number[], epoch: number): number[] {
  const mean = sum(weights) / weights.length;
  return weights.flatMap((weight, row) => {
    const w = Math.round((weight / mean) * 65_536);
    const u = (row * 40_503) % 65_536;
    const times = (e: number) => Math.floor((e * w + u) / 65_536);
    return new Array<number>(times(epoch + 1) - times(epoch)).fill(row);
  });
}

export type ScalingKind = 'robust' | 'standard' | 'minmax';

/**
 * Offset and scale of a column. `robust` needs to know of a column that is mostly 0 whether there are many such
 * columns.
 */
export function fittedScaling(column: readonly number[], kind: ScalingKind, isOneOfMany = false) {
  const [low, high] = [Math.min(...column), Math.max(...column)];
  const [offset, width] =
    kind === 'minmax'
      ? [low, high - low]
      : ((kind === 'robust' ? robust(column, isOneOfMany) : undefined) ?? standard(column));
  if (low === high || !Number.isFinite(1 / width)) return { offset: low, scale: 1, deviation: 1 };
  return { offset, scale: 1 / width, deviation: width };
}

function standard(column: readonly number[]): [offset: number, width: number] {
  const mean = sum(column) / column.length;
  return [mean, Math.sqrt(sum(column.map((x) => (x - mean) * (x - mean))) / column.length)];
}

/** Undefined if the result is that of `standard`. */
function robust(
  column: readonly number[],
  isOneOfMany: boolean,
): [offset: number, width: number] | undefined {
  const step = Math.ceil(column.length / 65_536);
  const seen = column.filter((_, i) => i % step === 0);
  const others = seen.filter((x) => x !== 0);
  if (seen.length - others.length > seen.length / 2) {
    const largest = Math.max(...column.map(Math.abs));
    const sizes = others.map(Math.abs).toSorted((x, y) => x - y);
    const usual = sizes.length === 0 ? largest : quantile(sizes, 0.95);
    if (isOneOfMany) return [0, usual];
    return ofTwoValues(column, seen) ?? (largest > 20 * usual ? [0, usual] : undefined);
  }
  const ofTwo = ofTwoValues(column, seen);
  if (ofTwo !== undefined) return ofTwo;
  const sorted = seen.toSorted((x, y) => x - y);
  const width = robustWidth(sorted);
  if (width === undefined || standard(column)[1] <= 3 * width) return undefined;
  return [quantile(sorted, 0.5), width];
}

/** The scaling of a column that has only its lowest and its highest value where it is looked at. */
function ofTwoValues(column: readonly number[], seen: readonly number[]): [number, number] | undefined {
  const [low, high] = [Math.min(...column), Math.max(...column)];
  return seen.every((x) => x === low || x === high) ? [standard(column)[0], (high - low) / 2] : undefined;
}

const quantile = (sorted: readonly number[], q: number) =>
  at(sorted, Math.min(sorted.length - 1, Math.floor(q * sorted.length)));

function robustWidth(sorted: readonly number[]): number | undefined {
  const between = (low: number, high: number) => quantile(sorted, high) - quantile(sorted, low);
  const middle = between(0.25, 0.75) / 1.349;
  const most = between(0.05, 0.95) / 3.29;
  const all = (at(sorted, sorted.length - 1) - at(sorted, 0)) / 4;
  const widths = [middle < most / 10 ? most : middle, between(0.01, 0.99) / 4.65, all];
  return widths.find((width) => width > 0 && Number.isFinite(width));
}

/** Column `c` of row-major values. */
export const columnOf = (values: ArrayLike<number>, columns: number, c: number): number[] =>
  range(values.length / columns).map((row) => at(values, row * columns + c));
