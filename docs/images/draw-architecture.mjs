/**
 * Draws architecture.svg: `node docs/images/draw-architecture.mjs`. On the left stand the floors of lib/ and native/, on
 * the right what happens to one example on its way down to the kernels and back. Folders that do not exist are left out.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const INK = '#1f2933';
const QUIET = '#616e7c';
const LINE = '#cbd2d9';
const DOWN = '#2563eb';
const UP = '#dc2626';
const TYPESCRIPT = '#eef4ff';
const CPP = '#fff7ed';
const FONT = 'ui-sans-serif, system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif';

const LEFT = 24;
const WIDTH = 446;
const LANE = 500;
const ROW = 46;
const GAP = 6;

/** From the top: folders, what they are for, and what happens to an example there. */
const FLOORS = [
  { group: 'lib/  TypeScript', root: 'lib', color: TYPESCRIPT },
  { folders: ['public'], about: 'entry points beside index.ts: data, export, hardware, ...' },
  { folders: ['cli'], about: 'commands: parse, call, print' },
  { folders: ['serve'], about: 'the learning server' },
  { folders: ['report', 'terminal'], about: 'web pages; text, tables and charts' },
  {
    folders: ['search', 'reproduce', 'bench', 'hardware', 'export', 'import'],
    about: 'studies, measurements, designs, other formats',
  },
  { folders: ['online'], about: 'learning from named rows as they come' },
  {
    folders: ['training'],
    about: 'fit(), evaluate(), metrics, checkpoints, run log',
    down: '1  fit(): order and rates of an epoch',
    up: '9  loss and accuracy of the epoch; validation; log',
  },
  {
    folders: ['network'],
    about: 'options, patterns, predictions, model files',
    down: '2  inputs as the engine reads them, not copied',
  },
  { folders: ['catalog', 'formats'], about: 'named data sets; file formats' },
  { folders: ['data'], about: 'Matrix, Dataset, targets, scaling, split' },
  {
    folders: ['engine'],
    about: 'the only TypeScript that knows the addon',
    down: '3  one call for an epoch: engine.train(job)',
    up: '8  sums of the epoch: a promise settles',
  },
  { folders: ['base'], about: 'errors, option checks, files, random numbers' },
  { group: 'native/  C++', root: 'native', color: CPP },
  {
    folders: ['addon'],
    about: 'the only C++ that knows JavaScript',
    down: '4  checks, views of the arrays, a thread',
  },
  {
    folders: ['engine/train', 'engine/predict', 'learner'],
    about: 'the loop over examples; predictions; learners of rows',
    down: '5  the example goes into a slot',
    up: '7  drain, then the tally of the epoch',
  },
  {
    folders: ['engine/pipeline'],
    about: 'blocks: which junction works on which input',
    down: '6  a block: all junctions work, each on another input',
  },
  {
    folders: ['engine/arithmetic'],
    about: 'wide, float and hardware: parameters, layouts',
    down: '    prepare, sweep, finish',
  },
  {
    folders: ['kernels'],
    about: 'a set for each instruction set, the same bits',
    down: '    feed-forward, backpropagation, update of edges',
  },
  { folders: ['fixed', 'pattern', 'csv'], about: 'number formats; edges; scanning text' },
];

const text = (x, y, words, { size = 12, color = INK, weight = 400 } = {}) =>
  `<text x="${x}" y="${y}" font-size="${size}" fill="${color}" font-weight="${weight}" xml:space="preserve">${words}</text>`;

const parts = [];
let y = 62;
let color = '';
let root = '';
const middles = [];
for (const floor of FLOORS) {
  if (floor.group !== undefined) {
    ({ color, root } = floor);
    y += 10;
    parts.push(text(LEFT, y + 12, floor.group, { size: 13, weight: 600, color: QUIET }));
    y += 22;
    continue;
  }
  const folders = floor.folders.filter((name) => existsSync(new URL(`../../${root}/${name}`, import.meta.url)));
  if (folders.length === 0) continue;
  const middle = y + ROW / 2;
  parts.push(
    `<rect x="${LEFT}" y="${y}" width="${WIDTH}" height="${ROW}" rx="5" fill="${color}" stroke="${LINE}"/>`,
    text(LEFT + 12, y + 19, folders.join('   '), { size: 13, weight: 600 }),
    text(LEFT + 12, y + 36, floor.about, { color: QUIET }),
  );
  if (floor.down !== undefined) parts.push(text(LANE + 46, middle + (floor.up ? -5 : 4), floor.down));
  if (floor.up !== undefined) parts.push(text(LANE + 46, middle + 14, floor.up, { color: UP }));
  if ((floor.down ?? floor.up) !== undefined) middles.push({ middle, up: floor.up !== undefined });
  y += ROW + GAP;
}

/** An arrow down from the first stop to the last, and one up, with a dot at every stop. */
const first = middles[0].middle;
const last = middles.at(-1).middle;
const lane = (x, from, to, stroke, marker) =>
  `<path d="M${x} ${from}L${x} ${to}" stroke="${stroke}" stroke-width="2" fill="none" marker-end="url(#${marker})"/>`;
parts.push(lane(LANE, first, last - 8, DOWN, 'down'), lane(LANE + 20, last, first + 8, UP, 'up'));
for (const { middle, up } of middles) {
  parts.push(`<circle cx="${LANE}" cy="${middle}" r="4" fill="${DOWN}"/>`);
  if (up) parts.push(`<circle cx="${LANE + 20}" cy="${middle}" r="4" fill="${UP}"/>`);
}

const height = y + 18;
const width = 880;
const arrow = (id, fill) =>
  `<marker id="${id}" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0L10 5L0 10z" fill="${fill}"/></marker>`;
const lines = [
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="${FONT}">`,
  '<title>The floors of lib/ and native/, and the life of one example</title>',
  `<defs>${arrow('down', DOWN)}${arrow('up', UP)}</defs>`,
  `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" fill="#ffffff" stroke="#e4e7eb"/>`,
  text(LEFT, 34, 'Floors: calls go down', { size: 16, weight: 600 }),
  text(LANE - 4, 34, 'The life of one example', { size: 16, weight: 600 }),
  ...parts,
  '</svg>',
];
writeFileSync(fileURLToPath(new URL('architecture.svg', import.meta.url)), `${lines.join('\n')}\n`);
