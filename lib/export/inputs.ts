/** The inputs of an exported network: the same numbers, in the same kind of array, as `predict()` takes. */
import { SparseTrainError } from '../base/errors.js';
import type { Wording } from '../base/wording.js';
import type { ExportInput } from './options.js';
import type { NetworkSnapshot } from './snapshot.js';

/** The scaling `(x - offset) * scale` of a stored number, before conversion to the datapath's format. */
export interface RealInput {
  readonly offset: readonly number[];
  readonly scale: readonly number[];
}

/**
 * How an input type is read: as integers in the datapath's own unit (undefined), or as real numbers.
 *
 * Follows the same rules as `InputReader`.
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

/** The input type that fits the training: bytes for unscaled integers. */
export function usualInput(snapshot: NetworkSnapshot): ExportInput {
  const { scaling, inputUnit } = snapshot;
  const unscaled = scaling === undefined || scaling.kind === 'none';
  return unscaled && inputUnit === '1/256' ? 'uint8' : 'float32';
}

/** An error for networks that a format cannot hold, saying what would work. */
export function cannotExport(says: Wording, advice: Wording): SparseTrainError {
  return new SparseTrainError('INVALID_OPTION', { says, advice });
}
