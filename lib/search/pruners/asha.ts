import { worstIfNaN } from './median.js';
import type { Pruner, Rival, Standing } from './pruner.js';

/**
 * Asynchronous successive halving (Li and others, arXiv:1810.05934): at the epochs r, r η, r η^2 and so on, a trial
 * continues only if it is among the best 1/η of the trials that have reached that epoch, itself included.
 */
export class AshaPruner implements Pruner {
  readonly #minEpochs: number;
  readonly #reduction: number;

  constructor({ minEpochs, reduction }: { minEpochs: number; reduction: number }) {
    this.#minEpochs = minEpochs;
    this.#reduction = reduction;
  }

  shouldPrune({ losses }: Standing, rivals: readonly Rival[]): boolean {
    const epoch = losses.length;
    let rung = this.#minEpochs;
    while (rung < epoch) rung *= this.#reduction;
    if (rung !== epoch) return false;
    const own = worstIfNaN(losses[epoch - 1] as number);
    const there = rivals
      .filter(({ losses: theirs }) => theirs.length >= epoch)
      .map(({ losses: theirs }) => worstIfNaN(theirs[epoch - 1] as number));
    const places = Math.max(1, Math.floor((there.length + 1) / this.#reduction));
    return there.filter((loss) => loss < own).length >= places;
  }
}
