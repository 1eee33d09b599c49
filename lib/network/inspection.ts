import type { ClippedInputs } from '../data/clipping.js';
import type { InputScalingKind } from '../data/scaling.js';
import type { WeightArray } from '../engine/arrays.js';
import type { JunctionInfo } from '../engine/calls.js';
import type { ResolvedArithmetic } from './arithmetic.js';
import type { NetworkCore, TrainingSummary } from './core.js';
import type { ResolvedOptimizer } from './optimizer.js';
import type { Activation, Output } from './options.js';
import type { ResolvedPattern } from './patterns.js';

/** The result of {@link Network.inspect}: a plain object that JSON can hold. */
export interface NetworkInspection {
  layers: readonly number[];
  activations: readonly Activation[];
  output: Output;
  schedule: 'pipelined' | 'sequential';
  optimizer: ResolvedOptimizer;
  /** The momentum of the optimizer. */
  momentum: number;
  weightDecay: number;
  seed: number;
  arithmetic: ResolvedArithmetic;
  formats: NetworkFormats;
  /**
   * The edges of all junctions, the edges of a dense network with the same layers, and the ratio of the two.
   */
  edges: number;
  denseEdges: number;
  density: number;
  /** The number of weights and biases. */
  parameters: number;
  junctions: JunctionInspection[];
  /** Names of the outputs, if known. */
  classes: readonly string[] | undefined;
  /** How inputs are scaled; undefined before the first fit(). */
  scaling: InputScalingKind | undefined;
  /** The totals of all fit() calls, including those before the model was saved. */
  training: TrainingSummary;
  /**
   * Inputs that the number format clipped, of the data that fit() was given last, or of the examples of learn() after
   * it (the first 64, then one in 64). Absent before training, and where nothing can be clipped: float arithmetic, bytes
   * that are not scaled.
   */
  clippedInputs?: ClippedInputs;
  /** Inputs presented for training over the life of the network, including those of learn(). Models of earlier releases start at 0. */
  inputsPresented: number;
  /** The kernel set in use, for example 'avx512'. */
  kernelSet: string;
}

/** Number formats. */
export interface NetworkFormats {
  weights: NumberFormat;
  biases: NumberFormat;
  activations: NumberFormat;
}

/**
 * One number format: float32, or integers with a given number of bits, `fraction` of them after the binary
 * point.
 */
export type NumberFormat =
  | { type: 'float32' }
  | {
      type: 'integer';
      bits: number;
      fraction: number;
      /** The smallest and the largest value, and the distance between neighbouring values. */
      minimum: number;
      maximum: number;
      step: number;
    };

/** One junction, between layer `index` and `index` + 1. */
export interface JunctionInspection {
  index: number;
  left: number;
  right: number;
  edges: number;
  density: number;
  /** The name of the generator, or 'custom'. */
  pattern: ResolvedPattern['kind'];
  /** Present only for a clash-free pattern. */
  interleaver?: InterleaverFacts;
  /**
   * How the engine stores the edges: 'tiles' or 'list'; with the hardware arithmetic 'memories' or 'edges'.
   */
  layout: string;
  /** Edges per right neuron. */
  fanIn: Degrees;
  /** Edges per left neuron. */
  fanOut: Degrees;
  weights: ValueSummary;
  biases: ValueSummary;
  /** Weights that are at a limit of their format now. */
  weightsAtLimit: number;
  /**
   * How often activations and deltas of the right layer have been clipped to the limits of their format since
   * this object was made.
   */
  activationsClipped: number;
  deltasClipped: number;
}

/** The parameters of a clash-free pattern, without its vectors. */
export interface InterleaverFacts {
  type: 1 | 2 | 3;
  dither: boolean;
  fanOut: number;
  /** z. */
  parallelism: number;
}

export interface Degrees {
  minimum: number;
  maximum: number;
  mean: number;
}

/** Statistics of weights or biases, as real numbers. */
export interface ValueSummary {
  count: number;
  minimum: number;
  maximum: number;
  mean: number;
  standardDeviation: number;
  zeros: number;
  /** Bins of equal width from minimum to maximum; the last bin includes its upper end. */
  histogram: { from: number; to: number; counts: number[] };
}

const BINS = 32;

/** Statistics of `values`, each multiplied by `unit`; all zero if there are no values. */
export function summariseValues(values: WeightArray, unit: number): ValueSummary {
  const count = values.length;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let zeros = 0;
  for (const value of values) {
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
    sum += value;
    if (value === 0) zeros++;
  }
  const mean = count === 0 ? 0 : sum / count;
  if (count === 0) minimum = maximum = 0;
  const counts = new Array<number>(BINS).fill(0);
  const width = maximum - minimum;
  let squares = 0;
  for (const value of values) {
    squares += (value - mean) ** 2;
    const bin = width > 0 ? Math.min(BINS - 1, Math.floor(((value - minimum) / width) * BINS)) : 0;
    counts[bin] = (counts[bin] as number) + 1;
  }
  return {
    count,
    minimum: minimum * unit,
    maximum: maximum * unit,
    mean: mean * unit,
    standardDeviation: count === 0 ? 0 : Math.sqrt(squares / count) * unit,
    zeros,
    histogram: { from: minimum * unit, to: maximum * unit, counts },
  };
}

function integerFormat(
  bits: number,
  fraction: number,
  limits?: { minimum: number; maximum: number },
): NumberFormat {
  const step = 2 ** -fraction;
  const { minimum, maximum } = limits ?? { minimum: -(2 ** (bits - 1)), maximum: 2 ** (bits - 1) - 1 };
  return { type: 'integer', bits, fraction, minimum: minimum * step, maximum: maximum * step, step };
}

/** The number formats of an arithmetic; docs/arithmetic.md and docs/hardware.md explain them. */
export function formatsOf(arithmetic: ResolvedArithmetic): NetworkFormats {
  if (arithmetic.kind === 'float') {
    const float: NumberFormat = { type: 'float32' };
    return { weights: float, biases: float, activations: float };
  }
  if (arithmetic.kind === 'hardware') {
    const { width, integerBits } = arithmetic;
    const word = integerFormat(width, width - 1 - integerBits);
    return { weights: word, biases: word, activations: word };
  }
  const { weightBits, weightFraction } = arithmetic;
  const biasLimit = 2 ** 29;
  return {
    weights: integerFormat(weightBits, weightFraction),
    biases: integerFormat(32, weightFraction + 8, { minimum: -biasLimit, maximum: biasLimit }),
    activations: integerFormat(16, 8, { minimum: -2047, maximum: 2047 }),
  };
}

function junctionInspection(core: NetworkCore, info: JunctionInfo, index: number): JunctionInspection {
  const { arithmetic, patterns } = core.options;
  const { left, right, edges } = info;
  const telemetry = core.engine.telemetry();
  const formats = formatsOf(arithmetic);
  const unitOf = (format: NumberFormat) => (format.type === 'integer' ? format.step : 1);
  return {
    index,
    left,
    right,
    edges,
    density: edges / (left * right),
    pattern: patterns[index]?.kind ?? 'custom',
    ...interleaverFacts(patterns[index]),
    layout: info.layout,
    fanIn: { minimum: info.fanInMin, maximum: info.fanInMax, mean: edges / right },
    fanOut: { minimum: info.fanOutMin, maximum: info.fanOutMax, mean: edges / left },
    weights: summariseValues(core.engine.weights(index), unitOf(formats.weights)),
    biases: summariseValues(core.engine.biases(index), unitOf(formats.biases)),
    weightsAtLimit: telemetry.weightsAtLimit[index] ?? 0,
    activationsClipped: telemetry.activationsClipped[index] ?? 0,
    deltasClipped: telemetry.deltasClipped[index] ?? 0,
  };
}

function interleaverFacts(pattern: ResolvedPattern | undefined): { interleaver?: InterleaverFacts } {
  if (pattern?.kind !== 'interleaver') return {};
  const { type, dither, fanOut, parallelism } = pattern;
  return { interleaver: { type, dither, fanOut, parallelism } };
}

/** Collects the result of {@link Network.inspect}. */
export function inspectNetwork(core: NetworkCore): NetworkInspection {
  const { options, engine } = core;
  const infos = engine.junctions();
  const edges = infos.reduce((sum, junction) => sum + junction.edges, 0);
  const denseEdges = infos.reduce((sum, { left, right }) => sum + left * right, 0);
  return {
    layers: options.layers,
    activations: options.activations,
    output: options.output,
    schedule: options.schedule,
    optimizer: options.optimizer,
    momentum: options.momentum,
    weightDecay: options.weightDecay,
    seed: options.seed,
    arithmetic: options.arithmetic,
    formats: formatsOf(options.arithmetic),
    edges,
    denseEdges,
    density: edges / denseEdges,
    parameters: edges + infos.reduce((sum, { right }) => sum + right, 0),
    junctions: infos.map((info, j) => junctionInspection(core, info, j)),
    classes: core.classes,
    scaling: core.reader.scaling?.kind,
    training: core.summary,
    ...(core.clippedInputs === undefined ? {} : { clippedInputs: core.clippedInputs }),
    inputsPresented: engine.telemetry().inputs,
    kernelSet: engine.kernelSet,
  };
}
