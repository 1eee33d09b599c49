import { createHash } from 'node:crypto';
import { type AssetName, readAsset } from './assets.js';
import { type Html, html, scriptJson, trusted } from './escape.js';

// Defined here because bundlers would replace this text in tagged templates by their own helper.
const SCRIPT_END = trusted('</script>');

/** A self-contained page. */
export interface Page {
  readonly title: string;
  /** The main part: usually {@link section}s. */
  readonly body: Html;
  /** The footer, in small print. */
  readonly footer?: Html | undefined;
  /** Style sheets in addition to the page's own. */
  readonly styles?: readonly AssetName[];
  /** Scripts, in the order in which they run after the body is parsed. They are classic scripts and share globals. */
  readonly scripts?: readonly AssetName[];
  /**
   * Data for the scripts. Each entry becomes a `<script type="application/json">` with the id `data-NAME`. NaN becomes
   * null.
   */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Whether scripts may send requests to the page's own server. They can never reach another server. */
  readonly connects?: boolean;
  /** Whether scripts may set `style` attributes through innerHTML, as tooltips of ECharts do. */
  readonly styleAttributes?: boolean;
}

/**
 * Writes a page as one string, with style sheets, scripts and pictures inside. It works from file://, and its content
 * security policy allows only what it contains (scripts and style sheets by their hashes).
 *
 * @throws SparseTrainError INTERNAL if an asset is missing
 */
export async function renderPage(page: Page): Promise<string> {
  const styles = await Promise.all((['page.css', ...(page.styles ?? [])] as const).map(readAsset));
  const scripts = (await Promise.all((page.scripts ?? []).map(readAsset))).map(inElement);
  const data = Object.entries(page.data ?? {}).map(
    ([id, value]) =>
      html`<script type="application/json" id="data-${id}">${scriptJson(value)}${SCRIPT_END}\n`,
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(styles, scripts, page)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="sparse-train">
<title>${page.title}</title>
<link rel="icon" href="data:,">
${styles.map((text) => html`<style>${trusted(text)}</style>\n`)}</head>
<body>
<main>
${page.body}
</main>
${page.footer === undefined ? '' : html`<footer>${page.footer}</footer>\n`}${data}${scripts.map(
  (text) => html`<script>${trusted(text)}${SCRIPT_END}\n`,
)}</body>
</html>
`.text;
}

/** The content security policy of a page with these style sheets and scripts. */
function policy(styles: readonly string[], scripts: readonly string[], page: Page): string {
  const hashes = (texts: readonly string[]) => texts.map((text) => ` '${hash(text)}'`).join('') || " 'none'";
  return [
    "default-src 'none'",
    'img-src data:',
    `style-src${hashes(styles)}`,
    ...(page.styleAttributes ? ["style-src-attr 'unsafe-inline'"] : []),
    `script-src${hashes(scripts)}`,
    ...(page.connects ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** Escapes a script's text so that it cannot end its element. */
function inElement(script: string): string {
  return script.replace(/<\/(script)/gi, '<\\/$1');
}

/** A part of a page with a heading. Links can point to its `id`. */
export function section(id: string, heading: string, content: Html, remark?: Html | string): Html {
  return html`<section id="${id}" aria-labelledby="${id}-heading">
<h2 id="${id}-heading">${heading}</h2>
${remark === undefined ? '' : html`<p class="remark">${remark}</p>\n`}${content}
</section>
`;
}

/** A cell: text, or HTML. */
export type Cell = Html | string | number | undefined;

export interface TableOptions {
  /** The caption, which is shown above the table and read first by screen readers. */
  readonly caption?: string;
  /** Left-aligned columns, counted from 0; the others hold numbers. By default the first. */
  readonly left?: readonly number[];
  /** Whether the first cell of a row is a heading; true by default. */
  readonly rowHeadings?: boolean;
}

/** A table with headings; it scrolls on its own if it is wider than the screen. */
export function table(
  head: readonly Cell[],
  rows: readonly (readonly Cell[])[],
  { caption, left = [0], rowHeadings = true }: TableOptions = {},
): Html {
  const kind = (column: number) => (left.includes(column) ? 'text' : 'number');
  const cells = rows.map(
    (row) =>
      html`<tr>${row.map((cell, i) =>
        i === 0 && rowHeadings
          ? html`<th scope="row" class="${kind(i)}">${cell}</th>`
          : html`<td class="${kind(i)}">${cell}</td>`,
      )}</tr>\n`,
  );
  const named = caption ?? head.filter((cell) => typeof cell === 'string' && cell !== '').join(', ');
  return html`<div class="scrolls" tabindex="0" role="region" aria-label="${named}"><table>
${caption === undefined ? '' : html`<caption><span class="caption">${caption}</span></caption>\n`}<thead><tr>${head.map(
    (cell, i) => html`<th scope="col" class="${kind(i)}">${cell}</th>`,
  )}</tr></thead>
<tbody>
${cells}</tbody>
</table></div>
`;
}

/** Large numbers in boxes, side by side. */
export function figures(list: readonly { value: string; label: string; note?: string | undefined }[]): Html {
  return html`<ul class="figures">
${list.map(
  ({ value, label, note }) =>
    html`<li><strong>${value}</strong><span>${label}</span>${note === undefined ? '' : html`<small>${note}</small>`}</li>\n`,
)}</ul>
`;
}

/** Names and values in two columns. */
export function facts(list: readonly (readonly [label: string, value: Cell])[]): Html {
  return html`<dl class="facts">
${list.map(([label, value]) =>
  value === undefined || value === '' ? '' : html`<div><dt>${label}</dt><dd>${value}</dd></div>\n`,
)}</dl>
`;
}

/** A command as a shell takes it, quoted where it must be. A line is broken between words, not within them. */
export function commandLine(words: readonly string[]): Html {
  const quoted = words.map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`,
  );
  return html`${quoted.map((word, i) => html`${i === 0 ? '' : ' '}<span class="word">${word}</span>`)}`;
}
