import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Crew } from '../../lib/bench/baselines/crew.js';
import { baselinePlaces } from '../../lib/bench/baselines/places.js';
import { BASELINES, type Baseline } from '../../lib/bench/baselines/registry.js';
import { bestSettings } from '../../lib/bench/baselines/settings.js';
import { BaselineWorker, type WorkerRequest } from '../../lib/bench/baselines/worker.js';
import { compare } from '../../lib/bench/compare.js';
import type { BenchPlan } from '../../lib/bench/plan.js';
import type { BaselineStatus } from '../../lib/bench/result.js';
import { MISSING_NETWORK } from './plan.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sparse-train-baselines-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A baseline whose worker is this program. */
async function baseline(program: string, name = 'pytorch-cpu'): Promise<Baseline> {
  const path = join(folder, `${Math.random()}.mjs`);
  await writeFile(path, program);
  const found = BASELINES.find((one) => one.name === name) as Baseline;
  return { ...found, launch: () => ({ command: process.execPath, words: [path] }) };
}

/** Answers every request with the value of an expression. */
const answering = (expression: string) => `
import { createInterface } from 'node:readline';
console.log('a library says hello');
console.log(JSON.stringify({ ready: true, versions: { example: '1.0' } }));
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  console.log(JSON.stringify(${expression}));
}`;

const TRAIN: WorkerRequest = {
  measure: 'train',
  layers: [784, 16, 10],
  batch: 4,
  threads: 1,
  seconds: 0.01,
};

describe('a worker', () => {
  it('answers requests, whatever else its libraries print', async () => {
    const worker = await BaselineWorker.start(
      await baseline(answering('{ samplesPerSecond: request.batch }')),
    );
    expect(worker).toBeInstanceOf(BaselineWorker);
    if (!(worker instanceof BaselineWorker)) return;
    expect(worker.versions).toEqual({ example: '1.0' });
    expect(await worker.ask(TRAIN)).toEqual({ samplesPerSecond: 4 });
    expect(await worker.ask({ ...TRAIN, batch: 8 })).toEqual({ samplesPerSecond: 8 });
    worker.close();
  });

  it('is missing, with its own reason and what installs it, if it ends before it is ready', async () => {
    const program = `console.error('example is not installed'); process.exit(3);`;
    const status = (await BaselineWorker.start(await baseline(program))) as BaselineStatus;
    expect(status).toMatchObject({ status: 'missing', reason: 'example is not installed' });
    expect(status.install).toContain('pip install -r scripts/baselines/requirements.txt');
  });

  it('is missing if its program or its script is not there', async () => {
    const found = await baseline('');
    const none = { ...found, launch: () => ({ command: join(folder, 'no-such-program'), words: [] }) };
    expect(await BaselineWorker.start(none)).toMatchObject({
      status: 'missing',
      reason: expect.stringContaining('ENOENT'),
    });
    const unscripted = BASELINES[0] as Baseline;
    expect(await BaselineWorker.start(unscripted, baselinePlaces(folder))).toMatchObject({
      status: 'missing',
      reason: `there is no script for it in ${join(folder, 'scripts', 'baselines')}`,
    });
  });

  it('passes errors on', async () => {
    const failing = await BaselineWorker.start(await baseline(answering(`{ error: 'out of memory' }`)));
    await expect((failing as BaselineWorker).ask(TRAIN)).rejects.toThrow('out of memory');
    (failing as BaselineWorker).close();
    const ending = await BaselineWorker.start(await baseline(answering('process.exit(1)')));
    await expect((ending as BaselineWorker).ask(TRAIN)).rejects.toThrow('it ended');
  });
});

/** A crew with these workers. */
async function crewOf(...baselines: Baseline[]): Promise<Crew> {
  const crew = new Crew();
  for (const one of baselines) crew.workers.push((await BaselineWorker.start(one)) as BaselineWorker);
  return crew;
}

function plan(rounds: number): BenchPlan {
  return {
    quick: false,
    threads: [1, 2],
    mnist: MISSING_NETWORK,
    fast: MISSING_NETWORK,
    baselines: [],
    rounds,
    slice: 0.01,
    soak: { network: MISSING_NETWORK.network, seconds: 1, rate: undefined, check: 'none' },
    onStep: () => undefined,
    signal: new AbortController().signal,
  };
}

describe('a comparison', () => {
  it('takes turns, and its ratios are those of each round', async () => {
    const crew = await crewOf(
      await baseline(answering('{ samplesPerSecond: 10 * request.batch }'), 'plain-js'),
    );
    const speeds = [1000, 100, 200, 300]; // the first only warms up
    let round = 0;
    const ours = {
      name: 'sparse-train',
      layers: [784, 16, 10],
      dense: false,
      batch: 1,
      threads: 1,
      measure: async () => speeds[round++] as number,
    };
    const { ours: own, others } = await compare(plan(3), crew, 'train', ours);
    expect(own.samplesPerSecond).toEqual({ median: 200, min: 100, max: 300, repeats: 3 });
    expect(others).toEqual([
      {
        name: 'plain-js',
        layers: [784, 16, 10],
        dense: true,
        batch: 1,
        threads: 1,
        samplesPerSecond: { median: 10, min: 10, max: 10, repeats: 3 },
        ratio: { median: 20, min: 10, max: 30, repeats: 3 },
      },
    ]);
    crew.close();
  });

  it('keeps the forms that work when others fail, and dismisses a baseline none of whose forms does', async () => {
    const some = `request.mode === 'eager' ? { samplesPerSecond: 1 } : { error: 'no compiler' }`;
    const crew = await crewOf(
      await baseline(answering(some)),
      await baseline(answering(`{ error: 'broken' }`), 'plain-js'),
    );
    const ours = {
      name: 'sparse-train',
      layers: [784, 16, 10],
      dense: false,
      batch: 1,
      threads: 1,
      measure: async () => 100,
    };
    const { others } = await compare(plan(1), crew, 'train', ours);
    expect(new Set(others.map(({ mode }) => mode))).toEqual(new Set(['eager']));
    expect(crew.workers.map(({ baseline: { name } }) => name)).toEqual(['pytorch-cpu']);
    expect(crew.statuses).toEqual([
      { name: 'plain-js', status: 'failed', reason: 'broken', versions: { example: '1.0' } },
    ]);
    crew.close();
  });
});

describe('the crew of a run', () => {
  it('lists baselines that were not asked for, and starts none of them', async () => {
    const crew = await Crew.start(plan(1), baselinePlaces(folder));
    expect(crew.workers).toEqual([]);
    expect(crew.statuses).toEqual(BASELINES.map(({ name }) => ({ name, status: 'not asked for' })));
  });

  it('lists what is missing with what installs it', async () => {
    const crew = await Crew.start({ ...plan(1), baselines: ['fann'] }, baselinePlaces(folder));
    expect(crew.statuses.find(({ name }) => name === 'fann')).toMatchObject({
      status: 'missing',
      install: 'apt-get install libfann-dev gcc',
    });
  });
});

describe('the places of baselines', () => {
  const named = (name: string) => BASELINES.find((one) => one.name === name) as Baseline;

  it('are the scripts of a checkout, and commands are shown for its root', async () => {
    const root = await mkdtemp(join(folder, 'checkout-'));
    await writeFile(join(root, 'tsconfig.json'), '{}');
    const places = baselinePlaces(root);
    expect(places).toMatchObject({ scripts: join(root, 'scripts', 'baselines'), tools: places.scripts });
    expect(named('brain.js').install(places)).toBe('npm ci --ignore-scripts --prefix scripts/baselines/js');
  });

  it("keep libraries in the user's cache for an installed package", async () => {
    const root = await mkdtemp(join(folder, 'installed-'));
    const { scripts, tools, shown } = baselinePlaces(root);
    expect(tools).not.toContain(root);
    expect(shown).toEqual({ scripts, tools });
    const python = named('numba').install({ scripts, tools, shown });
    expect(python).toContain(`python3 -m venv ${join(tools, '.venv')} && ${join(tools, '.venv')}`);
    const javascript = named('tfjs-wasm').install({ scripts, tools, shown });
    expect(javascript).toContain(`cp ${join(scripts, 'js', 'package*.json')} ${join(tools, 'js')}`);
    expect(javascript).toContain(`--prefix ${join(tools, 'js')}`);
  });

  it('have the script of every baseline', () => {
    const places = baselinePlaces();
    for (const baseline of BASELINES)
      for (const word of baseline.launch(places)?.words.slice(0, 1) ?? ['nothing'])
        expect({ name: baseline.name, exists: existsSync(word) }).toEqual({
          name: baseline.name,
          exists: true,
        });
  });
});

describe('settings of dense networks', () => {
  it('are the fastest that a search on any machine found, before the usual ones', async () => {
    const row = { measure: 'time-to-accuracy', mode: 'eager-manual', layers: [784, 64, 10], batch: 32 };
    const rows = [
      { ...row, seconds: 0.9, learningRate: 0.2 },
      { ...row, seconds: 0.5, learningRate: 0.1, momentum: 0.9, decayEpochs: 2, centredInput: true },
      { ...row, seconds: 0.1, mode: 'eager', learningRate: 7 },
    ];
    const document = { format: 'sparse-train-baseline', baseline: 'pytorch-cpu', machine: {}, rows };
    await writeFile(join(folder, 'pytorch-cpu.json'), JSON.stringify(document));
    const settings = bestSettings(folder);
    expect(settings.map(({ learningRate }) => learningRate).slice(0, 2)).toEqual([0.1, 0.2]);
    expect(settings[0]).toMatchObject({ momentum: 0.9, decayEpochs: 2, centredInput: true });
    expect(bestSettings(join(folder, 'none'))).toHaveLength(3);
  });
});
