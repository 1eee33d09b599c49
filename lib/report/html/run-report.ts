import type { ReportedRun } from '../runs/reported-run.js';
import { CHART_ASSETS } from './charts.js';
import { html } from './escape.js';
import { renderPage } from './page.js';
import { details } from './sections/confusion.js';
import { colourOf, curveCharts, curves } from './sections/curves.js';
import { differences } from './sections/differences.js';
import { formats, junctions } from './sections/junctions.js';
import { overview } from './sections/overview.js';
import { clippedInputs, saturation } from './sections/saturation.js';
import { reproduction } from './sections/settings.js';
import { worstExamples } from './sections/worst.js';

/**
 * The report of one run, or of several side by side, as self-contained HTML.
 *
 * @param version - of this package, for the footer
 * @throws SparseTrainError INTERNAL if a file of the package is missing
 */
export function runReport(title: string, runs: readonly ReportedRun[], version: string): Promise<string> {
  const charts = curveCharts(runs);
  const isSeveral = runs.length > 1;
  const perRun = runs.map((run, i) => {
    const suffix = isSeveral ? `-${i + 1}` : '';
    const heading = isSeveral ? `, ${run.name}` : '';
    const parts = [details, worstExamples, junctions, saturation, clippedInputs, formats, reproduction].map(
      (part) => part(run, suffix, heading),
    );
    // Of several runs, the comparison comes first; what is about one run alone is folded.
    return isSeveral
      ? html`<details class="run" id="run-${i + 1}"><summary><span class="swatch series-${colourOf(i)}"></span>${run.name} in detail</summary>
<div>${parts}</div></details>\n`
      : html`${parts}`;
  });
  return renderPage({
    title,
    body: html`${overview(title, runs)}
${isSeveral ? differences(runs) : ''}${curves(runs, charts)}${perRun}`,
    footer: html`Made by sparse-train ${version}. Everything on this page is in this file.`,
    ...CHART_ASSETS,
    data: { charts },
  });
}
