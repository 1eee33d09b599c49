import { count, counted, percent, perSecond, significant } from '../../base/numbers.js';
import type { ProgressiveClassMetrics } from '../../online/class-metrics.js';
import type { ProgressiveNumberMetrics } from '../../online/number-metrics.js';
import type { Baseline, WindowRecord } from '../../online/stream-run.js';
import { CHART_ASSETS, type ChartSpec, chartGrid } from './charts.js';
import { type Html, html } from './escape.js';
import { facts, figures, renderPage, section, table } from './page.js';

/** A pass over a stream, for its page. */
export interface ReportedStream {
  /** The columns that were predicted. */
  readonly label: string;
  readonly rows: number;
  readonly rowsPerSecond: number;
  readonly metrics: ProgressiveClassMetrics | ProgressiveNumberMetrics;
  readonly windows: readonly WindowRecord[];
  readonly drifts: readonly number[];
  readonly baselines: readonly Baseline[];
  readonly digest: string;
}

/** The most changes that are listed; charts mark all of them. */
const CHANGES = 20;
/** Up to this many classes, the table of their scores is not folded. */
const CLASSES = 12;

/**
 * The page of a stream: its scores, the curves of its windows, and the rows at which it changed, as self-contained HTML.
 *
 * @param version - of this package, for the footer
 */
export function streamReport(title: string, stream: ReportedStream, version: string): Promise<string> {
  const { metrics, windows, drifts, baselines, digest, label, rows } = stream;
  const isClass = metrics.kind === 'class';
  const charts: Record<string, ChartSpec> = isClass
    ? {
        accuracy: chart('Accuracy', 'share', stream, (scores) =>
          'accuracy' in scores ? scores.accuracy : null,
        ),
        logLoss: chart('Log loss', 'number', stream, (scores) =>
          'logLoss' in scores ? scores.logLoss : null,
        ),
      }
    : {
        r2: chart('R²', 'number', stream, (scores) => ('r2' in scores ? scores.r2 : null)),
        rmse: chart('Root mean square error', 'number', stream, (scores) =>
          'rmse' in scores ? scores.rmse : null,
        ),
      };
  const all: Baseline[] = [{ name: 'this learner', metrics }, ...baselines];
  const scores = all.map(({ name, metrics: one }) =>
    one.kind === 'class'
      ? [name, percent(one.accuracy), one.kappa.toFixed(3), one.logLoss.toFixed(4)]
      : [name, one.r2.toFixed(4), significant(one.rmse, 4), significant(one.mae, 4)],
  );
  const head = isClass ? ['', 'accuracy', 'kappa', 'log loss'] : ['', 'R²', 'RMSE', 'MAE'];
  return renderPage({
    title,
    body: html`<header>
<h1>${title}</h1>
<p>${label} · ${counted(rows, 'row')} · ${perSecond(stream.rowsPerSecond)}</p>
</header>
${figures([...headline(metrics), { value: count(drifts.length), label: drifts.length === 1 ? 'change of the stream' : 'changes of the stream' }])}
${section('scores', 'Scores', table(head, scores), `Each of ${count(metrics.rows)} rows was predicted before it was learned.`)}
${windows.length > 1 ? section('curves', 'Curves', chartGrid(charts), `Each point is one window of rows; the dashed curve is everything up to it.${drifts.length === 0 ? '' : ' Vertical lines: changes of the stream.'}`) : ''}
${section(
  'changes',
  'Changes of the stream',
  drifts.length === 0
    ? html`<p>None was found.</p>`
    : html`<p>${drifts.length === 1 ? 'At row' : 'At rows'} ${drifts.slice(0, CHANGES).map(count).join(', ')}${
        drifts.length > CHANGES ? ` and ${count(drifts.length - CHANGES)} later ones` : ''
      }.</p>`,
  'Rows at which the loss rose by more than chance explains.',
)}
${metrics.kind === 'class' ? classes(metrics) : ''}
${section(
  'digest',
  'Do it again',
  facts([['digest', html`<span class="mono">${digest}</span>`]]),
  'The same rows in the same order give the same digest on every machine.',
)}`,
    footer: html`Made by sparse-train ${version}. Everything on this page is in this file.`,
    ...CHART_ASSETS,
    data: { charts },
  });
}

/** The scores that matter most: of all rows, and of the latest window. */
function headline(metrics: ReportedStream['metrics']): { value: string; label: string; note?: string }[] {
  const { window } = metrics;
  const latest = `of the latest ${counted(window.rows, 'row')}`;
  return metrics.kind === 'class'
    ? [
        { value: percent(metrics.accuracy), label: 'accuracy', note: 'of all rows' },
        { value: percent(metrics.window.accuracy), label: 'accuracy', note: latest },
      ]
    : [
        { value: metrics.r2.toFixed(4), label: 'R²', note: 'of all rows' },
        { value: metrics.window.r2.toFixed(4), label: 'R²', note: latest },
      ];
}

/** The F1 score of each class, the lowest first. */
function classes({ f1 }: ProgressiveClassMetrics): Html {
  const list = Object.entries(f1).sort(([, a], [, b]) => a - b);
  const scores = table(
    ['class', 'F1'],
    list.map(([name, score]) => [name, score.toFixed(3)]),
  );
  return section(
    'classes',
    'Classes',
    list.length <= CLASSES
      ? scores
      : html`<details><summary>F1 of ${counted(list.length, 'class', 'classes')}, the lowest first</summary>${scores}</details>`,
  );
}

function chart(
  title: string,
  unit: ChartSpec['unit'],
  { windows, drifts }: ReportedStream,
  score: (scores: WindowRecord['window']) => number | null,
): ChartSpec {
  return {
    title,
    unit,
    x: windows.map(({ row }) => row),
    xLabel: 'row',
    marks: drifts,
    series: [
      { label: 'window', values: windows.map(({ window }) => score(window)), colour: 1 },
      { label: 'so far', values: windows.map(({ total }) => score(total)), colour: 2, dashed: true },
    ],
  };
}
