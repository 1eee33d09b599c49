#!/usr/bin/env node
/**
 * Makes the README's pictures from real runs: `node docs/images/record.mjs`, after `npm run build`, on Linux.
 *
 * - terminal.svg: `sparse-train mnist` in a terminal of 80 columns, as it went, at the speed at which it went. `script`
 *   records what was written and when; this file plays it into a small model of a terminal and writes what stood in
 *   it, moment by moment, as one animated SVG.
 * - report.png: the beginning of the report of a run, in Chromium.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const here = fileURLToPath(new URL('.', import.meta.url));
const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const COLUMNS = 80;

/** Runs a command; throws if it fails. */
function must(command, words, options) {
  const result = spawnSync(command, words, { encoding: 'utf8', ...options });
  if (result.status !== 0) throw new Error(`${command} ${words.join(' ')}\n${result.stdout}${result.stderr}`);
  return result;
}

/** What a command writes to a terminal: pieces of text and the seconds at which they came. */
function record(words, folder) {
  const [out, timing] = [join(folder, 'out'), join(folder, 'timing')];
  const command = `stty cols ${COLUMNS} rows 40; exec ${process.execPath} ${program} ${words.join(' ')}`;
  const env = { ...process.env, TERM: 'xterm-256color' };
  for (const name of ['FORCE_COLOR', 'CI', 'NO_COLOR']) delete env[name];
  must('script', ['-qfec', command, '--log-out', out, '--log-timing', timing], { cwd: folder, env });
  const bytes = readFileSync(out);
  let at = bytes.indexOf('\n') + 1; // the first line is script's own
  let time = 0;
  return readFileSync(timing, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').slice(-2).map(Number))
    .map(([seconds, length]) => {
      time += seconds;
      const text = bytes.subarray(at, at + length);
      at += length;
      return { time, text };
    });
}

/** A terminal as far as the program uses one: lines of characters with a colour, a cursor, erasing. */
class Screen {
  lines = [[]];
  row = 0;
  column = 0;
  style = '';

  write(text) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: sequences begin with one.
    for (const [piece, , numbers, final] of text.matchAll(/\u001b\[(\??)([\d;]*)([A-Za-z])|[^]/gu)) {
      if (final !== undefined) this.control(final, numbers);
      else if (piece === '\n') this.moveTo(this.row + 1, this.column);
      else if (piece === '\r') this.column = 0;
      else this.put(piece);
    }
  }

  put(character) {
    const line = this.lines[this.row];
    while (line.length < this.column) line.push({ character: ' ', style: '' });
    line[this.column++] = { character, style: this.style };
  }

  moveTo(row, column) {
    this.row = Math.max(0, row);
    this.column = Math.max(0, column);
    while (this.lines.length <= this.row) this.lines.push([]);
  }

  control(final, numbers) {
    const n = Number(numbers.split(';')[0] || 0);
    if (final === 'm') this.style = this.styleAfter(numbers);
    if (final === 'G') this.column = Math.max(0, n - 1);
    if (final === 'A') this.moveTo(this.row - (n || 1), this.column);
    if (final === 'K' && n === 0) this.lines[this.row].length = Math.min(this.lines[this.row].length, this.column);
    if (final === 'K' && n > 0) this.lines[this.row] = [];
  }

  styleAfter(numbers) {
    const names = { 1: 'b', 2: 'd', 31: 'r', 32: 'g', 36: 'c' };
    return numbers.split(';').reduce((style, number) => {
      const n = Number(number || 0);
      if (n === 0 || n === 39) return '';
      if (n === 22) return style.replace(/[bd]/g, '');
      return style + (names[n] ?? '');
    }, this.style);
  }

  /** Lines as SVG text, one element per line that is not empty. */
  svg(firstRow) {
    return this.lines
      .map((line, i) => {
        const spans = [];
        for (const { character, style } of line) {
          const last = spans.at(-1);
          if (last?.style === style) last.text += character;
          else spans.push({ style, text: character });
        }
        if (spans.every(({ text }) => text.trim() === '')) return '';
        const inner = spans.map(({ style, text }) => {
          const escaped = text.replace(/[<>&]/g, (c) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;' })[c]);
          return style === '' ? escaped : `<tspan class="${[...style].join(' ')}">${escaped}</tspan>`;
        });
        return `<text x="${MARGIN}" y="${TOP + (firstRow + i) * LINE}" xml:space="preserve">${inner.join('')}</text>`;
      })
      .join('');
  }
}

const LINE = 18;
const MARGIN = 18;
const TOP = 54;
const WIDTH = 2 * MARGIN + 8.43 * COLUMNS;
/** Seconds that the end stands before it begins again. */
const HOLD = 9;

/** An animated SVG of a recording. */
function animation(command, pieces) {
  const screen = new Screen();
  const frames = [{ time: 0, svg: '' }];
  const decoder = new TextDecoder();
  for (const { time, text } of pieces) {
    screen.write(decoder.decode(text, { stream: true }));
    const svg = screen.svg(1);
    if (svg !== frames.at(-1).svg) frames.push({ time: 0.6 + time, svg });
  }
  const end = frames.at(-1).time;
  const total = end + HOLD;
  const height = TOP + (screen.lines.length + 1) * LINE;
  const share = (time) => `${((100 * time) / total).toFixed(3)}%`;
  const groups = frames.map(({ time, svg }, i) => {
    const until = i + 1 < frames.length ? frames[i + 1].time : total;
    const isLast = i === frames.length - 1;
    const keys = `@keyframes k${i}{0%{visibility:hidden}${share(time)}{visibility:visible}${isLast ? '100%{visibility:visible}' : `${share(until)}{visibility:hidden}100%{visibility:hidden}`}}`;
    return { keys, rule: `#f${i}{animation-name:k${i}}`, group: `<g id="f${i}" class="f${isLast ? ' last' : ''}">${svg}</g>` };
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH.toFixed(0)} ${height}" width="${WIDTH.toFixed(0)}" height="${height}" role="img" aria-label="Recording of a terminal: ${command}">
<style>
text{font:14px ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;fill:#d5dde6}
.b{font-weight:700;fill:#fff}.d{fill:#8794a3}.r{fill:#ff8f85}.g{fill:#6fdc96}.c{fill:#63c7e6}
.f{visibility:hidden;animation-duration:${total.toFixed(2)}s;animation-timing-function:step-end;animation-iteration-count:infinite}
@media (prefers-reduced-motion:reduce){.f{animation:none}.last{visibility:visible}}
${groups.map(({ keys, rule }) => keys + rule).join('\n')}
</style>
<rect width="100%" height="100%" rx="10" fill="#10161d"/>
<circle cx="22" cy="20" r="6" fill="#ff5f57"/><circle cx="42" cy="20" r="6" fill="#febc2e"/><circle cx="62" cy="20" r="6" fill="#28c840"/>
<text x="${MARGIN}" y="${TOP}" xml:space="preserve"><tspan class="g">$</tspan> <tspan class="b">${command}</tspan></text>
${groups.map(({ group }) => group).join('\n')}
</svg>
`;
}

const folder = mkdtempSync(join(tmpdir(), 'sparse-train-pictures-'));
try {
  const words = ['mnist', '--epochs', '6', '--layers', '1024', '--density', '0.05,1'];
  writeFileSync(
    join(here, 'terminal.svg'),
    animation(`npx sparse-train ${words.join(' ')}`, record(words, folder)),
  );

  must(process.execPath, [program, 'mnist', '--epochs', '8', '--quiet'], { cwd: folder });
  const name = 'sparse-train-mnist';
  must(process.execPath, [program, 'report', `${name}.jsonl`, '--title', 'MNIST, a tenth of the edges'], { cwd: folder });

  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const page = await browser.newPage({ viewport: { width: 1100, height: 1900 } });
  await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
  await page.waitForTimeout(300); // until curves are drawn
  await page.screenshot({ path: join(here, 'report.png') });
  await browser.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
