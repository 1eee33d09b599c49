import { createHash, type Hash } from 'node:crypto';
import type { Steps } from '../base/steps.js';
import type { BiasArray, WeightArray } from '../engine/arrays.js';
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

/** The arrays of one junction. */
export interface JunctionArrays {
  readonly pattern: EdgeArrays;
  readonly weights: WeightArray;
  readonly biases: BiasArray;
}

/** Bytes hashed in a step. */
const STEP = 2 ** 18;

/**
 * {@link patternDigest} of each junction and {@link networkDigest} of all of them, in steps. The arrays must not change
 * before the last one.
 */
export function* junctionDigests(
  junctions: readonly JunctionArrays[],
): Steps<{ patterns: string[]; network: string }> {
  const network = createHash('sha256');
  const patterns: string[] = [];
  for (const { pattern, weights, biases } of junctions) {
    const own = createHash('sha256');
    for (const hash of [own, network]) addOffsets(hash, pattern.offsets);
    for (const [view, hashes] of [
      [pattern.left, [own, network]],
      [weights, [network]],
      [biases, [network]],
    ] as const) {
      const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
      for (let start = 0; start < bytes.length; start += STEP) {
        for (const hash of hashes) hash.update(bytes.subarray(start, start + STEP));
        yield;
      }
    }
    patterns.push(own.digest('hex'));
  }
  return { patterns, network: network.digest('hex') };
}
