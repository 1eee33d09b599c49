import type { TrainTest } from '../catalog/registry.js';
import { type KernelSet, kernelSets } from '../engine/kernel-sets.js';
import { measureActivity } from './activity.js';
import type { Crew } from './baselines/crew.js';
import { compare } from './compare.js';
import type { BenchPlan, Recipe } from './plan.js';
import type { OnlineResult, OnlineRow } from './result.js';
import { mapSummary, rounded, summarise } from './statistics.js';
import { Trainee } from './trainee.js';

/** Numbers of hidden neurons. */
const WIDTHS = [64, 128, 256, 512, 1024, 2048];

/**
 * The density of the first junction, which is tiled. With the dense last junction, the network has about 10 % of all
 * edges.
 */
const DENSITY = 0.0885;

/**
 * Measures online training: our networks on every kernel set and number of threads, then the default network, sparse and
 * dense, beside others.
 */
export async function measureOnline(plan: BenchPlan, data: TrainTest, crew: Crew): Promise<OnlineResult> {
  const networks = await measureNetworks(plan, data);
  const { layers } = plan.mnist.network;
  const examples = plan.quick ? 1000 : data.train.rows;
  const side = (recipe: Recipe, dense: boolean) => {
    let seed = 0;
    return {
      name: 'sparse-train',
      layers,
      dense,
      batch: 1,
      threads: 1,
      async measure() {
        seed++;
        return examples / (await new Trainee(recipe, data.train, seed).train(examples, 1));
      },
    };
  };
  const dense = side(denseRecipe(plan.mnist), true);
  return { networks, versus: await compare(plan, crew, 'train', side(plan.mnist, false), { dense }) };
}

/** The network of `mnist`, but dense. */
function denseRecipe(mnist: Recipe): Recipe {
  const network = { ...mnist.network, density: undefined, fanOut: undefined, pattern: 'dense' as const };
  return { ...mnist, name: 'dense', network };
}

/** The recipe of `mnist` for a network of the table, whose hidden layer differs. */
export function tableRecipe(mnist: Recipe, width: number): Recipe {
  const network = {
    ...mnist.network,
    layers: [784, width, 10],
    density: [DENSITY, 1],
    fanOut: undefined,
    pattern: ['tiled', 'dense'] as const,
  };
  return { ...mnist, name: `784-${width}-10`, network };
}

interface Cell {
  readonly recipe: Recipe;
  readonly kernelSet: KernelSet;
  readonly threads: number;
  readonly examples: number;
  readonly microseconds: number[];
  row?: Omit<OnlineRow, 'microseconds'>;
}

async function measureNetworks(plan: BenchPlan, data: TrainTest): Promise<OnlineRow[]> {
  const cells = cellsOf(plan, data.train.rows);
  for (let round = 0; round < plan.rounds; round++) {
    for (const cell of cells) {
      plan.signal.throwIfAborted();
      const { recipe, kernelSet, threads, examples } = cell;
      plan.onStep(`online: ${recipe.name} ${kernelSet} x ${threads}, round ${round + 1} of ${plan.rounds}`);
      // Each round begins with an untrained network: a trained one makes fewer updates.
      const trainee = new Trainee(recipe, data.train, round + 1, kernelSet);
      cell.microseconds.push((1e6 * (await trainee.train(examples, threads))) / examples);
      cell.row ??= describe(cell, trainee, data);
    }
  }
  return cells.map(({ row, microseconds }) => ({
    ...(row as Omit<OnlineRow, 'microseconds'>),
    microseconds: mapSummary(summarise(microseconds), rounded),
  }));
}

function cellsOf(plan: BenchPlan, rows: number): Cell[] {
  const widths = plan.quick ? WIDTHS.slice(0, 2) : WIDTHS;
  return widths.flatMap((width) =>
    kernelSets().flatMap((kernelSet) => {
      const threads = kernelSet === 'scalar' ? [1] : plan.threads;
      const examples = plan.quick ? 500 : Math.ceil(kernelSet === 'scalar' ? rows / 20 : rows);
      return threads.map((count) => ({
        recipe: tableRecipe(plan.mnist, width),
        kernelSet,
        threads: count,
        examples,
        microseconds: [],
      }));
    }),
  );
}

function describe({ kernelSet, threads, examples }: Cell, trainee: Trainee, data: TrainTest) {
  const { products, effectiveProducts, active } = measureActivity(trainee.core, data.test);
  const { layers } = trainee.core.options;
  return {
    layers,
    edges: trainee.edges,
    denseEdges: layers.slice(1).reduce((sum, right, j) => sum + right * (layers[j] as number), 0),
    kernelSet,
    threads,
    examples,
    products,
    effectiveProducts: rounded(effectiveProducts),
    active: active.map((share) => rounded(share, 3)),
  };
}
