import type { TrainTest } from '../catalog/registry.js';
import { type KernelSet, kernelSets } from '../engine/kernel-sets.js';
import { type BatchPass, type BatchTiming, canMeasure, measuring } from '../engine/measuring.js';
import type { Crew } from './baselines/crew.js';
import { measureBeside } from './batch-beside.js';
import { compare } from './compare.js';
import { cacheSizes } from './environment.js';
import { levelOf } from './limits.js';
import { tableRecipe } from './online.js';
import type { BenchPlan, Recipe } from './plan.js';
import type { BatchPassRow, BatchResult, BatchRow, Comparison, Limits } from './result.js';
import { mapSummary, rounded, summarise } from './statistics.js';
import { Trainee } from './trainee.js';

/** The number of samples in a batch. */
const BATCH = 128;

/** Junctions whose passes are timed. */
const JUNCTIONS = [
  { left: 784, right: 1024, density: 0.1, pattern: 'tiled' },
  { left: 784, right: 1024, density: 0.1, pattern: 'structured' },
  { left: 784, right: 512, density: 0.1, pattern: 'tiled' },
  { left: 100_000, right: 100_000, density: 0.001, pattern: 'tiled' },
] as const;

/** Widths of the networks that are trained beside the baselines. */
const WIDTHS = [512, 1024];

/**
 * Measures mini-batches: each pass against the limits of this core (if the measuring addon is installed), and the
 * training of whole networks beside other programs.
 */
export async function measureBatch(
  plan: BenchPlan,
  data: TrainTest,
  crew: Crew,
  limits: readonly Limits[],
): Promise<BatchResult> {
  const passes = canMeasure() ? measurePasses(plan, limits) : [];
  const beside = canMeasure() ? await measureBeside(plan, crew, BATCH) : undefined;
  const versus: Comparison[] = [];
  for (const width of plan.quick ? WIDTHS.slice(0, 1) : WIDTHS) {
    for (const threads of plan.threads.slice(0, 2)) {
      versus.push(await compare(plan, crew, 'train', ourSide(plan, data, width, threads), { batch: BATCH }));
    }
  }
  return { batch: BATCH, passes, ...(beside && { beside }), versus };
}

function ourSide(plan: BenchPlan, data: TrainTest, width: number, threads: number) {
  const recipe: Recipe = { ...tableRecipe(plan.mnist, width), batchSize: BATCH, learningRate: 0.2 };
  const examples = plan.quick ? 1024 : data.train.rows;
  let seed = 0;
  return {
    name: 'sparse-train',
    layers: recipe.network.layers,
    dense: false,
    batch: BATCH,
    threads,
    async measure() {
      seed++;
      return examples / (await new Trainee(recipe, data.train, seed).train(examples, threads));
    },
  };
}

interface Cell {
  readonly junction: (typeof JUNCTIONS)[number];
  readonly kernelSet: KernelSet;
  readonly timings: BatchTiming[];
}

function measurePasses(plan: BenchPlan, limits: readonly Limits[]): BatchRow[] {
  const addon = measuring();
  const junctions = plan.quick ? JUNCTIONS.slice(2, 3) : JUNCTIONS;
  const sets = kernelSets();
  const cells: Cell[] = junctions.flatMap((junction) =>
    // Scalar kernels are a reference and not meant to be fast.
    (sets.length > 1 ? sets.filter((set) => set !== 'scalar') : sets).map((kernelSet) => ({
      junction,
      kernelSet,
      timings: [],
    })),
  );
  for (let round = 0; round < plan.rounds; round++) {
    for (const { junction, kernelSet, timings } of cells) {
      plan.signal.throwIfAborted();
      const { left, right, density, pattern } = junction;
      plan.onStep(`batch: ${left}-${right} ${kernelSet}, round ${round + 1} of ${plan.rounds}`);
      const edges = Math.round(density * left * right);
      const seconds = plan.quick ? 0.001 : 0.05;
      timings.push(addon.measureBatch({ kernelSet, pattern, left, right, edges, samples: BATCH, seconds }));
    }
  }
  return cells.map((cell) => describe(cell, limits));
}

function describe({ junction, kernelSet, timings }: Cell, limits: readonly Limits[]): BatchRow {
  const limit = limits.find((entry) => entry.kernelSet === kernelSet) as Limits;
  const { layout, edges, junctionBytes, layerBytes } = timings[0] as BatchTiming;
  const products = edges * BATCH;
  const pass = (of: (timing: BatchTiming) => BatchPass): BatchPassRow => {
    const { weightBytes, rowBytes, rowSet } = of(timings[0] as BatchTiming);
    const caches = cacheSizes();
    const arithmetic = products / limit.dotProducts;
    const rows = levelOf(limit, rowSet, caches);
    const bandwidth =
      weightBytes / levelOf(limit, junctionBytes, caches).bytesPerSecond + rowBytes / rows.bytesPerSecond;
    const seconds = summarise(timings.map((timing) => of(timing).seconds));
    return {
      edgeSamplesPerSecond: mapSummary(seconds, (time) => rounded(products / time)),
      shareOfPeak: rounded(arithmetic / seconds.min, 4),
      shareOfLimit: rounded(Math.max(arithmetic, bandwidth) / seconds.min, 4),
      bound: arithmetic >= bandwidth ? 'arithmetic' : 'bandwidth',
      level: rows.level,
    };
  };
  const whole = summarise(
    timings.map(({ forward, backward, update }) => forward.seconds + backward.seconds + update.seconds),
  );
  return {
    left: junction.left,
    right: junction.right,
    pattern: junction.pattern,
    layout,
    edges,
    kernelSet,
    bytesPerEdge: rounded(junctionBytes / edges, 3),
    layerBytes,
    forward: pass((timing) => timing.forward),
    backward: pass((timing) => timing.backward),
    update: pass((timing) => timing.update),
    step: mapSummary(whole, (time) => rounded((3 * products) / time)),
  };
}
