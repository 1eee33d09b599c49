/** The page of a served model. */
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DurableModel, FollowedModel, modelRoutes } from '../../lib/public/serve.js';
import { workFolder } from '../cli/run.js';
import { lessons } from '../serve/rows.js';
import { canvasColours, fitsAcross, HAS_BROWSER, leastContrast, TestBrowser } from './browser.js';

const folder = workFolder();
/** A folder for pictures of the page, for those who want to look at it. */
const SHOTS = process.env.SCREENSHOTS;

describe.skipIf(!HAS_BROWSER)('the page of a served model', () => {
  let browser: TestBrowser;
  let model: DurableModel;
  let app: FastifyInstance;
  let url: string;

  beforeAll(async () => {
    browser = await TestBrowser.start();
    model = await DurableModel.open(join(folder(), 'live.safetensors'), { create: { target: 'class' } });
    app = Fastify();
    await app.register(modelRoutes, { prefix: '/live', model, metrics: false });
    const followed = await FollowedModel.follow(model.file);
    await app.register(modelRoutes, { prefix: '/reader', model: followed, metrics: false });
    app.addHook('onClose', () => followed.close());
    url = await app.listen({ host: '127.0.0.1', port: 0 });
    // Points of the curves are a second apart.
    await model.learnAll(lessons(0, 120));
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await model.learnAll(lessons(120, 300));
    await model.learn({ row: { note: '<img src=x onerror="document.title=1">' }, target: '<b>odd</b>' });
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
    await model?.close();
  });

  it.each([
    { width: 1200, scheme: 'light' },
    { width: 1200, scheme: 'dark' },
    { width: 375, scheme: 'light' },
    { width: 375, scheme: 'dark' },
  ] as const)('shows curves and mistakes at $width px, $scheme', async (view) => {
    const { page, complaints, requests } = await browser.open(`${url}/live/`, view);
    const shown = (label: string) => page.textContent(`#figures li:has(span:text-is("${label}")) strong`);
    await expect.poll(() => shown('rows learned')).toBe('301');
    expect(await shown('rolling accuracy')).toMatch(/^\d+\.\d\d %$/);
    // Before this test reads pixels, which Chromium complains about.
    expect(complaints).toEqual([]);
    await expect.poll(async () => Math.min(...(await canvasColours(page)))).toBeGreaterThan(8);
    expect(await canvasColours(page)).toHaveLength(3);
    const mistakes = await page.locator('#mistakes tbody tr').allTextContents();
    expect(mistakes).toHaveLength(20);
    // What clients send is shown as text.
    expect(mistakes[0]).toContain('<b>odd</b>');
    expect(await page.title()).toBe('A model that is served');
    expect([...new Set(requests)]).toEqual([`${url}/live/history`]);
    expect(await fitsAcross(page)).toBe(true);
    expect(await leastContrast(page, 'h1, h2, h3, p, strong, span, th, td, footer')).toBeGreaterThan(4.5);
    if (SHOTS !== undefined)
      await page.screenshot({ path: join(SHOTS, `model-${view.width}-${view.scheme}.png`), fullPage: true });
    await page.close();
  });

  it('says that a reader does not learn, and when the server has stopped', async () => {
    const { page, complaints } = await browser.open(`${url}/reader`);
    await expect.poll(() => page.textContent('#state')).toBe('0 rows learned since it started');
    expect(await page.textContent('main')).toContain('This server does not learn.');
    expect(complaints).toEqual([]);
    await page.route('**/history', (route) => route.abort());
    await expect.poll(() => page.textContent('#state'), { timeout: 10_000 }).toContain('does not answer');
    await page.close();
  });
});
