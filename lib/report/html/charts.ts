import { type Html, html } from './escape.js';

/** A curve of a {@link ChartSpec}. */
export interface ChartSeries {
  readonly label: string;
  /** One for each x; null where there is none. */
  readonly values: readonly (number | null)[];
  /** 1 to 8: colours of the style sheet. */
  readonly colour: number;
  readonly dashed?: boolean;
  /** Whether its points are drawn as dots however many there are. */
  readonly dotted?: boolean;
}

/** A chart of curves over one axis, which lib/report/client/charts.ts draws. */
export interface ChartSpec {
  readonly title: string;
  /** Ascending. */
  readonly x: readonly number[];
  readonly xLabel: string;
  /** Of the values: shares 0 to 1 are written in per cent, rates per second. */
  readonly unit: 'share' | 'number' | 'rate' | 'count';
  readonly logarithmic?: boolean;
  readonly series: readonly ChartSeries[];
}

/** Style sheets and scripts of a page with {@link chartGrid}s; its data hold the charts under `charts`. */
export const CHART_ASSETS = {
  styles: ['uPlot.min.css'],
  scripts: ['uPlot.iife.min.js', 'charts.js'],
} as const;

/** The places of charts, which are drawn when the page is shown: `charts` by name must be the page's data. */
export function chartGrid(charts: Readonly<Record<string, ChartSpec>>): Html {
  return html`<div class="charts">
${Object.entries(charts).map(
  ([name, { title }]) =>
    html`<div class="chart"><h3>${title}</h3><div class="plot" data-chart="${name}" role="img" aria-label="${title}"></div></div>\n`,
)}</div>
`;
}
