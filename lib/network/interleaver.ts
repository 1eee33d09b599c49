/**
 * Clash-free patterns: the left values of the edges lie in z memories, each of which is read once per clock
 * (docs/hardware.md).
 */

import { invalidOption, SparseTrainError } from '../base/errors.js';
import { boolean, checkedBy, oneOf, oneOfNumbers, whole } from '../base/options/kinds.js';
import { checkOptions, type OptionsOf, option } from '../base/options/table.js';
import { optionName, say } from '../base/wording.js';
import { MAX_NEURONS } from '../engine/limits.js';
import type { InterleaverSpec } from '../engine/spec.js';

/** The kinds of clash-free patterns by name: the types of arXiv:1812.01164 and the variants of arXiv:1711.06935. */
export const INTERLEAVER_NAMES = [
  'clash-free-1',
  'clash-free-2',
  'clash-free-3',
  'SV',
  'SS',
  'MD',
  'SV+SS',
  'SV+MD',
  'SS+MD',
  'SV+SS+MD',
] as const;

/**
 * - 'clash-free-1': each memory reads its rows in its own order, with new orders for every sweep
 * - 'clash-free-2', 'SS', 'SV+SS': new start vectors for every sweep
 * - 'clash-free-3', 'SV': one start vector for all sweeps
 * - 'MD': start vectors of zeros and permuted memories; '+MD' adds permuted memories to another kind. Each
 *   sweep has its own permutation, except that with a single start vector all sweeps share one
 */
export type InterleaverName = (typeof INTERLEAVER_NAMES)[number];

const vectorsText = 'a list of whole numbers, or of such lists';

const vectorsKind = checkedBy<Vectors>(vectorsText, (name, value) => numbers(value, name));

/** The options of a clash-free pattern. */
export const INTERLEAVER = {
  /** Marks the object as a clash-free pattern. */
  kind: option(oneOf(['interleaver']), { text: 'interleaver', required: true }),
  /** A short name that sets `type` and `dither`. */
  name: option(oneOf(INTERLEAVER_NAMES), {
    text: 'a name instead of type and dither',
    otherwise: 'type and dither decide',
  }),
  /** 2 by default; see {@link InterleaverName}. */
  type: option(oneOfNumbers([1, 2, 3]), { text: 'the type in arXiv:1812.01164', otherwise: '2' }),
  /** Whether memories are permuted (memory dithering); false by default. */
  dither: option(boolean, { text: 'whether memories are permuted (memory dithering)', otherwise: 'false' }),
  /** Edges per left neuron. Replaces the options fanOut and density. */
  fanOut: option(whole(1, MAX_NEURONS), {
    text: 'edges per left neuron',
    otherwise: 'fanOut or density of the network',
  }),
  /** z, a divisor of the number of left neurons. Replaces the option parallelism. */
  parallelism: option(whole(1, MAX_NEURONS), {
    text: 'z, a divisor of the left neurons',
    otherwise: 'parallelism of the network',
  }),
  /**
   * For types 2 and 3: the first row that each memory reads, z numbers for each of the fanOut sweeps. Drawn
   * from the seed by default.
   */
  startVectors: option(vectorsKind, {
    text: 'types 2 and 3: the first row that each memory reads, z rows for each sweep',
    otherwise: 'drawn',
  }),
  /** For type 1: a permutation of the rows for each memory of each sweep. Drawn from the seed by default. */
  rowOrders: option(vectorsKind, {
    text: 'type 1: a permutation of the rows for each memory of each sweep',
    otherwise: 'drawn',
  }),
  /** With dither: a permutation of the z memories for each sweep. Drawn from the seed by default. */
  memoryDither: option(vectorsKind, {
    text: 'with dither: a permutation of the z memories for each sweep',
    otherwise: 'drawn',
  }),
};

/** A clash-free pattern. Edge w belongs to memory m = w mod z, which reads it in clock floor(w / z). */
export interface InterleaverPattern extends OptionsOf<typeof INTERLEAVER> {}

/** Whole numbers, sweep by sweep (and within a sweep memory by memory), nested or in one flat list. */
export type Vectors = Uint32Array | readonly (number | readonly (number | readonly number[])[])[];

/** An interleaver in the form that the engine takes. */
export type ResolvedInterleaver = { readonly kind: 'interleaver' } & InterleaverSpec;

const NAMED: Readonly<Record<InterleaverName, { type: 1 | 2 | 3; dither: boolean; zeros?: true }>> = {
  'clash-free-1': { type: 1, dither: false },
  'clash-free-2': { type: 2, dither: false },
  'clash-free-3': { type: 3, dither: false },
  SV: { type: 3, dither: false },
  SS: { type: 2, dither: false },
  MD: { type: 3, dither: true, zeros: true },
  'SV+SS': { type: 2, dither: false },
  'SV+MD': { type: 3, dither: true },
  'SS+MD': { type: 2, dither: true },
  'SV+SS+MD': { type: 2, dither: true },
};

/** Whether a word names a kind of clash-free pattern. */
export function isInterleaverName(word: unknown): word is InterleaverName {
  return INTERLEAVER_NAMES.includes(word as InterleaverName);
}

/** The junction that an interleaver belongs to. */
export interface InterleaverPlace {
  /** The name of the option in messages. */
  readonly name: string;
  readonly left: number;
  readonly right: number;
}

/**
 * Checks an interleaver whose fan-out is known; z may still be undecided (0).
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function resolveInterleaver(
  option: InterleaverPattern,
  place: InterleaverPlace,
  wishes: { fanOut: number; parallelism: number | undefined },
): ResolvedInterleaver {
  const { name } = place;
  const given = checkOptions(name, INTERLEAVER, option, `${name}.`);
  if (given.name !== undefined && (given.type !== undefined || given.dither !== undefined)) {
    throw new SparseTrainError('INVALID_OPTION', {
      option: `${name}.name`,
      says: say`${optionName(`${name}.name`)} already gives type and dither`,
      advice: 'leave them out',
    });
  }
  const named = given.name === undefined ? undefined : NAMED[given.name];
  const { type = named?.type ?? 2, dither = named?.dither ?? false } = given;
  const { fanOut } = wishes;
  checkFanOut(fanOut, place);
  const parallelism = given.parallelism ?? wishes.parallelism;
  if (parallelism !== undefined) checkParallelism(parallelism, place);
  const z = parallelism ?? 0;
  const startVectors = given.startVectors as Uint32Array | undefined;
  return {
    kind: 'interleaver',
    fanOut,
    parallelism: z,
    type,
    dither,
    startVectors:
      startVectors ??
      (named?.zeros && z > 0 ? new Uint32Array(fanOut * z) : named?.zeros ? ZEROS : undefined),
    rowOrders: given.rowOrders as Uint32Array | undefined,
    memoryDither: given.memoryDither as Uint32Array | undefined,
  };
}

/** Represents start vectors of zeros until z is known. */
const ZEROS = new Uint32Array(0);

/** Sets z if it is still undecided. */
export function withParallelism(pattern: ResolvedInterleaver, parallelism: number): ResolvedInterleaver {
  const zeros = pattern.startVectors === ZEROS;
  const startVectors = zeros ? new Uint32Array(pattern.fanOut * parallelism) : pattern.startVectors;
  return { ...pattern, parallelism, startVectors };
}

const word = whole(0, 2 ** 32 - 1);

function numbers(vectors: unknown, name: string): Uint32Array {
  if (vectors instanceof Uint32Array) return vectors;
  if (!Array.isArray(vectors)) throw invalidOption(name, vectorsText, vectors);
  // Not flat(), which skips holes; an array may have billions of them.
  const flat: number[] = [];
  const add = (list: readonly unknown[], levels: number) => {
    for (let i = 0; i < list.length; i++) {
      const value = list[i];
      if (Array.isArray(value) && levels > 0) {
        add(value, levels - 1);
        continue;
      }
      flat.push(word.check(`${name}, number ${flat.length},`, value));
    }
  };
  add(vectors, 2);
  return Uint32Array.from(flat);
}

/** Fan-outs that are multiples of this give all right neurons the same fan-in. */
export function fanOutStep(left: number, right: number): number {
  return right / greatestCommonDivisor(left, right);
}

function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** The possible fan-out nearest to the requested one. */
export function nearestFanOut(wish: number, left: number, right: number): number {
  const step = fanOutStep(left, right);
  return Math.min(right, Math.max(step, Math.round(wish / step) * step));
}

function checkFanOut(fanOut: number, { name, left, right }: InterleaverPlace): void {
  whole(1, right).check(`${name}: the fan-out`, fanOut);
  if ((left * fanOut) % right === 0) return;
  throw new SparseTrainError(
    'INVALID_OPTION',
    say`${optionName(name)}: ${left} left neurons with fan-out ${fanOut} have ${left * fanOut} edges, which do not divide among ${right} right neurons; the nearest fan-out that works is ${nearestFanOut(fanOut, left, right)}`,
  );
}

function checkParallelism(parallelism: unknown, { name, left }: InterleaverPlace): void {
  whole(1, left).check(`${name}: the parallelism z`, parallelism);
  if (left % (parallelism as number) === 0) return;
  const near = divisors(left).reduce((best, z) =>
    Math.abs(z - (parallelism as number)) < Math.abs(best - (parallelism as number)) ? z : best,
  );
  throw new SparseTrainError(
    'INVALID_OPTION',
    say`${optionName(name)}: the parallelism z = ${Number(parallelism)} does not divide the ${left} left neurons; the nearest that does is ${near}`,
  );
}

/** Divisors, ascending. */
export function divisors(n: number): number[] {
  const small: number[] = [];
  const large: number[] = [];
  for (let d = 1; d * d <= n; d++) {
    if (n % d !== 0) continue;
    small.push(d);
    if (d * d !== n) large.unshift(n / d);
  }
  return [...small, ...large];
}

/**
 * The junction cycles W/z, ascending, that all junctions can have. z = W/cycle divides the number of left
 * neurons, so the neurons fill z memories of p/z rows, and the cycle consists of fan-out sweeps of p/z clocks
 * each.
 */
export function commonCycles(layers: readonly number[], fanOut: readonly number[]): number[] {
  const first = fanOut[0] ?? 1;
  return divisors(layers[0] as number)
    .map((rows) => rows * first)
    .filter((cycle) =>
      fanOut.every((fo, i) => cycle % fo === 0 && (layers[i] as number) % (cycle / fo) === 0),
    );
}

/** z of each junction for a junction cycle that {@link commonCycles} returned. */
export function parallelismFor(
  layers: readonly number[],
  fanOut: readonly number[],
  cycle: number,
): number[] {
  return fanOut.map((fo, i) => ((layers[i] as number) * fo) / cycle);
}

/** The junction cycle, in clocks, to aim at when z is not given; the published networks have 4 to 32. */
const USUAL_CYCLE = 32;
const USUAL_ROWS = 8;

/** Chooses z for all junctions whose patterns do not give it, with equal junction cycles if possible. */
export function automaticParallelism(
  layers: readonly number[],
  fanOut: readonly (number | undefined)[],
): number[] {
  const nearest = (values: readonly number[], wish: number) =>
    values.reduce((best, value) =>
      Math.abs(Math.log(value / wish)) < Math.abs(Math.log(best / wish)) ? value : best,
    );
  if (fanOut.every((fo) => fo !== undefined)) {
    const cycles = commonCycles(layers, fanOut);
    if (cycles.length > 0) return parallelismFor(layers, fanOut, nearest(cycles, USUAL_CYCLE));
  }
  return fanOut.map((_, i) => (layers[i] as number) / nearest(divisors(layers[i] as number), USUAL_ROWS));
}

/** An interleaver as plain JSON that can be given as an option again. */
export function describeInterleaver(pattern: ResolvedInterleaver) {
  const { kind, type, dither, fanOut, parallelism, startVectors, rowOrders, memoryDither } = pattern;
  const plain = (vectors: Uint32Array | undefined) =>
    vectors === undefined ? undefined : Array.from(vectors);
  return {
    kind,
    type,
    dither,
    fanOut,
    parallelism,
    startVectors: plain(startVectors),
    rowOrders: plain(rowOrders),
    memoryDither: plain(memoryDither),
  };
}
