import { AshaPruner } from './asha.js';
import type { Pruner, Rival, Standing } from './pruner.js';

/**
 * Hyperband (Li and others, JMLR 2018) with asynchronous successive halving. Each trial belongs to a bracket. The first
 * bracket starts halving after the fewest epochs, each further one later. Brackets that halve more often get more
 * trials.
 */
export class HyperbandPruner implements Pruner {
  readonly #brackets: readonly AshaPruner[];
  /** The order in which brackets get trials. */
  readonly #turns: readonly number[];

  constructor({
    minEpochs,
    maxEpochs,
    reduction,
  }: { minEpochs: number; maxEpochs: number; reduction: number }) {
    let last = 0;
    while (minEpochs * reduction ** (last + 1) <= maxEpochs) last++;
    this.#brackets = Array.from(
      { length: last + 1 },
      (_, s) => new AshaPruner({ minEpochs: minEpochs * reduction ** s, reduction }),
    );
    // A bracket that leaves out s halvings gets a share of about reduction^-s / (the halvings that it still has).
    const shares = this.#brackets.map((_, s) => ((last + 1) / (last - s + 1)) * reduction ** (last - s));
    const least = Math.min(...shares);
    this.#turns = dealt(shares.map((share) => Math.max(1, Math.round(share / least))));
  }

  shouldPrune(trial: Standing, rivals: readonly Rival[]): boolean {
    const bracket = this.#bracketOf(trial.number);
    const peers = rivals.filter(({ number }) => this.#bracketOf(number) === bracket);
    return (this.#brackets[bracket] as AshaPruner).shouldPrune(trial, peers);
  }

  #bracketOf(number: number): number {
    return this.#turns[number % this.#turns.length] as number;
  }
}

/** Repeats each index as often as its count, spread evenly. */
function dealt(counts: readonly number[]): number[] {
  return counts
    .flatMap((count, index) => Array.from({ length: count }, (_, i) => ({ index, at: (i + 0.5) / count })))
    .sort((a, b) => a.at - b.at || a.index - b.index)
    .map(({ index }) => index);
}
