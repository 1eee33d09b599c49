import type { NpyData } from '../formats/numpy/elements.js';

/** An array as a file has it: numbers of any type, row-major. */
export interface StoredArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly numbers: NumberArray;
  /** Whether it is of booleans: a mask, which says where edges are and nothing of their weights. */
  readonly isMask: boolean;
}

export type NumberArray = Exclude<NpyData, BigInt64Array | BigUint64Array>;

/** What a file holds: arrays, and texts by their name. */
export interface Contents {
  readonly arrays: readonly StoredArray[];
  readonly texts: ReadonlyMap<string, string>;
}
