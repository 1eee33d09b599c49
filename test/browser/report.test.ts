import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PENGUINS, runHere, workFolder } from '../cli/run.js';
import {
  canvasColours,
  fitsAcross,
  HAS_BROWSER,
  leastContrast,
  type Opened,
  pictureColours,
  TestBrowser,
} from './browser.js';

const cwd = workFolder();
const at = (name: string) => join(cwd(), name);
const EVIL = '<img src=x onerror=alert(1)>"\'&</script><script>alert(2)</script>';

describe.skipIf(!HAS_BROWSER)('a report in a browser', () => {
  let browser: TestBrowser;
  let opened: Opened;
  const open = (name: string, view = {}) => browser.open(pathToFileURL(at(name)).href, view);

  beforeAll(async () => {
    browser = await TestBrowser.start();
    const mnist = ['mnist', '--layers', '32', '--quiet', '--epochs'];
    expect(await runHere([...mnist, '3', '--out', at('first.safetensors')])).toMatchObject({ status: 0 });
    expect(
      await runHere([...mnist, '2', '--weight-bits', '8', '--out', at('second.safetensors')]),
    ).toMatchObject({
      status: 0,
    });
    expect(await runHere(['report', at('first.jsonl'), '--out', at('one.html')])).toMatchObject({
      status: 0,
    });
    const several = ['report', at('first.jsonl'), at('second.jsonl'), '--out', at('two.html')];
    expect(await runHere(several)).toMatchObject({ status: 0 });
    opened = await open('one.html');
  }, 120_000);
  afterAll(() => browser?.close());

  it('logs no errors and requests nothing from other servers', () => {
    expect(opened.complaints).toEqual([]);
    expect(opened.requests).toEqual([]);
  });

  it('draws curves and pictures, none of them blank', async () => {
    const canvases = await canvasColours(opened.page);
    expect(canvases).toHaveLength(4);
    expect(Math.min(...canvases)).toBeGreaterThan(8);
    const pictures = await pictureColours(opened.page);
    // 24 digits, 24 neurons and all of them, edges and weights of one junction, weights of the dense one.
    expect(pictures).toHaveLength(24 + 25 + 3);
    expect(Math.min(...pictures)).toBeGreaterThan(1);
  });

  it('has everything that it should show', async () => {
    const text = (await opened.page.textContent('main')) ?? '';
    for (const word of [
      'Learning curves',
      'Confusion matrix',
      'Worst examples',
      'Junction 1: 784 to 32 neurons',
      'rounded to 0',
      'deltas clipped',
      'Number formats',
      'processor',
      'npx sparse-train mnist --layers 32',
    ])
      expect(text).toContain(word);
    expect(await opened.page.locator('table.confusion tbody tr').count()).toBe(10);
  });

  it.each([
    { width: 360, scheme: 'light' },
    { width: 360, scheme: 'dark' },
    { width: 1180, scheme: 'dark' },
  ] as const)('can be read at $width pixels in $scheme', async ({ width, scheme }) => {
    for (const name of ['one.html', 'two.html']) {
      const { page, complaints } = await open(name, { width, scheme });
      expect(complaints).toEqual([]);
      expect(await fitsAcross(page)).toBe(true);
      const texts =
        'h1, h2, h3, p, dt, dd, th, td, figcaption, strong, span, small, .best, summary, pre, footer';
      expect(await leastContrast(page, texts)).toBeGreaterThan(4.5);
      expect(Math.min(...(await canvasColours(page)))).toBeGreaterThan(8);
      await page.close();
    }
  });

  it('draws narrow and dense junctions no higher than a third of a screen', async () => {
    const train = ['train', '--data', PENGUINS, '--on-missing', 'skip', '--epochs', '3', '--quiet'];
    await runHere([...train, '--out', at('penguins.safetensors')]);
    await runHere(['report', at('penguins.jsonl'), '--out', at('penguins.html')]);
    const { page } = await open('penguins.html');
    const sizes = await page.evaluate(() =>
      [...document.querySelectorAll('.pair img')].map((image) => {
        const { width, height } = image.getBoundingClientRect();
        return { width, height };
      }),
    );
    // Both junctions are dense: a picture of their edges would be a plain rectangle.
    expect(sizes).toHaveLength(2);
    for (const { width, height } of sizes) {
      expect(Math.min(width, height)).toBeGreaterThan(60);
      expect(height).toBeLessThanOrEqual(300);
    }
    expect(await page.textContent('#junction-1')).toContain(
      'Each left neuron has an edge to each right neuron',
    );
    await page.close();
  });

  it('shows names alone in legends until a pointer is over a chart', async () => {
    const { page } = await open('one.html', { width: 375 });
    const legend = page.locator('[data-chart=loss] .u-legend');
    const visible = async () => (await legend.innerText()).replaceAll(/\s+/g, '');
    expect(await visible()).toBe('trainingtest');
    await page.locator('[data-chart=loss] .u-over').hover();
    await expect.poll(visible).toMatch(/^epoch:?\d+training:?0\.\d+test:?0\.\d+$/);
    await page.close();
  });

  it('says on a phone that a table scrolls, and keeps its first column in sight', async () => {
    const { page } = await open('two.html', { width: 375 });
    const table = page.locator('#confusion-1 .scrolls').first();
    const hint = () => table.evaluate((element) => getComputedStyle(element, '::before').content);
    expect(await hint()).toContain('Scroll sideways');
    const first = table.locator('tbody th').first();
    const before = await first.boundingBox();
    await table.evaluate((element) => element.scrollTo({ left: 10_000 }));
    await expect.poll(hint).toContain('Scroll back');
    expect((await first.boundingBox())?.x).toBeCloseTo(before?.x ?? Number.NaN, -0.5);
    await page.close();
    const wide = await open('two.html', { width: 1200 });
    const none = await wide.page
      .locator('#confusion-1 .scrolls')
      .first()
      .evaluate((element) => getComputedStyle(element, '::before').content);
    expect(none).toBe('none');
    await wide.page.close();
  });

  it('folds what is about one run alone, so that no page of several runs is endless', async () => {
    const { page } = await open('two.html', { width: 375 });
    const height = () => page.evaluate(() => document.documentElement.scrollHeight);
    expect(await height()).toBeLessThan(4000);
    expect(await page.locator('#junction-1-1').isVisible()).toBe(false);
    await page.click('#run-1 > summary');
    expect(await page.locator('#junction-1-1').isVisible()).toBe(true);
    await page.close();
  });

  it('shows a table with many long classes and categories within the page', async () => {
    const kinds = Array.from({ length: 12 }, (_, i) => `a-rather-long-name-${i}`);
    const lines = Array.from({ length: 360 }, (_, i) => {
      const kind = i % 12;
      // One row in nine is mislabelled, so that there are mistakes to show.
      return `${kind + (i % 7) / 10},colour ${kind % 3},${kinds[i % 9 === 0 ? (kind + 5) % 12 : kind]}`;
    });
    await writeFile(at('kinds.csv'), ['size,colour,kind', ...lines].join('\n'));
    const train = ['train', '--data', at('kinds.csv'), '--label', 'kind', '--epochs', '20', '--quiet'];
    expect(await runHere([...train, '--out', at('kinds.safetensors')])).toMatchObject({ status: 0 });
    await runHere(['report', at('kinds.jsonl'), '--out', at('kinds.html')]);
    for (const width of [1200, 375]) {
      const { page, complaints } = await open('kinds.html', { width });
      expect(complaints).toEqual([]);
      expect(await fitsAcross(page)).toBe(true);
      expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThan(10_000);
      // Words of the command are not broken at their hyphens.
      const broken = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('pre .word')]
          .filter((word) => word.offsetHeight > 30)
          .map((word) => word.innerText)
          .filter((word) => word.startsWith('--')),
      );
      expect(broken).toEqual([]);
      if (width === 1200) {
        // Upright names keep the columns narrow enough for the page.
        expect(await page.locator('#confusion .scrolls.wider').count()).toBe(0);
        const head = await page.locator('#worst thead th').allTextContents();
        expect(head.slice(4)).toEqual(['size', 'colour']);
        expect((await page.locator('#worst tbody td:last-child').allTextContents())[0]).toMatch(
          /^colour \d$/,
        );
      }
      await page.close();
    }
  });

  it('marks the changes of a stream in its charts, and fits a phone', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => {
      const x = (i * 7919) % 100;
      return `${x},${x < 50 === i < 1500 ? 'low' : 'high'}`;
    });
    await writeFile(at('turning.csv'), ['x,y', ...rows].join('\n'));
    const words = ['stream', at('turning.csv'), '--quiet', '--window', '250', '--report', at('stream.html')];
    expect(await runHere(words)).toMatchObject({ status: 0 });
    for (const width of [1200, 375]) {
      const { page, complaints } = await open('stream.html', { width });
      expect(complaints).toEqual([]);
      expect(await fitsAcross(page)).toBe(true);
      expect(
        await leastContrast(page, 'h1, h2, h3, p, dt, dd, th, td, strong, small, footer'),
      ).toBeGreaterThan(4.5);
      expect(await page.textContent('#changes')).toMatch(/At rows? 1,5\d\d/);
      // A row near 1,500 of 3,000 lies near the middle: its line has the colour of warnings.
      const marked = await page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('[data-chart=accuracy] canvas');
        const { width: across = 0, height: up = 0 } = canvas ?? {};
        const data = canvas?.getContext('2d')?.getImageData(0, 0, across, up).data ?? [];
        const colour = getComputedStyle(document.documentElement).getPropertyValue('--bad').trim();
        const [r, g, b] = [1, 3, 5].map((from) => Number.parseInt(colour.slice(from, from + 2), 16));
        let found = 0;
        for (let i = 0; i < data.length; i += 4)
          if (data[i] === r && data[i + 1] === g && data[i + 2] === b) found++;
        return found;
      });
      expect(marked).toBeGreaterThan(50);
      await page.close();
    }
  });

  it('has a table instead of curves for a single epoch', async () => {
    const words = ['mnist', '--layers', '16', '--quiet', '--epochs', '1', '--out', at('short.safetensors')];
    await runHere(words);
    await runHere(['report', at('short.jsonl'), '--out', at('short.html')]);
    const { page, complaints } = await open('short.html', { width: 375 });
    expect(complaints).toEqual([]);
    expect(await page.locator('canvas').count()).toBe(0);
    expect(await page.textContent('#curves')).toContain('The only epoch');
    expect(await page.locator('#curves tbody tr').count()).toBe(1);
    expect(await fitsAcross(page)).toBe(true);
    await page.close();
  });

  it('follows the colours of the system while it is open', async () => {
    const { page } = await open('one.html');
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const axis = () => page.evaluate(() => document.querySelector('canvas')?.toDataURL());
    const [lightGround, lightAxis] = [await ground(), await axis()];
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(axis).not.toBe(lightAxis);
    expect(await ground()).not.toBe(lightGround);
    await page.close();
  });

  it('lays the curves of several runs over each other and says how they differ', async () => {
    const { page, complaints } = await open('two.html');
    expect(complaints).toEqual([]);
    const comparison = (await page.textContent('#comparison')) ?? '';
    expect(comparison).toContain('network.arithmetic.weightBits');
    expect(comparison).toContain('fit.epochs');
    expect(await page.locator('#comparison .swatch').count()).toBe(4);
    const legends = await page.locator('[data-chart=loss] .u-label').allTextContents();
    expect(legends).toEqual(['epoch', 'first training', 'second training', 'first test', 'second test']);
    await page.close();
  });

  it('lets nothing that a log says become HTML', async () => {
    const log = (await readFile(at('first.jsonl'), 'utf8')).replaceAll('"mnist"', JSON.stringify(EVIL));
    await writeFile(at('evil.jsonl'), log.replaceAll('"AMD', `${JSON.stringify(EVIL).slice(0, -1)}AMD`));
    await appendFile(at('evil.jsonl'), '\n');
    const words = ['report', at('evil.jsonl'), '--title', EVIL, '--out', at('evil.html')];
    expect(await runHere(words)).toMatchObject({ status: 0 });
    const { page, complaints, requests } = await open('evil.html');
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
    expect(await page.locator('img[src=x]').count()).toBe(0);
    expect(await page.textContent('h1')).toBe(EVIL);
    expect(await page.textContent('pre')).toContain('<img src=x onerror=alert(1)>');
    await page.close();
  });
});
