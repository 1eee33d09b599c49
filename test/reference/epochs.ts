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

export type ScalingKind = 'robust' | 'standard' | 'minmax';

/** Offset and scale of a column. */
export function fittedScaling(column: readonly number[], kind: ScalingKind) {
  const [low, high] = [Math.min(...column), Math.max(...column)];
  const [offset, width] = offsetAndWidth(column, kind, low, high);
  if (low === high || !Number.isFinite(1 / width)) return { offset: low, scale: 1, deviation: 1 };
  return { offset, scale: 1 / width, deviation: width };
}

function offsetAndWidth(
  column: readonly number[],
  kind: ScalingKind,
  low: number,
  high: number,
): [offset: number, width: number] {
  switch (kind) {
    case 'minmax':
      return [low, high - low];
    case 'standard': {
      const mean = sum(column) / column.length;
      return [mean, Math.sqrt(sum(column.map((x) => (x - mean) * (x - mean))) / column.length)];
    }
    case 'robust': {
      const step = Math.ceil(column.length / 65_536);
      const seen = column.filter((_, i) => i % step === 0);
      const others = seen.filter((x) => x !== 0);
      if (seen.length - others.length > seen.length / 2) {
        const sizes = others.map(Math.abs).sort((x, y) => x - y);
        return [0, sizes.length === 0 ? Math.max(Math.abs(low), Math.abs(high)) : quantile(sizes, 0.95)];
      }
      if (seen.every((x) => x === low || x === high)) return [low, high - low];
      const sorted = seen.toSorted((x, y) => x - y);
      const width = robustWidth(sorted);
      return [quantile(sorted, 0.5), width ?? high - low];
    }
  }
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
