/** Where a trial stands after an epoch, values turned so that less is better. */
export interface Standing {
  readonly number: number;
  /** Its losses after epochs 1, 2 and so on, the last one just reported; NaN counts as the worst. */
  readonly losses: readonly number[];
}

/** A trial to compare with. */
export interface Rival {
  readonly number: number;
  /** Whether it still runs. */
  readonly running: boolean;
  readonly losses: readonly number[];
}

/** Decides whether a trial is worth going on with. */
export interface Pruner {
  /** @param rivals - all other trials that reported anything */
  shouldPrune(trial: Standing, rivals: readonly Rival[]): boolean;
}
