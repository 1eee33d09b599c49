/// <reference lib="dom" />
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StudyDefinition } from '../../lib/search/definition/definition.js';
import { createStudy } from '../../lib/search/index.js';
import { runHere, workFolder } from '../cli/run.js';
import { fitsAcross, HAS_BROWSER, TestBrowser } from './browser.js';

/** How many different colours each chart of a study has in it, all of its layers together. */
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
    const words = ['report', join(folder(), 'study.jsonl'), '--out', join(folder(), 'study.html'), '--json'];
    const { status, stdout } = await runHere(words);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ study: 'a study', trials: 60 });
  }, 120_000);
  afterAll(() => browser?.close());

  it('draws every chart, in both colour schemes, and asks nobody for anything', async () => {
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
