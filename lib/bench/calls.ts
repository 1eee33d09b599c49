import type { TrainTest } from '../catalog/registry.js';
import type { Dataset } from '../data/dataset.js';
import { Network } from '../training/network.js';
import type { BenchPlan } from './plan.js';
import type { CallTiming, LearnResult } from './result.js';
import { mapSummary, median, quantile, rounded, summarise } from './statistics.js';
import { Trainee } from './trainee.js';

/** Measures learn() and predict(), called from JavaScript with one example at a time. */
export async function measureLearn(plan: BenchPlan, data: TrainTest): Promise<LearnResult> {
  return { learn: await timeLearn(plan, data), predict: await timePredict(plan, data) };
}

/** Measures predict(x). */
export async function timePredict(plan: BenchPlan, data: TrainTest): Promise<CallTiming> {
  const network = new Network(plan.mnist.network);
  await network.fit(data.train, { epochs: 1, learningRate: plan.mnist.learningRate });
  const scores = new Float32Array(network.layers.at(-1) as number);
  const rows = rowsOf(data.test);
  const engine = await engineTime(plan, data, 'predict');
  return time(plan, 'predict(x)', network, engine, (i) => {
    network.predict(rows[i % rows.length] as Uint8Array, scores);
  });
}

async function timeLearn(plan: BenchPlan, data: TrainTest): Promise<CallTiming> {
  const network = new Network(plan.mnist.network);
  // The first epoch fixes the network's inputs and classes; the calls after it are measured.
  await network.fit(data.train, { epochs: 1, learningRate: plan.mnist.learningRate });
  const rows = rowsOf(data.train);
  const labels = labelsOf(data.train);
  const engine = await engineTime(plan, data, 'train');
  return time(plan, 'learn(x, y)', network, engine, (i) => {
    const row = i % rows.length;
    network.learn(rows[row] as Uint8Array, labels[row] as number);
  });
}

/** The engine's nanoseconds per example after one epoch, when one call takes many examples. */
async function engineTime(plan: BenchPlan, data: TrainTest, work: 'train' | 'predict'): Promise<number> {
  const trainee = new Trainee(plan.mnist, data.train, 1);
  await trainee.train(data.train.rows, 1);
  const examples = plan.quick ? 2000 : 20_000;
  const times: number[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    if (work === 'train') {
      times.push((await trainee.train(examples, 1)) / examples);
    } else {
      const { inputs, scaling } = trainee.core.reader.rows(data.test.inputs.data);
      const count = Math.min(examples, data.test.rows);
      const scores = new Float32Array(count * trainee.core.outputs);
      const columns = data.test.inputs.columns;
      const some = inputs.subarray(0, count * columns);
      const { seconds } = await trainee.engine.predict({ inputs: some, scaling, count, threads: 1, scores });
      times.push(seconds / count);
    }
  }
  return rounded(1e9 * median(times));
}

function time(
  plan: BenchPlan,
  what: string,
  network: Network,
  engine: number,
  call: (i: number) => void,
): CallTiming {
  plan.onStep(what);
  const many = plan.quick ? 500 : 50_000;
  for (let i = 0; i < many / 2; i++) call(i); // gives the JavaScript compiler time to optimise
  const means: number[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    plan.signal.throwIfAborted();
    const begin = performance.now();
    for (let i = 0; i < many; i++) call(i);
    means.push((1e6 * (performance.now() - begin)) / many);
  }
  const clock = singleTimes(many, () => undefined);
  const single = singleTimes(many, call);
  const cost = median(clock);
  return {
    layers: network.layers,
    calls: many * plan.rounds,
    nanoseconds: mapSummary(summarise(means), rounded),
    p50: rounded(Math.max(0, quantile(single, 0.5) - cost)),
    p99: rounded(Math.max(0, quantile(single, 0.99) - cost)),
    clock: rounded(cost),
    engine,
  };
}

/** The nanoseconds of each call, including the time that reading the clock takes. */
function singleTimes(many: number, call: (i: number) => void): Float64Array {
  const times = new Float64Array(many);
  for (let i = 0; i < many; i++) {
    const begin = process.hrtime.bigint();
    call(i);
    times[i] = Number(process.hrtime.bigint() - begin);
  }
  return times;
}

function rowsOf(data: Dataset): Uint8Array[] {
  const { inputs } = data;
  return Array.from({ length: Math.min(data.rows, 20_000) }, (_, i) => inputs.row(i) as Uint8Array);
}

function labelsOf({ targets }: Dataset): Int32Array {
  if (targets.kind !== 'classes') throw new TypeError('the data must have classes');
  return targets.labels;
}
