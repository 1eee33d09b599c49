/** Sets our results beside the strongest rival of each kind. */
import type { AccuracyRow, BenchResult, Comparison, Opponent } from './result.js';
import type { Summary } from './statistics.js';
import { ratioOfSummaries } from './statistics.js';

/** One of our results beside the strongest rival that was measured. */
export interface Rivalry {
  readonly what: string;
  /** Our network and result. */
  readonly ours: string;
  readonly rival: Opponent | AccuracyRow;
  /** How many times faster we are; computed round by round if both were measured in turn. */
  readonly ratio: Summary;
}

/** All comparisons that the result allows, training first. */
export function rivalries({ online, timeToAccuracy, predict }: BenchResult): Rivalry[] {
  const versus = online?.versus;
  const single = (others: readonly Opponent[] = []) =>
    others.filter(({ dense, batch, threads }) => dense && batch === 1 && threads === 1);
  const best = bestOf((timeToAccuracy?.ours ?? []).filter(({ threads }) => threads === 1));
  const fastest = bestOf((timeToAccuracy?.others ?? []).filter(({ threads }) => threads === 1));
  return [
    ...sparse('online training at batch 1, one core', versus, single(versus?.others)),
    ...dense('the same with a dense network on both sides', versus, single(versus?.others)),
    ...sparse(
      'online training, against any batch size and number of threads',
      versus,
      (versus?.others ?? []).filter((rival) => rival.dense),
    ),
    ...(best?.seconds && fastest?.seconds
      ? [
          {
            what: 'time to 97 % of MNIST, one core',
            ours: `${best.layers.join('-')} sparse, ${best.mode}`,
            rival: fastest,
            ratio: ratioOfSummaries(fastest.seconds, best.seconds),
          },
        ]
      : []),
    ...sparse(
      'prediction in bulk, one core',
      predict?.versus,
      (predict?.versus?.others ?? []).filter(({ threads }) => threads === 1),
    ),
  ];
}

function sparse(what: string, versus: Comparison | undefined, rivals: readonly Opponent[]): Rivalry[] {
  const rival = strongest(rivals, ({ ratio }) => ratio);
  if (versus === undefined || rival === undefined) return [];
  return [{ what, ours: `${versus.ours.layers.join('-')} sparse`, rival, ratio: rival.ratio }];
}

function dense(what: string, versus: Comparison | undefined, rivals: readonly Opponent[]): Rivalry[] {
  const rival = strongest(rivals, ({ denseRatio }) => denseRatio);
  if (versus?.oursDense === undefined || rival?.denseRatio === undefined) return [];
  return [{ what, ours: `${versus.oursDense.layers.join('-')} dense`, rival, ratio: rival.denseRatio }];
}

/** The rival with the least ratio; undefined if none has one. */
export function strongest<T>(
  rivals: readonly T[],
  ratioOf: (rival: T) => Summary | undefined,
): T | undefined {
  const median = (rival: T) => ratioOf(rival)?.median ?? Number.POSITIVE_INFINITY;
  return rivals.filter((rival) => ratioOf(rival) !== undefined).toSorted((a, b) => median(a) - median(b))[0];
}

/** The fastest of the rows that reached the target with more than half of the seeds. */
export function bestOf<T extends AccuracyRow>(rows: readonly T[]): T | undefined {
  return rows
    .filter(({ seconds, reached, seeds }) => seconds !== undefined && reached > seeds / 2)
    .toSorted((a, b) => (a.seconds as Summary).median - (b.seconds as Summary).median)[0];
}
