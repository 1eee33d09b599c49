/** What an exported network reads: the same numbers in the same kind of array as `predict()` was given. */
import { SparseTrainError } from '../base/errors.js';
import { checkOneOf } from '../base/options/checks.js';
import type { NetworkSnapshot } from './snapshot.js';

/** The element type of the inputs: the exported network computes what predict() does with such an array. */
export type ExportInput = 'uint8' | 'int16' | 'float32' | 'float64';

export const EXPORT_INPUTS: readonly ExportInput[] = ['uint8', 'int16', 'float32', 'float64'];

/** What `(x - offset) * scale` makes of a stored number before it is brought to the datapath's format. */
export interface RealInput {
  readonly offset: readonly number[];
  readonly scale: readonly number[];
}

/**
 * How an input type is read: integers as they are, in the datapath's own unit (undefined), or as real numbers.
 *
 * Mirrors what `InputReader` tells the engine.
 */
export function realInput(snapshot: NetworkSnapshot, input: ExportInput): RealInput | undefined {
  const { scaling, inputUnit } = snapshot;
  const columns = snapshot.layers[0] as number;
  const isInteger = input === 'uint8' || input === 'int16';
  if (scaling !== undefined && scaling.kind !== 'none') return scaling;
  if (isInteger && inputUnit !== 'number') return undefined;
  const scale = inputUnit === '1/256' ? 1 / 256 : 1;
  return { offset: new Array<number>(columns).fill(0), scale: new Array<number>(columns).fill(scale) };
}

/** The input type that suits how the network was trained: bytes if on integers that were not scaled. */
export function inputOrDefault(snapshot: NetworkSnapshot, wished: ExportInput | undefined): ExportInput {
  if (wished !== undefined) {
    checkOneOf('input', wished, EXPORT_INPUTS);
    return wished;
  }
  const { scaling, inputUnit } = snapshot;
  const unscaled = scaling === undefined || scaling.kind === 'none';
  return unscaled && inputUnit === '1/256' ? 'uint8' : 'float32';
}

/** An error for what a format cannot carry, with what would work. */
export function cannotExport(what: string, advice: string): SparseTrainError {
  return new SparseTrainError('INVALID_OPTION', `${what}; ${advice}`);
}
