import type { Dataset } from '../data/dataset.js';
import type { TrainJob } from '../engine/calls.js';
import { type KernelSet, withKernelSet } from '../engine/kernel-sets.js';
import type { EngineNetwork } from '../engine/network.js';
import { permutation } from '../engine/patterns.js';
import { NetworkCore } from '../network/core.js';
import { resolveOptions } from '../network/options.js';
import { adoptExamples, engineTargets } from '../training/examples.js';
import { type LearningRateSchedule, ratesOf, resolveLearningRate } from '../training/learning-rate.js';
import type { Recipe } from './plan.js';

/** A network for measurements, which calls the engine directly, without the promises and callbacks of fit(). */
export class Trainee {
  readonly core: NetworkCore;
  readonly #recipe: Recipe;
  readonly #rate: LearningRateSchedule;
  readonly #job: Pick<TrainJob, 'inputs' | 'scaling' | 'targets'>;
  readonly #rows: number;
  #presented = 0;
  #order: Uint32Array = new Uint32Array();

  /** @param kernelSet - the current one of this process unless given */
  constructor(recipe: Recipe, train: Dataset, seed: number, kernelSet?: KernelSet) {
    this.#recipe = recipe;
    const make = () => new NetworkCore(resolveOptions({ ...recipe.network, seed }));
    this.core = kernelSet === undefined ? make() : withKernelSet(kernelSet, make);
    this.#rate = resolveLearningRate(recipe.learningRate, {
      ...this.core.options,
      batchSize: recipe.batchSize ?? 1,
    });
    adoptExamples(this.core, train);
    const { inputs, scaling } = this.core.reader.rows(train.inputs.data);
    this.#job = { inputs, scaling, targets: engineTargets(this.core, train.targets) };
    this.#rows = train.rows;
  }

  get engine(): EngineNetwork {
    return this.core.engine;
  }

  get edges(): number {
    return this.engine.junctions().reduce((sum, { edges }) => sum + edges, 0);
  }

  /**
   * Trains on the next examples in the order and at the rates of fit(), across epochs if necessary.
   *
   * @returns seconds inside the training loop
   */
  async train(examples: number, threads: number): Promise<number> {
    let seconds = 0;
    for (let left = examples; left > 0; ) {
      const epoch = Math.floor(this.#presented / this.#rows);
      const start = this.#presented - epoch * this.#rows;
      const seed = this.core.options.seed;
      if (start === 0) this.#order = permutation(this.#rows, seed, epoch);
      const count = Math.min(left, this.#rows - start);
      const result = await this.engine.train({
        ...this.#job,
        order: this.#order.subarray(start, start + count),
        ...this.#rates(epoch, start, count),
        threads,
        batchSize: this.#recipe.batchSize,
        drain: start + count === this.#rows,
      });
      seconds += result.seconds;
      this.#presented += count;
      left -= count;
    }
    return seconds;
  }

  #rates(epoch: number, start: number, count: number): { rates: Float64Array; rateInterval: number } {
    const epochs = Math.max(this.#recipe.epochs, epoch + 1);
    const stretch = { epoch, epochs, presented: epoch * this.#rows, examples: this.#rows };
    const { rates, interval } = ratesOf(this.#rate, stretch);
    if (rates.length === 1) return { rates, rateInterval: count };
    const own = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      own[i] = rates[Math.min(rates.length - 1, Math.floor((start + i) / interval))] as number;
    }
    return { rates: own, rateInterval: 1 };
  }

  /** The share of examples that the network classifies correctly now. */
  async accuracy(test: Dataset, threads: number): Promise<number> {
    const decisions = new Uint32Array(test.rows);
    const { inputs, scaling } = this.core.reader.rows(test.inputs.data);
    await this.engine.predict({ inputs, scaling, count: test.rows, threads, decisions });
    const labels = engineTargets(this.core, test.targets);
    return decisions.reduce((right, decision, i) => right + Number(decision === labels[i]), 0) / test.rows;
  }
}
