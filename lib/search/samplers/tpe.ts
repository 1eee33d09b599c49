import { crowdingDistances, lossesOf, nonDominatedRanks } from '../pareto.js';
import { Draws } from '../random.js';
import type { TrialRecord } from '../records.js';
import { type Axis, coordinateOf, type Parameters, valueAt } from '../space/parameter.js';
import { ParzenEstimator } from './parzen.js';
import { drawFeasible } from './random.js';
import type { Sampler, SamplerContext } from './sampler.js';

/** After this many proposals that break constraints, a point is drawn at random instead. */
const PROPOSALS = 100;

/** The share of the trials that count as good, and the most that do. */
const GOOD_SHARE = 0.1;
const MOST_GOOD = 25;

/** TpeOption with every default filled in. */
type Settings = { [K in 'startupTrials' | 'candidates']: number } & { multivariate: boolean };

interface Densities {
  readonly good: ParzenEstimator;
  readonly others: ParzenEstimator;
}

/**
 * The tree-structured Parzen estimator: several points are drawn from the density of the better trials, and the one
 * with the largest ratio of the better trials' density to that of the others is proposed.
 */
export class TpeSampler implements Sampler {
  readonly #context: SamplerContext;
  readonly #settings: Settings;

  constructor(context: SamplerContext, settings: Settings) {
    this.#context = context;
    this.#settings = settings;
  }

  propose(number: number, trials: readonly TrialRecord[]): Parameters | undefined {
    const draws = new Draws(this.#context.seed, number);
    const ended = trials.filter(({ state }) => state === 'complete' || state === 'pruned');
    if (ended.length < this.#settings.startupTrials) return drawFeasible(this.#context, draws);
    const { good, others } = this.#split(trials);
    const estimators = new Map<string, Densities>();
    for (let attempt = 0; attempt < PROPOSALS; attempt++) {
      const values = this.#settings.multivariate
        ? this.#drawTogether(draws, good, others, estimators)
        : this.#context.space.assemble((axis) => {
            const coordinates = this.#best(draws, [axis], good, others, estimators);
            return valueAt(axis, coordinates[0] as number);
          });
      if (this.#context.isFeasible(values)) return values;
    }
    return drawFeasible(this.#context, draws);
  }

  /** Draws parameters in groups of equal conditions, each group once its conditions are decided. */
  #drawTogether(
    draws: Draws,
    good: readonly TrialRecord[],
    others: readonly TrialRecord[],
    estimators: Map<string, Densities>,
  ): Parameters {
    const { space } = this.#context;
    const drawn = new Map<string, number>();
    return space.assemble((axis) => {
      if (!drawn.has(axis.name)) {
        const condition = JSON.stringify(axis.parameter.when);
        const group = space.axes.filter(({ parameter }) => JSON.stringify(parameter.when) === condition);
        const point = this.#best(draws, group, good, others, estimators);
        for (const [i, { name }] of group.entries()) drawn.set(name, point[i] as number);
      }
      return valueAt(axis, drawn.get(axis.name) as number);
    });
  }

  #best(
    draws: Draws,
    axes: readonly Axis[],
    good: readonly TrialRecord[],
    others: readonly TrialRecord[],
    estimators: Map<string, Densities>,
  ): number[] {
    const key = axes.map(({ name }) => name).join('\n');
    let pair = estimators.get(key);
    if (pair === undefined) {
      pair = {
        good: new ParzenEstimator(axes, observations(axes, good)),
        others: new ParzenEstimator(axes, observations(axes, others)),
      };
      estimators.set(key, pair);
    }
    let best: number[] = [];
    let bestScore = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < this.#settings.candidates; i++) {
      const point = pair.good.draw(draws);
      const score = pair.good.logDensity(point) - pair.others.logDensity(point);
      if (score > bestScore || i === 0) {
        best = point;
        bestScore = score;
      }
    }
    return best;
  }

  /**
   * The better trials and the others, each in the order of their numbers. Pruned trials come after complete ones,
   * those with more epochs first. Running trials count among the others, which keeps parallel trials apart.
   */
  #split(trials: readonly TrialRecord[]): { good: TrialRecord[]; others: TrialRecord[] } {
    const { objectives } = this.#context;
    const complete = trials.filter(({ state }) => state === 'complete');
    const pruned = trials.filter(({ state, curve }) => state === 'pruned' && curve.length > 0);
    const sign = objectives[0]?.direction === 'maximize' ? -1 : 1;
    const last = ({ curve }: TrialRecord) => sign * (curve.at(-1) as number);
    pruned.sort((a, b) => b.curve.length - a.curve.length || last(a) - last(b));
    const ranked = [...this.#ranked(complete), ...pruned];
    const count = Math.min(MOST_GOOD, Math.ceil(GOOD_SHARE * ranked.length));
    const good = new Set(ranked.slice(0, count));
    const running = trials.filter(({ state }) => state === 'running');
    const others = new Set([...ranked.slice(count), ...running]);
    return {
      good: trials.filter((trial) => good.has(trial)),
      others: trials.filter((trial) => others.has(trial)),
    };
  }

  /**
   * Sorts trials, best first. With several objectives it sorts by rank and, at equal rank, puts the less crowded first.
   */
  #ranked(complete: readonly TrialRecord[]): TrialRecord[] {
    const points = complete.map((trial) => lossesOf(trial, this.#context.objectives));
    const order = complete.map((_, i) => i);
    if (this.#context.objectives.length === 1) {
      order.sort((a, b) => (points[a]?.[0] as number) - (points[b]?.[0] as number));
    } else {
      const ranks = nonDominatedRanks(points);
      const distances = new Array<number>(points.length).fill(0);
      for (const rank of new Set(ranks)) {
        const members = order.filter((i) => ranks[i] === rank);
        const own = crowdingDistances(members.map((i) => points[i] as number[]));
        for (const [place, i] of members.entries()) distances[i] = own[place] as number;
      }
      order.sort(
        (a, b) => (ranks[a] as number) - (ranks[b] as number) || compare(distances[b], distances[a]),
      );
    }
    return order.map((i) => complete[i] as TrialRecord);
  }
}

/** Subtraction, except that Infinity - Infinity is 0. */
function compare(a = 0, b = 0): number {
  return a === b ? 0 : a - b;
}

/** The inner coordinates of the trials that have all of these parameters. */
function observations(axes: readonly Axis[], trials: readonly TrialRecord[]): number[][] {
  return trials
    .filter(({ parameters }) => axes.every(({ name }) => name in parameters))
    .map(({ parameters }) => axes.map((axis) => coordinateOf(axis, parameters[axis.name] as never)));
}
