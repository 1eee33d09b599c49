import { native } from './native.js';

/**
 * Runs a function in which the processor rounds to nearest and keeps subnormal numbers, and restores the mode afterwards.
 * Another library in the process may have changed it, and JavaScript computes in the mode that it finds.
 */
export function inStandardFloatMode<T>(action: () => T): T {
  return native().inStandardFloatMode(action);
}
