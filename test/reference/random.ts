import { at, range } from './integers.js';

/** Wraps to 64 bits. */
const u64 = (x: bigint): bigint => BigInt.asUintN(64, x);

const GAMMA = 0x9e3779b97f4a7c15n;

/** One step of SplitMix64. */
export function mix64(state: bigint): bigint {
  let x = u64(state + GAMMA);
  x = u64((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n);
  x = u64((x ^ (x >> 27n)) * 0x94d049bb133111ebn);
  return x ^ (x >> 31n);
}

export const streamKey = (seed: number | bigint, stream: number): bigint =>
  mix64(mix64(BigInt(seed)) ^ u64(BigInt(stream) * 0xd1342543de82ef95n));

export const randomAt = (key: bigint, counter: number): bigint => mix64(u64(key + BigInt(counter) * GAMMA));

/** Reads a stream number by number. */
export class Reader {
  readonly #key: bigint;
  #counter = 0;

  constructor(key: bigint) {
    this.#key = key;
  }

  /** A whole number from 0 to n - 1. */
  below(n: number): number {
    return Number(((randomAt(this.#key, this.#counter++) >> 32n) * BigInt(n)) >> 32n);
  }
}

/** The purposes of a junction's streams. */
export const PURPOSE = {
  pattern: 2,
  weights: 3,
  update: 4,
  deltas: 5,
  decay: 6,
  momentum: 7,
  rewire: 8,
} as const;

export const junctionKey = (seed: number, purpose: keyof typeof PURPOSE, junction: number): bigint =>
  streamKey(seed, PURPOSE[purpose] + 16 * (junction + 1));

/** The four 16-bit parts of a number, lowest first. */
const parts = (bits: bigint): number[] => range(4).map((i) => Number((bits >> BigInt(16 * i)) & 0xffffn));

/** The 32 lanes for a counter. */
export const lanesOf = (key: bigint, counter: number): number[] =>
  range(8).flatMap((q) => parts(randomAt(key, 8 * counter + q)));

/** About normal: mean 0, variance 2^32 / 3. */
export const irwinHall = (bits: bigint): number => parts(bits).reduce((a, b) => a + b) - 131070;

/** Fisher and Yates, from the end. */
export function shuffle(items: number[], reader: Reader): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = reader.below(i + 1);
    [items[i], items[j]] = [at(items, j), at(items, i)];
  }
}

/** The order of presentation of one epoch. */
export function permutation(n: number, seed: number, stream: number): number[] {
  const order = range(n);
  shuffle(order, new Reader(streamKey(streamKey(seed, 1), stream)));
  return order;
}
