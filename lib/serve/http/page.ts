import { CHART_ASSETS, type ChartSpec, chartGrid } from '../../report/html/charts.js';
import { html } from '../../report/html/escape.js';
import { figures, renderPage, section } from '../../report/html/page.js';
import type { ModelFacts } from '../service.js';

/** The curves of a model that scores itself, by the kind of its first target. */
const CURVES: Readonly<Record<string, readonly [name: string, heading: string, unit: ChartSpec['unit']][]>> =
  {
    class: [
      ['accuracy', 'Rolling accuracy', 'share'],
      ['logLoss', 'Rolling loss', 'number'],
    ],
    number: [
      ['mae', 'Rolling mean absolute error', 'number'],
      ['r2', 'Rolling R²', 'number'],
    ],
  };

/** The page at `/`, in which lib/report/client/model.ts runs and asks for /history. */
export function modelPage({ kind, targets }: ModelFacts, learns: boolean): Promise<string> {
  const target = kind === 'learner' ? targets[0] : undefined;
  const curves = learns ? (CURVES[target ?? ''] ?? []) : [];
  const charts: Record<string, ChartSpec> = Object.fromEntries(
    [...curves, ...(learns ? ([['speed', 'Rows learned a second', 'rate']] as const) : [])].map(
      ([name, heading, unit]) => [
        name,
        { title: heading, x: [], xLabel: 'rows', unit, series: [] } as ChartSpec,
      ],
    ),
  );
  const labels = [
    'rows learned',
    ...(learns && target === 'class' ? ['rolling accuracy'] : []),
    ...(learns && target === 'number' ? ['rolling error'] : []),
    ...(kind === 'learner' ? ['drifts'] : []),
    'predictions',
    'rows refused',
  ];
  return renderPage({
    title: 'A model that is served',
    body: html`<header>
<h1>A model that ${learns ? 'learns' : 'follows another one'}</h1>
<p class="state" id="state" role="status">connecting</p>
</header>
<div id="figures">${figures(labels.map((label) => ({ value: '–', label })))}</div>
${
  learns
    ? section(
        'curves',
        'Since the server started',
        chartGrid(charts),
        curves.length === 0
          ? undefined
          : 'Each row was predicted before it was learned. Dashed lines stand where the stream was found to have changed.',
      )
    : html`<section><p>This server does not learn. The page of the server that learns has the curves.</p></section>`
}${
  learns && target === 'class'
    ? section(
        'mistakes',
        'Latest mistakes',
        html`<div class="scrolls" tabindex="0" role="region" aria-label="Latest mistakes"><table>
<thead><tr><th scope="col" class="text">time</th><th scope="col" class="text">predicted</th><th scope="col" class="text">right</th><th scope="col" class="text">row</th></tr></thead>
<tbody></tbody>
</table></div>
`,
      )
    : ''
}`,
    footer: html`Served by sparse-train.`,
    styles: CHART_ASSETS.styles,
    scripts: [...CHART_ASSETS.scripts, 'model.js'],
    data: { charts },
    connects: true,
  });
}
