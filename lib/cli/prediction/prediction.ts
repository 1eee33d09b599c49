import type { ErrorCode } from '../../base/errors.js';
import { labelColumns, labelOutputs } from '../../formats/csv/labels.js';
import type { CsvSchema } from '../../formats/csv/schema.js';
import type { Network } from '../../training/network.js';

/** A network's prediction for one row. */
export type Verdict =
  /** One of several classes, or yes or no. */
  | { class: string; probability: number }
  /** All labels that apply. */
  | { labels: string[] }
  /** One number, or several numbers and classes by name. */
  | { value: number }
  | { values: Record<string, number | string> };

/** The number of the row, counted from 1: a line of a text, or a row of an IDX file or data set. */
export type Place = { line: number } | { row: number };

/** One line of the output. */
export type Prediction =
  | (Place & Verdict & { scores?: Record<string, number> })
  | (Place & { error: { code: ErrorCode; message: string } });

/** Digits of printed probabilities; probabilities have 14 bits. */
const DIGITS = 5;

function rounded(probability: number): number {
  return Number(probability.toFixed(DIGITS));
}

/** The names of a network's outputs; for a yes-or-no output, both classes. */
export function outputNames(network: Network): readonly string[] {
  const { layers, output, classes, schema } = network;
  const outputs = layers.at(-1) as number;
  if (output === 'sigmoid' && outputs === 1) {
    const label = schema === undefined ? undefined : labelColumns(schema)[0];
    if (label !== undefined && 'categories' in label) return label.categories.values;
    const yes = classes?.[0];
    return yes === undefined || yes === '1' ? ['0', '1'] : [`not ${yes}`, yes];
  }
  return classes ?? Array.from({ length: outputs }, (_, i) => String(i));
}

/** Makes a function that converts scores to a prediction. */
export function judge(network: Network): (scores: Float32Array) => Verdict {
  const { schema } = network;
  if (schema !== undefined && labelColumns(schema).length > 1) return judgeLabels(schema);
  const names = outputNames(network);
  const name = (index: number) => names[index] as string;
  if (network.output === 'linear') {
    if (names.length === 1) return (scores) => ({ value: scores[0] as number });
    return (scores) => ({ values: byName(names, scores, (value) => value) });
  }
  if (network.output === 'softmax') {
    return (scores) => {
      const best = scores.indexOf(Math.max(...scores));
      return { class: name(best), probability: rounded(scores[best] as number) };
    };
  }
  if (scoresOfOne(network)) {
    return ([yes = 0]) =>
      yes >= 0.5
        ? { class: name(1), probability: rounded(yes) }
        : { class: name(0), probability: rounded(1 - yes) };
  }
  return (scores) => ({ labels: names.filter((_, k) => (scores[k] as number) >= 0.5) });
}

/** Each label by its name: a number as it is, of a class the value whose output is largest. */
function judgeLabels(schema: CsvSchema): (scores: Float32Array) => Verdict {
  const labels = labelOutputs(schema);
  return (scores) => ({
    values: Object.fromEntries(
      labels.map(({ column, from, to }) => {
        if (column.kind === 'value') return [column.name, scores[from] as number];
        const own = scores.subarray(from, to);
        return [column.name, column.categories.values[own.indexOf(Math.max(...own))] as string];
      }),
    ),
  });
}

function scoresOfOne({ output, layers }: Network): boolean {
  return output === 'sigmoid' && layers.at(-1) === 1;
}

/** All scores by the outputs' names. */
export function scoresByName(network: Network, scores: Float32Array): Record<string, number> {
  const names = outputNames(network);
  if (network.output === 'linear') return byName(names, scores, (value) => value);
  if (scoresOfOne(network)) return byName(names, [1 - (scores[0] as number), scores[0] as number], rounded);
  return byName(names, scores, rounded);
}

function byName(
  names: readonly string[],
  scores: ArrayLike<number>,
  format: (value: number) => number,
): Record<string, number> {
  return Object.fromEntries(names.map((name, k) => [name, format(scores[k] as number)]));
}
