import type { NpyData } from '../formats/numpy/elements.js';

/** An array from a file: numbers of any type, row-major. */
export interface StoredArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly numbers: NumberArray;
  /** Whether it holds booleans: a mask, which says where edges are but not their weights. */
  readonly isMask: boolean;
}

export type NumberArray = Exclude<NpyData, BigInt64Array | BigUint64Array>;

/** The contents of a file: arrays, and strings by name. */
export interface Contents {
  readonly arrays: readonly StoredArray[];
  readonly texts: ReadonlyMap<string, string>;
}
