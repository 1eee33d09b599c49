/** Augmentation: docs/arithmetic.md, section of that name. */
import type { TrainJob } from '../../lib/engine/calls.js';
import { range } from './integers.js';
import { randomAt, streamKey } from './random.js';

/**
 * For every pixel of the image that the network gets: the pixel of the original that it shows, or undefined if it shows
 * none.
 */
export function sourcesOf(
  { width, shift, mirror }: NonNullable<TrainJob['augment']>,
  columns: number,
  seed: number,
  input: number,
): (number | undefined)[] {
  const bits = randomAt(streamKey(seed, 9), input);
  const part = (from: bigint) => Number((bits >> from) & 0xffffffn);
  const offset = (number: number) => Math.floor((number * (2 * shift + 1)) / 2 ** 24) - shift;
  const [right, down] = [offset(part(40n)), offset(part(16n))];
  const isMirrored = mirror && (bits & 1n) === 1n;
  return range(columns).map((pixel) => {
    const [y, x] = [Math.floor(pixel / width) - down, (pixel % width) - right];
    if (x < 0 || x >= width || y < 0 || y >= columns / width) return undefined;
    return y * width + (isMirrored ? width - 1 - x : x);
  });
}
