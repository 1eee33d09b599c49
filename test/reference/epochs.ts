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

/** Offset and scale of a column: `standard`, or `minmax`. */
export function fittedScaling(column: readonly number[], kind: 'standard' | 'minmax') {
  const [low, high] = [Math.min(...column), Math.max(...column)];
  const mean = sum(column) / column.length;
  const deviation = Math.sqrt(sum(column.map((x) => (x - mean) * (x - mean))) / column.length);
  const [offset, width] = kind === 'standard' ? [mean, deviation] : [low, high - low];
  if (low === high || !Number.isFinite(1 / width)) return { offset: low, scale: 1, deviation: 1 };
  return { offset, scale: 1 / width, deviation: width };
}

/** Column `c` of row-major values. */
export const columnOf = (values: ArrayLike<number>, columns: number, c: number): number[] =>
  range(values.length / columns).map((row) => at(values, row * columns + c));
