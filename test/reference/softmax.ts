import { clip, round, shiftRight, sum } from './integers.js';

/** 2^15 e^-x for x = z / 4096. */
export function expNegative(z: number): number {
  const t = shiftRight(z * 5909, 12);
  const f = t % 4096;
  let p = -1299;
  p = 7580 + shiftRight(p * f, 12);
  p = -22665 + shiftRight(p * f, 12);
  p = 32768 + shiftRight(p * f, 12);
  return shiftRight(p, shiftRight(t, 12));
}

/** Probabilities in units of 2^-14 from clipped sums in units of 2^-(8 + fraction). */
export function softmax(sums: readonly number[], fraction: number): number[] {
  const largest = Math.max(...sums);
  const exponentials = sums.map((s) => {
    const h = largest - s;
    const z = fraction >= 4 ? shiftRight(h, fraction - 4) : clip(h, 0, 65536) * 2 ** (4 - fraction);
    return expNegative(clip(z, 0, 65536));
  });
  const total = sum(exponentials);
  const bits = total.toString(2).length;
  const reciprocal = Math.floor(2 ** (14 + bits) / total);
  return exponentials.map((e) => round(e * reciprocal, bits));
}
