import { invalidOption, SparseTrainError } from '../base/errors.js';
import { checkedBy, type Kind, number, oneOf, whole } from '../base/options/kinds.js';
import { checkOptions, checkOptionsObject, option, refuseUnknown } from '../base/options/table.js';
import { literal, optionName, say } from '../base/wording.js';
import { MAX_EDGES, MAX_NEURONS } from '../engine/limits.js';
import type { PatternSpec } from '../engine/spec.js';
import type { EdgesByNeuron } from './edges.js';
import {
  automaticParallelism,
  INTERLEAVER_NAMES,
  type InterleaverName,
  type InterleaverPattern,
  isInterleaverName,
  nearestFanOut,
  type ResolvedInterleaver,
  resolveInterleaver,
  withParallelism,
} from './interleaver.js';
import { imageFields } from './local-pattern.js';

export type { EdgesByNeuron };

/**
 * Which edges a junction has.
 *
 * - 'auto' (the default): 'dense' at density 1; otherwise 'tiled' if that can reach every left neuron,
 *   which takes at least 16 edges per left neuron; otherwise 'structured'
 * - 'tiled': rectangles of 2 left x 16 right neurons, fast on every CPU
 * - 'structured': every right neuron has the same number of edges, every left neuron too (within one),
 *   otherwise random
 * - 'random': random edges; only their number is fixed
 * - 'local': for a left layer that is a square image with an even number of pixels per row. Groups of 16
 *   neurons (fewer in layers of less than 256) read pairs of pixels around their own centres, see
 *   {@link localPattern}. If given for all junctions, it applies to the first one and the others are 'auto'
 * - 'dense': every edge
 * - 'SV', 'SS', 'clash-free-1' and so on, or `{ kind: 'interleaver', ... }`: clash-free patterns, as in the
 *   hardware; see {@link InterleaverName} and {@link InterleaverPattern}
 * - `{ kind, edges }`: one of the above with approximately this number of edges, instead of a density
 * - `{ edges: [[left, right], ...] }`: exactly these edges, with neurons counted from 0, in any order
 * - `{ offsets, left }`: exactly these edges, in the form that `network.junction(j).pattern()` and
 *   {@link localPattern} (neighbouring pixels of an image) return
 */
export type PatternOption =
  | 'auto'
  | 'local'
  | PatternKind
  | InterleaverName
  | SizedPattern
  | InterleaverPattern
  | EdgeList
  | EdgesByNeuron;

/** A pattern in the form that the engine takes. */
export type ResolvedPattern = PatternSpec | ResolvedInterleaver;

/** Edges one by one. */
type CustomPattern = Extract<PatternSpec, { kind: 'custom' }>;

/** The pattern generators. */
export type PatternKind = 'tiled' | 'structured' | 'random' | 'dense';

/**
 * A generator and the approximate number of edges to make (each generator rounds to a number that it can
 * make).
 */
export interface SizedPattern {
  kind: 'tiled' | 'structured' | 'random';
  /** The number of edges, 1 to left x right, below 2^31. */
  edges: number;
}

/** A pattern given by the user: pairs of a left and a right neuron, counted from 0, without duplicates. */
export interface EdgeList {
  edges: readonly (readonly [left: number, right: number])[];
}

const WORDS = ['auto', 'tiled', 'structured', 'random', 'local', 'dense', ...INTERLEAVER_NAMES] as const;

const words = oneOf(WORDS);

/** A word, or an object that describes the edges. The object is checked once the layers are known. */
export const patternKind: Kind<PatternOption> = checkedBy<PatternOption>(
  words.expected,
  (name, value) =>
    typeof value === 'object' && value !== null ? (value as PatternOption) : words.check(name, value),
  words,
);

/** The share of a junction's possible edges that exist. */
export const densityKind = number({ above: 0, to: 1 });

/** Edges per left neuron; at most the number of neurons in the right layer. */
export const fanOutKind = whole(1, MAX_NEURONS);

/** z of a clash-free pattern: a divisor of the number of neurons in the left layer. */
export const parallelismKind = whole(1, MAX_NEURONS);

/** The options of a {@link SizedPattern}. */
const SIZED = {
  kind: option(oneOf(['tiled', 'structured', 'random']), { text: 'the generator', required: true }),
  edges: option(whole(1, MAX_EDGES), { text: 'the approximate number of edges', required: true }),
};

/** The options that concern edges, as given: each for all junctions or one per junction. */
export interface EdgeOptions {
  density: unknown;
  fanOut: unknown;
  pattern: unknown;
  /** z of interleavers. */
  parallelism?: unknown;
  /** The seed of the network. */
  seed: number;
}

/**
 * Decides the pattern of every junction from `density`, `fanOut` and `pattern`.
 *
 * @param layers - checked already
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION, NETWORK_TOO_LARGE
 */
export function resolvePatterns(layers: readonly number[], options: EdgeOptions): ResolvedPattern[] {
  const { density, fanOut, pattern = 'auto', seed } = options;
  if (density !== undefined && fanOut !== undefined) {
    throw new SparseTrainError('INVALID_OPTION', {
      option: 'fanOut',
      says: say`${optionName('density')} and ${optionName('fanOut')} both set the number of edges`,
      advice: 'give one of them',
    });
  }
  const junctions = layers.length - 1;
  const patterns = perJunction('pattern', firstIsLocal(pattern, junctions), junctions);
  const densities = density === undefined ? undefined : perJunction('density', density, junctions);
  const fanOuts = fanOut === undefined ? undefined : perJunction('fanOut', fanOut, junctions);
  if ((densities ?? fanOuts) !== undefined && patterns.every(({ value }) => saysItsEdges(value))) {
    const other = densities === undefined ? 'fanOut' : 'density';
    throw new SparseTrainError('INVALID_OPTION', {
      option: other,
      says: say`the ${optionName('pattern')} determines the edges`,
      advice: say`leave out ${optionName(other)}`,
    });
  }
  const { parallelism } = options;
  const parallelisms =
    parallelism === undefined ? undefined : perJunction('parallelism', parallelism, junctions);
  if (parallelisms !== undefined && !patterns.some(({ value }) => isInterleaver(value))) {
    throw new SparseTrainError('INVALID_OPTION', {
      option: 'parallelism',
      says: say`${optionName('parallelism')} is for clash-free patterns only`,
      advice: say`give ${optionName('pattern', 'SS')} or another of them, or leave it out`,
    });
  }
  const resolved = patterns.map(({ value, name }, j): ResolvedPattern => {
    const left = layers[j] as number;
    const right = layers[j + 1] as number;
    if (isInterleaver(value)) {
      const option = typeof value === 'string' ? ({ kind: 'interleaver', name: value } as const) : value;
      const wish = interleaverFanOut(option, densities?.[j], fanOuts?.[j], left, right);
      const z = parallelisms?.[j]?.value;
      return resolveInterleaver(
        option,
        { name, left, right },
        { fanOut: wish, parallelism: z as number | undefined },
      );
    }
    if (typeof value === 'object' && value !== null) return givenPattern(value, name, left, right);
    words.check(name, value);
    const edges = wantedEdges(densities?.[j], fanOuts?.[j], left, right);
    if (value === 'dense' && edges < left * right && (densities ?? fanOuts) !== undefined) {
      const other = densities === undefined ? fanOuts?.[j]?.name : densities[j]?.name;
      throw new SparseTrainError('INVALID_OPTION', {
        option: name,
        says: say`${optionName(name)} is ${literal('dense')}, which contradicts ${optionName(other as string)}`,
        advice: 'leave one out',
      });
    }
    checkEdges(name, edges);
    if (value === 'local') {
      if (edges >= left * right) return { kind: 'dense' };
      return { kind: 'custom', ...imageFields({ name, left, right, edges, seed }) };
    }
    const kind = value === 'auto' ? automaticKind(left, right, edges) : (value as PatternKind);
    return kind === 'dense' ? { kind } : { kind, edges };
  });
  return withAllParallelisms(layers, resolved);
}

/** Only the first layer can be an image. */
function firstIsLocal(pattern: unknown, junctions: number): unknown {
  return pattern === 'local'
    ? Array.from({ length: junctions }, (_, j) => (j === 0 ? 'local' : 'auto'))
    : pattern;
}

/** Whether a pattern is clash-free. */
function isInterleaver(value: unknown): value is InterleaverName | InterleaverPattern {
  if (isInterleaverName(value)) return true;
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'interleaver';
}

/** Whether a pattern fixes its number of edges, so that density and fan-out do not apply. */
function saysItsEdges(value: unknown): boolean {
  if (typeof value !== 'object') return false;
  return !isInterleaver(value) || (value as InterleaverPattern).fanOut !== undefined;
}

function interleaverFanOut(
  { fanOut }: InterleaverPattern,
  density: Named | undefined,
  wish: Named | undefined,
  left: number,
  right: number,
): number {
  if (fanOut !== undefined) return fanOut;
  if (wish !== undefined) return wish.value as number;
  return nearestFanOut(wantedEdges(density, undefined, left, right) / left, left, right);
}

/** Chooses z where it was not given. */
function withAllParallelisms(
  layers: readonly number[],
  patterns: readonly ResolvedPattern[],
): ResolvedPattern[] {
  if (!patterns.some((pattern) => pattern.kind === 'interleaver' && pattern.parallelism === 0))
    return [...patterns];
  const automatic = automaticParallelism(
    layers,
    patterns.map((pattern) => (pattern.kind === 'interleaver' ? pattern.fanOut : undefined)),
  );
  return patterns.map((pattern, j) =>
    pattern.kind === 'interleaver' && pattern.parallelism === 0
      ? withParallelism(pattern, automatic[j] as number)
      : pattern,
  );
}

interface Named {
  name: string;
  value: unknown;
}

/** Expands an option that is either one value for all junctions or an array of one value per junction. */
function perJunction(name: string, option: unknown, junctions: number): Named[] {
  if (!Array.isArray(option)) return Array.from({ length: junctions }, () => ({ name, value: option }));
  if (option.length !== junctions) {
    const layers = junctions + 1;
    throw new SparseTrainError('INVALID_OPTION', {
      option: name,
      says: say`${optionName(name)} must be one for all junctions or an array of one per junction (${junctions} for ${layers} layers), but it has ${option.length}`,
    });
  }
  return option.map((value: unknown, j) => ({ name: `${name}[${j}]`, value }));
}

function wantedEdges(
  density: Named | undefined,
  fanOut: Named | undefined,
  left: number,
  right: number,
): number {
  if (density !== undefined) {
    return Math.max(1, Math.round(densityKind.check(density.name, density.value) * left * right));
  }
  if (fanOut === undefined) return left * right;
  const edgesPerNeuron = fanOutKind.check(fanOut.name, fanOut.value);
  if (edgesPerNeuron > right) {
    const range = `a whole number from 1 to ${right}, the neurons of the layer to the right`;
    throw invalidOption(fanOut.name, range, edgesPerNeuron);
  }
  return left * edgesPerNeuron;
}

/** The pattern that 'auto' selects; see {@link PatternOption}. */
function automaticKind(left: number, right: number, edges: number): PatternKind {
  if (edges >= left * right) return 'dense';
  // In a tiled pattern, every block of 16 right neurons reads the same number of pairs of left neurons.
  const pairsPerBlock = Math.max(1, Math.round(edges / (2 * right)));
  const reachesAll = Math.ceil(right / 16) * pairsPerBlock >= Math.ceil(left / 2);
  return reachesAll ? 'tiled' : 'structured';
}

function givenPattern(option: object, name: string, left: number, right: number): PatternSpec {
  if ('kind' in option) {
    const { kind, edges } = checkOptions(name, SIZED, option, `${name}.`);
    whole(1, left * right).check(`${name}.edges`, edges);
    return { kind, edges };
  }
  return customPattern(option, name, left, right);
}

/**
 * Converts {@link EdgeList} or {@link EdgesByNeuron} to edges. The engine checks the latter.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION, NETWORK_TOO_LARGE
 */
export function customPattern(option: unknown, name: string, left: number, right: number): CustomPattern {
  checkOptionsObject(name, option);
  if ('offsets' in option || 'left' in option) {
    refuseUnknown(name, option, ['offsets', 'left']);
    return edgesByNeuron(option as EdgesByNeuron, name, right);
  }
  refuseUnknown(name, option, ['edges']);
  return edgeList((option as EdgeList).edges, name, left, right);
}

function edgesByNeuron(option: EdgesByNeuron, name: string, right: number): CustomPattern {
  const { offsets, left } = option;
  if (!(offsets instanceof Float64Array)) throw invalidOption(`${name}.offsets`, 'a Float64Array', offsets);
  if (!(left instanceof Uint32Array)) throw invalidOption(`${name}.left`, 'a Uint32Array', left);
  if (offsets.length !== right + 1) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `${name}.offsets must have ${right + 1} entries (one more than right neurons), but it has ${offsets.length}`,
    );
  }
  checkEdges(`${name}.left`, left.length);
  return { kind: 'custom', offsets, left };
}

function edgeList(edges: unknown, name: string, left: number, right: number): CustomPattern {
  if (!Array.isArray(edges) || edges.length === 0) {
    throw invalidOption(`${name}.edges`, 'an array of at least one [left, right] pair', edges);
  }
  checkEdges(`${name}.edges`, edges.length);
  const [leftNeuron, rightNeuron] = [whole(0, left - 1), whole(0, right - 1)];
  const offsets = new Float64Array(right + 1);
  for (const [i, edge] of edges.entries()) {
    const at = `${name}.edges[${i}]`;
    if (!Array.isArray(edge) || edge.length !== 2) throw invalidOption(at, 'a pair [left, right]', edge);
    leftNeuron.check(`${at}[0] (left neuron)`, edge[0]);
    rightNeuron.check(`${at}[1] (right neuron)`, edge[1]);
    offsets[edge[1] + 1] = (offsets[edge[1] + 1] as number) + 1;
  }
  for (let r = 0; r < right; r++) offsets[r + 1] = (offsets[r + 1] as number) + (offsets[r] as number);
  const next = offsets.slice(0, right);
  const lefts = new Uint32Array(edges.length);
  for (const [l, r] of edges as [number, number][]) {
    const place = next[r] as number;
    next[r] = place + 1;
    lefts[place] = l;
  }
  for (let r = 0; r < right; r++) {
    const neuron = lefts.subarray(offsets[r], offsets[r + 1]).sort();
    for (let e = 1; e < neuron.length; e++) {
      if (neuron[e] !== neuron[e - 1]) continue;
      throw new SparseTrainError('INVALID_OPTION', `${name}.edges has the pair [${neuron[e]}, ${r}] twice`);
    }
  }
  return { kind: 'custom', offsets, left: lefts };
}

function checkEdges(name: string, edges: number): void {
  if (edges <= MAX_EDGES) return;
  throw new SparseTrainError('NETWORK_TOO_LARGE', {
    option: name,
    says: say`${optionName(name)}: ${edges} edges in one junction are too many; the most is ${MAX_EDGES} (2^31 - 1)`,
    advice: say`lower the ${optionName('density')}`,
  });
}
