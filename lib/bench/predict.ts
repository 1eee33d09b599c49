import type { TrainTest } from '../catalog/registry.js';
import { currentKernelSet, type KernelSet, kernelSets } from '../engine/kernel-sets.js';
import type { Crew } from './baselines/crew.js';
import { timePredict } from './calls.js';
import { compare } from './compare.js';
import type { BenchPlan } from './plan.js';
import type { PredictResult } from './result.js';
import { mapSummary, rounded, summarise } from './statistics.js';
import { Trainee } from './trainee.js';

/** Measures predictions of the default network after training: many images in one call, and one at a time. */
export async function measurePredict(plan: BenchPlan, data: TrainTest, crew: Crew): Promise<PredictResult> {
  const count = plan.quick ? 500 : data.test.rows;
  const cells = kernelSets().flatMap((kernelSet) =>
    plan.threads.map((threads) => ({ kernelSet, threads, speeds: [] as number[] })),
  );
  const trainees = new Map<KernelSet, Trainee>();
  for (const { kernelSet } of cells) {
    if (trainees.has(kernelSet)) continue;
    plan.onStep(`predict: training with ${kernelSet}`);
    const trainee = new Trainee(plan.mnist, data.train, 1, kernelSet);
    await trainee.train(plan.quick || kernelSet === 'scalar' ? 2000 : data.train.rows, 1);
    trainees.set(kernelSet, trainee);
  }
  for (let round = 0; round < plan.rounds; round++) {
    plan.onStep(`predict: round ${round + 1} of ${plan.rounds}`);
    for (const { kernelSet, threads, speeds } of cells) {
      plan.signal.throwIfAborted();
      speeds.push(await speedOf(trainees.get(kernelSet) as Trainee, data, count, threads));
    }
  }
  const { layers } = plan.mnist.network;
  const own = trainees.get(currentKernelSet()) as Trainee;
  const ours = {
    name: 'sparse-train',
    layers,
    dense: false,
    batch: count,
    threads: 1,
    measure: () => speedOf(own, data, count, 1),
  };
  return {
    batches: cells.map(({ kernelSet, threads, speeds }) => ({
      name: 'sparse-train',
      layers,
      dense: false,
      batch: count,
      threads,
      kernelSet,
      samplesPerSecond: mapSummary(summarise(speeds), rounded),
    })),
    call: await timePredict(plan, data),
    versus: await compare(plan, crew, 'predict', ours),
  };
}

/** Images per second. The call is repeated until it takes long enough to measure. */
async function speedOf(trainee: Trainee, data: TrainTest, count: number, threads: number): Promise<number> {
  const { inputs, scaling } = trainee.core.reader.rows(data.test.inputs.data);
  const decisions = new Uint32Array(count);
  const columns = data.test.inputs.columns;
  const job = { inputs: inputs.subarray(0, count * columns), scaling, count, threads, decisions };
  let seconds = 0;
  let images = 0;
  while (seconds < 0.02 && images < 20 * count) {
    seconds += (await trainee.engine.predict(job)).seconds;
    images += count;
  }
  return images / seconds;
}
