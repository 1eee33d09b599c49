import { lossesOf, type Objectives } from './pareto.js';
import type { TrialRecord } from './records.js';
import { coordinateOf } from './space/parameter.js';
import type { Space } from './space/space.js';

/** How strongly a parameter influences an objective. */
export interface Importance {
  readonly parameter: string;
  /** The share of the variance of the objective's ranks that this parameter alone explains: 0 to 1. */
  readonly share: number;
}

/** Numeric values are divided into this many groups with equal numbers of trials. */
const GROUPS = 8;

/** The fewest complete trials that allow a statement. */
export const LEAST_TRIALS = 2 * GROUPS;

/**
 * How strongly each parameter influences an objective. The complete trials are grouped by similar values of the
 * parameter; the result is the share of the variance of their ranks that lies between the groups, less the share that
 * chance would give (Kelley's epsilon squared). Ranks keep a few diverged runs from dominating. Interactions between
 * parameters are not measured.
 *
 * @returns most important first; empty for fewer than {@link LEAST_TRIALS} trials
 */
export function importances(
  trials: readonly TrialRecord[],
  space: Space,
  objective: Objectives[number],
): Importance[] {
  const complete = trials.filter(({ state }) => state === 'complete');
  if (complete.length < LEAST_TRIALS) return [];
  const ranks = ranksOf(complete.map((trial) => lossesOf(trial, [objective])[0] as number));
  return space.axes
    .map((axis) => {
      const coordinates = complete.map(({ parameters }) => {
        const value = parameters[axis.name];
        return value === undefined ? undefined : coordinateOf(axis, value);
      });
      const isCategory = axis.parameter.kind === 'categorical';
      return { parameter: axis.name, share: explained(ranks, grouped(coordinates, isCategory)) };
    })
    .sort((a, b) => b.share - a.share);
}

/** Ranks from 1; equal values share a rank. */
function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => difference(values[a], values[b]));
  const ranks = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to++;
    for (let i = from; i < to; i++) ranks[order[i] as number] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

/** Subtraction, except that Infinity - Infinity is 0. */
function difference(a = 0, b = 0): number {
  return a === b ? 0 : a - b;
}

/** The group of each trial: equal categories, or neighbouring numbers. Trials without the parameter form one group. */
function grouped(coordinates: readonly (number | undefined)[], isCategory: boolean): number[] {
  if (isCategory) return coordinates.map((coordinate) => coordinate ?? -1);
  const present = coordinates.filter((coordinate) => coordinate !== undefined);
  const ranks = ranksOf(present);
  let next = 0;
  return coordinates.map((coordinate) =>
    coordinate === undefined
      ? -1
      : Math.min(GROUPS - 1, Math.floor((((ranks[next++] as number) - 0.5) * GROUPS) / present.length)),
  );
}

function explained(values: readonly number[], groups: readonly number[]): number {
  const mean = (of: readonly number[]) => of.reduce((a, b) => a + b, 0) / of.length;
  const squares = (of: readonly number[]) => {
    const middle = mean(of);
    return of.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  };
  const names = [...new Set(groups)];
  const total = squares(values);
  if (total === 0 || values.length <= names.length) return 0;
  const within = names.reduce((sum, name) => sum + squares(values.filter((_, i) => groups[i] === name)), 0);
  return Math.max(0, 1 - within / (values.length - names.length) / (total / (values.length - 1)));
}
