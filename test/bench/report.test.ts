import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { readResultFiles } from '../../lib/bench/result-files.js';
import { benchmarkPage } from '../../lib/terminal/bench/page.js';
import { rooflineSvg, withRoofline } from '../../lib/terminal/bench/roofline.js';
import { statusText } from '../../lib/terminal/bench/sections.js';
import { benchText } from '../../lib/terminal/bench/text.js';
import { GPU, RESULT } from './sample.js';

const headings = (page: string) => page.split('\n').filter((line) => line.startsWith('#'));

describe('docs/benchmarks.md', () => {
  it('has a section for everything, with the strongest rivals first', () => {
    expect(headings(benchmarkPage(RESULT, [GPU]))).toEqual([
      '# Benchmarks',
      '## Against the strongest rival',
      '## The machine',
      '## Online training',
      '## GPUs, on other machines',
      '## Time to 97 % on MNIST',
      '## Prediction',
      '## Calls from JavaScript',
      '## Against another build of this package',
      '## Memory',
      '## Baselines',
      '## Notes of the result files',
    ]);
  });

  it('has tables whose rows are as wide as their heads', () => {
    const lines = benchmarkPage(RESULT, [GPU]).split('\n');
    let width = 0;
    for (const [i, line] of lines.entries()) {
      if (!line.startsWith('|')) continue;
      const cells = line.split(/(?<!\\)\|/).length;
      if (!lines[i - 1]?.startsWith('|')) width = cells;
      expect(cells, line).toBe(width);
      expect(line).not.toMatch(/undefined|NaN|Infinity|\[object/);
    }
  });

  it('gives numbers from the results, with their spread', () => {
    const page = benchmarkPage(RESULT, [GPU]);
    expect(page).toContain(
      '| 784-128-10 | 10,000 | 9.8 % | 19 %, 50 % | avx512 | 1 | 0.500 (0.450 to 0.550) |',
    );
    expect(page).toContain(
      '| pytorch-cpu | eager | 784-512-10 dense | 1 | 1 | 4,000/s (3,600/s to 4,400/s) | 100x',
    );
    expect(page).toContain('| CUDA graph | cuda-graph, compile-graph | 50.0 k/s | - | 8.00x |');
    expect(page).toContain(
      'hand-written kernels | triton-graph, persistent-kernel | - | - | - | - | not measured',
    );
  });

  it('names the rival that came closest, sparse and dense, at batch 1 and at any', () => {
    const page = benchmarkPage(RESULT, [GPU]);
    const section = page.slice(page.indexOf('## Against the strongest'), page.indexOf('## The machine'));
    const rows = section.split('\n').filter((line) => /^\| (online|the same|time)/.test(line));
    const shape = (dense: string, batch: number, threads: string) =>
      `784-512-10 ${dense}, batch ${batch}, ${threads}`;
    expect(rows).toEqual([
      `| online training at batch 1, one core | 784-512-10 sparse | zero-skipping-cpp: ${shape('dense', 1, '1 thread')} | 80.0 k/s | 5.00x (4.50x to 5.50x) |`,
      `| the same with a dense network on both sides | 784-512-10 dense | zero-skipping-cpp: ${shape('dense', 1, '1 thread')} | 80.0 k/s | 2.50x (2.25x to 2.75x) |`,
      `| online training, against any batch size and number of threads | 784-512-10 sparse | pytorch-cpu eager-manual: ${shape('dense', 1024, '2 threads')} | 160 k/s | 2.50x (2.25x to 2.75x) |`,
      '| time to 97 % of MNIST, one core | 784-512-10 sparse, mnist | pytorch-cpu eager-manual: 784-100-10 dense, batch 128, 1 thread | 0.60 s | 3.00x (2.45x to 3.67x) |',
    ]);
  });

  it('says that no GPU has been measured if there is no file', () => {
    expect(benchmarkPage(RESULT, [])).toContain('Nobody has measured a GPU yet.');
  });

  it('leaves parts out that were not measured', () => {
    const { predict: _, memory: __, ...some } = RESULT;
    expect(headings(benchmarkPage(some, []))).not.toContain('## Prediction');
  });
});

describe('the roofline', () => {
  it('replaces what it wrote before and nothing else', () => {
    const page = '# Kernels\n\nBefore.\n\n<!-- roofline:begin -->\nold\n<!-- roofline:end -->\n\nAfter.\n';
    const once = withRoofline(page, RESULT, 'images/roofline.svg');
    expect(once).toMatch(/^# Kernels\n\nBefore\.\n\n<!-- roofline:begin/);
    expect(once).toMatch(/<!-- roofline:end -->\n\nAfter\.\n$/);
    expect(once).not.toContain('old');
    expect(once).toContain('](images/roofline.svg)');
    expect(once).toContain(
      '| forwardTiles | 784-512 | avx512 | 200 (180 to 220) | 3.20 | edges | 40.0 | L2 |',
    );
    expect(withRoofline(once, RESULT, 'images/roofline.svg')).toBe(once);
  });

  it('is appended to a page that has none', () => {
    const page = withRoofline('# Kernels\n\nText.\n', RESULT, 'x.svg');
    expect(page).toMatch(/^# Kernels\n\nText\.\n\n## Kernels against/);
    expect(withRoofline('', RESULT, 'x.svg')).toMatch(/^# Kernels\n/);
  });

  it('plots every operation on edges, and the roofs', () => {
    const svg = rooflineSvg(RESULT);
    expect(svg).toMatch(/^<svg [^>]*viewBox/);
    expect(svg.match(/<title>/g)).toHaveLength(1);
    expect(svg).toContain('<title>forwardTiles, avx512, 784-512: 40.0 GMAC/s</title>');
    expect(svg).toContain('avx512 peak 200');
    expect(svg).toContain('L2 200 GB/s');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('can be drawn without anything measured', () => {
    const { kernels: _, limits: __, ...empty } = RESULT;
    expect(rooflineSvg(empty)).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe('the report on a terminal', () => {
  it('shows the strongest rivals where there was a comparison', () => {
    const style = { paint: pc.createColors(false), columns: 100 };
    expect(benchText(RESULT, [GPU], style)).toContain('Against the strongest rival');
    const { online: _, predict: __, timeToAccuracy: ___, ...some } = RESULT;
    expect(benchText(some, [GPU], style)).not.toContain('Against the strongest rival');
  });

  it('says what this installation cannot measure', () => {
    const style = { paint: pc.createColors(false), columns: 100 };
    const omitted = { ...RESULT, omitted: 'single kernels; build it with: npm run build' };
    expect(benchText(omitted, [], style)).toContain(
      'Not measured: single kernels; build it with: npm run build',
    );
    expect(benchmarkPage(omitted, [])).toContain('Not measured: single kernels');
  });

  it('says what installs a baseline that is missing', () => {
    const [measured, missing] = RESULT.baselines;
    expect(statusText(measured as never)).toBe('measured');
    expect(statusText(missing as never)).toBe(
      'missing (cc: not found); install it with: apt-get install libfann-dev gcc',
    );
  });
});

describe('result files', () => {
  it('are recognised by their format; ours come newest first, without quick ones', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sparse-train-results-'));
    const write = (name: string, content: unknown) =>
      writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
    await write('a.json', { ...RESULT, takenAt: '2026-01-01T00:00:00Z' });
    await write('b.json', { ...RESULT, takenAt: '2026-01-03T00:00:00Z' });
    await write('c.json', { ...RESULT, quick: true });
    await write('d.json', GPU.document);
    await write('e.json', 'not JSON');
    await write('f.json', { format: 'another' });
    const { own, baselines } = readResultFiles(folder);
    expect(own.map(({ file }) => file)).toEqual(['b.json', 'a.json']);
    expect(baselines.map(({ file }) => file)).toEqual(['d.json']);
    await rm(folder, { recursive: true });
    expect(readResultFiles(folder)).toEqual({ own: [], baselines: [] });
  });
});
