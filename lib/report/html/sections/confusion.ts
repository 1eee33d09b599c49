import { count, percent, significant } from '../../../base/numbers.js';
import type { ReportedRun } from '../../runs/reported-run.js';
import type { LoggedMetrics } from '../../runs/run-log-file.js';
import { type Html, html } from '../escape.js';
import { section, table } from '../page.js';
import { resultOf } from './overview.js';

/** Up to this many classes the whole matrix is shown; otherwise the most frequent mix-ups are listed. */
const MATRIX_CLASSES = 26;
const MIX_UPS = 20;

type Classification = Extract<LoggedMetrics, { kind: 'classification' }>;

/** The quality of a run by class, label or output. */
export function details(run: ReportedRun, suffix: string, heading: string): Html {
  const result = resultOf(run);
  if (result === undefined) return html``;
  const { metrics, on } = result;
  const remark = `Measured on ${count(metrics.examples)} ${on}.`;
  switch (metrics.kind) {
    case 'classification':
      return section(`confusion${suffix}`, `Confusion matrix${heading}`, classification(metrics), remark);
    case 'multilabel':
      return section(`labels${suffix}`, `Labels${heading}`, classTable('label', metrics.perLabel), remark);
    case 'regression':
      return section(
        `outputs${suffix}`,
        `Outputs${heading}`,
        table(
          ['output', 'RMS error', 'mean error', 'R²'],
          metrics.perOutput.map(({ name, rmse, mae, r2 }) => [
            name,
            significant(rmse, 4),
            significant(mae, 4),
            r2.toFixed(4),
          ]),
        ),
        remark,
      );
  }
}

function classification(metrics: Classification): Html {
  const perClass = classTable('class', metrics.perClass);
  const matrix = metrics.perClass.length <= MATRIX_CLASSES ? matrixTable(metrics) : mixUps(metrics);
  return html`${matrix}<details><summary>Precision, recall and F1 of each class</summary>${perClass}</details>`;
}

/** Rows are true classes, columns predicted ones; the darker a cell, the larger its share of the row. */
function matrixTable({ confusion, perClass }: Classification): Html {
  const names = perClass.map(({ name }) => name);
  const rows = confusion.map((row, is) => {
    const total = row.reduce((sum, cell) => sum + cell, 0);
    const cells = row.map((cell, said) => {
      const name = `${names[is]} taken for ${names[said]}: ${count(cell)}`;
      return html`<td class="${shade(cell, total, is === said)}" title="${name}">${cell === 0 ? '' : count(cell)}</td>`;
    });
    const recall = total === 0 ? '' : percent((row[is] as number) / total, 1);
    return html`<tr><th scope="row">${names[is]}</th>${cells}<th scope="row" class="number">${recall}</th></tr>\n`;
  });
  return html`<div class="scrolls" tabindex="0" role="region" aria-label="Confusion matrix"><table class="confusion">
<caption><span class="caption">Rows: what it is. Columns: what it was taken for. Last column: found.</span></caption>
<thead><tr><td></td>${names.map((name) => html`<th scope="col">${name}</th>`)}<th scope="col">found</th></tr></thead>
<tbody>
${rows}</tbody></table></div>
`;
}

function shade(cell: number, total: number, isRight: boolean): string {
  if (cell === 0) return 'nothing';
  const share = cell / total;
  const steps = isRight ? [0.8, 0.95] : [0.01, 0.05];
  const step = 1 + steps.filter((limit) => share >= limit).length;
  return `${isRight ? 'right' : 'wrong'}-${step}`;
}

function mixUps({ confusion, perClass }: Classification): Html {
  const list = confusion
    .flatMap((row, is) => row.map((cell, said) => ({ is, said, cell })))
    .filter(({ is, said, cell }) => is !== said && cell > 0)
    .sort((a, b) => b.cell - a.cell)
    .slice(0, MIX_UPS);
  const name = (index: number) => perClass[index]?.name ?? String(index);
  return table(
    ['is', 'was taken for', 'times'],
    list.map(({ is, said, cell }) => [name(is), name(said), count(cell)]),
    { caption: `The most frequent mix-ups of ${count(perClass.length)} classes`, left: [0, 1] },
  );
}

function classTable(
  title: string,
  classes: readonly { name: string; support: number; precision: number; recall: number; f1: number }[],
): Html {
  return table(
    [title, 'examples', 'precision', 'recall', 'F1'],
    classes.map(({ name, support, precision, recall, f1 }) => [
      name,
      count(support),
      percent(precision),
      percent(recall),
      percent(f1),
    ]),
  );
}
