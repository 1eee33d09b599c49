#!/usr/bin/env node
/**
 * Shows how a search scales to many workers: the real conductor and a real Redis server, with workers that
 * take trials from the queue like real ones, but only wait as long as a recorded trial took.
 *
 * node scripts/simulate-queue.mjs study.jsonl docs/results/queue-scaling.json 1 2 10 100 1000
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { root } from './run.mjs';

const load = (name) => import(pathToFileURL(join(root, 'dist', '.build', 'modules', 'search', name)).href);
const { QUEUE, WORKERS, workerMember } = await load('queue/protocol.js');

/** Trials per worker, and the minimum in total: the first ones are slower. */
const ROUNDS = 3;
const FEWEST = 30;

if (process.argv[2] === 'workers') await beWorkers(process.argv[3], Number(process.argv[4]));
else await simulate(process.argv[2], process.argv[3], process.argv.slice(4).map(Number));

/** This many workers in this process, each with its own connection that waits for trials. */
async function beWorkers(url, count) {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  connection.setMaxListeners(0);
  const workers = Array.from(
    { length: count },
    () =>
      new Worker(
        QUEUE,
        async (job) => {
          const { seconds, values } = job.data.fit.recorded;
          await job.updateProgress({ type: 'start', worker: 'simulated' });
          await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
          return { state: 'complete', values, curve: [], seconds };
        },
        { connection, concurrency: 1, lockDuration: 60_000 },
      ),
  );
  for (const worker of workers) worker.on('error', () => undefined);
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  const sign = async () => {
    const [seconds] = await connection.time();
    await connection.zadd(WORKERS, Number(seconds) * 1000 + 60_000, workerMember('simulated', count));
  };
  await sign();
  setInterval(sign, 10_000);
}

async function simulate(journal, out, counts) {
  const { conductStudy } = await load('run.js');
  const { createStudy } = await load('public/search.js');
  const { QueueExecutor } = await load('queue/queue-executor.js');
  const recorded = readFileSync(journal, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ type, state }) => type === 'end' && state === 'complete')
    .map(({ seconds, values }) => ({ seconds, values }));
  const results = [];
  for (const workers of counts) {
    const folder = mkdtempSync(join(tmpdir(), 'sparse-train-simulation-'));
    const port = await freePort();
    const url = `redis://127.0.0.1:${port}`;
    const redis = spawn(
      'redis-server',
      ['--port', String(port), '--dir', folder, '--appendonly', 'yes', '--maxclients', '20000', '--save', ''],
      { stdio: 'ignore' },
    );
    const ready = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 100 });
    ready.on('error', () => undefined);
    await ready.ping();
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'workers', url, String(workers)], {
      stdio: 'inherit',
    });
    while ((await ready.zcard(WORKERS)) === 0) await new Promise((resolve) => setTimeout(resolve, 200));
    const trials = Math.max(FEWEST, ROUNDS * workers);
    const definition = {
      trials,
      sampler: 'random',
      space: { recorded: { kind: 'categorical', choices: recorded } },
      network: { layers: [784, 16, 10] },
      fit: { recorded: '$recorded' },
    };
    const study = await createStudy(definition, { journal: join(folder, 'study.jsonl') });
    const executor = await QueueExecutor.connect(url);
    const cpu = process.cpuUsage();
    const begun = performance.now();
    const starts = [];
    await conductStudy(study, executor, (trial) => study.task(trial, 'simulated'), {
      onEvent: ({ type, trial }) => {
        if (type === 'start') starts[trial.number] = (performance.now() - begun) / 1000;
      },
    });
    const seconds = (performance.now() - begun) / 1000;
    // Until the last trial began, no worker should have been idle; afterwards there was not enough work for
    // all.
    const last = Math.max(...starts);
    const took = study.trials.map((trial) => trial.seconds);
    const ends = starts.map((start, i) => start + took[i]);
    const { user, system } = process.cpuUsage(cpu);
    const work = took.reduce((sum, one) => sum + one, 0);
    const busy = starts.reduce((sum, start, i) => sum + Math.min(ends[i], last) - start, 0) / workers / last;
    await executor.close();
    await study.close();
    child.kill();
    redis.kill();
    ready.disconnect();
    rmSync(folder, { recursive: true });
    const coordinatorSeconds = (user + system) / 1e6 / trials;
    const result = {
      workers,
      trials,
      ended: study.ended,
      seconds,
      work,
      secondsUntilLastBegan: last,
      busy,
      coordinatorSeconds,
      coordinatorShare: coordinatorSeconds / (work / trials),
      load: loadavg()[0],
    };
    results.push(result);
    console.log(
      `${workers} workers: ${trials} trials of ${(work / trials).toFixed(2)} s in ${seconds.toFixed(1)} s, workers busy until the last began ` +
        `${(100 * busy).toFixed(1)} %, conductor ${(1000 * coordinatorSeconds).toFixed(2)} ms of CPU a trial ` +
        `(${(100 * result.coordinatorShare).toFixed(3)} %)`,
    );
  }
  const machine = { cpu: cpus()[0]?.model, cores: availableParallelism() };
  // Keeps measurements with other numbers of workers.
  const before = existsSync(out) ? JSON.parse(readFileSync(out, 'utf8')).results : [];
  const all = [...before.filter((result) => !counts.includes(result.workers)), ...results];
  all.sort((a, b) => a.workers - b.workers);
  writeFileSync(
    out,
    `${JSON.stringify({ machine, rounds: ROUNDS, fewest: FEWEST, results: all }, null, 1)}\n`,
  );
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
