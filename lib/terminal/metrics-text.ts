import { count, percent, significant } from '../base/numbers.js';
import type {
  ClassificationMetrics,
  ClassMetrics,
  Metrics,
  MultilabelMetrics,
  RegressionMetrics,
} from '../training/metrics.js';
import { baselineFacts } from './baseline-text.js';
import { bar } from './charts.js';
import { factLines, type Style } from './style.js';
import { tableLines } from './table.js';
import { achievement } from './training-text.js';
import { displayWidth, shorten } from './width.js';

/** Formats metrics for people: the result, the confusion matrix, and a line for every class or output. */
export function metricsText(title: string, metrics: Metrics, style: Style): string {
  return [
    '',
    `  ${style.paint.bold(`${title}: ${achievement(metrics, '')}`)}`,
    '',
    ...detailLines(metrics, style),
  ].join('\n');
}

function detailLines(metrics: Metrics, style: Style): string[] {
  switch (metrics.kind) {
    case 'classification':
      return classificationLines(metrics, style);
    case 'multilabel':
      return multilabelLines(metrics, style);
    case 'regression':
      return regressionLines(metrics, style);
  }
}

function classificationLines(metrics: ClassificationMetrics, style: Style): string[] {
  const { accuracy, examples, macro } = metrics;
  const wrong = Math.round((1 - accuracy) * examples);
  return [
    ...factLines(
      [
        ['wrong', `${count(wrong)} of ${count(examples)}`],
        ['macro F1', percent(macro.f1)],
        ...baselineFacts(metrics),
      ],
      style,
    ),
    '',
    ...(matrixLines(metrics, style) ?? mixUpLines(metrics, style)),
    '',
    ...classLines('class', metrics.perClass, style),
  ];
}

const CLASS_NAME = 10;
const MATRIX_HEAD = 'is \\ said';

/** A confusion matrix; empty if it would be wider than the page. */
function matrixLines({ confusion, perClass }: ClassificationMetrics, style: Style): string[] | undefined {
  const { paint, columns } = style;
  const names = perClass.map(({ name }) => shorten(name, CLASS_NAME));
  const digits = Math.max(...confusion.flat().map((cell) => String(cell).length));
  const width = Math.max(Math.min(4, Math.max(...names.map(displayWidth))), digits);
  if (MATRIX_HEAD.length + 4 + names.length * (width + 2) > columns) return undefined;
  const rows = confusion.map((row, i) => [
    names[i] as string,
    ...row.map((cell, j) => {
      if (cell === 0) return paint.dim('·');
      return i === j ? paint.green(String(cell)) : paint.red(String(cell));
    }),
  ]);
  return tableLines([MATRIX_HEAD, ...names.map((name) => shorten(name, width))], rows, style);
}

/** The number of mix-ups to list instead of a matrix that is too wide. */
const MIX_UPS = 12;

function mixUpLines({ confusion, perClass }: ClassificationMetrics, style: Style): string[] {
  const mixUps = confusion
    .flatMap((row, is) => row.map((cell, said) => ({ is, said, cell })))
    .filter(({ is, said, cell }) => is !== said && cell > 0)
    .sort((a, b) => b.cell - a.cell)
    .slice(0, MIX_UPS);
  if (mixUps.length === 0) return [`  ${style.paint.dim('no class was taken for another')}`];
  const name = (index: number) => shorten(perClass[index]?.name ?? '', 24);
  const rows = mixUps.map(({ is, said, cell }) => [name(is), name(said), count(cell)]);
  return tableLines(['is', 'was taken for', 'times'], rows, style, [0, 1]);
}

function multilabelLines(metrics: MultilabelMetrics, style: Style): string[] {
  return [
    ...factLines(
      [
        ['all right', `${percent(metrics.exactMatch)} of the examples`],
        ['loss', `${significant(metrics.loss)} (cross-entropy)`],
        ['macro F1', percent(metrics.macro.f1)],
        ['micro F1', percent(metrics.micro.f1)],
        ...baselineFacts(metrics),
      ],
      style,
    ),
    '',
    ...classLines('label', metrics.perLabel, style),
  ];
}

/** Narrower terminals get no bars. */
const BARS_FROM = 72;

function classLines(title: string, classes: readonly ClassMetrics[], style: Style): string[] {
  const rows = classes.map(({ name, support, precision, recall, f1 }) => [
    shorten(name, 24),
    count(support),
    percent(precision),
    percent(recall),
    percent(f1),
    ...(style.columns < BARS_FROM ? [] : [style.paint.cyan(bar(f1, 16))]),
  ]);
  return tableLines(
    [title, 'examples', 'precision', 'recall', 'F1', ''].slice(0, rows[0]?.length),
    rows,
    style,
    [0, 5],
  );
}

function regressionLines(metrics: RegressionMetrics, style: Style): string[] {
  const rows = metrics.perOutput.map(({ name, rmse, mae, r2 }) => [
    shorten(name, 24),
    significant(rmse),
    significant(mae),
    r2.toFixed(4),
  ]);
  return [
    ...factLines(
      [['loss', `${significant(metrics.loss)} (half the squared error, scaled)`], ...baselineFacts(metrics)],
      style,
    ),
    '',
    ...tableLines(['output', 'RMSE', 'mean error', 'R²'], rows, style),
  ];
}
