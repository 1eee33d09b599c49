/**
 * Makes a network from weights or masks of another program: {@link importNetwork} reads `.npz` and safetensors files.
 *
 * @module sparse-train/import
 */

export type { ImportedJunction, ImportedNetwork } from '../import/import.js';
export { importNetwork } from '../import/index.js';
export type { ImportOptions } from '../import/options.js';
export type { Orientation } from '../import/orientation.js';
