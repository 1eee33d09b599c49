/** Trainings of one trial with several seeds, whose means are the result of the trial. */
import type { Verdict } from '../execution/executor.js';
import type { TrialResult } from '../records.js';
import type { PaddedData } from './data.js';
import { deviationOf, isEpochMeasure } from './measures.js';
import type { TrialTask } from './task.js';
import { type TrialControl, train } from './training.js';

/** The seeds of a trial's trainings lie this far apart, so that two trials of a study share none. */
const SEEDS_APART = 1_000_000;

/**
 * Trains a trial once, or with each of its seeds. With several seeds, the values and the curve are means, and the digest is
 * that of the first network. If the trial may be pruned, its trainings go epoch by epoch in turn, and the pruner sees the
 * mean of each epoch; otherwise one training follows another, so that only one network needs memory.
 *
 * @returns undefined if it was interrupted
 * @throws SparseTrainError as train()
 */
export async function trainRepeatedly(
  task: TrialTask,
  data: PaddedData,
  control: TrialControl,
): Promise<TrialResult | undefined> {
  const { repeats = 1 } = task;
  if (repeats === 1) return train(task, data, control);
  const { signal, onProgress, onEpoch } = control;
  const done = new Array<number>(repeats).fill(0);
  const run = (i: number, each: OnEpoch | undefined) =>
    train(withSeed(task, i), data, {
      signal,
      onProgress: (fraction) => {
        done[i] = fraction;
        onProgress?.(meanOf(done));
      },
      onEpoch: each,
    });
  const results = onEpoch === undefined ? await inTurn(repeats, run) : await inStep(repeats, run, onEpoch);
  return results && combined(results);
}

type OnEpoch = NonNullable<TrialControl['onEpoch']>;
type Run = (i: number, onEpoch: OnEpoch | undefined) => Promise<TrialResult | undefined>;

/** Trains with one seed after another; undefined if it was interrupted. */
async function inTurn(repeats: number, run: Run): Promise<TrialResult[] | undefined> {
  const results: TrialResult[] = [];
  for (let i = 0; i < repeats; i++) {
    const result = await run(i, undefined);
    if (result === undefined) return undefined;
    results.push(result);
  }
  return results;
}

/** Trains with all seeds, an epoch of each at a time; undefined if it was interrupted. */
async function inStep(repeats: number, run: Run, onEpoch: OnEpoch): Promise<TrialResult[] | undefined> {
  const trainings = Array.from({ length: repeats }, (_, i) => new SteppedTraining((each) => run(i, each)));
  try {
    let verdict: Verdict = 'continue';
    for (let epoch = 1; ; epoch++) {
      for (const training of trainings) await training.step(verdict);
      if (trainings.every(({ hasEnded }) => hasEnded)) break;
      verdict = await onEpoch(
        epoch,
        meanAt(
          trainings.map(({ curve }) => curve),
          epoch - 1,
        ),
      );
    }
    const results = await Promise.all(trainings.map(({ result }) => result));
    return results.every((result) => result !== undefined) ? results : undefined;
  } finally {
    // After an error of one training, the others end too.
    await Promise.allSettled(trainings.map((training) => training.end()));
  }
}

/** A training that waits at the end of each epoch. */
class SteppedTraining {
  /** The value after each epoch. */
  readonly curve: number[] = [];
  result: Promise<TrialResult | undefined> | undefined;
  hasEnded = false;
  readonly #begin: (onEpoch: OnEpoch) => Promise<TrialResult | undefined>;
  #resume: ((verdict: Verdict) => void) | undefined;

  constructor(begin: (onEpoch: OnEpoch) => Promise<TrialResult | undefined>) {
    this.#begin = begin;
  }

  /** Trains to the end of the next epoch, or, with the verdict to prune or after the last epoch, to its end. */
  async step(verdict: Verdict): Promise<void> {
    if (this.hasEnded) return;
    const resume = this.#resume;
    const waits = new Promise<void>((atEpoch) => {
      const begin = () =>
        this.#begin((_epoch, value) => {
          this.curve.push(value);
          return new Promise((go) => {
            this.#resume = go;
            this.#atEpoch();
          });
        });
      this.#atEpoch = atEpoch;
      if (resume === undefined) this.result = begin();
      else resume(verdict);
    });
    const ends = (this.result as Promise<unknown>).then(() => {
      this.hasEnded = true;
    });
    await Promise.race([waits, ends]);
  }

  #atEpoch: () => void = () => undefined;

  /** Ends a training that waits. */
  async end(): Promise<void> {
    if (!this.hasEnded) this.#resume?.('prune');
    await this.result;
  }
}

/** The task of the training number `i` of a trial, which has a seed of its own. */
function withSeed(task: TrialTask, i: number): TrialTask {
  const shifted = (seed: number) => (seed + i * SEEDS_APART) % 2 ** 53;
  const { seed } = task.network;
  const network = typeof seed === 'number' ? { ...task.network, seed: shifted(seed) } : task.network;
  return { ...task, seed: shifted(task.seed), network };
}

function combined(results: readonly TrialResult[]): TrialResult {
  const curves = results.map(({ curve = [] }) => curve);
  const longest = Math.max(...curves.map(({ length }) => length));
  return {
    ...(results[0] as TrialResult),
    state: results.some(({ state }) => state === 'pruned') ? 'pruned' : 'complete',
    values: meansOf(results.map(({ values = {} }) => values)),
    curve: Array.from({ length: longest }, (_, epoch) => meanAt(curves, epoch)),
  };
}

/** The mean of curves after an epoch (from 0). A training that has stopped early counts with its last value. */
function meanAt(curves: readonly (readonly number[])[], epoch: number): number {
  return meanOf(curves.map((curve) => curve[Math.min(epoch, curve.length - 1)] as number));
}

/** The mean of each value; for measures of rows also the standard deviation, of a sample: divided by one less. */
function meansOf(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const means: Record<string, number> = {};
  for (const name of Object.keys(all[0] ?? {})) {
    const values = all.map((each) => each[name] as number);
    const mean = meanOf(values);
    means[name] = mean;
    if (!isEpochMeasure(name.replace(/^test\./, ''))) continue;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    means[deviationOf(name)] = Math.sqrt(squares / (values.length - 1));
  }
  return means;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
