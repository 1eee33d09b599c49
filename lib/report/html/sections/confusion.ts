import { count, counted, percent, significant } from '../../../base/numbers.js';
import type { ReportedRun } from '../../runs/reported-run.js';
import type { LoggedMetrics } from '../../runs/run-log-file.js';
import { type Html, html } from '../escape.js';
import { section, table } from '../page.js';
import { resultOf } from './overview.js';

/** Up to this many classes the whole matrix is shown; otherwise the most frequent mix-ups are listed. */
const MATRIX_CLASSES = 26;
const MIX_UPS = 20;
/** Class names longer than this stand upright above the columns of a matrix, so that all columns are narrow. */
const LONG_NAME = 8;

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

function classification(all: Classification): Html {
  const metrics = seenClasses(all);
  const perClass = classTable('class', metrics.perClass);
  const isMatrix = metrics.perClass.length <= MATRIX_CLASSES;
  const matrix = isMatrix ? matrixTable(metrics) : mixUps(metrics);
  const unseen = all.perClass.length - metrics.perClass.length;
  const remark =
    unseen === 0
      ? ''
      : html`<p class="remark">Not shown: ${counted(unseen, 'class', 'classes')} that no example has and that none was taken for.</p>\n`;
  return html`${remark}${matrix}<details><summary>Precision, recall and F1 of each class</summary>${perClass}</details>`;
}

/** Leaves out classes that no example has and that no example was taken for, such as spare outputs of a network. */
function seenClasses(metrics: Classification): Classification {
  const { confusion, perClass } = metrics;
  const seen = perClass
    .map((_, k) => k)
    .filter((k) => confusion.some((row, is) => (row[k] as number) > 0 || (is === k && row.some(Boolean))));
  // Without any examples there is nothing to choose by.
  if (seen.length === 0 || seen.length === perClass.length) return metrics;
  return {
    ...metrics,
    perClass: seen.map((k) => perClass[k] as (typeof perClass)[number]),
    confusion: seen.map((is) => seen.map((said) => confusion[is]?.[said] as number)),
  };
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
  const isUpright = names.some((name) => name.length > LONG_NAME) && names.length > 3;
  const heading = (name: string) => html`<th scope="col" title="${name}"><span>${name}</span></th>`;
  return html`<div class="scrolls" tabindex="0" role="region" aria-label="Confusion matrix"><table class="confusion${isUpright ? ' upright' : ''}">
<caption><span class="caption">Rows: true class. Columns: predicted class. Last column: share of the row that is right.</span></caption>
<thead><tr><td></td>${names.map(heading)}<th scope="col"><span>right</span></th></tr></thead>
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
