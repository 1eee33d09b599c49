import type { DenseInputs, EngineScaling, TrainJob } from '../../lib/engine/calls.js';
import { at, range } from './integers.js';

/** The part of a training job that the arithmetic depends on. */
export type Job = Omit<TrainJob, 'threads'>;

/** Row number `row` of inputs: integers as they are, floating point numbers after scaling. */
export function inputRow(
  inputs: DenseInputs,
  scaling: EngineScaling | undefined,
  columns: number,
  row: number,
  sources: readonly (number | undefined)[] = range(columns),
): { kind: 'byte' | 'fixed' | 'real'; values: number[] } {
  const raw = sources.map((c) => (c === undefined ? 0 : at(inputs, row * columns + c)));
  if (inputs instanceof Uint8Array) return { kind: 'byte', values: raw };
  if (inputs instanceof Int16Array) return { kind: 'fixed', values: raw };
  if (scaling === undefined) return { kind: 'real', values: raw };
  const { offset, scale } = scaling;
  return { kind: 'real', values: raw.map((x, c) => (x - at(offset, c)) * at(scale, c)) };
}

/** The rate of example number `index` of a job. */
export const rateOf = ({ rates, rateInterval }: Job, index: number): number =>
  at(rates, Math.min(Math.floor(index / rateInterval), rates.length - 1));

/** The first position of the largest. */
export const argmax = (values: readonly number[]): number => values.indexOf(Math.max(...values));
