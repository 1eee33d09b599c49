/// <reference lib="dom" />
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStudy, type StudyDefinition } from '../../lib/public/search.js';
import { runHere, workFolder } from '../cli/run.js';
import { fitsAcross, HAS_BROWSER, TestBrowser } from './browser.js';

/** The number of different colours in each chart of a study, all layers together. */
function chartColours(page: Page): Promise<Record<string, number>> {
  return page.evaluate(async () => {
    for (let i = 0; i < 3; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
    const charts = [...document.querySelectorAll<HTMLElement>('[data-study-chart]')];
    return Object.fromEntries(
      charts.map((chart) => {
        const colours = [...chart.querySelectorAll('canvas')].flatMap((canvas) => {
          const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
          return [...new Set(new Uint32Array(pixels?.buffer ?? new ArrayBuffer(0)))];
        });
        return [chart.dataset.studyChart ?? '', new Set(colours).size];
      }),
    );
  });
}

/** The texts of a chart and their places, as ECharts draws them. */
interface Label {
  text: string;
  box: { x: number; y: number; width: number; height: number };
}

function labelsOf(page: Page, chart: string): Promise<Label[]> {
  return page.evaluate(async (name) => {
    for (let i = 0; i < 3; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
    const { echarts } = globalThis as unknown as { echarts: typeof import('echarts') };
    const element = document.querySelector<HTMLElement>(`[data-study-chart=${name}]`);
    if (element === null) return [];
    interface Drawn {
      type: string;
      invisible: boolean;
      style: { text?: string };
      transform?: number[];
      getBoundingRect(): { clone(): Label['box'] & { applyTransform(by: number[]): void } };
    }
    const list = echarts
      .getInstanceByDom(element)
      ?.getZr()
      .storage.getDisplayList(true) as unknown as Drawn[];
    return list
      .filter(({ type, invisible, style }) => type === 'tspan' && !invisible && style.text !== '')
      .map((drawn) => {
        const box = drawn.getBoundingRect().clone();
        if (drawn.transform) box.applyTransform(drawn.transform);
        const { x, y, width, height } = box;
        return { text: String(drawn.style.text), box: { x, y, width, height } };
      });
  }, chart);
}

async function chartLabels(page: Page, chart: string): Promise<string[]> {
  return (await labelsOf(page, chart)).map(({ text }) => text);
}

/** Texts of charts that are cut off at an edge of their chart. */
async function clippedLabels(page: Page): Promise<string[]> {
  const clipped: string[] = [];
  for (const chart of ['front', 'history', 'parallel', 'importance', 'map']) {
    const size = await page.locator(`[data-study-chart=${chart}]`).boundingBox();
    for (const { text, box } of await labelsOf(page, chart)) {
      const isInside =
        box.x > -1 &&
        box.y > -1 &&
        box.x + box.width < (size?.width ?? 0) + 1 &&
        box.y + box.height < (size?.height ?? 0) + 1;
      if (!isInside) clipped.push(`${chart}: ${text}`);
    }
  }
  return clipped;
}

/** Pairs of texts of a chart that cover each other by more than a pixel. */
async function overlappingLabels(page: Page): Promise<string[]> {
  const pairs: string[] = [];
  for (const chart of ['front', 'history', 'parallel', 'importance', 'map']) {
    const labels = await labelsOf(page, chart);
    expect(labels.length, chart).toBeGreaterThan(4);
    for (const [i, { text, box: a }] of labels.entries()) {
      for (const { text: other, box: b } of labels.slice(i + 1)) {
        const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
        const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
        if (across > 1 && down > 1) pairs.push(`${chart}: ${text} / ${other}`);
      }
    }
  }
  return pairs;
}

const EVIL = '<img src=x onerror=alert(1)>';

const definition: StudyDefinition = {
  name: 'a study',
  trials: 60,
  sampler: 'random',
  objectives: [
    { measure: 'accuracy', direction: 'maximize' },
    { measure: 'edges', direction: 'minimize' },
  ],
  space: {
    width: { kind: 'int', low: 8, high: 512, log: true },
    kind: { kind: 'categorical', choices: ['plain', EVIL] },
    rate: { kind: 'float', low: 0.01, high: 0.1, when: { kind: 'plain' } },
    arithmetic: {
      kind: 'categorical',
      choices: [
        { kind: 'wide', weightBits: 8, weightFraction: 5 },
        { kind: 'wide', weightBits: 16, weightFraction: 12 },
        { kind: 'float' },
      ],
    },
  },
};

/** A study with more axes than fit side by side, names and choices that are long, and three objectives. */
const large: StudyDefinition = {
  name: 'a large study',
  trials: 300,
  sampler: 'random',
  objectives: [
    { measure: 'accuracy', direction: 'maximize' },
    { measure: 'edges', direction: 'minimize' },
    { measure: 'trainSeconds', direction: 'minimize' },
  ],
  space: {
    firstHiddenWidth: { kind: 'int', low: 16, high: 4096, log: true },
    secondHiddenWidth: { kind: 'int', low: 16, high: 4096, log: true },
    densityOfFirstJunction: { kind: 'float', low: 0.001, high: 1, log: true },
    densityOfSecondJunction: { kind: 'float', low: 0.01, high: 1, log: true },
    rate: { kind: 'float', low: 1e-5, high: 0.0625, log: true },
    momentum: { kind: 'float', low: 0, high: 0.99 },
    batch: { kind: 'categorical', choices: [1, 16, 64, 256] },
    arithmetic: definition.space.arithmetic as StudyDefinition['space'][string],
    activation: {
      kind: 'categorical',
      choices: ['relu', 'sigmoid', 'hard-sigmoid', 'leaky-relu-with-slope'],
    },
  },
};

describe.skipIf(!HAS_BROWSER)("a study's report in a browser", () => {
  const folder = workFolder();
  let browser: TestBrowser;

  beforeAll(async () => {
    browser = await TestBrowser.start();
    const study = await createStudy(definition, { journal: join(folder(), 'study.jsonl') });
    for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
      const width = trial.parameters.width as number;
      study.tell(trial, { values: { accuracy: 1 - 1 / width, edges: 10 * width } });
    }
    await study.close();
    const many = await createStudy(large, { journal: join(folder(), 'large.jsonl') });
    for (let trial = many.ask(); trial !== undefined; trial = many.ask()) {
      const { firstHiddenWidth: width, densityOfFirstJunction: density } = trial.parameters as Record<
        string,
        number
      >;
      const values = {
        accuracy: 1 - 1 / (width as number),
        edges: 784 * (width as number) * (density as number),
      };
      many.tell(trial, { values: { ...values, trainSeconds: 1 + (trial.number % 17) } });
    }
    await many.close();
    expect(
      await runHere(['report', join(folder(), 'large.jsonl'), '--out', join(folder(), 'large.html')]),
    ).toMatchObject({
      status: 0,
    });
    const words = ['report', join(folder(), 'study.jsonl'), '--out', join(folder(), 'study.html'), '--json'];
    const { status, stdout } = await runHere(words);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ study: 'a study', trials: 60 });
  }, 120_000);
  afterAll(() => browser?.close());

  it('draws every chart, in both colour schemes, and requests nothing from other servers', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      const { page, complaints, requests } = await browser.open(
        pathToFileURL(join(folder(), 'study.html')).href,
        { scheme },
      );
      expect(complaints).toEqual([]);
      expect(requests).toEqual([]);
      const charts = await chartColours(page);
      expect(Object.keys(charts).sort()).toEqual(['front', 'history', 'importance', 'map', 'parallel']);
      expect(Math.min(...Object.values(charts))).toBeGreaterThan(20);
      expect(await fitsAcross(page)).toBe(true);
      expect(await page.textContent('main')).toContain('What decides');
    }
  });

  it.each([
    [1200, 'light'],
    [1200, 'dark'],
    [375, 'light'],
    [375, 'dark'],
  ] as const)('has no label over another one at %i pixels, %s', async (width, scheme) => {
    for (const name of ['study.html', 'large.html']) {
      const url = pathToFileURL(join(folder(), name)).href;
      const { page, complaints } = await browser.open(url, { width, scheme });
      expect(complaints).toEqual([]);
      expect(await fitsAcross(page)).toBe(true);
      expect(await overlappingLabels(page)).toEqual([]);
      expect(await clippedLabels(page)).toEqual([]);
      await page.close();
    }
  });

  it('names every axis in full, however many there are', async () => {
    const { page } = await browser.open(pathToFileURL(join(folder(), 'large.html')).href, { width: 1200 });
    const labels = await chartLabels(page, 'parallel');
    for (const name of [...Object.keys(large.space), 'accuracy', 'edges', 'trainSeconds'])
      expect(labels).toContain(name);
    await page.close();
  });

  it('shows the front of three objectives in any two of them, in short, and marks it in the table', async () => {
    const { page } = await browser.open(pathToFileURL(join(folder(), 'large.html')).href);
    expect(await page.locator('#best tbody tr').count()).toBeLessThanOrEqual(20);
    expect(await page.locator('#front-x').inputValue()).toBe('1');
    await page.selectOption('#front-x', { label: 'trainSeconds' });
    expect(await chartLabels(page, 'front')).toContain('trainSeconds');
    await page.click('#trial-table th:has-text("front") button');
    expect(await page.locator('#trial-table tbody tr:first-child td:nth-child(3)').textContent()).toBe(
      'front',
    );
    await page.close();
  });

  it('says in words, not by an empty chart, that trials are too few', async () => {
    const small = { ...definition, name: 'a small study', trials: 3 };
    const study = await createStudy(small, { journal: join(folder(), 'small.jsonl') });
    for (let trial = study.ask(); trial !== undefined; trial = study.ask())
      study.tell(trial, { values: { accuracy: 0.5, edges: trial.number } });
    await study.close();
    await runHere(['report', join(folder(), 'small.jsonl'), '--out', join(folder(), 'small.html')]);
    const { page } = await browser.open(pathToFileURL(join(folder(), 'small.html')).href, { width: 375 });
    expect(await page.locator('[data-study-chart=importance]').isVisible()).toBe(false);
    expect(await page.textContent('#importance-message')).toMatch(/^3 complete trials are too few/);
    expect((await page.locator('#importance').boundingBox())?.height).toBeLessThan(300);
    await page.close();
  });

  it('calls choices that are objects by short labels, everywhere', async () => {
    const { page } = await browser.open(pathToFileURL(join(folder(), 'study.html')).href);
    const text = (await page.textContent('main')) ?? '';
    expect(text).not.toContain('{"kind"');
    expect(text).toContain('wide, weightBits 8');
    await page.close();
  });

  it('says which colour means which number', async () => {
    const { page } = await browser.open(pathToFileURL(join(folder(), 'study.html')).href);
    const labels = await chartLabels(page, 'parallel');
    expect(labels.filter((label) => /^\d.* % accuracy$/.test(label))).toHaveLength(1);
    await page.close();
  });

  it('has a table of all trials that is sorted by any column', async () => {
    const { page } = await browser.open(pathToFileURL(join(folder(), 'study.html')).href);
    const column = (index: number) =>
      page.locator(`#trial-table tbody tr td:nth-child(${index})`).allTextContents();
    expect(await column(1)).toHaveLength(20);
    await page.click('#more-trials');
    expect(await column(1)).toEqual(Array.from({ length: 60 }, (_, i) => String(i)));
    const sorted = async (heading: string) => {
      await page.click(`#trial-table th:has-text("${heading}") button`);
      return (await column(5)).map((text) => Number(text.replaceAll(',', '')));
    };
    const ascending = await sorted('edges');
    expect(ascending).toEqual([...ascending].sort((a, b) => a - b));
    expect(await sorted('edges')).toEqual([...ascending].reverse());
    expect(await page.locator('#trial-table th[aria-sort=descending]').textContent()).toBe('edges ↓');
    // Trials without a value come last in both orders.
    await sorted('rate');
    expect((await column(8)).at(-1)).toBe('–');
    await sorted('rate');
    expect((await column(8)).at(-1)).toBe('–');
    await page.close();
  });

  it('saves the table as CSV, in its order', async () => {
    const { page, complaints } = await browser.open(pathToFileURL(join(folder(), 'study.html')).href);
    await page.click('#trial-table th:has-text("edges") button');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save-trials')]);
    expect(download.suggestedFilename()).toBe('a study.csv');
    const lines = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    expect(lines[0]).toBe('trial,state,front,accuracy,edges,width,kind,rate,arithmetic,seconds');
    expect(lines).toHaveLength(61);
    const edges = lines.slice(1).map((line) => Number(line.split(',')[4]));
    expect(edges).toEqual([...edges].sort((a, b) => a - b));
    expect(lines.some((line) => line.includes('"wide, weightBits 8"'))).toBe(true);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('draws the map of any two parameters, and of either objective', async () => {
    const { page, complaints } = await browser.open(pathToFileURL(join(folder(), 'study.html')).href);
    // ECharts draws with the next frame.
    const picture = () =>
      page.evaluate(async () => {
        for (let i = 0; i < 3; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
        const canvases = document.querySelectorAll<HTMLCanvasElement>('[data-study-chart=map] canvas');
        return [...canvases].map((canvas) => canvas.toDataURL()).join();
      });
    const first = await picture();
    await page.selectOption('#map-y', { label: 'rate' });
    const second = await picture();
    await page.selectOption('#map-objective', { label: 'edges' });
    expect(new Set([first, second, await picture()]).size).toBe(3);
    expect(complaints).toEqual([]);
  });

  it('runs nothing that a study says', () => {
    const page = readFileSync(join(folder(), 'study.html'), 'utf8');
    expect(page).not.toContain(EVIL);
    expect(page).toContain('&lt;img src=x');
  });

  it('does not replace what is not a report', async () => {
    const file = join(folder(), 'mine.html');
    writeFileSync(file, 'mine');
    expect(await runHere(['report', join(folder(), 'study.jsonl'), '--out', file])).toMatchObject({
      status: 1,
    });
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});
