import { percent, perSecond, significant } from '../../../base/numbers.js';
import type { ReportedRun } from '../../runs/reported-run.js';
import type { LoggedEpoch } from '../../runs/run-log-file.js';
import { type ChartSeries, type ChartSpec, chartGrid } from '../charts.js';
import { type Html, html } from '../escape.js';
import { section, table } from '../page.js';

/** The number of colours for runs. */
const COLOURS = 8;

/** The colour of the run with this index. */
export function colourOf(index: number): number {
  return (index % COLOURS) + 1;
}

/** Charts with the curves of all runs, under the names by which the page's script finds them. */
export function curveCharts(runs: readonly ReportedRun[]): Record<string, ChartSpec> {
  const epochs = epochsOf(runs);
  // A curve needs two points, so a single epoch gets only a table.
  if (epochs.length < 2) return {};
  const part = measuredPart(runs);
  const has = (value: (epoch: LoggedEpoch) => number | undefined) =>
    runs.some(({ logged }) => logged?.epochs.some((epoch) => value(epoch) !== undefined));
  const chart = (
    title: string,
    unit: ChartSpec['unit'],
    curves: readonly Curve[],
    logarithmic = false,
  ): ChartSpec | undefined => {
    const series = curves.filter(({ value }) => has(value)).flatMap((curve) => seriesOf(runs, epochs, curve));
    return series.length === 0 ? undefined : { title, x: epochs, xLabel: 'epoch', unit, logarithmic, series };
  };
  const all = {
    loss: chart('Loss', 'number', [
      { name: 'training', value: ({ loss }) => loss },
      { name: part, value: ({ validation }) => validation?.loss },
    ]),
    accuracy: chart('Accuracy', 'share', [
      { name: 'training', value: ({ accuracy }) => accuracy },
      { name: part, value: ({ validation }) => validation?.accuracy },
    ]),
    error: chart('Root mean square error', 'number', [
      { name: part, value: ({ validation }) => validation?.rmse },
    ]),
    rate: chart('Learning rate', 'number', [
      { name: 'rate', isOnly: true, value: ({ learningRate }) => learningRate },
    ]),
    speed: chart('Training examples a second', 'rate', [
      { name: 'speed', isOnly: true, value: ({ samplesPerSecond }) => samplesPerSecond },
    ]),
  };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, ChartSpec] => entry[1] !== undefined),
  );
}

/** A curve that all runs have. */
interface Curve {
  readonly name: string;
  /** Whether it is the only curve of a run in its chart. */
  readonly isOnly?: boolean;
  readonly value: (epoch: LoggedEpoch) => number | undefined;
}

function epochsOf(runs: readonly ReportedRun[]): number[] {
  const all = runs.flatMap(({ logged }) => logged?.epochs.map(({ epoch }) => epoch) ?? []);
  return [...new Set(all)].sort((a, b) => a - b);
}

function measuredPart(runs: readonly ReportedRun[]): string {
  const parts = new Set(runs.map(({ logged }) => logged?.start.context?.measured ?? 'validation'));
  return parts.size === 1 ? ([...parts][0] as string) : 'validation';
}

/**
 * The curves of a single run have different colours. Of several runs, each has its own colour, and training curves are
 * dashed.
 */
function seriesOf(runs: readonly ReportedRun[], epochs: readonly number[], curve: Curve): ChartSeries[] {
  return runs.flatMap(({ name, logged }, i) => {
    if (logged === undefined) return [];
    const values = new Map(logged.epochs.map((epoch) => [epoch.epoch, curve.value(epoch)]));
    if ([...values.values()].every((value) => value === undefined)) return [];
    const isTraining = curve.name === 'training';
    const alone = runs.length === 1;
    return {
      label: alone ? curve.name : curve.isOnly ? name : `${name} ${curve.name}`,
      values: epochs.map((epoch) => values.get(epoch) ?? null),
      colour: alone ? (isTraining || curve.isOnly ? 1 : 2) : colourOf(i),
      dashed: !alone && isTraining,
    };
  });
}

/** The learning curves, with their numbers in a table. */
export function curves(runs: readonly ReportedRun[], charts: Readonly<Record<string, ChartSpec>>): Html {
  const isSeveral = runs.length > 1;
  if (Object.keys(charts).length === 0) {
    const tables = runs.map((run) => numbers(run, isSeveral ? run.name : undefined));
    return tables.some(({ text }) => text !== '')
      ? section('curves', 'The only epoch', html`${tables}`)
      : html``;
  }
  const remark = isSeveral
    ? 'Training is dashed. Point at a curve for its numbers.'
    : 'Point at a curve for its numbers.';
  const tables = runs.map((run) => {
    const name = isSeveral ? `, ${run.name}` : '';
    return html`<details><summary>Numbers of every epoch${name}</summary>${numbers(run)}</details>`;
  });
  return section('curves', 'Learning curves', html`${chartGrid(charts)}${tables}`, remark);
}

/** The numbers of every epoch in a table. */
function numbers({ logged }: ReportedRun, caption?: string): Html {
  if (logged === undefined || logged.epochs.length === 0) return html``;
  const part = measuredPart([{ logged } as ReportedRun]);
  const share = (value: number | undefined) => (value === undefined ? '' : percent(value));
  const number = (value: number | undefined) => (value === undefined ? '' : significant(value, 4));
  const columns: [string, (epoch: LoggedEpoch) => string][] = [
    ['epoch', ({ epoch }) => String(epoch)],
    ['rate', ({ learningRate }) => number(learningRate)],
    ['loss', ({ loss }) => number(loss)],
    ['accuracy', ({ accuracy }) => share(accuracy)],
    [`${part} loss`, ({ validation }) => number(validation?.loss)],
    [`${part} accuracy`, ({ validation }) => share(validation?.accuracy)],
    [`${part} RMS error`, ({ validation }) => number(validation?.rmse)],
    ['speed', ({ samplesPerSecond }) => (samplesPerSecond === undefined ? '' : perSecond(samplesPerSecond))],
  ];
  const used = columns.filter(([, cell]) => logged.epochs.some((epoch) => cell(epoch) !== ''));
  return table(
    used.map(([title]) => title),
    logged.epochs.map((epoch) => used.map(([, cell]) => cell(epoch))),
    { left: [], ...(caption === undefined ? {} : { caption }) },
  );
}
