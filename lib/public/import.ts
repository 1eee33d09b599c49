/**
 * Makes a network from weights that another program trained.
 *
 * @packageDocumentation
 */

export type { ImportedJunction, ImportedNetwork } from '../import/import.js';
export { importNetwork } from '../import/index.js';
export type { ImportOptions } from '../import/options.js';
export type { Orientation } from '../import/orientation.js';
