import { significant } from '../base/numbers.js';
import { escapeXml } from '../base/xml.js';
import type { ConnectivityMeasures } from '../hardware/connectivity.js';
import type { Wiring } from '../hardware/wiring.js';
import type { Style } from './style.js';
import { tableLines } from './table.js';

/** Formats the measures of a network's edges for people. */
export function connectivityText(
  { junctions, product, scatter }: ConnectivityMeasures,
  counts: readonly (string | undefined)[],
  style: Style,
): string {
  const share = (value: number | undefined) => (value === undefined ? '' : value.toFixed(3));
  const rows = junctions.map((junction, j) => [
    `junction ${j + 1}`,
    junction.spread === undefined ? '' : String(junction.spread),
    `${share(junction.dispersion)}${junction.sampled ? ' (sampled)' : ''}`,
    share(junction.overLeft),
    share(junction.overRight),
  ]);
  if (junctions.length > 1) {
    rows.push(['inputs to outputs', '', '', share(product.overLeft), share(product.overRight)]);
  }
  return [
    `  ${style.paint.bold('connectivity')}  scatter ${significant(scatter)}`,
    ...tableLines(['', 'spread', 'dispersion', 'scatter over left', 'over right'], rows, style),
    ...counts.flatMap((count, j) =>
      count === undefined ? [] : `  junction ${j + 1}: one of ${count} clash-free patterns of its kind`,
    ),
  ].join('\n');
}

/** The largest side of a picture's grid; in larger junctions, a cell stands for several neurons. */
const CELLS = 256;
const SIZE = 640;

/** The number of edges in each cell of a grid, and the largest of these numbers. */
function cellCounts(
  { left, right, offsets, lefts }: Wiring,
  columns: number,
  rows: number,
): Map<number, number> {
  const counts = new Map<number, number>();
  for (let r = 0; r < right; r++) {
    const y = Math.floor((r * rows) / right);
    for (let w = offsets[r] as number; w < (offsets[r + 1] as number); w++) {
      const cell = y * columns + Math.floor(((lefts[w] as number) * columns) / left);
      counts.set(cell, (counts.get(cell) ?? 0) + 1);
    }
  }
  return counts;
}

/**
 * A picture of a junction's adjacency matrix as SVG: left neurons from left to right, right neurons from top to bottom,
 * a square for each edge. A cell that stands for several pairs is darker the more of them are edges.
 */
export function connectivitySvg(wiring: Wiring, title: string): string {
  const { left, right } = wiring;
  const columns = Math.min(left, 4 * CELLS);
  const rows = Math.min(right, CELLS);
  const counts = cellCounts(wiring, columns, rows);
  const cell = SIZE / Math.max(columns, rows);
  const width = columns * cell;
  const height = rows * Math.max(cell, Math.min(8, 160 / rows));
  const margin = 48;
  let most = 1;
  for (const count of counts.values()) most = Math.max(most, count);
  const shades = Math.min(most, 8);
  const paths = new Map<number, string[]>();
  for (const [place, count] of counts) {
    const shade = Math.ceil((count * shades) / most);
    const list = paths.get(shade) ?? [];
    list.push(`M${place % columns} ${Math.floor(place / columns)}h1v1h-1z`);
    paths.set(shade, list);
  }
  const drawn = [...paths].map(
    ([shade, list]) =>
      `<path fill-opacity="${(0.25 + (0.75 * shade) / shades).toFixed(2)}" d="${list.join('')}"/>`,
  );
  const text = 'font-family="sans-serif" font-size="12" fill="#555"';
  const total = { width: width + 2 * margin, height: height + 2 * margin };
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${total.width.toFixed(0)}" height="${total.height.toFixed(0)}" viewBox="0 0 ${total.width.toFixed(0)} ${total.height.toFixed(0)}">
<title>${escapeXml(title)}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${margin}" y="20" font-family="sans-serif" font-size="14" fill="#111">${escapeXml(title)}</text>
<text x="${margin}" y="38" ${text}>left neurons 0 to ${left - 1}</text>
<text transform="translate(38 ${margin}) rotate(90)" ${text}>right neurons 0 to ${right - 1}</text>
<svg x="${margin}" y="${margin}" width="${width.toFixed(2)}" height="${height.toFixed(2)}" viewBox="0 0 ${columns} ${rows}" preserveAspectRatio="none" shape-rendering="crispEdges" fill="#14508c">
<rect width="${columns}" height="${rows}" fill="#f2f2f2"/>
${drawn.join('\n')}
</svg>
</svg>
`;
}
