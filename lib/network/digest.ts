import { createHash, type Hash } from 'node:crypto';
import type { EngineNetwork } from '../engine/network.js';
import type { EdgeArrays } from '../engine/spec.js';

/** Offsets hashed at a time: 512 KiB. */
const CHUNK = 65_536;

/** Adds whole numbers below 2^53 as 64-bit little-endian integers. */
function addOffsets(hash: Hash, offsets: Float64Array): void {
  const words = new Uint32Array(2 * Math.min(CHUNK, offsets.length));
  for (let start = 0; start < offsets.length; start += CHUNK) {
    const count = Math.min(CHUNK, offsets.length - start);
    for (let i = 0; i < count; i++) {
      const offset = offsets[start + i] as number;
      words[2 * i] = offset >>> 0;
      words[2 * i + 1] = Math.floor(offset / 2 ** 32);
    }
    hash.update(words.subarray(0, 2 * count));
  }
}

function addPattern(hash: Hash, pattern: EdgeArrays): void {
  addOffsets(hash, pattern.offsets);
  hash.update(pattern.left);
}

/**
 * SHA-256 of one junction's pattern, in hexadecimal: its right + 1 edge offsets as unsigned 64-bit, then its left
 * neurons as unsigned 32-bit integers, little-endian.
 */
export function patternDigest(pattern: EdgeArrays): string {
  const hash = createHash('sha256');
  addPattern(hash, pattern);
  return hash.digest('hex');
}

/** SHA-256 over all junctions; see {@link Network.digest}. */
export function networkDigest(
  engine: Pick<EngineNetwork, 'pattern' | 'weights' | 'biases'>,
  junctions: number,
): string {
  const hash = createHash('sha256');
  for (let j = 0; j < junctions; j++) {
    addPattern(hash, engine.pattern(j));
    hash.update(engine.weights(j));
    hash.update(engine.biases(j));
  }
  return hash.digest('hex');
}
