/**
 * How well a pattern mixes: spread and dispersion of its permutation of edges (Dolinar and Divsalar 1995; arXiv:1711.06935),
 * scatter of its connections (arXiv:1711.02131, 1812.01164); and how many clash-free patterns there are.
 */

import { SparseTrainError } from '../base/errors.js';
import { checkFamily, checkWirings } from './check-request.js';
import type { PatternFamily, Wiring } from './wiring.js';

/**
 * The permutation pi of a junction's edges: edge w, in the order of right neurons, is edge pi(w) in the order of left
 * neurons. The k-th edge that reads a left neuron has the number (the neuron's first edge) + k, which for an
 * interleaver is left * fo + sweep.
 */
export function edgePermutation({ left, lefts }: Wiring): Uint32Array {
  const next = new Uint32Array(left + 1);
  for (let w = 0; w < lefts.length; w++)
    next[(lefts[w] as number) + 1] = (next[(lefts[w] as number) + 1] as number) + 1;
  for (let l = 0; l < left; l++) next[l + 1] = (next[l + 1] as number) + (next[l] as number);
  const pi = new Uint32Array(lefts.length);
  for (let w = 0; w < pi.length; w++) {
    const l = lefts[w] as number;
    const place = next[l] as number;
    pi[w] = place;
    next[l] = place + 1;
  }
  return pi;
}

/** The least |i - j| + |pi(i) - pi(j)| of two different edges; undefined if there is only one. */
export function spread(pi: ArrayLike<number>): number | undefined {
  if (pi.length < 2) return undefined;
  let best = Number.POSITIVE_INFINITY;
  // A pair at a distance of `best` or more cannot be better, so the inner loop gets shorter as `best` falls.
  for (let distance = 1; distance < pi.length && distance < best; distance++) {
    for (let i = 0; i + distance < pi.length; i++) {
      const sum = distance + Math.abs((pi[i + distance] as number) - (pi[i] as number));
      if (sum < best) best = sum;
    }
  }
  return best;
}

/** A share that was counted, or estimated from a sample. */
export interface Dispersion {
  /** The number of different displacement vectors (j - i, pi(j) - pi(i)) as a share of all pairs i < j. */
  readonly dispersion: number;
  /** Whether only a sample of the distances j - i was counted. */
  readonly sampled: boolean;
}

/** The most pairs that are all counted; above that, distances are sampled. 8192 edges have fewer pairs. */
const MOST_PAIRS = 2 ** 25;

/** The average step between the distances in a sample. */
const GOLDEN = 0.618033988749895;

/** The dispersion of a permutation; undefined if there is only one edge. */
export function dispersion(pi: ArrayLike<number>, mostPairs = MOST_PAIRS): Dispersion | undefined {
  const n = pi.length;
  if (n < 2) return undefined;
  const pairs = (n * (n - 1)) / 2;
  const sampled = pairs > mostPairs;
  const seen = new Uint32Array(2 * n);
  let different = 0;
  let lookedAt = 0;
  const look = (distance: number) => {
    for (let i = 0; i + distance < n; i++) {
      const step = (pi[i + distance] as number) - (pi[i] as number) + n;
      if (seen[step] === distance) continue;
      seen[step] = distance;
      different++;
    }
    lookedAt += n - distance;
  };
  if (!sampled) {
    for (let distance = 1; distance < n; distance++) look(distance);
  } else {
    // A sequence that fills 1 to n - 1 evenly at every length.
    const chosen = new Set<number>();
    for (let k = 1; lookedAt < mostPairs; k++) {
      const distance = 1 + Math.floor(((k * GOLDEN) % 1) * (n - 1));
      if (chosen.has(distance)) continue;
      chosen.add(distance);
      look(distance);
    }
  }
  return { dispersion: different / lookedAt, sampled };
}

/** Divides neurons into `count` windows of neighbours, whose sizes differ by at most one. */
function windowOf(neuron: number, neurons: number, count: number): number {
  return Math.floor((neuron * count) / neurons);
}

function windowSizes(neurons: number, count: number): number[] {
  const sizes = new Array<number>(count).fill(0);
  for (let neuron = 0; neuron < neurons; neuron++) {
    const window = windowOf(neuron, neurons, count);
    sizes[window] = (sizes[window] as number) + 1;
  }
  return sizes;
}

/** The mean, over all pairs of a neuron and a window, of min(1, paths / paths of an even spread). */
function evenness(paths: Float64Array, windows: readonly number[], neuronsOnThatSide: number): number {
  const count = windows.length;
  const neurons = paths.length / count;
  let sum = 0;
  for (let neuron = 0; neuron < neurons; neuron++) {
    let degree = 0;
    for (let window = 0; window < count; window++) degree += paths[neuron * count + window] as number;
    for (let window = 0; window < count; window++) {
      const ideal = ((windows[window] as number) * degree) / neuronsOnThatSide;
      sum += ideal === 0 ? 0 : Math.min(1, (paths[neuron * count + window] as number) / ideal);
    }
  }
  return sum / paths.length;
}

/** Extends paths across a junction: returns the paths from each neuron on its other side to the windows. */
function carry(
  wiring: Wiring,
  paths: Float64Array,
  windows: number,
  towards: 'right' | 'left',
): Float64Array {
  const { left, right, offsets, lefts } = wiring;
  const carried = new Float64Array((towards === 'right' ? right : left) * windows);
  for (let r = 0; r < right; r++) {
    for (let w = offsets[r] as number; w < (offsets[r + 1] as number); w++) {
      const l = lefts[w] as number;
      const from = (towards === 'right' ? l : r) * windows;
      const to = (towards === 'right' ? r : l) * windows;
      for (let k = 0; k < windows; k++)
        carried[to + k] = (carried[to + k] as number) + (paths[from + k] as number);
    }
  }
  return carried;
}

/** The paths before the first junction: each neuron has one, to its own window. */
function indicator(neurons: number, windows: number): Float64Array {
  const paths = new Float64Array(neurons * windows);
  for (let neuron = 0; neuron < neurons; neuron++)
    paths[neuron * windows + windowOf(neuron, neurons, windows)] = 1;
  return paths;
}

/** The number of windows for a side of `neurons` neurons: an even spread then gives one connection per window. */
function windowCount(neurons: number, degree: number): number {
  return Math.max(1, Math.min(neurons, Math.round(degree), MOST_WINDOWS));
}

/** More windows than this would only cost time. */
const MOST_WINDOWS = 256;

/** Scatter of a junction, or of the paths from inputs to outputs. */
export interface Scatter {
  /** How evenly right neurons read the windows of the left side. */
  readonly overLeft: number;
  /** How evenly left neurons reach the windows of the right side. */
  readonly overRight: number;
}

/** The scatter of one junction, or of several in a row, which is that of the product of their adjacency matrices. */
export function scatter(wirings: readonly Wiring[]): Scatter {
  const first = wirings[0] as Wiring;
  const last = wirings.at(-1) as Wiring;
  const leftWindows = windowCount(first.left, first.lefts.length / first.right);
  const rightWindows = windowCount(last.right, last.lefts.length / last.left);
  let towardsRight = indicator(first.left, leftWindows);
  for (const wiring of wirings) towardsRight = carry(wiring, towardsRight, leftWindows, 'right');
  let towardsLeft = indicator(last.right, rightWindows);
  for (const wiring of wirings.toReversed()) towardsLeft = carry(wiring, towardsLeft, rightWindows, 'left');
  return {
    overLeft: evenness(towardsRight, windowSizes(first.left, leftWindows), first.left),
    overRight: evenness(towardsLeft, windowSizes(last.right, rightWindows), last.right),
  };
}

/** The number of patterns of a family as text: in full, or as a power of ten if it has 21 digits or more. */
export function describeCount(count: bigint): string {
  const digits = count.toString();
  if (digits.length <= 20) return digits;
  const exponent = digits.length - 1;
  return `about ${(Number(digits.slice(0, 4)) / 1000).toFixed(1)}e${exponent}`;
}

/** How well the edges of a junction mix. */
export interface JunctionMeasures extends Scatter {
  readonly spread: number | undefined;
  readonly dispersion: number | undefined;
  /** Whether the dispersion was estimated from a sample of distances. */
  readonly sampled: boolean;
}

/** How well the edges of a network mix. */
export interface ConnectivityMeasures {
  readonly junctions: readonly JunctionMeasures[];
  /** The scatter of the paths from inputs to outputs. */
  readonly product: Scatter;
  /** The least of all scatters, which counts for the network. */
  readonly scatter: number;
}

/**
 * Measures all junctions of a network.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION, INVALID_DATA
 */
export function measureConnectivity(given: readonly Wiring[]): ConnectivityMeasures {
  const wirings = checkWirings(given);
  const junctions = wirings.map((wiring): JunctionMeasures => {
    const pi = edgePermutation(wiring);
    const dispersed = dispersion(pi);
    return {
      spread: spread(pi),
      dispersion: dispersed?.dispersion,
      sampled: dispersed?.sampled ?? false,
      ...scatter([wiring]),
    };
  });
  const product = scatter(wirings);
  const all = [...junctions, product].flatMap(({ overLeft, overRight }) => [overLeft, overRight]);
  return { junctions, product, scatter: Math.min(...all) };
}

function power(base: bigint, exponent: number): bigint {
  return base ** BigInt(exponent);
}

function factorial(n: number): bigint {
  return product(1, n);
}

/**
 * The product low * ... * high, computed by halves: two factors of similar size multiply much faster than a long and a
 * short one.
 */
function product(low: number, high: number): bigint {
  if (high <= low) return BigInt(low);
  const middle = Math.floor((low + high) / 2);
  return product(low, middle) * product(middle + 1, high);
}

/**
 * Numbers of different clash-free patterns (arXiv:1812.01164): type 1 (k ((p/z)!)^z)^fo, type 2 (k (p/z)^z)^fo, type 3
 * k (p/z)^z. k counts how dithering deals the z memories to the right neurons of a clock: z!/(fi!)^(z/fi) where a clock has
 * z/fi right neurons, 1 where it has one or a part of one (or without dithering).
 *
 * @throws SparseTrainError UNKNOWN_OPTION; INVALID_OPTION, also if the number has more than 2^30 bits
 */
export function patternCount(family: PatternFamily): bigint {
  const checked = checkFamily(family);
  try {
    return countOf(checked);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SparseTrainError('INVALID_OPTION', 'there are more patterns than JavaScript can count', {
      cause: error,
    });
  }
}

function countOf({ left, fanOut, fanIn, parallelism: z, type, dither }: PatternFamily): bigint {
  const rows = left / z;
  const k = dither && z % fanIn === 0 ? factorial(z) / power(factorial(fanIn), z / fanIn) : 1n;
  switch (type) {
    case 1:
      return power(k * power(factorial(rows), z), fanOut);
    case 2:
      return power(k * power(BigInt(rows), z), fanOut);
    case 3:
      return k * power(BigInt(rows), z);
  }
}
