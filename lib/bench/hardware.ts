import type { Dataset } from '../data/dataset.js';
import { padDataset } from '../data/padding.js';
import { kernelSets } from '../engine/kernel-sets.js';
import { planHardware } from '../hardware/plan/plan-hardware.js';
import { PUBLISHED } from '../reproduce/bit-widths.js';
import type { BenchPlan, Recipe } from './plan.js';
import type { HardwareResult } from './result.js';
import { mapSummary, rounded, summarise } from './statistics.js';
import { Trainee } from './trainee.js';

/** The published formats: width and integer bits. */
const FORMATS = [
  [10, 2],
  [12, 3],
  [16, 4],
] as const;

/** The clock rate of the published FPGA design, in Hz. */
const CLOCK = 15e6;

/**
 * Measures the published network in the hardware's arithmetic on one core, and compares it with the published rate of
 * the FPGA.
 */
export async function measureHardware(plan: BenchPlan, train: Dataset): Promise<HardwareResult> {
  const { layers, fanOut, parallelism } = PUBLISHED;
  const planned = planHardware({ layers, fanOut, width: 12, clockHz: CLOCK, budget: {} }, parallelism);
  if (!planned.possible) throw new Error('the published network cannot be planned');
  const { imagesPerSecond, clocksPerBlock } = planned.plan;
  const padded = padDataset(train, layers[0]);
  const cells = FORMATS.flatMap(([width, integerBits]) =>
    kernelSets().map((kernelSet) => {
      const recipe: Recipe = {
        name: `hardware ${width} bits`,
        network: {
          layers,
          fanOut,
          parallelism,
          pattern: 'clash-free-2',
          arithmetic: { kind: 'hardware', width, integerBits },
        },
        epochs: 1,
        learningRate: { kind: 'powers-of-two', exponent: 3, boundaries: [25_000, 75_000] },
      };
      const examples = plan.quick ? 500 : Math.ceil(kernelSet === 'scalar' ? train.rows / 20 : train.rows);
      return { width, integerBits, kernelSet, recipe, examples, microseconds: [] as number[] };
    }),
  );
  for (let round = 0; round < plan.rounds; round++) {
    for (const { recipe, kernelSet, examples, microseconds } of cells) {
      plan.signal.throwIfAborted();
      plan.onStep(`${recipe.name} ${kernelSet}, round ${round + 1} of ${plan.rounds}`);
      const trainee = new Trainee(recipe, padded, round + 1, kernelSet);
      microseconds.push((1e6 * (await trainee.train(examples, 1))) / examples);
    }
  }
  return {
    layers: [...layers],
    fanOut: [...fanOut],
    fpga: { megahertz: CLOCK / 1e6, clocks: clocksPerBlock, imagesPerSecond: Math.round(imagesPerSecond) },
    rows: cells.map(({ width, integerBits, kernelSet, microseconds }) => {
      const summary = summarise(microseconds);
      return {
        width,
        integerBits,
        kernelSet,
        microseconds: mapSummary(summary, rounded),
        ratio: mapSummary(summarise(microseconds.map((each) => 1e6 / each / imagesPerSecond)), rounded),
      };
    }),
  };
}
