/**
 * Draws the README's pictures: `node docs/images/draw.mjs`, after `npm run build`.
 *
 * - network.svg: a test image, four hidden neurons of a network trained by the defaults of `sparse-train mnist` with the
 *   pixels that each reads and the weights it has learned, and what the outputs say.
 * - pipeline.svg: which input each operation of a 784-512-10 network works on, block by block.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadDataset, Network } from 'sparse-train';
import { mnistValues } from '../../dist/cli/presets.js';
import { networkOptions } from '../../dist/cli/settings/network.js';
import { fitOptions } from '../../dist/cli/settings/training.js';

const INK = '#1f2933';
const QUIET = '#7b8794';
const FAINT = '#e4e7eb';
const BLUE = [37, 99, 235];
const RED = [220, 38, 38];
const FONT = 'font-family="ui-sans-serif, system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif"';

const text = (x, y, words, { size = 13, color = INK, anchor = 'start', weight = 400 } = {}) =>
  `<text x="${x}" y="${y}" font-size="${size}" fill="${color}" text-anchor="${anchor}" font-weight="${weight}">${words}</text>`;
const box = (x, y, width, height, fill, extra = '') =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}" ${extra}/>`;

function svg(name, width, height, title, parts) {
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" ${FONT}>`,
    `<title>${title}</title>`,
    box(0.5, 0.5, width - 1, height - 1, '#ffffff', `rx="10" stroke="${FAINT}"`),
    ...parts,
    '</svg>',
  ];
  writeFileSync(fileURLToPath(new URL(name, import.meta.url)), `${lines.join('\n')}\n`);
}

// --- network.svg ---------------------------------------------------------------------------------------------------

const PIXELS = 28;

/** Squares of 28 x 28; `color(pixel)` is undefined where there is nothing. */
function pixels(x, y, cell, color) {
  const parts = [box(x - 1, y - 1, PIXELS * cell + 2, PIXELS * cell + 2, 'none', `stroke="${FAINT}"`)];
  for (let p = 0; p < PIXELS * PIXELS; p++) {
    const fill = color(p);
    if (fill === undefined) continue;
    const [px, py] = [x + (p % PIXELS) * cell, y + Math.floor(p / PIXELS) * cell];
    parts.push(`<path d="M${px} ${py}h${cell}v${cell}h-${cell}z" fill="${fill}"/>`);
  }
  return parts.join('');
}

/** From white to a colour. */
const shade = ([r, g, b], share) => {
  const mix = (channel) => Math.round(255 - (255 - channel) * share);
  return `rgb(${mix(r)},${mix(g)},${mix(b)})`;
};

async function drawNetwork() {
  const { train, test } = await loadDataset('mnist');
  const values = mnistValues({});
  const options = networkOptions(values, [784, ...values.layers, 10]);
  const network = new Network(options);
  await network.fit(train, fitOptions(values, options));
  const { layers, junctions, edges, denseEdges } = network.inspect();
  const metrics = await network.evaluate(test);
  const { offsets, left } = network.junction(0).pattern();
  const weights = network.junction(0).weights();

  const image = test.inputs.row(0);
  const label = test.targets.kind === 'classes' ? test.targets.labels[0] : undefined;
  const scores = network.predict(image);

  const top = 78;
  const parts = [
    text(24, 34, 'One example through a network trained by “sparse-train mnist”', { size: 16, weight: 600 }),
  ];
  parts.push(text(24, 58, '784 pixels, 8 bits each', { color: QUIET }));
  parts.push(pixels(24, top, 7, (p) => (image[p] > 0 ? shade([31, 41, 51], image[p] / 255) : undefined)));
  parts.push(text(24, top + 216, `test image 0: a ${label}`, { color: QUIET }));

  // Neurons far apart in the layer, each from another block of 16.
  parts.push(
    text(290, 58, `${layers[1]} hidden neurons, ${junctions[0].fanIn.maximum} pixels each`, { color: QUIET }),
  );
  for (const [i, neuron] of [8, 140, 300, 455].entries()) {
    const [column, row] = [i % 2, i >> 1];
    const byPixel = new Map();
    for (let e = offsets[neuron]; e < offsets[neuron + 1]; e++) byPixel.set(left[e], weights[e]);
    const largest = Math.max(...[...byPixel.values()].map(Math.abs));
    const [x, y] = [290 + column * 124, top + row * 116];
    const color = (p) => {
      const weight = byPixel.get(p);
      if (weight === undefined) return undefined;
      return shade(weight < 0 ? RED : BLUE, 0.15 + (0.85 * Math.abs(weight)) / largest);
    };
    parts.push(pixels(x, y, 3.5, color));
  }
  parts.push(text(290, top + 234, 'weights: 16-bit integers, blue above 0, red below', { color: QUIET }));

  parts.push(text(572, 58, '10 outputs', { color: QUIET }));
  for (const [k, score] of scores.entries()) {
    const y = top + k * 20;
    parts.push(text(582, y + 12, String(k), { anchor: 'end', weight: k === label ? 700 : 400 }));
    parts.push(box(592, y + 1, 130, 14, '#f5f7fa'));
    parts.push(
      box(592, y + 1, Math.max(1, 130 * score).toFixed(1), 14, k === label ? `rgb(${BLUE})` : '#9aa5b1'),
    );
    if (score >= 0.01)
      parts.push(
        text(716, y + 12, `${(100 * score).toFixed(1)} %`, { size: 11, anchor: 'end', color: '#ffffff' }),
      );
  }
  for (const [from, to] of [
    [232, 276],
    [536, 562],
  ]) {
    const y = top + 100;
    parts.push(`<path d="M${from} ${y}H${to - 7}" stroke="${QUIET}" stroke-width="1.5" fill="none"/>`);
    parts.push(`<path d="M${to - 8} ${y - 4}L${to} ${y}L${to - 8} ${y + 4}Z" fill="${QUIET}"/>`);
  }
  const count = (value) => value.toLocaleString('en-US');
  const caption =
    `${count(edges)} edges where a dense network has ${count(denseEdges)}; ` +
    `${(100 * metrics.accuracy).toFixed(2)} % of ${count(metrics.examples)} test images right after ${values.epochs} epochs`;
  parts.push(text(24, top + 270, caption));
  svg(
    'network.svg',
    750,
    370,
    'A test image, the pixels that four hidden neurons read with their learned weights, and the outputs',
    parts,
  );
}

// --- pipeline.svg --------------------------------------------------------------------------------------------------

/** Blocks after its own in which the operations of an input run, with two junctions (docs/arithmetic.md, Schedules). */
const OPERATIONS = [
  { row: 'junction 1', name: 'feed forward', after: 1 },
  { row: 'junction 1', name: 'update', after: 4 },
  { row: 'junction 2', name: 'feed forward', after: 2 },
  { row: 'junction 2', name: 'back-propagate', after: 3 },
  { row: 'junction 2', name: 'update', after: 3 },
];
const BLOCKS = 9;

function drawPipeline() {
  const parts = [
    text(24, 34, 'The pipelined schedule: every junction works all the time, on different examples', {
      size: 16,
      weight: 600,
    }),
  ];
  const [left, top, width, height] = [190, 78, 58, 30];
  for (let b = 0; b < BLOCKS; b++) {
    parts.push(
      text(left + b * width + width / 2, top - 10, String(b + 1), {
        size: 12,
        color: QUIET,
        anchor: 'middle',
      }),
    );
  }
  parts.push(text(left - 14, top - 10, 'block', { size: 12, color: QUIET, anchor: 'end' }));
  let y = top;
  for (const [i, { row, name, after }] of OPERATIONS.entries()) {
    if (i > 0 && OPERATIONS[i - 1].row !== row) y += 10;
    if (i === 0 || OPERATIONS[i - 1].row !== row) parts.push(text(24, y + 20, row, { weight: 600 }));
    parts.push(text(left - 14, y + 20, name, { size: 12, color: QUIET, anchor: 'end' }));
    for (let b = 0; b < BLOCKS; b++) {
      const input = b + 1 - after;
      const x = left + b * width;
      const marked = input === 2;
      parts.push(
        box(
          x + 1,
          y + 1,
          width - 2,
          height - 2,
          input < 0 ? '#f5f7fa' : marked ? `rgb(${BLUE})` : '#dbe4f5',
          'rx="3"',
        ),
      );
      if (input >= 0)
        parts.push(
          text(x + width / 2, y + 19, String(input), {
            size: 12,
            color: marked ? '#ffffff' : INK,
            anchor: 'middle',
          }),
        );
    }
    y += height;
  }
  parts.push(
    text(
      24,
      y + 34,
      'Numbers are examples; number 2 is marked. The operations of a junction share one pass over its weights.',
      { color: QUIET },
    ),
  );
  svg('pipeline.svg', 750, y + 54, 'Which example each operation works on, block by block', parts);
}

await drawNetwork();
drawPipeline();
