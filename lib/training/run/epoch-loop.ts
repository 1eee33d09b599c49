import type { AnyDataset } from '../../data/dataset.js';
import { permutation } from '../../engine/patterns.js';
import { movingShare } from '../dynamic-pattern.js';
import { engineTargets } from '../examples.js';
import { ratesOf } from '../learning-rate.js';
import type { Presentations } from '../presentations.js';
import type { TrainingRun } from '../records.js';
import type { FitRun } from './fit-run.js';
import type { Stretch } from './trainer.js';

/** Trains on a data set, epoch by epoch; each epoch is one engine call, or several if edges move. */
export class EpochLoop {
  readonly #run: FitRun;
  readonly #train: AnyDataset;
  /** What all epochs have in common. */
  readonly #job: Omit<Stretch, 'order' | 'rates' | 'rateInterval'>;
  /** How often each row is presented; undefined if each is once in every epoch. */
  readonly #presentations: Presentations | undefined;

  constructor(
    run: FitRun,
    train: AnyDataset,
    {
      classWeights,
      presentations,
    }: { classWeights: Float64Array | undefined; presentations: Presentations | undefined },
  ) {
    const { core } = run;
    this.#run = run;
    this.#train = train;
    const { inputs, scaling } = core.reader.matrix(train.inputs);
    const targets = engineTargets(core, train.targets);
    this.#job = { inputs, scaling, targets, classWeights, drain: true };
    this.#presentations = presentations;
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
    // Epochs are counted over all calls of fit().
    const { epochs: life } = core.training;
    const order = this.#orderOf(life);
    const rows = order.length;
    const presented = this.#presentedBetween(life - epoch, life);
    const place = { epoch, epochs: plan.epochs, presented, examples: rows };
    const { rates, interval: rateInterval } = ratesOf(plan.learningRate, place);
    const job = { ...this.#job, order, rates, rateInterval };
    if (plan.dynamicPattern === undefined) await trainer.train(job);
    else await this.#trainMoving(job);
    if (interruption.stopped) await this.#run.interrupted();
    const complete = state.examples - presented === rows;
    await this.#run.endEpoch(rates[0] as number, complete, complete);
  }

  /** The rows that an epoch of the network's life presents, in its order. */
  #orderOf(epoch: number): Uint32Array {
    const { plan } = this.#run;
    const rows = this.#presentations?.rowsIn(epoch);
    const count = rows?.length ?? this.#train.rows;
    if (!plan.shuffle) return rows ?? Uint32Array.from({ length: count }, (_, i) => i);
    const order = permutation(count, plan.seed, epoch);
    return rows === undefined ? order : order.map((i) => rows[i] as number);
  }

  /** Presentations from one epoch of the network's life to another. */
  #presentedBetween(from: number, to: number): number {
    const presentations = this.#presentations;
    if (presentations === undefined) return (to - from) * this.#train.rows;
    return presentations.before(to) - presentations.before(from);
  }

  /** Trains an epoch in stretches; edges move between them. */
  async #trainMoving(job: Stretch): Promise<void> {
    const { plan, state, trainer, interruption } = this.#run;
    const rule = plan.dynamicPattern as NonNullable<typeof plan.dynamicPattern>;
    const rows = job.order.length;
    const { every = this.#train.rows, method, samples } = rule;
    const all = plan.epochs * this.#train.rows;
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
