import { SparseTrainError } from '../../base/errors.js';
import { type Parameters, valueAtShare } from '../space/parameter.js';
import { ATTEMPTS, type Sampler, type SamplerContext } from './sampler.js';
import { SOBOL_POLYNOMIALS } from './sobol-directions.js';

const BITS = 32;

/** The most dimensions of {@link SobolSequence}. */
export const SOBOL_DIMENSIONS = SOBOL_POLYNOMIALS.length + 1;

/**
 * A scrambled Sobol sequence: points that fill the unit cube more evenly than random ones. In each dimension, every
 * run of 2^m points that begins at a multiple of 2^m has one point in each of 2^m equal parts.
 */
export class SobolSequence {
  /** Direction numbers of each dimension. */
  readonly #directions: readonly Uint32Array[];
  readonly #seeds: readonly number[];

  /**
   * @param dimensions - 1 to {@link SOBOL_DIMENSIONS}
   * @param seed - of the scrambling, which preserves the even spread
   */
  constructor(dimensions: number, seed: number) {
    this.#directions = Array.from({ length: dimensions }, (_, d) => directionNumbers(d));
    this.#seeds = this.#directions.map((_, d) =>
      hash(hash((seed >>> 0) ^ hash(Math.floor(seed / 2 ** 32))) + d),
    );
  }

  /** Point `index`; each coordinate is in [0, 1). */
  point(index: number): number[] {
    return this.#directions.map((directions, d) => {
      let bits = 0;
      for (let i = 0, left = index >>> 0; left !== 0; i++, left >>>= 1) {
        if ((left & 1) === 1) bits ^= directions[i] as number;
      }
      return scramble(bits >>> 0, this.#seeds[d] as number) / 2 ** BITS;
    });
  }
}

/** The direction numbers of a dimension, by the recurrence of its polynomial. */
function directionNumbers(dimension: number): Uint32Array {
  const directions = new Uint32Array(BITS);
  if (dimension === 0) {
    for (let i = 0; i < BITS; i++) directions[i] = 1 << (BITS - 1 - i);
    return directions;
  }
  const [polynomial, ...initial] = SOBOL_POLYNOMIALS[dimension - 1] as readonly [number, ...number[]];
  const degree = initial.length;
  for (let i = 0; i < BITS; i++) {
    if (i < degree) {
      directions[i] = (initial[i] as number) << (BITS - 1 - i);
      continue;
    }
    const first = directions[i - degree] as number;
    let bits = first ^ (first >>> degree);
    for (let k = 1; k < degree; k++) {
      if (((polynomial >> (degree - k)) & 1) === 1) bits ^= directions[i - k] as number;
    }
    directions[i] = bits;
  }
  return directions;
}

/**
 * Owen scrambling by a hash: whether a bit is flipped depends only on the bits above it, which preserves every part of
 * the net property.
 */
function scramble(bits: number, seed: number): number {
  let result = 0;
  for (let i = BITS - 1; i >= 0; i--) {
    const above = i === BITS - 1 ? 0 : bits >>> (i + 1);
    const flip = hash(above ^ hash(seed + i)) & 1;
    result |= (((bits >>> i) & 1) ^ flip) << i;
  }
  return result >>> 0;
}

/** The finaliser of MurmurHash3. */
function hash(x: number): number {
  let h = x >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The points of a scrambled Sobol sequence, one dimension per parameter, without those that break constraints. */
export class SobolSampler implements Sampler {
  readonly #context: SamplerContext;
  readonly #sequence: SobolSequence;
  readonly #points: Parameters[] = [];
  #next = 0;

  /** @throws SparseTrainError INVALID_OPTION for more parameters than there are dimensions */
  constructor(context: SamplerContext) {
    const { axes } = context.space;
    if (axes.length > SOBOL_DIMENSIONS) {
      throw new SparseTrainError(
        'INVALID_OPTION',
        `sampler "sobol" has ${SOBOL_DIMENSIONS} dimensions, but the space has ${axes.length} parameters; use "random"`,
      );
    }
    this.#context = context;
    this.#sequence = new SobolSequence(axes.length, context.seed);
  }

  propose(number: number): Parameters | undefined {
    const { space, isFeasible } = this.#context;
    for (let misses = 0; this.#points.length <= number; this.#next++) {
      const shares = this.#sequence.point(this.#next);
      const places = new Map(space.axes.map(({ name }, d) => [name, shares[d] as number]));
      const point = space.assemble((axis) => valueAtShare(axis, places.get(axis.name) as number));
      if (isFeasible(point)) {
        this.#points.push(point);
        misses = 0;
      } else if (++misses === ATTEMPTS) return undefined;
    }
    return this.#points[number];
  }
}
