import { type KernelSet, kernelSets } from '../engine/kernel-sets.js';
import { measuring } from '../engine/measuring.js';
import type { Crew } from './baselines/crew.js';
import type { BaselineWorker } from './baselines/worker.js';
import type { BenchPlan } from './plan.js';
import type { PassesBeside, PassesRow } from './result.js';
import { mapSummary, ratios, rounded, summarise } from './statistics.js';

/** The junction that is timed. */
const JUNCTION = { left: 784, right: 1024, density: 0.1 } as const;
/** The number of its edges. Every right neuron has the same number. */
const EDGES = Math.floor(JUNCTION.density * JUNCTION.left) * JUNCTION.right;

/** The seconds that each pass of a batch takes. */
interface Passes {
  readonly forward: number;
  readonly backward: number;
  readonly update: number;
}

interface Side {
  readonly name: string;
  readonly dense: boolean;
  readonly rounds: Passes[];
  measure(): Promise<Passes>;
}

/**
 * Times the passes of a junction and the same products in other programs, in turn. Returns undefined if there is no
 * baseline that can do them.
 */
export async function measureBeside(
  plan: BenchPlan,
  crew: Crew,
  batch: number,
): Promise<PassesBeside | undefined> {
  const workers = crew.workers.filter(({ baseline }) => baseline.measures.includes('passes'));
  if (workers.length === 0) return undefined;
  const ours = ownSide(plan, batch);
  const others = workers.map((worker) => ({ worker, side: otherSide(plan, worker, batch) }));
  for (let round = 0; round < plan.rounds; round++) {
    plan.signal.throwIfAborted();
    ours.rounds.push(await ours.measure());
    for (const { worker, side } of others) {
      if (!crew.workers.includes(worker)) continue;
      plan.signal.throwIfAborted();
      plan.onStep(`passes: ${side.name}, round ${round + 1} of ${plan.rounds}`);
      try {
        side.rounds.push(await side.measure());
      } catch (error) {
        crew.dismiss(worker, (error as Error).message);
      }
    }
  }
  const whole = others.map(({ side }) => side).filter(({ rounds }) => rounds.length === plan.rounds);
  return { ...JUNCTION, rows: [ours, ...whole].map((side) => rowOf(side, ours, batch)) };
}

function ownSide(plan: BenchPlan, samples: number): Side {
  const { left, right } = JUNCTION;
  const addon = measuring();
  const kernelSet = kernelSets().at(-1) as KernelSet;
  return {
    name: 'sparse-train',
    dense: false,
    rounds: [],
    async measure() {
      const seconds = plan.slice / 10;
      const task = { kernelSet, pattern: 'tiled', left, right, edges: EDGES, samples, seconds } as const;
      const { forward, backward, update } = addon.measureBatch(task);
      return { forward: forward.seconds, backward: backward.seconds, update: update.seconds };
    },
  };
}

function otherSide(plan: BenchPlan, worker: BaselineWorker, batch: number): Side {
  const { name, sparse = false } = worker.baseline;
  return {
    name,
    dense: !sparse,
    rounds: [],
    async measure() {
      const request = { measure: 'passes', ...JUNCTION, batch, threads: 1, seconds: plan.slice } as const;
      const { forward, backward, update } = await worker.ask(request);
      if (!(forward && backward && update)) throw new Error('the answer lacks a pass');
      return { forward, backward, update };
    },
  };
}

function rowOf(side: Side, ours: Side, batch: number): PassesRow {
  const products = EDGES * batch;
  const whole = ({ rounds }: Side) =>
    rounds.map(({ forward, backward, update }) => forward + backward + update);
  const speed = (seconds: readonly number[], all: number) =>
    mapSummary(summarise(seconds), (time) => rounded(all / time));
  const pass = (of: keyof Passes) =>
    speed(
      side.rounds.map((round) => round[of]),
      products,
    );
  return {
    name: side.name,
    dense: side.dense,
    forward: pass('forward'),
    backward: pass('backward'),
    update: pass('update'),
    step: speed(whole(side), 3 * products),
    ratio: mapSummary(ratios(whole(side), whole(ours)), rounded),
  };
}
