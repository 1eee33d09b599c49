/** Accuracy over density: the published curves of 784-112-10 and 800-100-10 on MNIST. */

import type { NetworkOptions } from '../network/options.js';
import type { PatternOption } from '../network/patterns.js';
import { type Run, wholeSet } from './run.js';

/** A point of a published curve. */
export interface DensityPoint {
  readonly fanOut: readonly [number, number];
  /** Test accuracy, percent. */
  readonly published: number;
}

/** A published curve. */
export interface DensityCurve {
  /** Its layers, as a name. */
  readonly name: string;
  readonly layers: readonly [number, number, number];
  readonly epochs: number;
  readonly points: readonly DensityPoint[];
}

/**
 * Both curves (arXiv:1711.01343 and 1812.01164), read from figures. The second paper gives the fan-outs of some points only;
 * the others have fan-outs that give the published density.
 */
export const CURVES: readonly DensityCurve[] = [
  {
    name: '784-112-10',
    layers: [784, 112, 10],
    epochs: 30,
    points: [
      { fanOut: [1, 5], published: 91.4 },
      { fanOut: [1, 10], published: 93.2 },
      { fanOut: [2, 10], published: 95.15 },
      { fanOut: [5, 10], published: 96.35 },
      { fanOut: [10, 10], published: 97.15 },
      { fanOut: [21, 10], published: 97.45 },
      { fanOut: [42, 10], published: 97.9 },
      { fanOut: [112, 10], published: 97.95 },
    ],
  },
  {
    name: '800-100-10',
    layers: [800, 100, 10],
    epochs: 50,
    points: [
      { fanOut: [1, 10], published: 91.0 },
      { fanOut: [5, 5], published: 94.9 },
      { fanOut: [10, 10], published: 96.7 },
      { fanOut: [20, 10], published: 97.2 },
      { fanOut: [40, 10], published: 97.7 },
      { fanOut: [100, 10], published: 98.05 },
    ],
  },
];

/** The patterns to compare; a dense network has only one. */
export const CURVE_PATTERNS: readonly (PatternOption & string)[] = ['structured', 'random', 'clash-free-1'];

/** The ways to train the networks. */
export const RECIPES = [
  {
    name: 'published',
    patterns: CURVE_PATTERNS,
    what: 'float, Adam at 0.001, batches of 256, L2 of 0.001 times the density, at most 0.0002; biases from 0.1',
  },
  {
    name: 'cosine',
    patterns: CURVE_PATTERNS,
    what: 'as *published*, but with a cosine from 0.01 to 0.0001 instead of a constant rate, and batches of 128',
  },
  {
    name: 'wide',
    patterns: ['structured'],
    what: 'wide (16-bit integers), one example at a time, gradient descent on a cosine from 0.03',
  },
] as const;

export type Recipe = (typeof RECIPES)[number]['name'];

/** Seeds of each network. */
const SEEDS = 3;

/** The edges of a point as a share of the dense network's. */
export function densityOf(
  { layers: [p, n, q] }: DensityCurve,
  { fanOut: [first, second] }: DensityPoint,
): number {
  return (p * first + n * second) / (p * n + n * q);
}

export function groupName(
  recipe: Recipe,
  curve: DensityCurve,
  { fanOut }: DensityPoint,
  pattern: string,
): string {
  return `${recipe} ${curve.name} ${fanOut.join(',')} ${pattern}`;
}

/** Whether a point has every edge. */
export function isDense({ layers }: DensityCurve, { fanOut }: DensityPoint): boolean {
  return fanOut[0] === layers[1] && fanOut[1] === layers[2];
}

/** All runs of the study. */
export function densityCurveRuns(quick: boolean): Run[] {
  return CURVES.flatMap((curve) =>
    RECIPES.flatMap(({ name: recipe, patterns }) =>
      curve.points.flatMap((point) =>
        (isDense(curve, point) ? (['dense'] as const) : patterns).flatMap((pattern) =>
          Array.from({ length: quick ? 1 : SEEDS }, (_, i) =>
            runOf(recipe, curve, point, pattern, i + 1, quick),
          ),
        ),
      ),
    ),
  );
}

function runOf(
  recipe: Recipe,
  curve: DensityCurve,
  point: DensityPoint,
  pattern: PatternOption & string,
  seed: number,
  quick: boolean,
): Run {
  const epochs = quick ? 1 : curve.epochs;
  const group = groupName(recipe, curve, point, pattern);
  const network: NetworkOptions = {
    layers: curve.layers,
    pattern,
    ...(pattern === 'dense' ? {} : { fanOut: point.fanOut }),
    ...ownOptions(recipe, densityOf(curve, point)),
  };
  return {
    key: `${group}, ${epochs} epochs, seed ${seed}`,
    group,
    network,
    fit: { epochs, ...ownTraining(recipe) },
    data: wholeSet('mnist'),
    seed,
  };
}

function ownOptions(
  recipe: Recipe,
  density: number,
): Pick<NetworkOptions, 'arithmetic' | 'optimizer' | 'initialBias'> {
  if (recipe === 'wide') return { arithmetic: { kind: 'wide' } };
  const weightDecay = Math.min(2e-4, 1e-3 * density);
  return { arithmetic: { kind: 'float' }, optimizer: { kind: 'adam', weightDecay }, initialBias: 0.1 };
}

function ownTraining(recipe: Recipe): Pick<Run['fit'], 'learningRate' | 'batchSize'> {
  switch (recipe) {
    case 'published':
      return { learningRate: 0.001, batchSize: 256 };
    case 'cosine':
      return { learningRate: { kind: 'cosine', rate: 0.01 }, batchSize: 128 };
    case 'wide':
      return { learningRate: { kind: 'cosine', rate: 0.03 } };
  }
}
