import type { HardwareTable, WideTables } from './addon.js';
import { callNative } from './errors.js';
import { native } from './native.js';
import type { HardwareSpec } from './spec.js';

export type { HardwareTable, WideTables } from './addon.js';

/** The tables of the wide arithmetic. */
export function wideTables(): WideTables {
  return native().wideTables();
}

/**
 * The sigmoid table of a hardware format.
 *
 * @throws SparseTrainError INVALID_OPTION if there is no such format
 */
export function hardwareTable(
  format: Pick<HardwareSpec, 'width' | 'integerBits' | 'tableFloor'>,
): HardwareTable {
  return callNative('INVALID_OPTION', () => native().hardwareTable(format));
}
