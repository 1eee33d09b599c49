/** The pattern `local`: docs/arithmetic.md, section "Patterns". */
import { at, clip, nearest, range } from './integers.js';
import type { Pattern } from './patterns.js';

const u32 = (x: bigint): bigint => BigInt.asUintN(32, x);
const rotate = (x: bigint, bits: bigint): bigint => u32((x << bits) | (x >> (32n - bits)));

/** The 32-bit finaliser of MurmurHash3. */
function mix32(given: bigint): bigint {
  let x = u32(given);
  x = u32((x ^ (x >> 16n)) * 0x85ebca6bn);
  x = u32((x ^ (x >> 13n)) * 0xc2b2ae35n);
  return x ^ (x >> 16n);
}

/** The numbers of xoshiro128** 1.1 from a seed. */
export function xoshiro(seed: number): () => number {
  const [low, high] = [u32(BigInt(seed)), BigInt(seed) >> 32n];
  const golden = 0x9e3779b9n;
  const s: bigint[] = [0n, 1n, 2n, 3n].map((i) => mix32(mix32(high + i * golden) ^ (low + i * golden)));
  if (!s.some((word) => word !== 0n)) s[0] = 1n;
  return () => {
    const [a, b, c, d] = [at(s, 0), at(s, 1), at(s, 2), at(s, 3)];
    const result = u32(rotate(u32(b * 5n), 7n) * 9n);
    const [c2, d2] = [c ^ a, d ^ b];
    s[1] = b ^ c2;
    s[0] = a ^ d2;
    s[2] = c2 ^ u32(b << 9n);
    s[3] = rotate(d2, 11n);
    return Number(result);
  };
}

/** Fields of neighbouring pixels of a square image; the requested number of edges is rounded. */
export function localPattern(left: number, right: number, edges: number, seed: number): Pattern {
  const side = Math.sqrt(left);
  let share = 16;
  while (share > 1 && right < 16 * share) share /= 2;
  const fanIn = Math.min(left, 2 * Math.max(1, nearest(edges / right / 2)));

  const next = xoshiro(seed);
  const normal = (deviation: number): number => {
    const total = range(4).reduce((sum) => sum + Math.floor(next() / 65536), 0) - 131070;
    return nearest((total * deviation) / 37837);
  };
  const centre = (): number => {
    const last = 256 * (side - 1);
    for (let deviation = nearest((256 * side) / 5); ; deviation = Math.max(1, Math.floor(0.95 * deviation))) {
      const place = last / 2 + normal(deviation);
      if (place === clip(place, 0, last)) return place;
      if (deviation === 1) return last / 2;
    }
  };
  const field = (): number[] => {
    const [x, y] = [centre(), centre()];
    const held = new Set<number>();
    let radius = nearest((256 * Math.sqrt(fanIn)) / 2);
    for (let draws = 1; held.size < fanIn; draws++) {
      const column = nearest((x + normal(radius)) / 256);
      const row = nearest((y + normal(radius)) / 256);
      const isInside = column >= 0 && column < side && row >= 0 && row < side;
      const first = row * side + column - (column % 2);
      if (isInside) for (const pixel of [first, first + 1]) held.add(pixel);
      if (draws % (50 * fanIn) === 0) radius = Math.ceil(1.5 * radius);
    }
    return [...held].sort((a, b) => a - b);
  };

  const pattern: Pattern = [];
  while (pattern.length < right) {
    const lefts = field();
    for (let i = 0; i < share && pattern.length < right; i++) pattern.push(lefts);
  }
  return pattern;
}
