import type { Crew } from './baselines/crew.js';
import type { BaselineWorker } from './baselines/worker.js';
import type { BenchPlan } from './plan.js';
import type { Comparison, Contender, Opponent } from './result.js';
import { mapSummary, ratios, rounded, summarise } from './statistics.js';

/** Our own measurement in a comparison. */
export interface OurSide extends Omit<Contender, 'samplesPerSecond'> {
  /** Measures once and returns samples per second. */
  measure(): Promise<number>;
}

interface Rival {
  readonly worker: BaselineWorker;
  readonly mode: string | undefined;
  readonly threads: number;
  readonly batch: number;
  readonly speeds: number[];
  failure?: string;
}

/** Further settings of a comparison. */
export interface CompareOptions {
  /** Replaces the usual batch sizes of a baseline; baselines without batches are left out. */
  readonly batch?: number;
  /** The measurement of our engine with a dense network. */
  readonly dense?: OurSide;
}

/**
 * Measures our engine and every baseline in turn, round after round. Baselines use a network of the same layers, which
 * is dense unless the baseline trains sparse networks.
 */
export async function compare(
  plan: BenchPlan,
  crew: Crew,
  measure: 'train' | 'predict',
  ours: OurSide,
  { batch, dense }: CompareOptions = {},
): Promise<Comparison> {
  const rivals = crew.workers
    .filter(({ baseline }) => baseline.measures.includes(measure))
    .flatMap((worker) => rivalsOf(plan, worker, measure, batch));
  const speeds: number[] = [];
  const denseSpeeds: number[] = [];
  await ours.measure(); // warms up
  await dense?.measure();
  for (let round = 0; round < plan.rounds; round++) {
    plan.signal.throwIfAborted();
    plan.onStep(`${measure}: sparse-train, round ${round + 1} of ${plan.rounds}`);
    speeds.push(await ours.measure());
    if (dense !== undefined) denseSpeeds.push(await dense.measure());
    for (const rival of rivals) {
      plan.signal.throwIfAborted();
      if (rival.failure === undefined) await measureRival(plan, rival, measure, ours.layers);
    }
  }
  for (const { worker, failure } of rivals) {
    const others = rivals.filter((rival) => rival.worker === worker && rival.speeds.length > 0);
    if (failure !== undefined && others.length === 0 && crew.workers.includes(worker))
      crew.dismiss(worker, failure);
  }
  const others = rivals
    .filter((rival) => rival.speeds.length > 0)
    .map((rival) => opponent(rival, ours, speeds, denseSpeeds));
  return {
    ours: { ...contender(ours), samplesPerSecond: shortened(speeds) },
    ...(dense && {
      oursDense: {
        ...contender(dense),
        samplesPerSecond: shortened(denseSpeeds),
        ratio: mapSummary(ratios(speeds, denseSpeeds), rounded),
      },
    }),
    others,
  };
}

function rivalsOf(
  plan: BenchPlan,
  worker: BaselineWorker,
  measure: 'train' | 'predict',
  batch: number | undefined,
): Rival[] {
  const all = plan.threads.at(-1) as number;
  const { modes } = worker.baseline;
  const rivals = modes.flatMap(({ mode, threads, batches }) => {
    if (threads === 'all' && all === 1 && modes.length > 1) return [];
    if (measure === 'predict' && mode !== undefined && mode !== 'eager-manual') return [];
    const some = batch === undefined ? [1, 1024] : [batch];
    const asked = batch !== undefined || measure === 'predict';
    const sizes = !asked ? batches : batches.length > 1 ? some : batch === undefined ? [1] : [];
    return sizes.map((batch) => ({
      worker,
      mode,
      threads: threads === 'all' ? all : threads,
      batch,
      speeds: [],
    }));
  });
  return plan.quick ? rivals.slice(0, 1) : rivals;
}

async function measureRival(
  plan: BenchPlan,
  rival: Rival,
  measure: 'train' | 'predict',
  layers: readonly number[],
): Promise<void> {
  const { worker, mode, threads, batch, speeds } = rival;
  const { name } = worker.baseline;
  plan.onStep(`${measure}: ${[name, mode].filter((part) => part !== undefined).join(' ')}, batch ${batch}`);
  try {
    const request = { measure, layers, batch, threads, mode, seconds: plan.slice } as const;
    const { samplesPerSecond } = await worker.ask(request);
    if (samplesPerSecond === undefined) throw new Error('the answer has no samplesPerSecond');
    speeds.push(samplesPerSecond);
  } catch (error) {
    rival.failure = (error as Error).message;
  }
}

function contender({ name, mode, layers, dense, batch, threads }: Omit<Contender, 'samplesPerSecond'>) {
  return { name, ...(mode === undefined ? {} : { mode }), layers, dense, batch, threads };
}

function opponent(
  { worker, mode, threads, batch, speeds }: Rival,
  ours: OurSide,
  own: readonly number[],
  ownDense: readonly number[],
): Opponent {
  const name = worker.baseline.name;
  const facts = {
    name,
    ...(mode === undefined ? {} : { mode }),
    layers: ours.layers,
    dense: !worker.baseline.sparse,
    batch,
    threads,
  };
  return {
    ...facts,
    samplesPerSecond: shortened(speeds),
    ratio: mapSummary(ratios(own, speeds), rounded),
    ...(ownDense.length > 0 && { denseRatio: mapSummary(ratios(ownDense, speeds), rounded) }),
  };
}

function shortened(speeds: readonly number[]) {
  return mapSummary(summarise(speeds), rounded);
}
