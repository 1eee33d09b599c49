/** Test accuracy of sparse networks in integers: the recipe, and the published marks to compare with. */
import { localPattern } from '../network/local-pattern.js';
import type { PatternOption } from '../network/patterns.js';
import type { FitOptions } from '../training/fit-options.js';
import { type Run, wholeSet } from './run.js';

/** Published accuracies, in percent of the test images, and their source. */
export interface Mark {
  readonly accuracy: readonly [low: number, high: number];
  readonly source: string;
}

/** A network of the study, and its target. */
export interface AccuracyCase {
  readonly name: string;
  readonly data: 'mnist' | 'fashion-mnist';
  readonly layers: readonly number[];
  /** The share of the dense network's edges that it may have. */
  readonly share: number;
  readonly isDynamic: boolean;
  /** The mean test accuracy over seeds that it should reach, in percent. */
  readonly target: number;
  readonly published: Mark;
  readonly epochs: number;
  readonly augment: FitOptions['augment'];
  /** The first junction: the field that each neuron reads of the image, or the number of edges of a tiled pattern. */
  readonly field: { readonly fanIn: number; readonly share: number } | number;
  /** Edges of the junctions between the first and the last; the last is dense. */
  readonly between: readonly number[];
  /** The rate at the beginning of the cosine. */
  readonly learningRate: number;
  readonly weightDecay: number;
}

const LENET = [784, 300, 100, 10] as const;
const NITRO = [784, 200, 100, 50, 10] as const;
const SPARSE_FROM_SCRATCH = 'DEEP-R, SET, sparse momentum; LeNet-300-100, floating point';
const NITRO_D = 'NITRO-D, dense, integers only';
const USUAL = { learningRate: 0.02, weightDecay: 0 };

/** The recipes, chosen on 10,000 training images that were set aside; docs/reproduction.md lists the comparisons. */
export const CASES: readonly AccuracyCase[] = [
  lenet(10, 98.2, [98.19, 98.67], { fanIn: 73, share: 16 }, 3600),
  lenet(5, 98.0, [98.06, 98.53], { fanIn: 34, share: 1 }, 2000),
  lenet(2, 97.6, [97.74, 98.21], { fanIn: 11, share: 1 }, 1000),
  { ...lenet(5, 98.3, [98.06, 98.53], { fanIn: 34, share: 1 }, 2000), name: '5 %, dynamic', isDynamic: true },
  { ...lenet(2, 97.9, [97.74, 98.21], { fanIn: 11, share: 1 }, 1000), name: '2 %, dynamic', isDynamic: true },
  nitro('mnist', 97.6, 97.36, { shift: 1 }),
  nitro('fashion-mnist', 88.9, 88.66, { mirror: true }),
];

function lenet(
  percent: number,
  target: number,
  accuracy: readonly [number, number],
  field: { fanIn: number; share: number },
  between: number,
): AccuracyCase {
  return {
    name: `${percent} %`,
    data: 'mnist',
    layers: LENET,
    share: percent / 100,
    isDynamic: false,
    target,
    published: { accuracy, source: SPARSE_FROM_SCRATCH },
    epochs: percent === 2 ? 30 : 15,
    augment: { shift: 1 },
    field,
    between: [between],
    ...USUAL,
  };
}

function nitro(
  data: AccuracyCase['data'],
  target: number,
  accuracy: number,
  augment: FitOptions['augment'],
): AccuracyCase {
  return {
    name: `784-200-100-50-10, ${data}`,
    data,
    layers: NITRO,
    share: 0.2,
    isDynamic: false,
    target,
    published: { accuracy: [accuracy, accuracy], source: NITRO_D },
    augment,
    ...(data === 'mnist'
      ? { epochs: 15, field: { fanIn: 145, share: 16 }, between: [5000, 1600], ...USUAL }
      : { epochs: 60, field: 24_000, between: [8000, 3500], learningRate: 0.01, weightDecay: 0.0002 }),
  };
}

const SEEDS = 5;
const DYNAMIC_PATTERN = { method: 'rigl' } as const;

/** All runs of the study. */
export function accuracyRuns(quick: boolean): Run[] {
  return CASES.filter(({ data }) => !quick || data === 'mnist').flatMap((study) =>
    Array.from({ length: quick ? 1 : SEEDS }, (_, i) => runOf(study, i + 1, quick)),
  );
}

function runOf(study: AccuracyCase, seed: number, quick: boolean): Run {
  const { name, data, layers, field, between, augment, isDynamic, learningRate, weightDecay } = study;
  const first =
    typeof field === 'number'
      ? ({ kind: 'tiled', edges: field } as const)
      : localPattern({ width: 28, neurons: layers[1] as number, ...field, seed });
  const kind = layers === NITRO ? 'tiled' : 'structured';
  const pattern: PatternOption[] = [first, ...between.map((edges) => ({ kind, edges }) as const), 'dense'];
  const epochs = quick ? 1 : study.epochs;
  return {
    key: `${name}, ${epochs} epochs, seed ${seed}`,
    group: name,
    network: { layers, pattern, optimizer: { weightDecay } },
    fit: {
      epochs,
      learningRate: { kind: 'cosine', rate: learningRate },
      augment,
      dynamicPattern: isDynamic ? DYNAMIC_PATTERN : undefined,
    },
    data: wholeSet(data),
    seed,
  };
}
