/** Measuring recipes on rows that their networks have not learned from. */

import { SparseTrainError } from '../../base/errors.js';
import type { AnyDataset } from '../../data/dataset.js';
import { atTemperature, bothClasses, fitTemperature } from '../calibration.js';
import { ClassificationTally, type Metrics, MultilabelTally, RegressionTally, surprise } from '../metrics.js';
import type { Network } from '../network.js';
import { dealFolds } from './folds.js';

/** The rows of one fold. */
export interface FoldData {
  readonly train: AnyDataset;
  readonly held: AnyDataset;
}

/**
 * With fewer rows than the first number there are as many folds as the second, each of which is held out in turn. All of
 * this is repeated with other folds as often as the third number says, because the results of few rows are noisy.
 */
const FOLDS = [
  [150, 8, 2],
  [400, 5, 2],
  [1000, 5, 1],
  [2500, 3, 1],
] as const;
/** With more rows, one of this many parts is held out once. */
const PARTS = 4;

/** The folds of a search. */
export interface Folds {
  readonly folds: readonly FoldData[];
  /** The first folds that together hold out each row once at most. */
  readonly first: number;
}

/**
 * Divides the rows for a search.
 *
 * @param most - rows that take part; of more rows, some are chosen
 */
export function foldsFor(data: AnyDataset, most: number, seed: number): Folds {
  const share = Math.ceil(data.rows / most);
  const some =
    share === 1 ? data : data.subset((dealFolds(data, share, seed)[0] as { held: Int32Array }).held);
  const [, count = PARTS, repeats = 0] = FOLDS.find(([limit]) => some.rows < limit) ?? [];
  const parts = Math.min(some.rows, count);
  const folds =
    repeats === 0
      ? dealFolds(some, parts, seed).slice(0, 1)
      : Array.from({ length: repeats }, (_, i) => dealFolds(some, parts, seed + i)).flat();
  return {
    folds: folds.map(({ train, held }) => ({ train: some.subset(train), held: some.subset(held) })),
    first: Math.min(parts, folds.length),
  };
}

/** The predictions of one fold's held-out rows. */
export interface HeldFold {
  readonly held: AnyDataset;
  readonly scores: Float32Array;
  readonly decisions: Uint32Array;
}

/** The predictions of held-out rows, fold after fold. */
export interface HeldOut {
  readonly folds: readonly HeldFold[];
  readonly outputs: number;
  /** What a scaled target of 1 is in the unit of the targets, for each output of a regression. */
  readonly units: readonly number[];
}

/** Folds that are trained on at the same time. */
const AT_ONCE = 8;

/**
 * Trains a network on each fold, several of them at the same time, and predicts the rows that it has not seen.
 *
 * @param make - trains a network on the rows
 * @returns undefined if a training diverged
 * @throws whatever else `make` throws
 */
export async function holdOut(
  folds: readonly FoldData[],
  make: (train: AnyDataset) => Promise<Network>,
): Promise<HeldOut | undefined> {
  const done = [];
  for (let start = 0; start < folds.length; start += AT_ONCE) {
    const some = folds.slice(start, start + AT_ONCE);
    const results = await Promise.allSettled(some.map((fold) => predictHeld(fold, make)));
    for (const result of results) {
      if (result.status === 'fulfilled') done.push(result.value);
      else if (!(result.reason instanceof SparseTrainError) || result.reason.code !== 'DIVERGED')
        throw result.reason;
    }
    if (done.length < start + some.length) return undefined;
  }
  const { outputs, units = new Array<number>(outputs).fill(1) } = done[0] as (typeof done)[number];
  return { folds: done, outputs, units };
}

async function predictHeld({ train, held }: FoldData, make: (train: AnyDataset) => Promise<Network>) {
  const network = await make(train);
  const { scores, decisions } = await network.predictBatch(held.inputs, { threads: 1 });
  const outputs = network.layers.at(-1) as number;
  const units = network.targetScaling?.sd;
  network.close();
  return { held, scores, decisions, units, outputs };
}

/** The probabilities of all classes, also of a network with one output. */
function probabilities(scores: Float32Array, outputs: number): Float32Array {
  return outputs === 1 ? bothClasses(scores) : scores;
}

/** The temperature that suits held-out probabilities of classes; 1 for other targets. */
export function temperatureOf({ folds, outputs }: HeldOut): number {
  const all: number[] = [];
  const labels: number[] = [];
  let classes = 0;
  for (const { held, scores } of folds) {
    if (held.targets.kind !== 'classes') return 1;
    classes = Math.max(2, outputs);
    for (const score of probabilities(scores, outputs)) all.push(score);
    for (const label of held.targets.labels) labels.push(label);
  }
  return fitTemperature(Float32Array.from(all), labels, classes);
}

/** The loss of each held-out row, with probabilities at a temperature. */
export function lossesOf({ folds, outputs, units }: HeldOut, temperature: number): Float64Array {
  const losses: number[] = [];
  for (const { held, scores } of folds) {
    const { targets } = held;
    if (targets.kind === 'classes') {
      const classes = targets.classes.length;
      const all = atTemperature(probabilities(scores, outputs), classes, temperature);
      for (const [row, label] of targets.labels.entries())
        losses.push(surprise(all[row * classes + label] as number));
      continue;
    }
    for (let start = 0; start < scores.length; start += outputs) {
      let loss = 0;
      for (let k = 0; k < outputs; k++) {
        const score = scores[start + k] as number;
        const target = targets.data[start + k] as number;
        loss +=
          targets.kind === 'multilabel'
            ? surprise(target === 1 ? score : 1 - score)
            : ((score - target) / (units[k] as number)) ** 2 / 2;
      }
      losses.push(loss);
    }
  }
  return Float64Array.from(losses);
}

/** Metrics of held-out rows together, with probabilities at a temperature. */
export function metricsOf({ folds, outputs, units }: HeldOut, temperature: number): Metrics {
  const { targets: first } = (folds[0] as HeldFold).held;
  const tally =
    first.kind === 'classes'
      ? new ClassificationTally(first.classes)
      : first.kind === 'multilabel'
        ? new MultilabelTally(first.names)
        : new RegressionTally(first.names, units);
  for (const { held, scores, decisions } of folds) {
    const { targets } = held;
    if (tally instanceof ClassificationTally && targets.kind === 'classes') {
      const both = probabilities(scores, outputs);
      tally.add(atTemperature(both, targets.classes.length, temperature), decisions, targets.labels);
    } else if (tally instanceof MultilabelTally && targets.kind === 'multilabel')
      tally.add(scores, targets.data);
    else if (tally instanceof RegressionTally && targets.kind === 'values') tally.add(scores, targets.data);
  }
  return tally.metrics();
}
