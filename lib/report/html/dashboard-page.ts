import { CHART_ASSETS, type ChartSpec, chartGrid } from './charts.js';
import { html } from './escape.js';
import { commandLine, facts, figures, renderPage, section } from './page.js';

/** What a dashboard shows about a run before it begins. */
export interface DashboardRun {
  readonly title: string;
  /** The part that is measured after every epoch: `test`, `validation` or null. */
  readonly measured: string | null;
  readonly isRegression: boolean;
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** The words of the command that started the run. */
  readonly command: readonly string[];
}

/** The page in which lib/report/client/dashboard.ts runs. */
export function dashboardPage({
  title,
  measured,
  isRegression,
  facts: list,
  command,
}: DashboardRun): Promise<string> {
  const charts: Record<string, ChartSpec> = Object.fromEntries(
    [
      ['loss', 'Loss', 'number'],
      isRegression ? ['error', 'Root mean square error', 'number'] : ['accuracy', 'Accuracy', 'share'],
      ['speed', 'Training examples a second', 'rate'],
      ['rate', 'Learning rate', 'number'],
    ].map(([name, heading, unit]) => [
      name,
      { title: heading, x: [], xLabel: 'epoch', unit, series: [] } as unknown as ChartSpec,
    ]),
  );
  return renderPage({
    title,
    body: html`<header>
<h1>${title}</h1>
<p class="state" id="state" role="status">connecting</p>
<progress id="progress" max="1" value="0" aria-label="Share of the training that is done"></progress>
</header>
<div id="figures">${figures(
      [
        'training loss',
        ...(isRegression ? [] : ['training accuracy']),
        ...(measured === null ? [] : [`${measured} ${isRegression ? 'RMS error' : 'accuracy'}`]),
        'examples a second',
        'time left',
      ].map((label) => ({ value: '–', label })),
    )}</div>
${section('curves', 'Learning curves', chartGrid(charts))}
${section('run', 'The run', facts([...list, ['command', commandLine(command)]]))}`,
    footer: html`Served by sparse-train to this machine only, while the run lasts.`,
    styles: CHART_ASSETS.styles,
    scripts: [...CHART_ASSETS.scripts, 'dashboard.js'],
    data: { charts, run: { measured, isRegression } },
    connects: true,
  });
}
