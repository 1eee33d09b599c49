import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHere, workFolder } from '../cli/run.js';
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

  it('complains of nothing and asks nobody for anything', () => {
    expect(opened.complaints).toEqual([]);
    expect(opened.requests).toEqual([]);
  });

  it('draws curves and pictures, none of them blank', async () => {
    const canvases = await canvasColours(opened.page);
    expect(canvases).toHaveLength(4);
    expect(Math.min(...canvases)).toBeGreaterThan(8);
    const pictures = await pictureColours(opened.page);
    // 24 digits, 24 neurons and all of them, two pictures for each of two junctions.
    expect(pictures).toHaveLength(24 + 25 + 4);
    // The edges of the dense junction are a plain field.
    expect(pictures.filter((colours) => colours < 2)).toHaveLength(1);
  });

  it('has what it is to tell', async () => {
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
