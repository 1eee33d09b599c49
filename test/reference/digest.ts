import { createHash } from 'node:crypto';
import type { Pattern } from './patterns.js';

interface JunctionState {
  pattern: Pattern;
  weights: readonly number[];
  biases: readonly number[];
}

/** SHA-256 over patterns, weights and biases as integers. */
export function digest(junctions: readonly JunctionState[]): string {
  const hash = createHash('sha256');
  for (const { pattern, weights, biases } of junctions) {
    let offset = 0n;
    hash.update(u64(offset));
    for (const lefts of pattern) {
      offset += BigInt(lefts.length);
      hash.update(u64(offset));
    }
    for (const left of pattern.flat()) hash.update(i32(left));
    for (const weight of weights) hash.update(i32(weight).subarray(0, 2));
    for (const bias of biases) hash.update(i32(bias));
  }
  return hash.digest('hex');
}

function u64(x: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(x);
  return bytes;
}

/** The low bytes of a negative number are those of its 16-bit form. */
function i32(x: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(x);
  return bytes;
}
