import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { escapeHtml, html, scriptJson, trusted } from '../../lib/report/html/escape.js';
import { renderPage, section, table } from '../../lib/report/html/page.js';

const EVIL = `</script><script>alert("1")</script><img src=x onerror='alert(2)'>&`;

describe('templates of HTML', () => {
  it('escape all that is put into them, but for HTML', () => {
    const inner = html`<b>${EVIL}</b>`;
    expect(String(html`<p title="${EVIL}">${inner}${['<', 1]}${undefined}${null}${false}</p>`)).toBe(
      `<p title="${escapeHtml(EVIL)}"><b>${escapeHtml(EVIL)}</b>&lt;1</p>`,
    );
    expect(escapeHtml(EVIL)).not.toMatch(/[<>"']/);
    expect(String(html`${trusted('<i>')}`)).toBe('<i>');
  });

  it('write JSON that cannot end its element and means the same', () => {
    const value = { name: `${EVIL}\u2028<!--`, list: [1, Number.NaN] };
    const json = String(scriptJson(value));
    expect(json).not.toMatch(/<|\u2028/);
    expect(JSON.parse(json)).toEqual({ ...value, list: [1, null] });
  });
});

describe('a page', () => {
  const page = {
    title: EVIL,
    body: html`${section('part', EVIL, table(['name', 'n'], [[EVIL, 1]]))}`,
    styles: ['uPlot.min.css'] as const,
    scripts: ['uPlot.iife.min.js', 'charts.js'] as const,
    data: { charts: { [EVIL]: EVIL } },
  };

  it('holds only what its policy names by hash, and nothing of other places', async () => {
    const text = await renderPage(page);
    const policy =
      /Content-Security-Policy" content="([^"]*)"/.exec(text)?.[1]?.replaceAll('&#39;', "'") ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|http|\*/);
    const hash = (part: string) => `'sha256-${createHash('sha256').update(part).digest('base64')}'`;
    const scripts = [...text.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, part]) =>
      hash(part as string),
    );
    const styles = [...text.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, part]) => hash(part as string));
    expect(scripts).toHaveLength(2);
    expect(styles).toHaveLength(2);
    expect(policy).toContain(`script-src ${scripts.join(' ')};`);
    expect(policy).toContain(`style-src ${styles.join(' ')};`);
    expect(text).not.toMatch(/<(script|link|img|iframe)[^>]*\b(src|href)="(?!data:)/);
    expect(text).not.toContain('<img');
  });

  it('may ask its own server only if it says so', async () => {
    expect(await renderPage(page)).not.toContain('connect-src');
    expect(await renderPage({ ...page, connects: true })).toContain('connect-src &#39;self&#39;');
  });
});
