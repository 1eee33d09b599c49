/**
 * Draws the charts of a page in the browser: every element with `data-chart="NAME"` gets the chart of that name in the
 * JSON element #data-charts. A classic script: other scripts of the page use its globals. lib/report/html/charts.ts
 * makes the elements and the JSON.
 */

/** A curve. */
interface ChartSeries {
  label: string;
  values: (number | null)[];
  /** 1 to 8: the style sheet's --series-N. */
  colour: number;
  dashed?: boolean;
  /** Whether points are always drawn as dots, even many of them. */
  dotted?: boolean;
}

/** A chart of curves over one axis. */
interface Chart {
  x: number[];
  xLabel: string;
  unit: 'share' | 'number' | 'rate' | 'count';
  logarithmic?: boolean;
  /** Values of the axis at which vertical lines are drawn. */
  marks?: number[];
  series: ChartSeries[];
}

const CHART_HEIGHT = 250;
/** Up to this many points are also drawn as dots. */
const DOTTED = 40;

/** A colour of the style sheet in the current scheme (light or dark). */
function cssColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function chartNumber(value: number | null | undefined, unit: Chart['unit']): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (unit === 'share') return `${(100 * value).toFixed(2)} %`;
  if (unit === 'rate') {
    if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M/s`;
    return value >= 1e4 ? `${Number((value / 1e3).toPrecision(3))} k/s` : `${Math.round(value)}/s`;
  }
  if (unit === 'count') return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(4)));
}

/** A short label for a tick of an axis. */
function chartMark(value: number, unit: Chart['unit']): string {
  if (unit === 'share') return `${Number((100 * value).toPrecision(6))} %`;
  if (unit === 'rate' || (unit === 'count' && value >= 1e4)) {
    if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M`;
    return value >= 1e3 ? `${Number((value / 1e3).toPrecision(3))} k` : String(value);
  }
  return String(Number(value.toPrecision(6)));
}

/** Draws vertical lines over a chart. */
function drawMarks(plot: Plot, marks: readonly number[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = cssColour('bad');
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const mark of marks) {
    // On the middle of a pixel the line is sharp.
    const x = Math.floor(plot.valToPos(mark, 'x', true)) + (devicePixelRatio % 2) / 2;
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

/** A chart inside an element. It is redrawn when its data, the element's width or the colours change. */
class DrawnChart {
  readonly #element: HTMLElement;
  #chart: Chart;
  #plot: Plot | undefined;

  constructor(element: HTMLElement, chart: Chart) {
    this.#element = element;
    this.#chart = chart;
    this.#draw();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
    let width = element.clientWidth;
    new ResizeObserver(() => {
      if (element.clientWidth === width || element.clientWidth === 0) return;
      width = element.clientWidth;
      this.#plot?.setSize({ width, height: CHART_HEIGHT });
    }).observe(element);
  }

  /** Shows other data, possibly with more or fewer curves. */
  show(chart: Chart): void {
    const same = chart.series.map(({ label }) => label).join() === this.#labels();
    this.#chart = chart;
    if (same) this.#plot?.setData(this.#data());
    else this.#draw();
  }

  #labels(): string {
    return this.#chart.series.map(({ label }) => label).join();
  }

  #data(): PlotData {
    return [this.#chart.x, ...this.#chart.series.map(({ values }) => values)];
  }

  #draw(): void {
    this.#plot?.destroy();
    const { x, xLabel, unit, logarithmic, series } = this.#chart;
    // The last label of the axis is centred below the last value: half of it needs room to the right.
    const last = (x.at(-1) ?? 0).toLocaleString('en-US').length;
    const axis = {
      stroke: cssColour('dim'),
      grid: { stroke: cssColour('line'), width: 1 },
      ticks: { stroke: cssColour('line'), width: 1, size: 4 },
      font: '12px system-ui, sans-serif',
    };
    const marks = (_: Plot, splits: (number | null)[]) =>
      splits.map((split) => (split === null ? '' : chartMark(split, unit)));
    this.#plot = new uPlot(
      {
        width: Math.max(200, this.#element.clientWidth),
        height: CHART_HEIGHT,
        padding: [8, Math.max(12, 4 * last + 4), 0, 0],
        cursor: { points: { size: 7 } },
        // While no pointer is over the chart, the legend shows names alone.
        hooks: {
          draw: [(plot: Plot) => drawMarks(plot, this.#chart.marks ?? [])],
          setLegend: [
            (plot: Plot) =>
              plot.root.classList.toggle(
                'pointed',
                plot.legend.idx !== null && plot.legend.idx !== undefined,
              ),
          ],
        },
        scales: { x: { time: false }, y: logarithmic ? { distr: 3 } : {} },
        axes: [
          {
            ...axis,
            label: xLabel,
            labelSize: 18,
            labelFont: axis.font,
            size: 34,
            incrs:
              xLabel === 'epoch' ? [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5] : undefined,
          } as PlotAxis,
          { ...axis, size: 58, values: marks },
        ],
        series: [
          {
            label: xLabel,
            value: (_: Plot, value: number | null) =>
              value === null ? '–' : String(Number(value.toPrecision(6))),
          },
          ...series.map(({ label, colour, dashed, dotted }) => ({
            label,
            stroke: cssColour(`series-${colour}`),
            width: 2,
            ...(dashed ? { dash: [6, 4] } : {}),
            points: { show: (plot: Plot) => dotted === true || plot.data[0].length <= DOTTED, size: 6 },
            spanGaps: true,
            value: (_: Plot, value: number | null) => chartNumber(value, unit),
          })),
        ],
      },
      this.#data(),
      this.#element,
    );
  }
}

/** Draws all charts of the page and returns them by name. */
function drawCharts(charts: Record<string, Chart>): Map<string, DrawnChart> {
  const drawn = new Map<string, DrawnChart>();
  for (const element of document.querySelectorAll<HTMLElement>('[data-chart]')) {
    const name = element.dataset.chart ?? '';
    const chart = charts[name];
    if (chart !== undefined) drawn.set(name, new DrawnChart(element, chart));
  }
  return drawn;
}

/**
 * Marks tables that are too wide for the page. The style sheet wraps their first column; if they are still too wide, it
 * shows a hint until the reader has scrolled the table.
 */
function markWideTables(): void {
  for (const place of document.querySelectorAll<HTMLElement>('.scrolls')) {
    const isTooWide = () => place.scrollWidth > place.clientWidth + 1;
    let measured = '';
    const mark = () => {
      // The marks change the table's size. It is measured again only if something else has changed, or marking and
      // measuring would alternate for ever.
      const { rows } = place.querySelector('table') as HTMLTableElement;
      const state = `${place.clientWidth} ${rows.length} ${rows[0]?.cells.length}`;
      if (state !== measured) {
        measured = state;
        place.classList.remove('wrapped', 'wider');
        if (isTooWide()) place.classList.add('wrapped');
        if (isTooWide()) place.classList.add('wider');
      }
      const isWide = place.classList.contains('wider');
      place.classList.toggle(
        'has-more',
        isWide && place.scrollLeft + place.clientWidth < place.scrollWidth - 2,
      );
    };
    new ResizeObserver(mark).observe(place);
    place.addEventListener('scroll', mark, { passive: true });
    mark();
  }
}

/** The page's JSON data of a name. */
function pageData<T>(id: string): T | undefined {
  const text = document.getElementById(`data-${id}`)?.textContent;
  return text ? (JSON.parse(text) as T) : undefined;
}

markWideTables();

/** The charts in the page's data. */
globalThis.pageCharts = drawCharts(pageData<Record<string, Chart>>('charts') ?? {});
