import type { DrawnInterleaver, PatternViolation } from './addon.js';
import { callNative } from './errors.js';
import { native } from './native.js';
import type { EdgeArrays, InterleaverSpec } from './spec.js';

export type { DrawnInterleaver, PatternViolation } from './addon.js';

/** Makes a permutation of 0 to n - 1 from (seed, stream): the order of presentation of one epoch. */
export function permutation(n: number, seed: number, stream: number): Uint32Array {
  return native().permutation(n, seed, stream);
}

/**
 * The vectors and edges of an interleaver, as a network with that seed draws them for that junction (counted from 0).
 *
 * @throws SparseTrainError INVALID_OPTION with the reason if there is no such pattern
 */
export function drawInterleaver(
  spec: InterleaverSpec & { left: number; right: number; seed: number; junction: number },
): DrawnInterleaver {
  return callNative('INVALID_OPTION', () => native().interleaver(spec));
}

/**
 * Looks for the first violation of a pattern whose edges are in clock order.
 *
 * @param pattern - `parallelism` 0 looks for duplicates only
 * @returns `completeSweeps`: whether every sweep of left / z clocks reads every left neuron once
 * @throws SparseTrainError INVALID_OPTION
 */
export function findViolation(
  pattern: EdgeArrays & { leftNeurons: number; rightNeurons: number; parallelism: number },
): { violation?: PatternViolation; completeSweeps: boolean } {
  return callNative('INVALID_OPTION', () => native().checkClashFree(pattern));
}
