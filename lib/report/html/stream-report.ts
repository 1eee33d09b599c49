import { count, percent } from '../../base/numbers.js';
import type { ProgressiveClassMetrics } from '../../online/class-metrics.js';
import type { ProgressiveNumberMetrics } from '../../online/number-metrics.js';
import type { Baseline, WindowRecord } from '../../online/stream-run.js';
import { CHART_ASSETS, type ChartSpec, chartGrid } from './charts.js';
import { html } from './escape.js';
import { renderPage, section, table } from './page.js';

/** A pass over a stream, for its page. */
export interface ReportedStream {
  readonly metrics: ProgressiveClassMetrics | ProgressiveNumberMetrics;
  readonly windows: readonly WindowRecord[];
  readonly drifts: readonly number[];
  readonly baselines: readonly Baseline[];
  readonly digest: string;
}

/**
 * The page of a stream: its scores, the curves of its windows, and the rows at which it changed, as self-contained HTML.
 *
 * @param version - of this package, for the footer
 */
export function streamReport(title: string, stream: ReportedStream, version: string): Promise<string> {
  const { metrics, windows, drifts, baselines, digest } = stream;
  const isClass = metrics.kind === 'class';
  const charts: Record<string, ChartSpec> = isClass
    ? {
        accuracy: chart('Accuracy', 'share', windows, (scores) =>
          'accuracy' in scores ? scores.accuracy : null,
        ),
        logLoss: chart('Log loss', 'number', windows, (scores) =>
          'logLoss' in scores ? scores.logLoss : null,
        ),
      }
    : {
        r2: chart('R²', 'number', windows, (scores) => ('r2' in scores ? scores.r2 : null)),
        rmse: chart('Root mean square error', 'number', windows, (scores) =>
          'rmse' in scores ? scores.rmse : null,
        ),
      };
  const all: Baseline[] = [{ name: 'this learner', metrics }, ...baselines];
  const scores = all.map(({ name, metrics: one }) =>
    one.kind === 'class'
      ? [name, percent(one.accuracy), one.kappa.toFixed(3), one.logLoss.toFixed(4)]
      : [name, one.r2.toFixed(4), one.rmse.toPrecision(4), one.mae.toPrecision(4)],
  );
  const head = isClass ? ['', 'accuracy', 'kappa', 'log loss'] : ['', 'R²', 'RMSE', 'MAE'];
  return renderPage({
    title,
    body: html`<h1>${title}</h1>
${section('scores', 'Scores', table(head, scores), `Each of ${count(metrics.rows)} rows was predicted before it was learned.`)}
${windows.length > 1 ? section('curves', 'Curves', chartGrid(charts), 'Each point is one window of rows; the dashed curve is everything up to it.') : ''}
${section(
  'changes',
  'Changes of the stream',
  drifts.length === 0
    ? html`<p>None was found.</p>`
    : table(
        ['row'],
        drifts.map((row) => [count(row)]),
      ),
)}
${
  metrics.kind === 'class'
    ? section(
        'classes',
        'Classes',
        table(
          ['class', 'F1'],
          Object.entries(metrics.f1).map(([name, score]) => [name, score.toFixed(3)]),
        ),
      )
    : ''
}`,
    footer: html`Digest ${digest}. Made by sparse-train ${version}. Everything on this page is in this file.`,
    ...CHART_ASSETS,
    data: { charts },
  });
}

function chart(
  title: string,
  unit: ChartSpec['unit'],
  windows: readonly WindowRecord[],
  score: (scores: WindowRecord['window']) => number | null,
): ChartSpec {
  return {
    title,
    unit,
    x: windows.map(({ row }) => row),
    xLabel: 'row',
    series: [
      { label: 'window', values: windows.map(({ window }) => score(window)), colour: 1 },
      { label: 'so far', values: windows.map(({ total }) => score(total)), colour: 2, dashed: true },
    ],
  };
}
