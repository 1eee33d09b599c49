import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Crew } from '../../lib/bench/baselines/crew.js';
import { BASELINES, type Baseline } from '../../lib/bench/baselines/registry.js';
import { BaselineWorker } from '../../lib/bench/baselines/worker.js';
import { measureBeside } from '../../lib/bench/batch-beside.js';
import type { BenchPlan } from '../../lib/bench/plan.js';
import type { PassesRow } from '../../lib/bench/result.js';
import { batchSection } from '../../lib/terminal/bench/batch.js';
import { targetsOf } from '../../scripts/benchmarks/targets.mjs';
import { MISSING_NETWORK } from './plan.js';
import { RESULT } from './sample.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sparse-train-beside-'));
});
afterAll(() => rm(folder, { recursive: true }));

const plan: BenchPlan = {
  quick: true,
  threads: [1],
  mnist: MISSING_NETWORK,
  fast: MISSING_NETWORK,
  baselines: [],
  rounds: 2,
  slice: 0.01,
  soak: { network: MISSING_NETWORK.network, seconds: 1, rate: undefined, check: 'none' },
  onStep: () => undefined,
  signal: new AbortController().signal,
};

/** A crew with one worker, which answers every request with the value of an expression. */
async function crewOf(name: string, expression: string): Promise<Crew> {
  const path = join(folder, `${Math.random()}.mjs`);
  await writeFile(
    path,
    `import { createInterface } from 'node:readline';
     console.log(JSON.stringify({ ready: true, versions: {} }));
     for await (const line of createInterface({ input: process.stdin })) {
       const request = JSON.parse(line);
       console.log(JSON.stringify(${expression}));
     }`,
  );
  const baseline = BASELINES.find((one) => one.name === name) as Baseline;
  const launch = () => ({ command: process.execPath, words: [path] });
  const crew = new Crew();
  crew.workers.push((await BaselineWorker.start({ ...baseline, launch })) as BaselineWorker);
  return crew;
}

describe('the passes beside others', () => {
  it('are counted by the edges of the sparse junction, whatever others multiply', async () => {
    const crew = await crewOf(
      'scipy',
      '{ forward: 1, backward: 2, update: request.batch / 128 * request.left / 784 * request.threads }',
    );
    const beside = await measureBeside(plan, crew, 128);
    crew.close();
    expect(beside).toMatchObject({ left: 784, right: 1024, density: 0.1 });
    const [ours, theirs] = (beside?.rows ?? []) as [PassesRow, PassesRow];
    expect([ours.name, ours.dense, ours.ratio.median]).toEqual(['sparse-train', false, 1]);
    expect(ours.step.median).toBeGreaterThan(0);
    const products = 78 * 1024 * 128;
    expect([theirs.name, theirs.dense]).toEqual(['scipy', false]);
    expect(theirs.forward.median / products).toBeCloseTo(1, 3);
    expect(theirs.backward.median / (products / 2)).toBeCloseTo(1, 3);
    expect(theirs.step.median / ((3 * products) / 4)).toBeCloseTo(1, 4);
    // Their time is the same in every round. Ours is measured while other tests run, so it may be anything.
    expect(theirs.ratio.max / (ours.step.max / theirs.step.median)).toBeCloseTo(1, 3);
    expect(theirs.ratio.min / (ours.step.min / theirs.step.median)).toBeCloseTo(1, 3);
  });

  it('go without one that fails', async () => {
    const crew = await crewOf('numpy', '{ forward: 1 }');
    const beside = await measureBeside(plan, crew, 128);
    expect(beside?.rows.map(({ name }) => name)).toEqual(['sparse-train']);
    expect(crew.statuses).toMatchObject([
      { name: 'numpy', status: 'failed', reason: 'the answer lacks a pass' },
    ]);
    expect(await measureBeside(plan, crew, 128)).toBeUndefined();
  });

  it('are separate targets, sparse and dense', () => {
    const summary = (median: number) => ({ median, min: median, max: median, repeats: 1 });
    const row = (name: string, dense: boolean, ratio: number): PassesRow => ({
      name,
      dense,
      forward: summary(1e9),
      backward: summary(1e9),
      update: summary(1e9),
      step: summary(1e9),
      ratio: summary(ratio),
    });
    const rows = [
      row('sparse-train', false, 1),
      row('scipy', false, 9),
      row('pytorch-csr', false, 6),
      row('numpy', true, 3),
    ];
    const batch = {
      batch: 128,
      passes: [],
      versus: [],
      beside: { left: 784, right: 1024, density: 0.1, rows },
    };
    const result = { ...RESULT, batch };
    const targets = targetsOf(result, []).filter(({ what }) => what.includes('against the fastest'));
    expect(targets.map(({ measured, score }) => [measured, score])).toEqual([
      ['6.00x (pytorch-csr)', 1.5],
      ['3.00x (numpy)', 0.75],
      [undefined, undefined],
    ]);
    const table = batchSection(result).tables.find(({ title }) => title?.includes('beside'));
    expect(table?.rows.map(([name, kind]) => [name, kind])).toEqual([
      ['sparse-train', 'sparse'],
      ['scipy', 'sparse'],
      ['pytorch-csr', 'sparse'],
      ['numpy', 'dense'],
    ]);
  });
});
