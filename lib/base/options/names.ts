import { invalidOption, unknownName } from '../errors.js';

/**
 * Refuses anything but a plain set of known options, so that a misspelt option is an error and not ignored.
 *
 * @param what - how the message names the options, for example `'readCsv options'`
 * @throws SparseTrainError UNKNOWN_OPTION with the nearest known name, or INVALID_OPTION if it is not an object
 */
export function checkOptionNames(what: string, options: unknown, known: readonly string[]): void {
  checkOptionsObject(what, options);
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw unknownName('UNKNOWN_OPTION', `name in ${what}:`, name, known);
  }
}

/**
 * The same for options whose names are checked later, by what they are handed on to.
 *
 * @throws SparseTrainError INVALID_OPTION
 */
export function checkOptionsObject(what: string, options: unknown): asserts options is object {
  const isObject = typeof options === 'object' && options !== null;
  if (!isObject || Array.isArray(options) || ArrayBuffer.isView(options)) {
    throw invalidOption(what, 'an object', options);
  }
}
