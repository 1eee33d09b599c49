import { bytes, count, counted, percent, significant } from '../base/numbers.js';
import type { ProgressiveClassMetrics } from '../online/class-metrics.js';
import type { ProgressiveNumberMetrics } from '../online/number-metrics.js';
import type { Baseline, WindowRecord } from '../online/stream-run.js';
import { lineChart } from './charts.js';
import { factLines, type Style } from './style.js';
import { tableLines } from './table.js';

/** The results of a pass over a stream. */
export interface StreamResult {
  readonly rows: number;
  readonly skipped: number;
  readonly metrics: ProgressiveClassMetrics | ProgressiveNumberMetrics;
  readonly windows: readonly WindowRecord[];
  readonly drifts: readonly number[];
  readonly baselines: readonly Baseline[];
  readonly rowsPerSecond: number;
  readonly names: number;
  readonly columns: number;
  readonly bytes: number;
  readonly digest: string;
  readonly out: string | undefined;
}

/** Lines and columns of the curve. */
const CURVE_LINES = 4;
/** The most drifts that are listed. */
const MOST_DRIFTS = 8;

/** Formats the results of a stream for people. */
export function streamText(title: string, result: StreamResult, style: Style): string {
  const { rows, skipped, metrics, drifts, baselines, windows } = result;
  const { paint } = style;
  const rate = Math.round(result.rowsPerSecond).toLocaleString('en-US');
  return [
    paint.bold(title),
    '',
    ...factLines(
      [
        ['rows', `${count(rows)} learned${skipped > 0 ? `, ${skipped} skipped` : ''}`],
        ...scoreFacts(metrics),
        ['changes', driftText(drifts)],
        [
          'columns',
          `${result.columns}, with ${counted(result.names, 'name')} that ${result.names === 1 ? 'has' : 'have'} weights (${bytes(result.bytes)})`,
        ],
        ['speed', `${rate} rows/s`],
        ['digest', result.digest],
        ['learner', result.out],
      ],
      style,
    ),
    ...curve(windows, metrics, style),
    ...comparison(metrics, baselines, style),
  ].join('\n');
}

/** The scores of one target. */
export function scoreFacts(metrics: ProgressiveClassMetrics | ProgressiveNumberMetrics): [string, string][] {
  if (metrics.kind === 'class') {
    return [
      [
        'accuracy',
        `${percent(metrics.accuracy)}; of the latest ${count(metrics.window.rows)} rows ${percent(metrics.window.accuracy)}`,
      ],
      ['kappa', metrics.kappa.toFixed(3)],
      ['log loss', metrics.logLoss.toFixed(4)],
    ];
  }
  return [
    [
      'R²',
      `${metrics.r2.toFixed(4)}; of the latest ${count(metrics.window.rows)} rows ${metrics.window.r2.toFixed(4)}`,
    ],
    ['off by', `${significant(metrics.mae)} on average, root mean square ${significant(metrics.rmse)}`],
  ];
}

function curve(
  windows: readonly WindowRecord[],
  metrics: ProgressiveClassMetrics | ProgressiveNumberMetrics,
  { paint, columns }: Style,
): string[] {
  if (windows.length < 3) return [];
  const values = windows.map(({ window }) => scoreOf(window));
  const low = Math.min(...values);
  const high = Math.max(...values);
  const label = (value: number) => (metrics.kind === 'class' ? percent(value) : value.toFixed(3)).padStart(8);
  const lines = lineChart(values, Math.max(16, Math.min(60, columns - 12)), CURVE_LINES, [low, high]);
  const name = metrics.kind === 'class' ? 'accuracy' : 'R²';
  return [
    '',
    `  ${paint.dim(`${name} of each window`)}`,
    ...lines.map(
      (line, i) =>
        `  ${i === 0 ? label(high) : i === CURVE_LINES - 1 ? label(low) : ' '.repeat(8)} ${paint.cyan(line)}`,
    ),
  ];
}

function comparison(
  metrics: ProgressiveClassMetrics | ProgressiveNumberMetrics,
  baselines: readonly Baseline[],
  style: Style,
): string[] {
  if (baselines.length === 0) return [];
  const all: Baseline[] = [{ name: 'this learner', metrics }, ...baselines];
  const head = metrics.kind === 'class' ? ['', 'accuracy', 'kappa'] : ['', 'R²', 'RMSE'];
  const rows = all.map(({ name, metrics: one }) =>
    one.kind === 'class'
      ? [name, percent(one.accuracy), one.kappa.toFixed(3)]
      : [name, one.r2.toFixed(4), significant(one.rmse)],
  );
  return ['', ...tableLines(head, rows, style)];
}

function scoreOf(window: WindowRecord['window']): number {
  return 'accuracy' in window ? window.accuracy : window.r2;
}

function driftText(drifts: readonly number[]): string {
  if (drifts.length === 0) return 'none found';
  const listed = drifts.slice(-MOST_DRIFTS).map((row) => count(row));
  const more = drifts.length > MOST_DRIFTS ? `${drifts.length} in all, the latest ` : '';
  return `${more}at row ${listed.join('; ')}`;
}
