/** A trial's progress after an epoch. Values are negated where needed, so that less is better. */
export interface Standing {
  readonly number: number;
  /** Its losses after epochs 1, 2 and so on, ending with the latest; NaN counts as the worst. */
  readonly losses: readonly number[];
}

/** Another trial to compare with. */
export interface Rival {
  readonly number: number;
  /** Whether it still runs. */
  readonly running: boolean;
  readonly losses: readonly number[];
}

/** Decides whether to continue a trial. */
export interface Pruner {
  /** @param rivals - all other trials that have reported a value */
  shouldPrune(trial: Standing, rivals: readonly Rival[]): boolean;
}
