import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, start, workFolder } from '../cli/run.js';
import { canvasColours, fitsAcross, HAS_BROWSER, leastContrast, TestBrowser } from './browser.js';

const cwd = workFolder();
/** Slow enough to be watched. */
const SLOW = ['mnist', '--layers', '64', '--no-save', '--quiet', '--epochs'];

/** The address that a run prints. */
function addressOf(child: ReturnType<typeof start>['child']): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    child.stderr.on('data', (part: string) => {
      text += part;
      const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(text)?.[0];
      if (url !== undefined) resolve(url);
    });
  });
}

describe.skipIf(!HAS_BROWSER)('the dashboard in a browser', () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.start();
  });
  afterAll(() => browser?.close());

  it('draws a run while it trains, for several viewers, and ends with it', async () => {
    const { child, ended } = start([...SLOW, '100000', '--dashboard=0'], { cwd: cwd() });
    const url = await addressOf(child);
    const first = await browser.open(url);
    const epochs = (text: string | null) => Number(/epoch (\d+) of/.exec(text ?? '')?.[1] ?? 0);
    const reached = async () => epochs(await first.page.textContent('#state'));
    await expect.poll(reached, { timeout: 30_000 }).toBeGreaterThan(2);
    const late = await browser.open(url, { width: 360, scheme: 'dark' });
    await expect.poll(async () => epochs(await late.page.textContent('#state'))).toBeGreaterThan(2);
    for (const { page, complaints, requests } of [first, late]) {
      expect(complaints).toEqual([]);
      expect(requests).toEqual([`${url}events`]);
      await expect.poll(async () => Math.min(...(await canvasColours(page)))).toBeGreaterThan(8);
      expect(await canvasColours(page)).toHaveLength(4);
      expect(await fitsAcross(page)).toBe(true);
      expect(await leastContrast(page, 'h1, h2, h3, p, dt, dd, strong, span, footer, th')).toBeGreaterThan(
        4.5,
      );
      expect(await page.textContent('#figures')).toMatch(/\d%?/);
    }
    child.kill('SIGINT');
    expect((await ended).status).toBe(130);
    for (const { page } of [first, late]) {
      await expect.poll(() => page.textContent('#state')).toBe('interrupted');
      expect(Math.min(...(await canvasColours(page)))).toBeGreaterThan(8);
    }
  });

  it('stays until Ctrl-C if requested, with the result on standard output', async () => {
    const words = [...SLOW, '1', '--dashboard', '0', '--keep-dashboard', '--json'];
    const { child, ended } = start(words, { cwd: cwd() });
    const url = await addressOf(child);
    const result = await new Promise<string>((resolve) => child.stdout.once('data', resolve));
    expect(JSON.parse(result)).toMatchObject({ data: 'mnist', epochs: 1 });
    const { page, complaints } = await browser.open(url);
    await expect.poll(() => page.textContent('#state')).toBe('finished');
    expect(complaints).toEqual([]);
    child.kill('SIGINT');
    expect((await ended).status).toBe(0);
  });
});

describe('--dashboard', () => {
  it('refuses what is not a port', async () => {
    const { status, stderr } = await run([...SLOW, '1', '--dashboard', '70000'], { cwd: cwd() });
    expect(status).toBe(2);
    expect(stderr).toContain('--dashboard must be a port');
  });
});
