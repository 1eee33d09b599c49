#!/usr/bin/env node
/**
 * Measures `sparse-train serve` beside a bare fastify route that parses and answers the same JSON, with autocannon on
 * loopback. Rounds alternate, and ratios are taken round by round.
 *
 *     node scripts/measure-serve.mjs                rates and latencies: predict, learn with both policies, bare
 *     node scripts/measure-serve.mjs stalls         how long snapshots of about 2 million weights block the event loop
 *     node scripts/measure-serve.mjs soak SECONDS [RATE]
 *                                                   half load, mixed, or RATE requests a second: memory and latency over time
 *                                                   (an hour: 3600); fails if a request is refused or the memory grows
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import Fastify from 'fastify';
import { Learner, Network } from '../dist/index.js';
import { DurableModel } from '../dist/public/serve.js';

const here = fileURLToPath(import.meta.url);
const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const ROUNDS = 5;
const SECONDS = 4;
const CONNECTIONS = 20;
/** How much larger the memory of a server may be at the end of a soak than after its first quarter. */
const MOST_GROWTH = 1.3;

const rowOf = (i) => ({
  price: ((i * 7919) % 1000) / 10,
  zone: `zone-${i % 7}`,
  at: new Date(1.7e12 + i * 3.6e6).toISOString(),
  weight: (i * 31) % 97,
});
const targetOf = (i) => ((i * 7919) % 1000 > 500 === i % 7 < 4 ? 'up' : 'down');

/** The route that everything is compared with: it parses a row and answers with a prediction, without a model. */
async function bare() {
  const app = Fastify();
  const prediction = {
    class: 'up',
    probability: 0.7312541,
    probabilities: { up: 0.7312541, down: 0.2687459 },
  };
  app.post('/predict', async ({ body }) => (body.row === undefined ? {} : prediction));
  app.post('/learn', async ({ body }) => (body.row === undefined ? {} : { predicted: 'up', loss: 0.3131 }));
  console.error(JSON.stringify({ msg: 'serving', url: await app.listen({ host: '127.0.0.1', port: 0 }) }));
}

/** Starts a server on the last core, and waits for its address. */
async function begin(words) {
  const pinned = process.platform === 'linux' ? ['taskset', '-c', '1', process.execPath] : [process.execPath];
  const [command, ...rest] = [...pinned, ...words];
  const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
  const url = await new Promise((resolve, reject) => {
    let text = '';
    child.stderr.on('data', (part) => {
      text += part;
      const line = text.split('\n').find((one) => one.includes('"msg":"serving"'));
      if (line !== undefined) resolve(JSON.parse(line).url);
    });
    child.once('exit', () => reject(new Error(text)));
  });
  return { url, child };
}

async function end({ child }) {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

function request(path, body) {
  return {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}
const PREDICT = Array.from({ length: 100 }, (_, i) => request('/predict', { row: rowOf(i) }));
const LEARN = Array.from({ length: 100 }, (_, i) =>
  request('/learn', { row: rowOf(i), target: targetOf(i) }),
);

async function fire(url, requests, more = {}) {
  const result = await autocannon({ url, requests, connections: CONNECTIONS, duration: SECONDS, ...more });
  if (result.non2xx + result.errors > 0)
    throw new Error(`${result.non2xx} refusals, ${result.errors} errors`);
  const { requests: rate, latency } = result;
  return { rate: rate.average, p50: latency.p50, p99: latency.p99, mean: latency.average };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function compare(folder) {
  const trained = join(folder, 'trained.safetensors');
  const learner = new Learner();
  for (let i = 0; i < 5000; i++) learner.learn(rowOf(i), targetOf(i));
  await learner.save(trained);
  const serve = async (fsync) => {
    const file = join(folder, `${fsync}.safetensors`);
    await learner.save(file);
    return begin([program, 'serve', file, '--port', '0', '--fsync', fsync, '--max-pending', '100000']);
  };
  const [plain, interval, always] = [
    await begin([here, 'bare']),
    await serve('interval'),
    await serve('always'),
  ];
  const sides = {
    'bare predict': [plain, PREDICT],
    predict: [interval, PREDICT],
    'bare learn': [plain, LEARN],
    'learn, interval': [interval, LEARN],
    'learn, always': [always, LEARN],
  };
  const results = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (const [server, requests] of Object.values(sides)) await fire(server.url, requests, { duration: 2 });
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, [server, requests]] of Object.entries(sides))
      results[name].push(await fire(server.url, requests));
  for (const server of [plain, interval, always]) await end(server);
  const rows = Object.entries(results).map(([name, runs]) => {
    const beside = results[name.includes('learn') ? 'bare learn' : 'bare predict'];
    return {
      name,
      'requests/s': Math.round(median(runs.map(({ rate }) => rate))),
      'p50 ms': median(runs.map(({ p50 }) => p50)),
      'p99 ms': median(runs.map(({ p99 }) => p99)),
      'rate / bare': Number(median(runs.map(({ rate }, i) => rate / beside[i].rate)).toFixed(3)),
      // autocannon counts whole milliseconds.
      'p99 / bare': beside.some(({ p99 }) => p99 === 0)
        ? 'bare < 1 ms'
        : median(runs.map(({ p99 }, i) => p99 / beside[i].p99)),
    };
  });
  console.table(rows);
}

/** The longest time for which the event loop was blocked while an action ran. */
async function longestStall(action) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await new Promise((resolve) => setTimeout(resolve, 50));
  delay.reset();
  await action();
  delay.disable();
  return delay.max / 1e6;
}

async function stalls(folder) {
  const learnerFile = join(folder, 'learner.safetensors');
  const learner = new Learner();
  // 192 weights for each name.
  for (let i = 0; learner.inspect().bytes < 4e6; i++)
    learner.learn({ ...rowOf(i), user: `user-${i}` }, targetOf(i));
  await learner.save(learnerFile);
  const networkFile = join(folder, 'network.safetensors');
  const network = new Network({ layers: [1000, 2000, 10], density: 1, seed: 1 });
  await network.save(networkFile);
  for (const [name, file, lesson] of [
    [
      'learner',
      learnerFile,
      (i) => ({ row: { ...rowOf(i), user: `user-${i % 1000}` }, target: targetOf(i) }),
    ],
    [
      'network',
      networkFile,
      (i) => ({ row: Array.from({ length: 1000 }, (_, k) => ((i * k) % 7) / 7), target: i % 10 }),
    ],
  ]) {
    const model = await DurableModel.open(file);
    const idle = [];
    const snapshots = [];
    for (let i = 0; i < 12; i++) {
      idle.push(await longestStall(() => model.learn(lesson(2 * i))));
      snapshots.push(await longestStall(() => model.snapshot()));
    }
    console.log(
      `${name}, ${model.model.weights} weights: longest stall ${Math.max(...snapshots.slice(2)).toFixed(1)} ms in a snapshot (median ` +
        `${median(snapshots.slice(2)).toFixed(1)} ms, least ${Math.min(...snapshots).toFixed(1)} ms), ${Math.max(...idle.slice(2)).toFixed(1)} ms in learning one row`,
    );
    await model.close();
  }
}

async function soak(folder, seconds, wanted) {
  const file = join(folder, 'soak.safetensors');
  const server = await begin([
    program,
    'serve',
    file,
    '--new',
    '--port',
    '0',
    '--fsync',
    'interval',
    '--snapshot-every',
    '10',
  ]);
  const mixed = PREDICT.flatMap((one, i) => [one, LEARN[i]]);
  const rate = wanted ?? Math.floor((await fire(server.url, mixed, { duration: 5 })).rate / 2);
  const part = Math.max(5, seconds / 20);
  const points = [];
  for (let done = 0; done < seconds; done += part) {
    const { p50, p99, mean } = await fire(server.url, mixed, {
      duration: part,
      overallRate: rate,
    });
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const memory = Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1]) / 2 ** 20;
    points.push({
      seconds: Math.round(done + part),
      'memory MB': Math.round(memory),
      'p50 ms': p50,
      'mean ms': mean,
      'p99 ms': p99,
    });
  }
  await end(server);
  // The first quarter fills caches and the young generation of the heap.
  const settled = points.slice(Math.ceil(points.length / 4)).map((point) => point['memory MB']);
  const growth = settled.at(-1) / settled[0];
  if (growth > MOST_GROWTH) {
    console.error(`the memory grew by ${((growth - 1) * 100).toFixed(0)} % after the first quarter`);
    process.exitCode = 1;
  }
  console.log(`${rate} requests a second`);
  console.table(points);
}

const [what, seconds, rate] = process.argv.slice(2);
if (what === 'bare') await bare();
else {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-train-serve-'));
  try {
    if (what === 'stalls') await stalls(folder);
    else if (what === 'soak')
      await soak(folder, Number(seconds), rate === undefined ? undefined : Number(rate));
    else await compare(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
