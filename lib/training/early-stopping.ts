import { SparseTrainError } from '../base/errors.js';
import { boolean, number, oneOf, whole } from '../base/options/kinds.js';
import { type CheckedOptions, type OptionsOf, option } from '../base/options/table.js';
import type { BiasArray, WeightArray } from '../engine/arrays.js';
import type { NetworkCore } from '../network/core.js';
import type { EdgesByNeuron } from '../network/patterns.js';
import type { WatchState } from './checkpoint/checkpoint.js';
import type { BestEpoch } from './records.js';

/** The options of `earlyStopping`. */
export const EARLY_STOPPING = {
  /** Epochs without a better value before training stops: 1 to 1,000,000; 3 by default. */
  patience: option(whole(1, 1_000_000), {
    text: 'epochs without a better value before training stops and restores the best one',
    default: 3,
    flag: '--patience',
  }),
  /** The smallest improvement that counts: 0 or more; 0 by default. */
  minDelta: option(number({ from: 0 }), {
    text: 'the smallest improvement that counts',
    default: 0,
  }),
  /** 'loss' (the default, smaller is better) or 'accuracy' (not for regression): of the validation if there is one. */
  metric: option(oneOf(['loss', 'accuracy']), {
    text: 'loss (smaller is better) or accuracy (not for regression): of the validation if there is one',
    default: 'loss',
  }),
  /** Whether to restore the weights of the best epoch at the end; true by default. */
  restoreBest: option(boolean, {
    text: 'whether to restore the weights of the best epoch at the end',
    default: true,
  }),
};

/** Ends fit() when a metric no longer gets better. */
export interface EarlyStoppingOptions extends OptionsOf<typeof EARLY_STOPPING> {}

/** {@link EarlyStoppingOptions} with every default filled in. */
export type EarlyStoppingRule = CheckedOptions<typeof EARLY_STOPPING>;

interface Parameters {
  weights: WeightArray;
  biases: BiasArray;
  /** Set only if patterns change. */
  pattern: EdgesByNeuron | undefined;
}

/** Compares a metric from epoch to epoch and keeps the best epoch's weights. */
export class EarlyStopping {
  readonly rule: EarlyStoppingRule;
  readonly #core: Pick<NetworkCore, 'engine' | 'notePattern'>;
  readonly #isDynamic: boolean;
  #best: BestEpoch | undefined;
  #parameters: Parameters[] = [];
  #latest = 0;

  /** @param isDynamic - whether patterns change, so that they have to be kept as well */
  constructor(
    rule: EarlyStoppingRule,
    core: Pick<NetworkCore, 'engine' | 'notePattern'>,
    isDynamic: boolean,
  ) {
    this.rule = rule;
    this.#core = core;
    this.#isDynamic = isDynamic;
  }

  get best(): BestEpoch | undefined {
    return this.#best;
  }

  /** Takes an epoch's value; returns whether to stop. */
  note(epoch: number, value: number): boolean {
    const { metric, minDelta, patience, restoreBest } = this.rule;
    this.#latest = epoch;
    const gain = metric === 'loss' ? -1 : 1;
    const isBetter = this.#best === undefined || gain * value > gain * this.#best.value + minDelta;
    if (isBetter) {
      this.#best = { epoch, metric, value };
      if (restoreBest) this.#parameters = this.#snapshot();
    }
    return epoch - (this.#best as BestEpoch).epoch >= patience;
  }

  /**
   * Restores the best epoch's weights, if the rule asks for it and that epoch was not the last.
   *
   * @param interrupted - whether training continued after the last epoch that was compared
   * @returns whether weights were changed
   */
  restore(interrupted: boolean): boolean {
    if (this.#parameters.length === 0 || (this.#best?.epoch === this.#latest && !interrupted)) return false;
    const { engine } = this.#core;
    for (const [j, { weights, biases, pattern }] of this.#parameters.entries()) {
      if (pattern !== undefined) this.#restorePattern(j, pattern);
      engine.setWeights(j, weights, 'INTERNAL');
      engine.setBiases(j, biases, 'INTERNAL');
    }
    return true;
  }

  /** The state that {@link resume} takes; the weights are not copied. */
  get state(): { best: BestEpoch | undefined; latest: number; parameters: Parameters[] } {
    return { best: this.#best, latest: this.#latest, parameters: this.#parameters };
  }

  /**
   * Resumes from the state of an earlier run.
   *
   * @throws SparseTrainError INVALID_FILE if the weights do not fit the network
   */
  resume({ best, latest, parameters }: Readonly<Pick<WatchState, 'best' | 'latest' | 'parameters'>>): void {
    const expected = this.#snapshot();
    const fits = parameters.every(({ weights, biases }, j) => {
      const own = expected[j];
      return (
        weights.length === own?.weights.length &&
        biases.length === own.biases.length &&
        weights.constructor === own.weights.constructor &&
        biases.constructor === own.biases.constructor
      );
    });
    if (!fits || (parameters.length !== 0 && parameters.length !== expected.length))
      throw new SparseTrainError(
        'INVALID_FILE',
        'the best weights in the checkpoint do not fit this network',
      );
    this.#best = best;
    this.#latest = latest;
    this.#parameters = parameters.map((own) => ({ ...own, pattern: undefined }));
  }

  #snapshot(): Parameters[] {
    const { engine } = this.#core;
    return engine.junctions().map((_, j) => ({
      weights: engine.weights(j),
      biases: engine.biases(j),
      pattern: this.#isDynamic ? engine.pattern(j) : undefined,
    }));
  }

  #restorePattern(junction: number, pattern: EdgesByNeuron): void {
    const { left } = this.#core.engine.pattern(junction);
    if (left.every((neuron, edge) => neuron === pattern.left[edge])) return; // edges never change their right neuron
    this.#core.engine.setPattern(junction, pattern);
    this.#core.notePattern(junction);
  }
}
