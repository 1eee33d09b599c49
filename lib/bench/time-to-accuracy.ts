import type { TrainTest } from '../catalog/registry.js';
import type { Crew } from './baselines/crew.js';
import { bestSettings, type DenseSettings } from './baselines/settings.js';
import type { BaselineWorker } from './baselines/worker.js';
import type { BenchPlan, Recipe } from './plan.js';
import type { AccuracyResult, AccuracyRow } from './result.js';
import { mapSummary, median, rounded, type Summary, summarise } from './statistics.js';
import { Trainee } from './trainee.js';

/** The target: the share of the 10,000 test images that must be classified correctly. */
export const TARGET = 0.97;
/** How many times per epoch the test accuracy is checked. The checks are not timed; the baselines do the same. */
export const CHECKS = 4;
/** A run that needs more quarters of an epoch than this has failed. */
const MOST_QUARTERS = 40;

interface Run {
  readonly reached: boolean;
  readonly seconds: number;
  readonly epochs: number;
  readonly accuracy: number;
}

interface Entrant {
  readonly facts: Omit<AccuracyRow, 'seconds' | 'epochs' | 'accuracy' | 'reached' | 'seeds'>;
  readonly runs: Run[];
  readonly worker?: BaselineWorker;
  /** Trains with one seed until the target is reached. */
  run(seed: number): Promise<Run>;
  failure?: string;
}

/**
 * Measures how long training alone takes to reach 97 % on MNIST. We and the baselines that report it take turns, seed
 * by seed.
 */
export async function measureTimeToAccuracy(
  plan: BenchPlan,
  data: TrainTest,
  crew: Crew,
  resultsFolder: string,
): Promise<AccuracyResult> {
  const target = plan.quick ? 0.5 : TARGET;
  const seeds = plan.quick ? 1 : 5;
  const ours = [ourEntrant(plan.mnist, data, target, 1), ourEntrant(plan.fast, data, target, 1)];
  const all = plan.threads.at(-1) as number;
  if (all > 1 && !plan.quick) ours.push(ourEntrant(plan.fast, data, target, all));
  const settings = bestSettings(resultsFolder);
  const others = crew.workers
    .filter(({ baseline }) => baseline.measures.includes('time-to-accuracy'))
    .flatMap((worker) => theirEntrants(plan, worker, settings, target));
  for (let seed = 1; seed <= seeds; seed++) {
    for (const entrant of [...ours, ...others]) {
      plan.signal.throwIfAborted();
      const { name, mode = '', layers, threads } = entrant.facts;
      plan.onStep(
        `time to accuracy: ${name} ${mode} ${layers.join('-')} x ${threads}, seed ${seed} of ${seeds}`,
      );
      if (entrant.failure !== undefined) continue;
      try {
        entrant.runs.push(await entrant.run(seed));
      } catch (error) {
        if (entrant.worker === undefined) throw error;
        entrant.failure = (error as Error).message;
      }
    }
  }
  const first = ours[0] as Entrant;
  return {
    target,
    checksPerEpoch: CHECKS,
    ours: ours.map(row),
    others: others
      .filter(({ runs }) => runs.length > 0)
      .map((entrant) => ({ ...row(entrant), ratio: advantage(first, entrant) })),
  };
}

function ourEntrant(recipe: Recipe, data: TrainTest, target: number, threads: number): Entrant {
  const trainee = new Trainee(recipe, data.train, 1);
  const facts = {
    name: 'sparse-train',
    mode: recipe.name,
    layers: recipe.network.layers,
    dense: false,
    edges: trainee.edges,
    batch: 1,
    threads,
    settings: describeRate(recipe),
  };
  return { facts, runs: [], run: (seed) => trainToTarget(recipe, data, seed, target, threads) };
}

function describeRate({ learningRate, epochs }: Recipe): string {
  if (typeof learningRate === 'number') return `rate ${learningRate}`;
  const { kind, ...numbers } = learningRate;
  const words = Object.entries(numbers).map(([name, value]) => `${name} ${String(value)}`);
  return `${[kind, ...words].join(', ')}, planned for ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`;
}

async function trainToTarget(
  recipe: Recipe,
  data: TrainTest,
  seed: number,
  target: number,
  threads: number,
): Promise<Run> {
  const trainee = new Trainee(recipe, data.train, seed);
  const quarter = Math.floor(data.train.rows / CHECKS);
  let seconds = 0;
  let accuracy = 0;
  for (let quarters = 1; quarters <= MOST_QUARTERS; quarters++) {
    seconds += await trainee.train(quarter, threads);
    accuracy = await trainee.accuracy(data.test, threads);
    if (accuracy >= target) return { reached: true, seconds, epochs: quarters / CHECKS, accuracy };
  }
  return { reached: false, seconds, epochs: MOST_QUARTERS / CHECKS, accuracy };
}

function theirEntrants(
  plan: BenchPlan,
  worker: BaselineWorker,
  settings: readonly DenseSettings[],
  target: number,
): Entrant[] {
  const { name, accuracy } = worker.baseline;
  const all = plan.threads.at(-1) as number;
  const isPyTorch = name === 'pytorch-cpu';
  const chosen = accuracy === undefined ? settings : [accuracy];
  const threadCounts = isPyTorch && all > 1 ? [1, all] : [1];
  const entrants = chosen.flatMap((one) =>
    threadCounts.map((threads): Entrant => {
      const { layers, batch, learningRate, decayEpochs, momentum, centredInput } = one;
      const mode = isPyTorch ? 'eager-manual' : undefined;
      const words = [
        `rate ${learningRate}`,
        decayEpochs === null ? undefined : `falling to 0 over ${decayEpochs} epochs`,
        momentum === 0 ? undefined : `momentum ${momentum}`,
        centredInput ? 'inputs centred' : undefined,
      ];
      const facts = {
        name,
        ...(mode === undefined ? {} : { mode }),
        layers,
        dense: true,
        batch,
        threads,
        settings: words.filter((word) => word !== undefined).join(', '),
      };
      const request = {
        measure: 'time-to-accuracy',
        layers,
        batch,
        threads,
        mode,
        target,
        learningRate,
        decayEpochs,
        momentum,
        centredInput,
        quarters: MOST_QUARTERS,
      } as const;
      return { facts, runs: [], worker, run: async (seed) => runOf(await worker.ask({ ...request, seed })) };
    }),
  );
  return plan.quick ? entrants.slice(0, 1) : entrants;
}

function runOf({ reached = false, seconds = Number.NaN, epochs = 0, accuracy = 0 }: Partial<Run>): Run {
  return { reached, seconds, epochs, accuracy };
}

function row({ facts, runs }: Entrant): AccuracyRow {
  const good = runs.filter(({ reached }) => reached);
  return {
    ...facts,
    seconds:
      good.length === 0 ? undefined : mapSummary(summarise(good.map(({ seconds }) => seconds)), rounded),
    epochs: median(runs.map(({ epochs }) => epochs)),
    accuracy: rounded(median(runs.map(({ accuracy }) => accuracy)), 4),
    reached: good.length,
    seeds: runs.length,
  };
}

/** The ratio of their time to ours, over the seeds with which both reached the target. */
function advantage(ours: Entrant, theirs: Entrant): Summary | undefined {
  const both = theirs.runs.flatMap((their, i) => {
    const our = ours.runs[i];
    return our?.reached && their.reached ? [their.seconds / our.seconds] : [];
  });
  return both.length === 0 ? undefined : mapSummary(summarise(both), rounded);
}
