import { seedKind } from './options/kinds.js';

/**
 * A small repeatable generator for shuffling and splitting data: xoshiro128** 1.1 by Blackman and Vigna
 * (https://prng.di.unimi.it/xoshiro128starstar.c), which needs only 32-bit operations. The same seed gives the same
 * numbers on every machine and in every release. It is not cryptographically secure.
 *
 * The finaliser of MurmurHash3 derives the four state words from the seed, so neighbouring seeds give unrelated
 * sequences and no seed gives the forbidden state of all zeros.
 */
export class Random {
  readonly #state: Uint32Array;

  /** @param seed - 0 to 2^53 - 1 */
  constructor(seed: number) {
    seedKind.check('seed', seed);
    const low = seed >>> 0;
    const high = Math.floor(seed / 2 ** 32);
    this.#state = new Uint32Array(4);
    for (let i = 0; i < 4; i++) this.#state[i] = mix32(mix32(high + i * GOLDEN) ^ (low + i * GOLDEN));
    if (this.#state.every((word) => word === 0)) this.#state[0] = 1;
  }

  /** Starts from four given state words (not all zero), so that tests can check the published sequence. */
  static fromState(words: readonly [number, number, number, number]): Random {
    const random = new Random(0);
    random.#state.set(words);
    return random;
  }

  /** The next number, uniform over 0 to 2^32 - 1. */
  uint32(): number {
    const s = this.#state as Uint32Array & Record<0 | 1 | 2 | 3, number>;
    const result = Math.imul(rotateLeft(Math.imul(s[1], 5), 7), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotateLeft(s[3], 11);
    return result;
  }

  /**
   * The next whole number, uniform over 0 to `bound` - 1. A plain remainder would be biased, so numbers from the
   * last, incomplete run of `bound` are drawn again.
   *
   * @param bound - 1 to 2^32
   */
  below(bound: number): number {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let value = this.uint32();
    while (value >= limit) value = this.uint32();
    return value % bound;
  }

  /** Puts `items` into a random order, in place (Fisher-Yates). */
  shuffle(items: Int32Array | Uint32Array): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = items[i] as number;
      items[i] = items[j] as number;
      items[j] = kept;
    }
  }
}

/** 2^32 divided by the golden ratio, odd: the increment of a Weyl sequence. */
const GOLDEN = 0x9e3779b9;

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

/** The finaliser of MurmurHash3 (a bijection on 32 bits). */
export function mix32(x: number): number {
  let h = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
