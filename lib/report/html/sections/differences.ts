import { bytes, count, percent, perSecond, seconds, significant } from '../../../base/numbers.js';
import type { ReportedRun } from '../../runs/reported-run.js';
import { type Html, html } from '../escape.js';
import { type Cell, section, table } from '../page.js';
import { colourOf } from './curves.js';
import { edgesOf, resultOf } from './overview.js';
import { settingsOf } from './settings.js';

/** Whether larger or smaller values of a row are better. */
type Better = 'high' | 'low' | undefined;

/** The most differing settings that are shown unfolded. */
const SETTINGS = 12;

/** The results of several runs, and the settings in which they differ. */
export function differences(runs: readonly ReportedRun[]): Html {
  const head = [
    '',
    ...runs.map(({ name }, i) => html`<span class="swatch series-${colourOf(i)}"></span>${name}`),
  ];
  const results = resultRows(runs).filter(([, cells]) => cells.some((cell) => cell !== ''));
  const settings = differingSettings(runs);
  const same = settings.length === 0 ? html`<p class="remark">All settings in the logs are equal.</p>\n` : '';
  const left = runs.map((_, i) => i + 1);
  return section(
    'comparison',
    'Side by side',
    html`${table(
      head,
      results.map(([label, cells]) => [label, ...cells]),
      { caption: 'Results' },
    )}
${same}${
  settings.length === 0
    ? ''
    : settings.length <= SETTINGS
      ? table(head, settings, { caption: 'Settings that differ', left: [0, ...left] })
      : html`<details><summary>${settings.length} settings that differ</summary>${table(head, settings, { left: [0, ...left] })}</details>`
}`,
  );
}

function resultRows(runs: readonly ReportedRun[]): [string, Cell[]][] {
  const results = runs.map(resultOf);
  const on = new Set(results.map((result) => result?.on));
  const measured = on.size === 1 ? ` (${[...on][0]})` : '';
  // Results on different data cannot be compared.
  const ifComparable = (better: Better) => (on.size === 1 ? better : undefined);
  const row = (
    label: string,
    values: readonly (number | undefined)[],
    text: (value: number) => string,
    better: Better,
  ): [string, Cell[]] => [label, marked(values, text, better)];
  const end = (of: 'trainSeconds' | 'samplesPerSecond') => runs.map(({ logged }) => logged?.end?.[of]);
  const accuracy = results.map((result) =>
    result === undefined || result.metrics.kind === 'regression' ? undefined : result.metrics.accuracy,
  );
  const rmse = results.map((result) =>
    result?.metrics.kind === 'regression' ? result.metrics.rmse : undefined,
  );
  const edges = runs.map(edgesOf);
  return [
    row(`accuracy${measured}`, accuracy, (value) => percent(value), ifComparable('high')),
    row(`RMS error${measured}`, rmse, (value) => significant(value, 4), ifComparable('low')),
    row(
      'loss',
      results.map((result) => result?.metrics.loss),
      (value) => significant(value, 4),
      ifComparable('low'),
    ),
    row(
      'edges',
      edges.map((each) => each?.edges),
      count,
      undefined,
    ),
    row(
      'density',
      edges.map((each) => each && each.edges / each.dense),
      (value) => percent(value, 1),
      undefined,
    ),
    row(
      'epochs',
      runs.map(({ logged }) => logged?.epochs.length),
      count,
      undefined,
    ),
    row('training', end('trainSeconds'), seconds, ifComparable('low')),
    row('examples a second', end('samplesPerSecond'), perSecond, ifComparable('high')),
    row(
      'model file',
      runs.map(({ model }) => model?.bytes),
      bytes,
      undefined,
    ),
    ['digest', runs.map(({ model, logged }) => digestCell(model?.digest ?? logged?.end?.digest))],
  ];
}

function digestCell(digest: string | undefined): Cell {
  return digest === undefined
    ? ''
    : html`<span class="mono" title="${digest}">${digest.slice(0, 12)}…</span>`;
}

/** The cells of a row. If the values differ, the best is marked. */
function marked(
  values: readonly (number | undefined)[],
  text: (value: number) => string,
  better: Better,
): Cell[] {
  const known = values.filter((value) => value !== undefined);
  const differ = new Set(known).size > 1;
  const best = better === 'high' ? Math.max(...known) : Math.min(...known);
  return values.map((value) => {
    if (value === undefined) return '';
    return better !== undefined && differ && value === best
      ? html`<span class="best">${text(value)}</span>`
      : text(value);
  });
}

function differingSettings(runs: readonly ReportedRun[]): Cell[][] {
  const all = runs.map((run) => new Map(settingsOf(run)));
  // Paths of written files are no difference between runs.
  const names = [...new Set(all.flatMap((settings) => [...settings.keys()]))].filter(
    (name) => name !== 'fit.checkpoint.file',
  );
  return names
    .filter((name) => new Set(all.map((settings) => settings.get(name))).size > 1)
    .map((name) => [breakable(name), ...all.map((settings) => settings.get(name) ?? '–')]);
}

/** A name such as `network.arithmetic.weightBits`, which may be wrapped after its dots. */
function breakable(name: string): Html {
  return html`${name.split(/(?<=\.)/).map((part) => html`${part}<wbr>`)}`;
}
