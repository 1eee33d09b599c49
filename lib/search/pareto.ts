import type { Direction } from './definition/definition.js';
import type { TrialRecord } from './records.js';

/** Objectives with their directions. */
export type Objectives = readonly { readonly measure: string; readonly direction: Direction }[];

/** A trial's objectives, with signs such that less is better; NaN counts as the worst. */
export function lossesOf({ values }: Pick<TrialRecord, 'values'>, objectives: Objectives): number[] {
  return objectives.map(({ measure, direction }) => {
    const value = values[measure];
    if (value === undefined || Number.isNaN(value)) return Number.POSITIVE_INFINITY;
    return direction === 'maximize' ? -value : value;
  });
}

/** Whether `a` is at least as good as `b` in every objective and better in one. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  let better = false;
  for (let i = 0; i < a.length; i++) {
    if ((a[i] as number) > (b[i] as number)) return false;
    if ((a[i] as number) < (b[i] as number)) better = true;
  }
  return better;
}

/** The rank of each point: 0 if no other dominates it, 1 if only points of rank 0 do, and so on. */
export function nonDominatedRanks(points: readonly (readonly number[])[]): number[] {
  const ranks = new Array<number>(points.length).fill(-1);
  const order = points.map((_, i) => i).sort((a, b) => compareAll(points[a] ?? [], points[b] ?? []));
  // In lexicographic order only earlier points can dominate a point, so one pass finds all ranks.
  const fronts: number[][] = [];
  for (const i of order) {
    const point = points[i] as readonly number[];
    const place = fronts.findIndex((front) => !front.some((other) => dominates(points[other] ?? [], point)));
    const rank = place === -1 ? fronts.length : place;
    if (place === -1) fronts.push([]);
    fronts[rank]?.push(i);
    ranks[i] = rank;
  }
  return ranks;
}

function compareAll(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return (a[i] as number) < (b[i] as number) ? -1 : 1;
  }
  return 0;
}

/**
 * The crowding distance of each point: how far apart its neighbours are, summed over all objectives (Deb and others,
 * 2002). Infinity at the ends.
 */
export function crowdingDistances(points: readonly (readonly number[])[]): number[] {
  const distances = new Array<number>(points.length).fill(0);
  const dimensions = points[0]?.length ?? 0;
  for (let d = 0; d < dimensions; d++) {
    const order = points.map((_, i) => i).sort((a, b) => (points[a]?.[d] ?? 0) - (points[b]?.[d] ?? 0));
    const at = (i: number) => points[order[i] as number]?.[d] as number;
    const range = at(order.length - 1) - at(0);
    distances[order[0] as number] = Number.POSITIVE_INFINITY;
    distances[order.at(-1) as number] = Number.POSITIVE_INFINITY;
    if (!(range > 0) || range === Number.POSITIVE_INFINITY) continue;
    for (let i = 1; i < order.length - 1; i++) {
      distances[order[i] as number] = (distances[order[i] as number] ?? 0) + (at(i + 1) - at(i - 1)) / range;
    }
  }
  return distances;
}

/**
 * The complete trials that no other complete trial dominates, sorted by the first objective, best first. Of equal
 * trials only the earliest is kept.
 */
export function paretoFront(trials: readonly TrialRecord[], objectives: Objectives): TrialRecord[] {
  const complete = trials.filter(({ state }) => state === 'complete');
  const points = complete.map((trial) => lossesOf(trial, objectives));
  const ranks = nonDominatedRanks(points);
  const front = complete
    .map((trial, i) => ({ trial, losses: points[i] as number[], rank: ranks[i] }))
    .filter(({ rank }) => rank === 0)
    .sort((a, b) => compareAll(a.losses, b.losses) || a.trial.number - b.trial.number);
  return front
    .filter(({ losses }, i) => i === 0 || compareAll(losses, front[i - 1]?.losses ?? []) !== 0)
    .map(({ trial }) => trial);
}
