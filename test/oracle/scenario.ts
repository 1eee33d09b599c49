/** Makes networks and data for comparing the engine with the reference, from a short description. */
import type { DenseInputs, EngineScaling, TrainJob } from '../../lib/engine/calls.js';
import type { NetworkSpec, PatternSpec } from '../../lib/engine/spec.js';
import { at, range } from '../reference/integers.js';
import { Reader, streamKey } from '../reference/random.js';

export type Job = Omit<TrainJob, 'threads'>;

/** One call of the engine. */
export type Call =
  | { kind: 'train'; job: Job }
  | { kind: 'learn'; input: DenseInputs; target: number | Uint8Array | Float64Array; rate: number }
  | { kind: 'drain' }
  | { kind: 'rewire'; rule: { share: number; byGradient: boolean } }
  | { kind: 'pattern'; junction: number; pattern: { offsets: Float64Array; left: Uint32Array } }
  | { kind: 'set'; junction: number; weights?: Int16Array; biases?: Int32Array };

export interface Scenario {
  spec: NetworkSpec;
  scaling: EngineScaling | undefined;
  calls: Call[];
  /** Inputs to predict at the end. */
  inputs: DenseInputs;
}

/** The description of a scenario; everything has a default. */
export interface Wish {
  layers?: number[];
  /** One per junction, or one for all; a density instead of a number of edges. */
  patterns?: (PatternWish | PatternWish[]) | undefined;
  bits?: number;
  fraction?: number;
  rounding?: 'stochastic' | 'nearest';
  activation?: 'relu' | 'sigmoid' | 'tanh' | ('relu' | 'sigmoid' | 'tanh')[];
  output?: 'softmax' | 'sigmoid' | 'linear';
  schedule?: 'pipelined' | 'sequential';
  momentum?: number;
  weightDecay?: number;
  seed?: number;
  inputs?: 'bytes' | 'fixed' | 'float32' | 'float64';
  scaling?: boolean;
  /** Examples presented. */
  examples?: number;
  rates?: number[];
  classWeights?: boolean;
  /**
   * Examples per update, one number for each call in turn, from the beginning again when there are more calls; 1 by
   * default.
   */
  batchSizes?: number[];
  /** Images with this many columns, moved by up to this many pixels. */
  augment?: Job['augment'];
  /**
   * For each move of edges: how many examples come before it, and for how many of the last of them gradients are kept.
   */
  moves?: { share: number; byGradient: boolean; examples: number; record?: number }[];
  /** Lengths of the calls that do not drain, each followed by learn(); the rest is one call that drains. */
  chunks?: number[];
}

export type PatternWish =
  | { kind: 'tiled' | 'structured' | 'random'; density: number }
  | { kind: 'dense' }
  | { kind: 'custom'; density: number };

/** A source of numbers for data. */
export class Source {
  readonly #reader: Reader;

  constructor(seed: number) {
    this.#reader = new Reader(streamKey(seed, 0x7e57));
  }

  /** A whole number from 0 to n - 1. */
  below(n: number): number {
    return this.#reader.below(n);
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** From 0 to below 1. */
  real(): number {
    return this.below(2 ** 32) / 2 ** 32;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}

/** The largest learning rate that a format can apply. */
export const largestRate = (fraction: number, momentum: number): number =>
  2 ** (10 - fraction - (momentum > 0 ? 4 : 0));

export function makeScenario(wish: Wish): Scenario {
  const {
    layers = [20, 17, 5],
    bits = 16,
    fraction = bits >= 12 ? bits - 4 : bits - 2,
    activation = 'relu',
    output = 'softmax',
    momentum = 0,
    seed = 1,
    examples = 40,
    inputs: kind = 'bytes',
    chunks = [],
    batchSizes = [],
  } = wish;
  const source = new Source(seed);
  const junctions = layers.length - 1;
  const spec: NetworkSpec = {
    layers: Uint32Array.from(layers),
    arithmetic: {
      kind: 'wide',
      weightBits: bits,
      weightFraction: fraction,
      rounding: wish.rounding ?? 'stochastic',
    },
    patterns: range(junctions).map((j) => {
      const { patterns = { kind: 'dense' } } = wish;
      const pattern = Array.isArray(patterns) ? at(patterns, j) : patterns;
      return makePattern(pattern, at(layers, j), at(layers, j + 1), source);
    }),
    activations: range(junctions - 1).map((i) =>
      Array.isArray(activation) ? at(activation, i) : activation,
    ),
    output,
    schedule: wish.schedule ?? 'pipelined',
    momentum,
    weightDecay: wish.weightDecay ?? 0,
    seed,
  };

  const columns = at(layers, 0);
  const outputs = at(layers, junctions);
  const rows = 30;
  const inputs = makeInputs(kind, rows * columns, source);
  const scaling = wish.scaling ? makeScaling(columns, source) : undefined;
  const targets = makeTargets(output, rows, outputs, source);
  const most = largestRate(fraction, momentum);
  const rates = Float64Array.from(wish.rates ?? [0.5 * most, 0.11 * most, most, 0.013 * most]);
  let jobs = 0;
  const job = (count: number, drain: boolean): Job => ({
    inputs,
    scaling,
    targets,
    order: Uint32Array.from({ length: count }, () => source.below(rows)),
    rates,
    rateInterval: source.between(1, Math.max(1, Math.ceil(count / rates.length))),
    classWeights: wish.classWeights
      ? Float64Array.from({ length: outputs }, () =>
          source.chance(20) ? 127 * source.real() : 2 * source.real(),
        )
      : undefined,
    drain,
    batchSize: batchSizes.length > 0 ? at(batchSizes, jobs++ % batchSizes.length) : undefined,
    augment: wish.augment,
  });

  const calls: Call[] = [];
  let rest = examples;
  for (const chunk of chunks) {
    const row = source.below(rows);
    calls.push({ kind: 'train', job: job(chunk, false) });
    calls.push({
      kind: 'learn',
      input: inputs.slice(row * columns, (row + 1) * columns),
      target:
        targets instanceof Int32Array ? at(targets, row) : targets.slice(row * outputs, (row + 1) * outputs),
      rate: at(rates, 0),
    });
    rest -= chunk + 1;
  }
  for (const { share, byGradient, examples: before, record } of wish.moves ?? []) {
    calls.push({ kind: 'train', job: { ...job(before, true), record } });
    calls.push({ kind: 'rewire', rule: { share, byGradient } });
    rest -= before;
  }
  if (rest > 0) calls.push({ kind: 'train', job: job(rest, true) });
  return { spec, scaling, calls, inputs };
}

function makePattern(wish: PatternWish, left: number, right: number, source: Source): PatternSpec {
  if (wish.kind === 'dense') return wish;
  const edges = Math.max(1, Math.round(wish.density * left * right));
  if (wish.kind !== 'custom') return { kind: wish.kind, edges };
  // No restriction: neurons may have no edges.
  const lefts: number[] = [];
  const offsets = [0];
  for (let r = 0; r < right; r++) {
    for (let l = 0; l < left; l++) if (source.real() < wish.density) lefts.push(l);
    offsets.push(lefts.length);
  }
  return { kind: 'custom', offsets: Float64Array.from(offsets), left: Uint32Array.from(lefts) };
}

/** Half of the values are zero, as in images. */
function makeInputs(
  kind: 'bytes' | 'fixed' | 'float32' | 'float64',
  count: number,
  source: Source,
): DenseInputs {
  const fill = <T extends DenseInputs>(array: T, value: () => number): T => {
    for (let i = 0; i < array.length; i++) array[i] = source.chance(50) ? 0 : value();
    return array;
  };
  switch (kind) {
    case 'bytes':
      return fill(new Uint8Array(count), () => source.below(256));
    case 'fixed':
      // Some values lie beyond the format.
      return fill(new Int16Array(count), () =>
        source.chance(5) ? source.between(-32768, 32767) : source.between(-400, 400),
      );
    case 'float32':
      return fill(new Float32Array(count), () => (source.chance(5) ? 40 : 4) * (source.real() - 0.5));
    case 'float64':
      return fill(new Float64Array(count), () => (source.chance(5) ? 40 : 4) * (source.real() - 0.5));
  }
}

function makeScaling(columns: number, source: Source): EngineScaling {
  return {
    offset: Float64Array.from({ length: columns }, () => source.real() - 0.5),
    scale: Float64Array.from({ length: columns }, () => 3 * source.real() - 1),
  };
}

function makeTargets(
  output: NetworkSpec['output'],
  rows: number,
  outputs: number,
  source: Source,
): Job['targets'] {
  switch (output) {
    case 'softmax':
      return Int32Array.from({ length: rows }, () => source.below(outputs));
    case 'sigmoid':
      return Uint8Array.from({ length: rows * outputs }, () => source.below(2));
    case 'linear':
      return Float64Array.from({ length: rows * outputs }, () =>
        source.chance(3) ? 1e6 * (source.real() - 0.5) : 4 * (source.real() - 0.5),
      );
  }
}
