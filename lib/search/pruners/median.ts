import type { Pruner, Rival, Standing } from './pruner.js';

/** Stops a trial whose best loss so far is above the median of the others at the same epoch (after Vizier, 2017). */
export class MedianPruner implements Pruner {
  readonly #settings: { startupTrials: number; warmupEpochs: number };

  constructor(settings: { startupTrials: number; warmupEpochs: number }) {
    this.#settings = settings;
  }

  shouldPrune({ losses }: Standing, rivals: readonly Rival[]): boolean {
    const { startupTrials, warmupEpochs } = this.#settings;
    const epoch = losses.length;
    if (epoch <= warmupEpochs || rivals.filter(({ running }) => !running).length < startupTrials)
      return false;
    const others = rivals
      .filter(({ losses: theirs }) => theirs.length >= epoch)
      .map(({ losses: theirs }) => worstIfNaN(theirs[epoch - 1] as number))
      .sort((a, b) => a - b);
    if (others.length === 0) return false;
    const best = Math.min(...losses.map(worstIfNaN));
    const middle = others.length / 2;
    const median =
      others.length % 2 === 1
        ? (others[Math.floor(middle)] as number)
        : ((others[middle - 1] as number) + (others[middle] as number)) / 2;
    return best > median;
  }
}

/** Treats NaN, from a run that diverged, as the worst value. */
export function worstIfNaN(loss: number): number {
  return Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss;
}
