import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BenchResult } from '../../lib/bench/result.js';
import { measuring } from '../../lib/engine/measuring.js';
import { native } from '../../lib/engine/native.js';
import { expectMistake, run, runHere, runJson, workFolder } from '../cli/run.js';
import { GPU, RESULT } from './sample.js';

const cwd = workFolder();
const sets = native().kernelSets();

async function quick(part: string, ...words: string[]): Promise<BenchResult> {
  return (await runJson(['bench', part, '--quick', ...words], { cwd: cwd() })) as unknown as BenchResult;
}

describe('sparse-train bench', () => {
  it('refuses what it does not know, with a near miss', async () => {
    await expectMistake(['bench', 'onlin'], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['what must be one of', 'did you mean online?'],
    });
    await expectMistake(['bench', 'online', '--baseline', 'pytorch-gpu'], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['--baseline', 'did you mean pytorch-cpu?'],
    });
    await expectMistake(['bench', 'online', '--baseline', 'none,fann'], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['--baseline none'],
    });
    await expectMistake(['bench'], { status: 2, code: 'MISSING_ARGUMENT', says: ['what'] });
  });

  it('measures online training on every kernel set, and its limits', async () => {
    const result = await quick('online', '--threads', '2');
    expect(result).toMatchObject({ format: 'sparse-train-bench', version: 1, quick: true });
    expect(result.machine).toMatchObject({ kernelSets: sets });
    expect(result.limits?.map(({ kernelSet }) => kernelSet)).toEqual(sets);
    const rows = result.online?.networks ?? [];
    expect(new Set(rows.map(({ kernelSet }) => kernelSet))).toEqual(new Set(sets));
    for (const { layers, edges, denseEdges, microseconds, products, effectiveProducts, active } of rows) {
      expect(edges / denseEdges).toBeCloseTo(0.1, 1);
      expect(microseconds.min).toBeGreaterThan(0);
      // Two for each edge of the first junction, three for the second.
      expect(products).toBe(2 * edges + 10 * (layers[1] as number));
      expect(effectiveProducts).toBeLessThan(products);
      expect(active).toHaveLength(2);
      expect(active[0]).toBeCloseTo(0.19, 1);
    }
    expect(result.online?.versus).toMatchObject({ ours: { name: 'sparse-train', batch: 1 }, others: [] });
    expect(result.baselines.every(({ status }) => status === 'not asked for')).toBe(true);
  });

  it('measures prediction and calls from JavaScript', async () => {
    const { predict } = await quick('predict');
    expect(predict?.batches.every(({ samplesPerSecond }) => samplesPerSecond.median > 0)).toBe(true);
    const { learn } = await quick('learn');
    for (const timing of [learn?.learn, learn?.predict]) {
      expect(timing?.nanoseconds.median).toBeGreaterThan(0);
      expect(timing?.p99).toBeGreaterThanOrEqual(timing?.p50 ?? Number.NaN);
    }
  });

  it('measures the time to an accuracy, ours by two recipes', async () => {
    const { timeToAccuracy } = await quick('time-to-accuracy');
    expect(timeToAccuracy?.ours.map(({ mode }) => mode)).toEqual(['mnist', 'fast']);
    for (const { accuracy, reached, seeds } of timeToAccuracy?.ours ?? []) {
      expect({ reached, seeds }).toEqual({ reached: 1, seeds: 1 });
      expect(accuracy).toBeGreaterThanOrEqual(timeToAccuracy?.target ?? 1);
    }
  });

  it('measures every operation of every kernel set', async () => {
    const { kernels = [] } = await quick('kernels');
    const operations = measuring().kernelOperations();
    expect(kernels).toHaveLength(operations.length * sets.length);
    for (const { unit, products, items, cycles, shareOfLimit } of kernels) {
      expect(products > 0).toBe(unit === 'edges');
      expect(items).toBeGreaterThan(0);
      expect(cycles.median).toBeGreaterThan(0);
      expect(shareOfLimit).toBeGreaterThan(0);
    }
  });

  it('measures the published network in the hardware arithmetic beside its FPGA', async () => {
    const { hardware } = await quick('hardware');
    expect(hardware?.fpga).toEqual({ megahertz: 15, clocks: 34, imagesPerSecond: 441_176 });
    expect(hardware?.rows).toHaveLength(3 * sets.length);
    for (const { microseconds, ratio } of hardware?.rows ?? [])
      expect(ratio.median * microseconds.median).toBeCloseTo(34 / 15, 1);
  });

  it('measures the peak memory of a separate process', async () => {
    const { memory } = await quick('memory');
    expect(memory?.nodeBytes).toBeGreaterThan(10e6);
    expect(memory?.peakBytes).toBeGreaterThan(memory?.nodeBytes ?? 0);
    expect(memory?.testAccuracy).toBeGreaterThan(0.5);
  });

  it('prints tables for people, and nothing on standard error where that is not a terminal', async () => {
    const { status, stdout, stderr } = await run(['bench', 'kernels', '--quick'], { cwd: cwd() });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('forwardTiles');
    expect(stdout).toContain('What one core can do');
  });

  it('writes results and the report', async () => {
    const json = join(cwd(), 'kernels.json');
    const page = join(cwd(), 'report', 'benchmarks.md');
    await runJson(['bench', 'kernels', '--quick', '--json-out', json, '--out', page], { cwd: cwd() });
    expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({ format: 'sparse-train-bench' });
    expect(await readFile(page, 'utf8')).toContain('# Benchmarks');
    expect(await readFile(join(cwd(), 'report', 'lab', 'kernels.md'), 'utf8')).toContain(
      '](../images/roofline.svg)',
    );
    expect(existsSync(join(cwd(), 'report', 'images', 'roofline.svg'))).toBe(true);
  });
});

describe('sparse-train bench report', () => {
  it('writes the page again from result files only', async () => {
    const results = join(cwd(), 'results');
    await mkdir(results);
    await writeFile(join(results, 'ours.json'), JSON.stringify(RESULT));
    await writeFile(join(results, 'gpu.json'), JSON.stringify(GPU.document));
    const page = join(cwd(), 'again', 'benchmarks.md');
    const words = ['bench', 'report', '--results', results, '--out', page];
    const { status, stdout } = await runHere(words);
    expect(status).toBe(0);
    expect(stdout).toContain('Example GPU');
    const first = await readFile(page, 'utf8');
    expect(first).toContain('Example CPU');
    await runHere(words);
    expect(await readFile(page, 'utf8')).toBe(first);
  });

  it('says what to do if there are no results', async () => {
    await expectMistake(['bench', 'report', '--results', join(cwd(), 'nothing')], {
      status: 1,
      code: 'FILE_NOT_FOUND',
      says: ['measure first: sparse-train bench all'],
    });
  });
});
