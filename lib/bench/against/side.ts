/**
 * The program of a build's process: `node side.js ENTRY`, where ENTRY is the module that `import 'sparse-train'` loads. It
 * does the work of `bench online --against` with that build, which may be an older or a newer one than this file. So it uses
 * the public API and, where the build still has it, the engine's training call, which can time stretches of an epoch.
 */
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { ComparedCase } from './cases.js';
import type { Hello, SideReply, SideRequest } from './protocol.js';

/** The parts of a build's engine that are used here. */
interface Engine {
  train(job: object): Promise<{ seconds: number }>;
  predict(job: object): Promise<{ seconds: number }>;
}

/** The parts of a build's API that are used here. */
interface Network {
  readonly core?: { readonly engine?: Partial<Engine> };
  learningRate: number;
  fit(data: Data, options: object): Promise<{ trainSeconds: number; kernelSet: string }>;
  evaluate(data: Data): Promise<{ accuracy: number }>;
  learn(row: Uint8Array, label: number): void;
  predict(row: Uint8Array, scores: Float32Array): Float32Array;
  predictBatch(rows: Uint8Array, options: object): Promise<unknown>;
  digest(): string;
}

interface Data {
  readonly rows: number;
  readonly inputs: { readonly data: Uint8Array; readonly columns: number };
  readonly targets: { readonly labels: Int32Array; readonly classes: readonly string[] };
}

interface Api {
  Network: new (options: object) => Network;
  Dataset: { from(source: object): Data };
  loadDataset(name: string): Promise<{ train: Data; test: Data }>;
}

/** Work that is timed repeatedly. */
interface Task {
  readonly network: Network;
  measure(size: number): Promise<SideReply>;
}

/** Rows that fix inputs and classes before anything is timed. */
const FIRST_ROWS = 500;
const TARGET = 0.97;
const QUARTERS = 4;

// The process that started this one shows the last line of standard error.
process.once('uncaughtException', ({ message }: Error) => {
  process.stderr.write(`${message.split('\n', 1)[0]}\n`, () => process.exit(1));
});

const entry = process.argv[2] as string;
const api = (await import(pathToFileURL(entry).href)) as Api;
const mnist = await api.loadDataset('mnist');

/** The first rows, with pixels of zero replaced if requested. */
function some({ inputs, targets }: Data, rows: number, noZeros = false): Data {
  const { data, columns } = inputs;
  const pixels = data.subarray(0, rows * columns);
  return api.Dataset.from({
    inputs: noZeros ? pixels.map((pixel) => Math.max(pixel, 1)) : pixels,
    columns,
    labels: targets.labels.subarray(0, rows),
    classes: targets.classes,
  });
}

/** A repeatable order of the training examples (xorshift, Fisher-Yates). */
function shuffled(count: number, seed: number): Uint32Array {
  let state = (seed * 2654435761) >>> 0 || 1;
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const j = (state >>> 0) % (i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}

function makeNetwork({ network }: ComparedCase, seed: number): Network {
  return new api.Network({ ...network, scaling: 'none', seed });
}

/** The engine of a network, if the build has one that this program knows how to use. */
function engineOf(network: Network): Engine | undefined {
  const engine = network.core?.engine;
  return typeof engine?.train === 'function' && typeof engine.predict === 'function'
    ? (engine as Engine)
    : undefined;
}

async function prepare(task: ComparedCase, seed: number, stretches: boolean): Promise<Task> {
  const network = makeNetwork(task, seed);
  network.learningRate = task.rate;
  const train = task.noZeros ? some(mnist.train, mnist.train.rows, true) : mnist.train;
  const { work } = task;
  if (work === 'train')
    return stretches ? byStretches(task, network, train, seed) : byEpochs(task, network, train);
  if (work === 'time-to-accuracy') return toAccuracy(task, network, seed, stretches);
  if (work === 'learn') return learning(task, network, train);
  const first = some(train, 5000);
  await network.fit(first, { epochs: 1, learningRate: task.rate, threads: 1 });
  return work === 'predict' ? predicting(network) : predictingAll(network, stretches);
}

async function byStretches(task: ComparedCase, network: Network, train: Data, seed: number): Promise<Task> {
  await network.fit(some(train, FIRST_ROWS), { epochs: 1, learningRate: task.rate, threads: 1 });
  const engine = engineOf(network) as Engine;
  const order = shuffled(train.rows, seed);
  let presented = 0;
  return {
    network,
    async measure(size) {
      const first = presented % (train.rows - size + 1);
      presented = first + size;
      const { seconds } = await engine.train({
        ...jobOf(train, order.subarray(first, first + size)),
        rates: Float64Array.of(task.rate),
        rateInterval: size,
      });
      return { microseconds: (1e6 * seconds) / size };
    },
  };
}

function jobOf({ inputs, targets }: Data, order: Uint32Array) {
  return { inputs: inputs.data, targets: targets.labels, order, threads: 1, drain: false };
}

function byEpochs(task: ComparedCase, network: Network, train: Data): Task {
  return {
    network,
    async measure() {
      const run = await network.fit(train, { epochs: 1, learningRate: task.rate, threads: 1 });
      return { microseconds: (1e6 * run.trainSeconds) / train.rows };
    },
  };
}

async function toAccuracy(
  task: ComparedCase,
  network: Network,
  seed: number,
  stretches: boolean,
): Promise<Task> {
  const { train, test } = mnist;
  if (!stretches) {
    return {
      network,
      async measure() {
        const learningRate = { kind: 'cosine', rate: task.rate };
        const { trainSeconds } = await network.fit(train, { epochs: 1, learningRate, threads: 1 });
        return { microseconds: 1e6 * trainSeconds, accuracy: (await network.evaluate(test)).accuracy };
      },
    };
  }
  await network.fit(some(train, 1), { epochs: 1, learningRate: task.rate, threads: 1 });
  const engine = engineOf(network) as Engine;
  const order = shuffled(train.rows, seed);
  const rates = Float64Array.from(
    order,
    (_, i) => (task.rate / 2) * (1 + Math.cos((Math.PI * i) / order.length)),
  );
  return {
    network,
    async measure() {
      let seconds = 0;
      let accuracy = 0;
      for (let quarter = 0; quarter < QUARTERS && accuracy < TARGET; quarter++) {
        const [begin, end] = [quarter, quarter + 1].map((part) =>
          Math.floor((part * order.length) / QUARTERS),
        );
        const part = jobOf(train, order.subarray(begin, end));
        seconds += (await engine.train({ ...part, rates: rates.slice(begin, end), rateInterval: 1 })).seconds;
        accuracy = await accuracyOf(engine, test);
      }
      return { microseconds: 1e6 * seconds, accuracy };
    },
  };
}

async function accuracyOf(engine: Engine, { inputs, targets, rows }: Data): Promise<number> {
  const decisions = new Uint32Array(rows);
  await engine.predict({ inputs: inputs.data, count: rows, threads: 1, decisions });
  return decisions.reduce((right, decision, i) => right + Number(decision === targets.labels[i]), 0) / rows;
}

async function learning(task: ComparedCase, network: Network, train: Data): Promise<Task> {
  await network.fit(some(train, FIRST_ROWS), { epochs: 1, learningRate: task.rate, threads: 1 });
  network.learningRate = task.rate;
  const rows = rowsOf(train);
  const { labels } = train.targets;
  let next = 0;
  return {
    network,
    async measure(size) {
      return timed(size, () => {
        const row = next++ % rows.length;
        network.learn(rows[row] as Uint8Array, labels[row] as number);
      });
    },
  };
}

function predicting(network: Network): Task {
  const rows = rowsOf(mnist.test);
  const scores = new Float32Array(10);
  let next = 0;
  return {
    network,
    async measure(size) {
      return timed(size, () => network.predict(rows[next++ % rows.length] as Uint8Array, scores));
    },
  };
}

function predictingAll(network: Network, stretches: boolean): Task {
  const { inputs, rows } = mnist.test;
  const engine = stretches ? engineOf(network) : undefined;
  const decisions = new Uint32Array(rows);
  return {
    network,
    async measure() {
      if (engine !== undefined) {
        const job = { inputs: inputs.data, count: rows, threads: 1, decisions };
        return { microseconds: (1e6 * (await engine.predict(job)).seconds) / rows };
      }
      const begin = performance.now();
      await network.predictBatch(inputs.data, { threads: 1 });
      return { microseconds: (1000 * (performance.now() - begin)) / rows };
    },
  };
}

function rowsOf({ inputs, rows }: Data): Uint8Array[] {
  const { data, columns } = inputs;
  return Array.from({ length: Math.min(rows, 20_000) }, (_, i) => data.slice(i * columns, (i + 1) * columns));
}

function timed(calls: number, call: () => void): SideReply {
  const begin = performance.now();
  for (let i = 0; i < calls; i++) call();
  return { microseconds: (1000 * (performance.now() - begin)) / calls };
}

const send = (message: Hello | SideReply) => process.stdout.write(`${JSON.stringify(message)}\n`);

const probe = new api.Network({ layers: [2, 4, 2], scaling: 'none', seed: 1 });
const tiny = api.Dataset.from({ inputs: Uint8Array.of(0, 1, 1, 0), columns: 2, labels: Int32Array.of(0, 1) });
const { kernelSet } = await probe.fit(tiny, { epochs: 1 });
send({ ready: true, stretches: engineOf(probe) !== undefined, kernelSet });

let task: Task | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  try {
    const request = JSON.parse(line) as SideRequest;
    if (request.ask === 'prepare') {
      task = await prepare(request.task, request.seed, request.stretches);
      send({});
    } else if (task === undefined) {
      send({ error: 'nothing has been prepared' });
    } else {
      send(request.ask === 'digest' ? { digest: task.network.digest() } : await task.measure(request.size));
    }
  } catch (error) {
    send({ error: error instanceof Error ? error.message : String(error) });
  }
}
