/** Measuring recipes on rows that their networks have not learned from. */

import { SparseTrainError } from '../../base/errors.js';
import type { AnyDataset } from '../../data/dataset.js';
import { atTemperature, bothClasses, fitTemperature } from '../calibration.js';
import { ClassificationTally, type Metrics, MultilabelTally, RegressionTally } from '../metrics.js';
import type { Network } from '../network.js';
import { dealFolds } from './folds.js';

/** The rows of one fold. */
export interface FoldData {
  readonly train: AnyDataset;
  readonly held: AnyDataset;
}

/** With fewer rows than the first number there are as many folds as the second; each is held out in turn. */
const FOLDS = [
  [300, 8],
  [1000, 5],
  [2500, 3],
] as const;
/** With more rows, one of this many parts is held out once. */
const PARTS = 4;

/**
 * Divides the rows for a search.
 *
 * @param most - rows that take part; of more rows, some are chosen
 */
export function foldsFor(data: AnyDataset, most: number, seed: number): FoldData[] {
  const share = Math.ceil(data.rows / most);
  const some =
    share === 1 ? data : data.subset((dealFolds(data, share, seed)[0] as { held: Int32Array }).held);
  const count = FOLDS.find(([limit]) => some.rows < limit)?.[1];
  const folds = dealFolds(some, Math.min(some.rows, count ?? PARTS), seed);
  return folds
    .slice(0, count === undefined ? 1 : folds.length)
    .map(({ train, held }) => ({ train: some.subset(train), held: some.subset(held) }));
}

/** The scores of held-out rows, fold after fold. */
export interface HeldOut {
  readonly folds: readonly { readonly held: AnyDataset; readonly scores: Float32Array }[];
  readonly outputs: number;
  /** What a scaled target of 1 is in the unit of the targets, for each output of a regression. */
  readonly units: readonly number[];
}

/**
 * Trains a network on each fold, all of them at the same time, and predicts the rows that it has not seen.
 *
 * @param make - trains a network on the rows
 * @returns undefined if a training diverged
 * @throws whatever else `make` throws
 */
export async function holdOut(
  folds: readonly FoldData[],
  make: (train: AnyDataset) => Promise<Network>,
): Promise<HeldOut | undefined> {
  const results = await Promise.allSettled(
    folds.map(async ({ train, held }) => {
      const network = await make(train);
      const { scores } = await network.predictBatch(held.inputs, { threads: 1 });
      const result = {
        held,
        scores,
        units: network.targetScaling?.sd,
        outputs: network.layers.at(-1) as number,
      };
      network.close();
      return result;
    }),
  );
  const done = [];
  for (const result of results) {
    if (result.status === 'fulfilled') done.push(result.value);
    else if (!(result.reason instanceof SparseTrainError) || result.reason.code !== 'DIVERGED')
      throw result.reason;
  }
  if (done.length < folds.length) return undefined;
  const { outputs, units = new Array<number>(outputs).fill(1) } = done[0] as (typeof done)[number];
  return { folds: done, outputs, units };
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

/** Metrics of all held-out rows together, with probabilities at a temperature. */
export function metricsOf({ folds, outputs, units }: HeldOut, temperature: number): Metrics {
  const { targets: first } = (folds[0] as HeldOut['folds'][number]).held;
  const tally =
    first.kind === 'classes'
      ? new ClassificationTally(first.classes)
      : first.kind === 'multilabel'
        ? new MultilabelTally(first.names)
        : new RegressionTally(first.names, units);
  for (const { held, scores } of folds) {
    const { targets } = held;
    if (tally instanceof ClassificationTally && targets.kind === 'classes') {
      const classes = targets.classes.length;
      const both = atTemperature(probabilities(scores, outputs), classes, temperature);
      tally.add(both, decisions(both, classes), targets.labels);
    } else if (tally instanceof MultilabelTally && targets.kind === 'multilabel')
      tally.add(scores, targets.data);
    else if (tally instanceof RegressionTally && targets.kind === 'values') tally.add(scores, targets.data);
  }
  return tally.metrics();
}

function decisions(scores: Float32Array, classes: number): Uint32Array {
  return Uint32Array.from({ length: scores.length / classes }, (_, row) => {
    const own = scores.subarray(row * classes, (row + 1) * classes);
    return own.indexOf(Math.max(...own));
  });
}
