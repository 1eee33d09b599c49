import { type Html, html } from './escape.js';

/** A curve of a {@link ChartSpec}. */
export interface ChartSeries {
  readonly label: string;
  /** One value for each x; null where it is missing. */
  readonly values: readonly (number | null)[];
  /** 1 to 8, a colour of the style sheet. */
  readonly colour: number;
  readonly dashed?: boolean;
  /** Whether points are always drawn as dots, even many of them. */
  readonly dotted?: boolean;
}

/** A chart of curves over one axis, drawn by lib/report/client/charts.ts. */
export interface ChartSpec {
  readonly title: string;
  /** Ascending values of the axis. */
  readonly x: readonly number[];
  readonly xLabel: string;
  /** The unit of the values. Shares from 0 to 1 are shown in per cent, rates per second. */
  readonly unit: 'share' | 'number' | 'rate' | 'count';
  readonly logarithmic?: boolean;
  /** Values of the axis at which vertical lines are drawn. */
  readonly marks?: readonly number[];
  readonly series: readonly ChartSeries[];
}

/** Style sheets and scripts of a page with {@link chartGrid}s; the page's data need the charts under `charts`. */
export const CHART_ASSETS = {
  styles: ['uPlot.min.css'],
  scripts: ['uPlot.iife.min.js', 'charts.js'],
} as const;

/** Elements for charts that are drawn when the page is shown; the page's data need these `charts`. */
export function chartGrid(charts: Readonly<Record<string, ChartSpec>>): Html {
  return html`<div class="charts">
${Object.entries(charts).map(
  ([name, { title }]) =>
    html`<div class="chart"><h3>${title}</h3><div class="plot" data-chart="${name}" role="img" aria-label="${title}"></div></div>\n`,
)}</div>
`;
}
