/** Rounds imported numbers to the network's format. */

import { type ResolvedArithmetic, units } from '../network/arithmetic.js';
import { invalidFile } from '../network/model-file/safetensors.js';

/** The numbers of a network, and counts of those that did not fit. */
export interface Quantised<T> {
  readonly numbers: T;
  /** Numbers clipped to the format's limits. */
  readonly clipped: number;
  /** Nonzero numbers that became zero. */
  readonly toZero: number;
}

/**
 * Weights or biases, rounded to the nearest multiple of the network's unit.
 *
 * @throws SparseTrainError INVALID_FILE if one is not a finite number
 */
export function quantise<T extends Int16Array | Int32Array | Float32Array>(
  name: string,
  values: ArrayLike<number>,
  into: T,
  kind: 'weight' | 'bias',
  arithmetic: ResolvedArithmetic,
): Quantised<T> {
  const unit = units(arithmetic)[kind];
  const { low, high } = limits(arithmetic, kind);
  let [clipped, toZero] = [0, 0];
  for (let i = 0; i < into.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) throw invalidFile(`"${name}" has ${value}, which is not a finite number`);
    const scaled = value / unit;
    const rounded = arithmetic.kind === 'float' ? scaled : Math.floor(scaled + 0.5);
    if (rounded < low || rounded > high) clipped++;
    if (value !== 0 && rounded === 0) toZero++;
    into[i] = Math.min(high, Math.max(low, rounded));
  }
  return { numbers: into, clipped, toZero };
}

function limits(arithmetic: ResolvedArithmetic, kind: 'weight' | 'bias'): { low: number; high: number } {
  switch (arithmetic.kind) {
    case 'float': {
      const high = 3.4028234663852886e38;
      return { low: -high, high };
    }
    case 'wide': {
      if (kind === 'bias') return { low: -(2 ** 29), high: 2 ** 29 };
      const half = 2 ** (arithmetic.weightBits - 1);
      return { low: -half, high: half - 1 };
    }
    case 'hardware': {
      const half = 2 ** (arithmetic.width - 1);
      return { low: -half, high: half - 1 };
    }
  }
}
