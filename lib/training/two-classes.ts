/** How well the probabilities of two classes rank the examples. */

/** Measures of a classifier of two classes that do not depend on a threshold of 0.5. */
export interface TwoClassMetrics {
  /** The class to find: the rarer one, or the second if both are equally frequent. */
  positive: string;
  /**
   * The probability that an example of this class has a higher score than one of the other; equal scores count half
   * (Hanley and McNeil 1982).
   */
  auc: number;
  /** Mean precision over the examples of this class, from the highest score to the lowest. */
  averagePrecision: number;
  /** The threshold for the probability of this class that gives the largest F1 on these examples, and its measures. */
  threshold: { probability: number; precision: number; recall: number; f1: number };
}

/** The engine's probabilities have 14 bits. */
const STEPS = 2 ** 14;

/** Counts examples of two classes by the probability of the second class; its size does not depend on their number. */
export class TwoClassTally {
  readonly #names: readonly string[];
  /** Examples of each class, by the probability of the second class. */
  readonly #counts = [new Float64Array(STEPS + 1), new Float64Array(STEPS + 1)] as const;

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  add(probability: number, label: number): void {
    const counts = this.#counts[label === 1 ? 1 : 0];
    const step = Math.round(probability * STEPS);
    counts[step] = (counts[step] as number) + 1;
  }

  /** Undefined unless both classes occur. */
  metrics(): TwoClassMetrics | undefined {
    const totals = this.#counts.map((counts) => counts.reduce((sum, count) => sum + count, 0));
    const [first, second] = totals as [number, number];
    if (first === 0 || second === 0) return undefined;
    const positive = second <= first ? 1 : 0;
    const [others, wanted] = positive === 1 ? [first, second] : [second, first];
    let [found, wrong, pairs, precisions] = [0, 0, 0, 0];
    let best = { step: STEPS, precision: 0, recall: 0, f1: 0 };
    let next = -1; // the next lower step that has examples; known only after the best one
    for (let step = STEPS; step >= 0; step--) {
      // The probability of the first class is 1 minus that of the second.
      const place = positive === 1 ? step : STEPS - step;
      const hits = this.#counts[positive][place] as number;
      const misses = this.#counts[1 - positive]?.[place] as number;
      if (hits + misses === 0) continue;
      if (next < 0 && best.f1 > 0) next = step;
      pairs += misses * (found + hits / 2);
      found += hits;
      wrong += misses;
      precisions += (hits * found) / (found + wrong);
      const f1 = (2 * found) / (found + wrong + wanted);
      if (f1 > best.f1) {
        best = { step, precision: found / (found + wrong), recall: found / wanted, f1 };
        next = -1;
      }
    }
    const { step, ...measures } = best;
    return {
      positive: this.#names[positive] as string,
      auc: pairs / (wanted * others),
      averagePrecision: precisions / wanted,
      // Halfway between the last example that it finds and the first that it does not.
      threshold: { probability: (step + Math.max(0, next)) / 2 / STEPS, ...measures },
    };
  }
}
