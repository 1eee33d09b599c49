import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { MORSE_FRAME, MORSE_SYMBOLS } from '../../lib/catalog/morse.js';
import { loadDataset, Network } from '../../lib/index.js';
import { makeMorse, padDataset } from '../../lib/public/data.js';
import type { ClassificationMetrics } from '../../lib/public/types.js';
import { bitWidthRuns, FORMATS, formatName } from '../../lib/reproduce/bit-widths.js';
import { CURVES, densityCurveRuns, densityOf } from '../../lib/reproduce/density-curve.js';
import { interleaverRuns, VARIANTS } from '../../lib/reproduce/interleavers.js';
import { reproductionPage } from '../../lib/reproduce/page.js';
import { reproduce } from '../../lib/reproduce/reproduce.js';
import { loadResults, type Results, saveResults, summarise } from '../../lib/reproduce/results.js';
import type { Run } from '../../lib/reproduce/run.js';
import { workFolder } from '../cli/run.js';

const folder = workFolder();

const runs = [1, 2, 3].map(
  (seed): Run => ({
    key: `seed ${seed}`,
    group: 'all',
    data: { name: 'morse', rows: 300, validation: 'test' },
    seed,
    network: { layers: [80, 8, 64] },
    fit: { epochs: 2, learningRate: 0.1 },
  }),
);

/** Every test has its own folder. */
let tests = 0;
beforeEach(() => {
  tests++;
});

const options = () => ({ folder: join(folder(), String(tests), 'results'), quick: false, threads: 1 });
const file = () => join(options().folder, 'toy.json');
const journal = () => join(options().folder, 'toy.jsonl');

describe('a reproduction', () => {
  it('gives what the same network learns by fit(), padded to its first layer', async () => {
    const { trials } = await reproduce('toy', runs.slice(1, 2), options());
    const { train, test } = await loadDataset('morse');
    const padded = (part: typeof train) => padDataset(part, 80);
    const network = new Network({ layers: [80, 8, 64], seed: 2 });
    await network.fit(padded(train.slice(0, 300)), { epochs: 2, learningRate: 0.1 });
    const { accuracy } = (await network.evaluate(padded(test))) as ClassificationMetrics;
    expect(trials).toEqual([
      expect.objectContaining({ key: 'seed 2', group: 'all', seed: 2, accuracy, digest: network.digest() }),
    ]);
  });

  it('keeps each result as it comes and resumes through its journal', async () => {
    const controller = new AbortController();
    const stopped = await reproduce('toy', runs, {
      ...options(),
      signal: controller.signal,
      onResult: ({ done }) => done === 2 && controller.abort(),
    });
    expect(stopped.trials.map(({ key }) => key)).toEqual(['seed 1', 'seed 2']);
    expect(await loadResults(file())).toEqual(stopped);
    // As after a crash, before the results file was written.
    await rm(file());
    const seen: string[] = [];
    const whole = await reproduce('toy', runs, {
      ...options(),
      onResult: ({ done, of, last }) => seen.push(`${done} of ${of}: ${last.key}`),
    });
    expect(seen).toEqual(['1 of 3: seed 1', '2 of 3: seed 2', '3 of 3: seed 3']);
    expect(whole.trials.slice(0, 2)).toEqual(stopped.trials);
    expect(whole.trials).toHaveLength(3);
    expect(existsSync(journal())).toBe(false);
  });

  it('computes only what the results file does not have', async () => {
    const whole = await reproduce('toy', runs, options());
    const none = runs.map((run) => ({ ...run, data: { ...run.data, name: 'there is none' } }));
    expect(await reproduce('toy', none, options())).toEqual(whole);
    // A false result shows which ones are computed again.
    const marked = whole.trials.map((trial) => ({ ...trial, accuracy: 0.125 }));
    await saveResults(file(), { ...whole, trials: marked.filter(({ seed }) => seed !== 2) });
    const { trials } = await reproduce('toy', runs, options());
    expect(trials).toEqual([marked[0], { ...whole.trials[1], trainSeconds: expect.any(Number) }, marked[2]]);
  });

  it('keeps quick results apart, and refuses the results and the journal of something else', async () => {
    const one = runs.slice(0, 1);
    await reproduce('toy', one, { ...options(), quick: true });
    const unknown = one.map((run) => ({ ...run, data: { ...run.data, name: 'there is none' } }));
    await expect(reproduce('toy', unknown, options())).rejects.toThrow(/there is none/);
    // The run that failed has no result, and is tried again.
    expect((await reproduce('toy', one, options())).trials).toHaveLength(1);
    await writeFile(join(options().folder, 'another.json'), await readFile(file()));
    await expect(reproduce('another', one, options())).rejects.toMatchObject({
      code: 'INVALID_FILE',
      message: expect.stringContaining('of toy, not of another'),
    });
    await rm(file());
    await expect(reproduce('toy', unknown, options())).rejects.toThrow();
    await expect(reproduce('toy', runs, options())).rejects.toMatchObject({
      code: 'INVALID_FILE',
      message: expect.stringContaining('toy.jsonl'),
    });
    await writeFile(file(), '{"half');
    await expect(loadResults(file())).rejects.toMatchObject({ code: 'INVALID_FILE' });
    expect(await loadResults(join(folder(), 'none.json'))).toBeUndefined();
  });

  it('is summed up by mean and sample deviation', () => {
    const result = (accuracy: number, seed: number) => ({
      key: `${seed}`,
      group: 'g',
      seed,
      accuracy,
      density: 0.5,
      weightsAtLimit: 0.1 * seed,
      digest: '',
      trainSeconds: 1,
    });
    expect(summarise([result(0.9, 1), result(0.8, 2), result(0.7, 3)]).get('g')).toMatchObject({
      mean: expect.closeTo(0.8, 12),
      deviation: expect.closeTo(0.1, 12),
      weightsAtLimit: expect.closeTo(0.2, 12),
    });
  });
});

describe('the studies', () => {
  it('have a key for every run, and every published format and variant', () => {
    for (const quick of [true, false]) {
      for (const all of [bitWidthRuns(quick), interleaverRuns(quick), densityCurveRuns(quick)])
        expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
    }
    expect(FORMATS.map(formatName)).toEqual([
      '1.2.5',
      '1.1.8',
      '1.2.7',
      '1.3.6',
      '1.2.9',
      '1.3.8',
      '1.3.12',
      '1.4.11',
      '1.10.21',
    ]);
    const groups = new Set(interleaverRuns(false).map(({ group }) => group));
    expect(groups.size).toBe(2 * VARIANTS.length);
  });

  it('belong to existing networks', () => {
    const first = new Map(
      [...bitWidthRuns(true), ...interleaverRuns(true), ...densityCurveRuns(true)].map((run) => [
        run.group,
        run,
      ]),
    );
    for (const { network } of first.values()) expect(() => new Network(network)).not.toThrow();
  });

  it('make a page with a table and pictures of what was run, and say what was not', () => {
    const results: Results = {
      study: 'bit-widths',
      quick: false,
      machine: 'a machine',
      kernelSet: 'scalar',
      trials: [0.91, 0.93].map((accuracy, i) => ({
        key: `${i}`,
        group: 'hardware 1.3.8 part',
        seed: i,
        accuracy,
        density: 0.1,
        weightsAtLimit: 0,
        digest: '',
        trainSeconds: 2,
      })),
    };
    const { text, images } = reproductionPage(results, undefined, undefined, undefined);
    expect(text).toContain('| 12 | 1.3.8 | 92.00 ± 1.41 (91.00 to 93.00) | 0.0 | 92.4 | not run |');
    expect(text).toContain('## Interleavers\n\nNot run yet.');
    expect([...images.keys()]).toEqual(['bit-widths-part.svg']);
    expect(images.get('bit-widths-part.svg')).toContain('12 bits, 1.3.8');
    expect(reproductionPage(undefined, undefined, undefined, undefined).images.size).toBe(0);
  });

  it('ask for networks of the published densities', () => {
    const shares = CURVES.map((curve) =>
      curve.points.map((point) => (100 * densityOf(curve, point)).toFixed(1)),
    );
    expect(shares).toEqual([
      ['1.5', '2.1', '3.0', '5.7', '10.1', '19.8', '38.3', '100.0'],
      ['2.2', '5.6', '11.1', '21.0', '40.7', '100.0'],
    ]);
    for (const { network, group } of densityCurveRuns(true)) {
      const curve = CURVES.find(({ name }) => group.includes(name));
      const point = curve?.points.find(({ fanOut }) => group.includes(` ${fanOut.join(',')} `));
      if (curve === undefined || point === undefined) throw new Error(`no point of ${group}`);
      expect(new Network(network).inspect().density).toBeCloseTo(densityOf(curve, point), 10);
    }
  });

  it('compare each density with the published value', () => {
    const trial = (group: string, accuracy: number) => ({
      key: group,
      group,
      seed: 1,
      accuracy,
      density: 0.03,
      weightsAtLimit: 0,
      digest: '',
      trainSeconds: 2,
    });
    const { text, images } = reproductionPage(undefined, undefined, undefined, {
      study: 'density-curve',
      quick: false,
      machine: 'a machine',
      kernelSet: 'scalar',
      trials: [
        trial('published 784-112-10 2,10 structured', 0.95),
        trial('published 784-112-10 112,10 dense', 0.98),
        trial('wide 784-112-10 2,10 structured', 0.94),
      ],
    });
    expect(text).toContain('| 3.0 | 2, 10 | 95.15 | 95.00 | not run | not run | -0.15 |');
    expect(text).toContain('| 100.0 | 112, 10 | 97.95 | 98.00 |  |  | +0.05 |');
    expect(text).toContain('*published* 2 of 2, *cosine* 0 of 0, *wide* 0 of 1.');
    expect([...images.keys()]).toEqual(['density-784-112-10.svg']);
  });

  it('are what the committed page was written from', async () => {
    const root = new URL('../../docs/', import.meta.url);
    const read = async (name: string) =>
      JSON.parse(await readFile(new URL(`results/${name}.json`, root), 'utf8')) as Results;
    const { text, images } = reproductionPage(
      await read('bit-widths'),
      await read('interleavers'),
      await read('accuracy'),
      await read('density-curve'),
    );
    expect(await readFile(new URL('reproduction.md', root), 'utf8')).toBe(text);
    for (const [name, svg] of images)
      expect(await readFile(new URL(`images/${name}`, root), 'utf8')).toBe(svg);
  });
});

describe('the Morse code set', () => {
  const set = makeMorse({ perSymbol: 50, seed: 3 });
  const { targets } = set;
  if (targets.kind !== 'classes') throw new Error('no classes');

  it('has 64 symbols, all different, in frames of 64 cells', () => {
    expect(MORSE_SYMBOLS).toHaveLength(64);
    expect([set.rows, set.features, set.outputs]).toEqual([3200, MORSE_FRAME, 64]);
  });

  it('has dots of 1 to 3 cells, dashes of 4 to 9 and gaps of 1 to 3, as its symbols ask', () => {
    const codes = new Map<string, string>();
    for (let row = 0; row < set.rows; row++) {
      const cells = Array.from(set.inputs.row(row), (value) => (value > 0 ? '#' : ' '))
        .join('')
        .trimEnd();
      const runs = cells.match(/#+| +/g) as string[];
      for (const [i, run] of runs.entries()) expect(run.length).toBeLessThanOrEqual(i % 2 === 0 ? 9 : 3);
      const code = runs
        .filter((run) => run.startsWith('#'))
        .map((run) => (run.length <= 3 ? '.' : '-'))
        .join('');
      const symbol = targets.classes[targets.labels[row] as number] as string;
      expect(codes.get(symbol) ?? code).toBe(code);
      codes.set(symbol, code);
    }
    expect(new Set(codes.values()).size).toBe(64);
    expect([codes.get('A'), codes.get('0'), codes.get('?'), codes.get('S')]).toEqual([
      '.-',
      '-----',
      '..--..',
      '...',
    ]);
  });

  it('has lit cells of mean 12 and deviation 1.34 of 16', () => {
    const lit = Array.from(set.inputs.data as Uint8Array)
      .filter((value) => value > 0)
      .map((value) => (value + 0.5) / 16);
    const mean = lit.reduce((sum, value) => sum + value, 0) / lit.length;
    const deviation = Math.sqrt(lit.reduce((sum, value) => sum + (value - mean) ** 2, 0) / lit.length);
    expect(mean).toBeCloseTo(12, 1);
    expect(deviation).toBeGreaterThan(1.3);
    expect(deviation).toBeLessThan(1.37);
  });

  it('is the same for the same seed, and is known by name', async () => {
    expect(makeMorse({ perSymbol: 50, seed: 3 }).inputs.data).toEqual(set.inputs.data);
    expect(makeMorse({ perSymbol: 50, seed: 4 }).inputs.data).not.toEqual(set.inputs.data);
    const { train, test } = await loadDataset('morse');
    expect([train.rows, test.rows]).toEqual([51_200, 6400]);
    await expect(loadDataset('morse', { directory: '.' })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    expect(() => makeMorse({ perSymbol: 0 })).toThrow(/perSymbol/);
  });
});
