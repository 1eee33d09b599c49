import type { AnyDataset } from '../../data/dataset.js';
import { permutation } from '../../engine/patterns.js';
import { movingShare } from '../dynamic-pattern.js';
import { engineTargets } from '../examples.js';
import { ratesOf } from '../learning-rate.js';
import type { TrainingRun } from '../records.js';
import type { FitRun } from './fit-run.js';
import type { Stretch } from './trainer.js';

/** Trains on a data set, epoch by epoch; each epoch is one engine call, or several if edges move. */
export class EpochLoop {
  readonly #run: FitRun;
  readonly #train: AnyDataset;
  /** What all epochs have in common. */
  readonly #job: Omit<Stretch, 'order' | 'rates' | 'rateInterval'>;
  /** The order of every epoch; undefined if each has its own. */
  readonly #order: Uint32Array | undefined;

  constructor(run: FitRun, train: AnyDataset, classWeights: Float64Array | undefined) {
    const { core, plan } = run;
    this.#run = run;
    this.#train = train;
    const { inputs, scaling } = core.reader.matrix(train.inputs);
    const targets = engineTargets(core, train.targets);
    this.#job = { inputs, scaling, targets, classWeights, drain: true };
    this.#order = plan.shuffle ? undefined : Uint32Array.from({ length: train.rows }, (_, i) => i);
  }

  /** Trains until all epochs are done, early stopping has seen enough, or training is stopped. */
  async train(): Promise<TrainingRun> {
    const run = this.#run;
    const { state, plan, interruption } = run;
    while (state.epochs.length < plan.epochs && !run.isEnough && !interruption.stopped) {
      await run.boundary();
      await this.#trainEpoch(state.epochs.length);
    }
    if (interruption.stopped) await run.interrupted();
    return run.finish();
  }

  async #trainEpoch(epoch: number): Promise<void> {
    const { core, plan, state, trainer, interruption } = this.#run;
    const { rows } = this.#train;
    const presented = rows * epoch;
    const place = { epoch, epochs: plan.epochs, presented, examples: rows };
    const { rates, interval: rateInterval } = ratesOf(plan.learningRate, place);
    const order = this.#order ?? permutation(rows, plan.seed, core.training.epochs);
    const job = { ...this.#job, order, rates, rateInterval };
    if (plan.dynamicPattern === undefined) await trainer.train(job);
    else await this.#trainMoving(job);
    if (interruption.stopped) await this.#run.interrupted();
    const complete = state.examples - presented === rows;
    await this.#run.endEpoch(rates[0] as number, complete, complete);
  }

  /** Trains an epoch in stretches; edges move between them. */
  async #trainMoving(job: Stretch): Promise<void> {
    const { plan, state, trainer, interruption } = this.#run;
    const rule = plan.dynamicPattern as NonNullable<typeof plan.dynamicPattern>;
    const rows = job.order.length;
    const { every = rows, method, samples } = rule;
    const all = plan.epochs * rows;
    for (let from = 0; from < rows && !interruption.stopped; ) {
      const before = state.examples;
      const to = Math.min(rows, from + every - (before % every));
      const after = before + to - from;
      const share = after % every === 0 ? movingShare(rule, after, all) : 0;
      const record = share > 0 && method === 'rigl' ? samples : undefined;
      await trainer.train({ ...stretchOf(job, from, to), record });
      if (share > 0) await trainer.rewire({ share, byGradient: method === 'rigl' });
      from = to;
    }
  }
}

/** A stretch of an epoch. Each example keeps the rate that it has in the whole epoch. */
function stretchOf(job: Stretch, from: number, to: number): Stretch {
  const rates = Float64Array.from({ length: to - from }, (_, i) => {
    const step = Math.floor((from + i) / job.rateInterval);
    return job.rates[Math.min(step, job.rates.length - 1)] as number;
  });
  return { ...job, order: job.order.subarray(from, to), rates, rateInterval: 1 };
}
