/// <reference lib="dom" />
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** Debian's path; the environment variable CHROMIUM names another one. */
const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Without a browser these tests are skipped, except in CI. */
export const HAS_BROWSER = existsSync(EXECUTABLE) || Boolean(process.env.CI);

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The window and colour scheme that a page is shown in. */
export interface View {
  width?: number;
  scheme?: 'light' | 'dark';
}

/** A page that was opened, and what went wrong in it. */
export interface Opened {
  page: Page;
  /** Errors of scripts, and everything that was written to the console. */
  complaints: string[];
  /** The addresses that the page requested, other than its own. */
  requests: string[];
}

/** A browser with a new profile, so that nothing remains from earlier tests. */
export class TestBrowser {
  readonly #context: BrowserContext;
  readonly #profile: string;

  private constructor(context: BrowserContext, profile: string) {
    this.#context = context;
    this.#profile = profile;
  }

  static async start(): Promise<TestBrowser> {
    const profile = await mkdtemp(join(tmpdir(), 'sparse-train-browser-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: EXECUTABLE,
      headless: true,
      args: QUIET,
    });
    return new TestBrowser(context, profile);
  }

  /** Opens an address. */
  async open(url: string, { width = 1180, scheme = 'light' }: View = {}): Promise<Opened> {
    const page = await this.#context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (request.url() !== url && !request.url().startsWith('data:')) requests.push(request.url());
    });
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    await page.goto(url);
    return { page, complaints, requests };
  }

  async close(): Promise<void> {
    await this.#context.close();
    await rm(this.#profile, { recursive: true, force: true });
  }
}

/** The number of different colours in each canvas. */
export function canvasColours(page: Page): Promise<number[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('canvas')].map((canvas) => {
      const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
      return new Set(new Uint32Array(pixels?.buffer ?? new ArrayBuffer(0))).size;
    }),
  );
}

/** The number of different colours in each picture, as the browser decoded it. */
export function pictureColours(page: Page): Promise<number[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('img')].map((image) => {
      const canvas = document.createElement('canvas');
      canvas.width = image.naturalWidth;
      canvas.height = image.naturalHeight;
      if (canvas.width === 0) return 0;
      const context = canvas.getContext('2d');
      context?.drawImage(image, 0, 0);
      const pixels = context?.getImageData(0, 0, canvas.width, canvas.height).data;
      return new Set(new Uint32Array(pixels?.buffer ?? new ArrayBuffer(0))).size;
    }),
  );
}

/** Whether the whole page can be seen without scrolling sideways. */
export function fitsAcross(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
}

/**
 * The smallest contrast between a text and its background, as WCAG 2 defines it, among elements with these selectors.
 */
export function leastContrast(page: Page, selectors: string): Promise<number> {
  return page.evaluate((wanted) => {
    const channels = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (colour: number[]) => {
      const [r = 0, g = 0, b = 0] = colour.map((channel) => {
        const c = channel / 255;
        return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const isText = (element: Element) =>
      [...element.childNodes].some(
        ({ nodeType, textContent }) => nodeType === 3 && textContent?.trim() !== '',
      );
    // Backgrounds may be translucent, so they are laid over each other, beginning with the page's.
    const ground = (element: Element | null): number[] => {
      if (element === null) return [255, 255, 255];
      const [r = 0, g = 0, b = 0, a = 1] = channels(getComputedStyle(element).backgroundColor);
      if (a === 1) return [r, g, b];
      const under = ground(element.parentElement);
      return [r, g, b].map((c, i) => c * a + (under[i] ?? 0) * (1 - a));
    };
    return Math.min(
      ...[...document.querySelectorAll(wanted)].filter(isText).map((element) => {
        const text = luminance(channels(getComputedStyle(element).color).slice(0, 3));
        const under = luminance(ground(element));
        return (Math.max(text, under) + 0.05) / (Math.min(text, under) + 0.05);
      }),
    );
  }, selectors);
}
