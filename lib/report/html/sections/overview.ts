import { bytes, count, percent, perSecond, seconds, significant } from '../../../base/numbers.js';
import type { ReportedRun } from '../../runs/reported-run.js';
import type { LoggedMetrics } from '../../runs/run-log-file.js';
import { type Html, html } from '../escape.js';
import { figures } from '../page.js';

/** The page's heading and, for a single run, its most important numbers. */
export function overview(title: string, runs: readonly ReportedRun[]): Html {
  const [run] = runs;
  const remarks = runs.flatMap(({ name, remarks: list }) =>
    list.map((remark) => (runs.length > 1 ? `${name}: ${remark}` : remark)),
  );
  return html`<header>
<h1>${title}</h1>
<p>${runs.length === 1 ? subtitle(run as ReportedRun) : `${runs.length} runs side by side`}</p>
${remarks.map((remark) => html`<p>${remark}</p>\n`)}</header>
${runs.length === 1 ? figures(singleRun(run as ReportedRun)) : ''}`;
}

function subtitle({ logged, model }: ReportedRun): string {
  const words = [
    logged?.start.context?.data?.name ?? '',
    layersOf({ logged, model })?.map(count).join(' – ') ?? '',
    ended(logged?.end?.stopped),
    logged?.start.time?.replace('T', ' ').replace(/\..*$/, ' UTC') ?? '',
  ];
  return words.filter((word) => word !== '').join(' · ');
}

function ended(stopped: string | undefined): string {
  switch (stopped) {
    case undefined:
    case 'finished':
      return '';
    case 'early':
      return 'stopped early';
    default:
      return stopped;
  }
}

/** Neurons of each layer. */
export function layersOf({
  logged,
  model,
}: Pick<ReportedRun, 'logged' | 'model'>): readonly number[] | undefined {
  return model?.inspection.layers ?? logged?.start.network.layers;
}

/** The number of edges, beside that of the dense network. */
export function edgesOf(run: ReportedRun): { edges: number; dense: number } | undefined {
  const layers = layersOf(run);
  const edges =
    run.model?.inspection.edges ?? run.logged?.start.edges?.reduce((sum, junction) => sum + junction, 0);
  if (layers === undefined || edges === undefined) return undefined;
  const dense = layers.slice(1).reduce((sum, right, j) => sum + right * (layers[j] as number), 0);
  return { edges, dense };
}

/** A run's result and its examples: measured now if the data are available, otherwise from the log. */
export function resultOf(run: ReportedRun): { metrics: LoggedMetrics; on: string } | undefined {
  if (run.tested !== undefined) return { metrics: run.tested.metrics, on: run.tested.data };
  const metrics = run.logged?.end?.validation;
  if (metrics === undefined) return undefined;
  return { metrics, on: `${run.logged?.start.context?.measured ?? 'validation'} examples` };
}

/** `97.45 %`, or for regression the root mean square error. */
export function achievementOf(metrics: LoggedMetrics): string {
  return metrics.kind === 'regression' ? significant(metrics.rmse, 4) : percent(metrics.accuracy);
}

/** The name of the value that {@link achievementOf} returns. */
export function achievementName(metrics: LoggedMetrics): string {
  return { classification: 'accuracy', multilabel: 'labels right', regression: 'RMS error' }[metrics.kind];
}

function singleRun(run: ReportedRun): { value: string; label: string; note?: string }[] {
  const result = resultOf(run);
  const edges = edgesOf(run);
  const end = run.logged?.end;
  const list: { value: string; label: string; note?: string }[] = [];
  if (result !== undefined) {
    const { metrics, on } = result;
    list.push({
      value: achievementOf(metrics),
      label: achievementName(metrics),
      note: `on ${count(metrics.examples)} ${on}`,
    });
    if (metrics.kind === 'regression')
      list.push({ value: metrics.r2.toFixed(3), label: 'R²', note: '1 is perfect' });
  }
  if (edges !== undefined) {
    list.push({
      value: count(edges.edges),
      label: 'edges',
      note: `${percent(edges.edges / edges.dense, 1)} of the dense ${count(edges.dense)}`,
    });
  }
  if (end?.trainSeconds !== undefined) {
    list.push({
      value: seconds(end.trainSeconds),
      label: 'training',
      note: `${count(end.examples ?? 0)} examples`,
    });
  }
  if (end?.samplesPerSecond !== undefined)
    list.push({ value: perSecond(end.samplesPerSecond), label: 'examples a second' });
  if (run.model !== undefined) list.push({ value: bytes(run.model.bytes), label: 'model file' });
  return list;
}
