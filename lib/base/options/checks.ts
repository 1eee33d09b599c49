import { invalidOption } from '../errors.js';
import { oneOf } from './kinds.js';

/**
 * Checks a whole number.
 *
 * @throws SparseTrainError INVALID_OPTION
 */
export function checkWhole(name: string, value: unknown, low: number, high: number): asserts value is number {
  if (!Number.isSafeInteger(value) || (value as number) < low || (value as number) > high) {
    throw invalidOption(name, `a whole number from ${low} to ${high}`, value);
  }
}

/**
 * Checks a number within [low, high].
 *
 * @throws SparseTrainError INVALID_OPTION
 */
export function checkNumber(
  name: string,
  value: unknown,
  low: number,
  high: number,
): asserts value is number {
  if (typeof value !== 'number' || !(value >= low && value <= high)) {
    throw invalidOption(name, `a number from ${low} to ${high}`, value);
  }
}

/**
 * Checks a number above `low` and at most `high`.
 *
 * @throws SparseTrainError INVALID_OPTION
 */
export function checkNumberAbove(
  name: string,
  value: unknown,
  low: number,
  high: number,
): asserts value is number {
  if (typeof value !== 'number' || !(value > low && value <= high)) {
    throw invalidOption(name, `a number above ${low} and at most ${high}`, value);
  }
}

/**
 * Checks one of several words; a misspelt one is told which is near.
 *
 * @throws SparseTrainError INVALID_OPTION
 */
export function checkOneOf<T extends string>(
  name: string,
  value: unknown,
  allowed: readonly T[],
): asserts value is T {
  oneOf(allowed).check(name, value);
}

/**
 * Checks true or false.
 *
 * @throws SparseTrainError INVALID_OPTION
 */
export function checkBoolean(name: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') throw invalidOption(name, 'true or false', value);
}

/**
 * Checks a function.
 *
 * @throws SparseTrainError INVALID_OPTION
 */
export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalidOption(name, 'a function', value);
}
