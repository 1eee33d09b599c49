import { escapeXml } from '../base/xml.js';

/** One row of a dot plot. */
export interface DotRow {
  readonly label: string;
  readonly series: readonly DotSeries[];
}

/** A series of values in a row. */
export interface DotSeries {
  readonly name: string;
  /** Each is drawn as a dot, and their mean as a line. */
  readonly values: readonly number[];
  /** Published values, drawn as a hollow bar from the lowest to the highest. */
  readonly published?: readonly [number, number] | undefined;
}

const COLOURS = ['#14508c', '#c2571a', '#2e7d4f', '#7a3e9d'];
const LABEL = 150;
const PLOT = 520;
const LINE = 18;
const TOP = 64;

/** Draws a dot plot as SVG: a row for each label, values from left to right. */
export function dotPlotSvg(title: string, unit: string, rows: readonly DotRow[]): string {
  const all = rows.flatMap(({ series }) =>
    series.flatMap(({ values, published = [] }) => [...values, ...published]),
  );
  const [low, high, step] = niceRange(Math.min(...all), Math.max(...all));
  const x = (value: number) => LABEL + ((value - low) / (high - low)) * PLOT;
  const names = [...new Set(rows.flatMap(({ series }) => series.map(({ name }) => name)))];
  const colour = (name: string) => COLOURS[names.indexOf(name) % COLOURS.length] as string;
  const parts: string[] = [];
  let y = TOP;
  for (const { label, series } of rows) {
    const height = LINE * series.length + 8;
    parts.push(`<text x="${LABEL - 10}" y="${y + height / 2}" text-anchor="end">${escapeXml(label)}</text>`);
    for (const [i, { name, values, published }] of series.entries()) {
      const middle = y + 4 + LINE * (i + 0.5);
      if (published !== undefined) {
        const [from, to] = published;
        const width = Math.max(4, x(to) - x(from));
        parts.push(
          `<rect x="${(x(from) - (width > 4 ? 0 : 2)).toFixed(1)}" y="${middle - 6}" width="${width.toFixed(1)}" height="12" fill="none" stroke="#999"/>`,
        );
      }
      for (const value of values)
        parts.push(
          `<circle cx="${x(value).toFixed(1)}" cy="${middle}" r="3" fill="${colour(name)}" fill-opacity="0.6"/>`,
        );
      if (values.length === 0) continue;
      const mean = x(values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(1);
      parts.push(`<path d="M${mean} ${middle - 7}v14" stroke="${colour(name)}" stroke-width="2"/>`);
    }
    y += height;
    parts.push(`<path d="M${LABEL} ${y}h${PLOT}" stroke="#eee"/>`);
  }
  const grid: string[] = [];
  for (let value = low; value <= high + step / 2; value += step) {
    const at = x(value).toFixed(1);
    grid.push(`<path d="M${at} ${TOP}V${y}" stroke="#ddd"/>`);
    grid.push(`<text x="${at}" y="${y + 16}" text-anchor="middle">${Number(value.toFixed(6))}</text>`);
  }
  const legend = names.map(
    (name, i) =>
      `<circle cx="${LABEL + 4 + i * 150}" cy="44" r="4" fill="${colour(name)}"/><text x="${LABEL + 14 + i * 150}" y="48">${escapeXml(name)}</text>`,
  );
  const width = LABEL + PLOT + 30;
  const height = y + 44;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#333">
<title>${escapeXml(title)}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${LABEL}" y="22" font-size="14" fill="#111">${escapeXml(title)}</text>
${legend.join('\n')}
${grid.join('\n')}
${parts.join('\n')}
<text x="${LABEL + PLOT / 2}" y="${y + 36}" text-anchor="middle">${escapeXml(unit)}</text>
</svg>
`;
}

/** Chooses round limits around values, and the distance between grid lines. */
function niceRange(low: number, high: number): [low: number, high: number, step: number] {
  const span = Math.max(high - low, 1e-6);
  const rough = span / 6;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * size).find((candidate) => candidate >= rough) as number;
  return [Math.floor(low / step) * step, Math.ceil(high / step) * step, step];
}
