import { SparseTrainError } from '../../base/errors.js';
import type { TrainTest } from '../../catalog/registry.js';
import { padDataset } from '../../data/padding.js';
import { type KernelSet, kernelSets } from '../../engine/kernel-sets.js';
import type { NetworkOptions } from '../../network/options.js';
import { Network } from '../../training/network.js';
import { rounded } from '../statistics.js';
import { Follower } from './follower.js';
import type { SoakPlan } from './plan.js';
import type { SoakResult } from './result.js';
import { ExampleSource } from './stream.js';
import { Watch } from './watch.js';

/** The number of examples between comparisons. */
const CHUNK = 4096;
/** The number of test images whose scores are compared too. */
const PROBE = 16;
/** The number of chunks that the second engine may lag behind. */
const MOST_PENDING = 4;

/** Learns from a stream for the length of the plan, one example at a time: predict(), then learn(). */
export async function measureSoak(plan: SoakPlan, data: TrainTest): Promise<SoakResult> {
  const options: NetworkOptions = { ...plan.network, scaling: 'none' };
  const [inputs = 0] = options.layers;
  // A network for hardware may have more inputs and outputs than the data.
  const { train, test } = { train: padDataset(data.train, inputs), test: padDataset(data.test, inputs) };
  const network = new Network(options);
  const outputs = network.layers.at(-1) as number;
  const probe = (test.inputs.data as Uint8Array).subarray(0, PROBE * inputs);
  const follower = makeFollower(plan, network, (set) => new Follower(options, train, probe, set));
  const source = new ExampleSource(train, network.seed);
  const watch = new Watch(plan, network.layers);
  const scores = new Float32Array(outputs);
  let waited = 0;
  while (!watch.isOver && follower?.differsAt === undefined) {
    const order = source.take(CHUNK);
    let learned = 0;
    while (learned < CHUNK && !watch.isOver) {
      const due = watch.dueNow(CHUNK - learned);
      for (const row of order.subarray(learned, learned + due)) {
        const input = source.rows[row] as Uint8Array;
        const label = source.labels[row] as number;
        const begun = performance.now();
        network.predict(input, scores);
        const predicted = performance.now();
        network.learn(input, label);
        watch.note(predicted - begun, performance.now() - predicted, largest(scores) === label);
      }
      learned += due;
      await watch.pause();
    }
    if (follower === undefined) continue;
    const claim = { examples: watch.examples, digest: network.digest(), scores: probeScores(network, probe) };
    follower.follow(order.subarray(0, learned), network.learningRate, claim);
    const begun = performance.now();
    await follower.settle(MOST_PENDING);
    waited += performance.now() - begun;
  }
  const run = watch.finish();
  await follower?.settle(0);
  return {
    layers: network.layers,
    edges: network.inspect().edges,
    arithmetic: network.arithmetic.kind,
    schedule: options.schedule ?? 'pipelined',
    seed: network.seed,
    kernelSet: network.kernelSet,
    rate: plan.rate ?? null,
    ...run,
    digest: network.digest(),
    check:
      follower === undefined
        ? null
        : {
            kernelSet: follower.kernelSet,
            chunks: follower.chunks,
            examples: follower.examples,
            differsAt: follower.differsAt ?? null,
            waitedSeconds: rounded(waited / 1000),
          },
  };
}

function makeFollower(
  { check }: SoakPlan,
  network: Network,
  make: (kernelSet: KernelSet) => Follower,
): Follower | undefined {
  if (check === 'none') return undefined;
  const sets = kernelSets();
  if (check !== 'other' && !sets.includes(check)) {
    throw new SparseTrainError(
      'ISA_UNAVAILABLE',
      `there is no kernel set ${check} here for the second engine; there are ${sets.join(', ')}`,
    );
  }
  const other = sets.filter((set) => set !== network.kernelSet).at(-1) ?? sets[0];
  return make(check === 'other' ? (other as KernelSet) : check);
}

/** The scores of the probe's examples, from single calls. */
function probeScores(network: Network, probe: Uint8Array): Float32Array {
  const [inputs = 0] = network.layers;
  const outputs = network.layers.at(-1) as number;
  const scores = new Float32Array(PROBE * outputs);
  for (let i = 0; i < PROBE; i++)
    network.predict(
      probe.subarray(i * inputs, (i + 1) * inputs),
      scores.subarray(i * outputs, (i + 1) * outputs),
    );
  return scores;
}

function largest(scores: Float32Array): number {
  let best = 0;
  for (let k = 1; k < scores.length; k++) if ((scores[k] as number) > (scores[best] as number)) best = k;
  return best;
}
