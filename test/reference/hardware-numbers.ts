/** The words of the hardware arithmetic and operations on single words: docs/arithmetic.md, section "Hardware". */
import { exactExp } from './activations.js';
import { clip, shiftRight } from './integers.js';

export interface HardwareFormat {
  width: number;
  integerBits: number;
}

export interface HardwareNumbers {
  /** Bits after the point. */
  fraction: number;
  max: number;
  min: number;
  sat(value: bigint | number): number;
  mul(a: number, b: number): number;
  add(a: number, b: number): number;
  /** The change of a bias for a delta and the learning rate 2^-k. */
  step(delta: number, k: number): number;
}

export function hardwareNumbers({ width, integerBits }: HardwareFormat): HardwareNumbers {
  const fraction = width - 1 - integerBits;
  const max = 2 ** (width - 1) - 1;
  const min = -(2 ** (width - 1));
  const sat = (value: bigint | number) => clip(Number(value), min, max);
  return {
    fraction,
    max,
    min,
    sat,
    mul(a, b) {
      const product = BigInt(a) * BigInt(b);
      const q = sat(product >> BigInt(fraction));
      const roundUp = ((product >> BigInt(fraction - 1)) & 1n) === 1n;
      return roundUp && q !== max ? q + 1 : q;
    },
    add: (a, b) => sat(a + b),
    step(delta, k) {
      const negated = delta === min ? max : 0 - delta;
      return shiftRight(negated, k) + (k > 0 ? shiftRight(negated, k - 1) & 1 : 0);
    },
  };
}

/** A byte as a word. */
export const hardwareInput = (byte: number, fraction: number): number =>
  fraction >= 8 ? byte * 2 ** (fraction - 8) : shiftRight(byte, 8 - fraction);

export type Activation = (s: number) => { a: number; slope: number };

export interface SigmoidTable {
  /** The number of entries, and the bits of an address after the point. */
  size: number;
  addressFraction: number;
  /** The entry of an address from -size / 2 to size / 2 - 1. */
  entry(address: number): { a: number; slope: number };
  look: Activation;
}

export function sigmoidTable(format: HardwareFormat, floor: 0 | 1): SigmoidTable {
  const { width, integerBits } = format;
  const f = width - 1 - integerBits;
  const domain = Math.min(8, 2 ** integerBits);
  const size = Math.min(4096, 2 ** width, 2 ** (f + Math.log2(domain) + 1));
  const addressFraction = Math.log2(size) - 1 - Math.log2(domain);
  const one = 2 ** f;
  const entry = (address: number) => {
    const sigma = 1 / (1 + exactExp(-(address / 2 ** addressFraction)));
    const a = Math.min(Math.floor(sigma * one + 0.5), one - 1);
    const slope = Math.min(Math.floor(sigma * (1 - sigma) * one + 0.5), one / 4 - 1);
    return { a: Math.max(floor, a), slope: Math.max(floor, slope) };
  };
  const look: Activation = (s) => {
    if (s >= domain * one) return { a: one - 1, slope: 1 };
    if (s < -domain * one) return { a: 1, slope: 1 };
    return entry(shiftRight(s, f - addressFraction));
  };
  return { size, addressFraction, entry, look };
}

export function clippedRelu(format: HardwareFormat): Activation {
  const one = 2 ** (format.width - 1 - format.integerBits);
  return (s) => {
    if (s <= 0) return { a: 1, slope: 1 };
    return s >= one ? { a: one - 1, slope: 1 } : { a: s, slope: one - 1 };
  };
}
