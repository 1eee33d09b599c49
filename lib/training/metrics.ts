/** Measures of how well outputs fit targets. Pure functions; tallies grow chunk by chunk, so that any number of
 *  examples can be measured in little memory. */

import { type TwoClassMetrics, TwoClassTally } from './two-classes.js';

/** Measures of a network with softmax outputs, which predicts classes. */
export interface ClassificationMetrics {
  kind: 'classification';
  examples: number;
  /** Mean cross-entropy per example, in nats. */
  loss: number;
  /** The share of examples whose class has the largest score: 0 to 1. */
  accuracy: number;
  /** Rows: the true class; columns: the predicted one. */
  confusion: number[][];
  /** One for each class, in order. */
  perClass: ClassMetrics[];
  /** Means over the classes that occur among the examples. */
  macro: PrecisionRecall;
  /**
   * Constant predictions, to compare with: the accuracy of the most frequent class for every example, and the loss of the
   * shares of the classes as probabilities.
   */
  baseline: { class: string; accuracy: number; loss: number };
  /** Only with two classes, if both occur. */
  twoClasses?: TwoClassMetrics | undefined;
}

/** Measures of a network with sigmoid outputs, which predicts labels: those with a probability of at least 0.5. */
export interface MultilabelMetrics {
  kind: 'multilabel';
  examples: number;
  /** Mean cross-entropy per example, summed over its labels, in nats. */
  loss: number;
  /** The share of single labels that are predicted correctly: 0 to 1. */
  accuracy: number;
  /** The share of examples with every label predicted correctly: 0 to 1. */
  exactMatch: number;
  perLabel: ClassMetrics[];
  /** Means over the labels that occur among the examples. */
  macro: PrecisionRecall;
  /** Over all labels of all examples together. */
  micro: PrecisionRecall;
  /** If the outputs are the values of several columns of classes. */
  columns?: ColumnAccuracy[] | undefined;
}

/** Measures of a network with linear outputs, which predicts numbers. */
export interface RegressionMetrics {
  kind: 'regression';
  examples: number;
  /** Mean of half the squared error per example, summed over its outputs: in units of the scaled targets. */
  loss: number;
  /** Root of the mean squared error over all outputs, in the unit of the targets. */
  rmse: number;
  /** Mean absolute error over all outputs, in the unit of the targets. */
  mae: number;
  /** Mean of the outputs' R2: 1 is perfect, 0 no better than the mean of the targets. */
  r2: number;
  perOutput: OutputMetrics[];
  /** The root mean squared error of a constant prediction, the mean of the targets. */
  baseline: { rmse: number };
  /** If some of the outputs are the values of columns of classes. */
  columns?: ColumnAccuracy[] | undefined;
}

/** How often a column of classes is predicted right, one of several labels of a table. */
export interface ColumnAccuracy {
  name: string;
  /** The share of the examples whose class has the largest output among those of the column: 0 to 1. */
  accuracy: number;
}

export type Metrics = ClassificationMetrics | MultilabelMetrics | RegressionMetrics;

/** Each is 0 to 1, and 0 instead of 0/0. */
export interface PrecisionRecall {
  /** The share of the predicted ones that are correct. */
  precision: number;
  /** The share of the actual ones that are predicted. */
  recall: number;
  /** Harmonic mean of the two. */
  f1: number;
}

/** Measures of one class or label. */
export interface ClassMetrics extends PrecisionRecall {
  name: string;
  /** The number of examples that have it. */
  support: number;
}

/** Measures of one output of a regression. */
export interface OutputMetrics {
  name: string;
  rmse: number;
  mae: number;
  r2: number;
}

/** Smaller likelihoods count as this one in a loss, because the engine's probabilities have 14 bits. */
const LEAST_LIKELIHOOD = 2 ** -14;

/** The loss of a prediction that gave the truth this probability, in nats. */
export function surprise(likelihood: number): number {
  return -Math.log(Math.max(likelihood, LEAST_LIKELIHOOD));
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Precision, recall and F1 from counts of true positives, predicted and actual. */
export function precisionRecall(hits: number, predicted: number, actual: number): PrecisionRecall {
  return {
    precision: ratio(hits, predicted),
    recall: ratio(hits, actual),
    f1: ratio(2 * hits, predicted + actual),
  };
}

function macroMean(classes: readonly ClassMetrics[]): PrecisionRecall {
  const present = classes.filter(({ support }) => support > 0);
  const mean = (of: keyof PrecisionRecall) =>
    ratio(
      present.reduce((sum, each) => sum + each[of], 0),
      present.length,
    );
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') };
}

/** Counts the decisions of a classification. */
export class ClassificationTally {
  readonly #classes: readonly string[];
  readonly #confusion: Float64Array;
  readonly #two: TwoClassTally | undefined;
  #examples = 0;
  #loss = 0;

  constructor(classes: readonly string[]) {
    this.#classes = classes;
    this.#confusion = new Float64Array(classes.length ** 2);
    this.#two = classes.length === 2 ? new TwoClassTally(classes) : undefined;
  }

  /** @param scores - row-major, labels.length x classes */
  add(scores: Float32Array, decisions: Uint32Array, labels: ArrayLike<number>): void {
    const outputs = this.#classes.length;
    for (let i = 0; i < labels.length; i++) {
      const label = labels[i] as number;
      const cell = label * outputs + (decisions[i] as number);
      this.#confusion[cell] = (this.#confusion[cell] as number) + 1;
      this.#loss += surprise(scores[i * outputs + label] as number);
      this.#two?.add(scores[2 * i + 1] as number, label);
    }
    this.#examples += labels.length;
  }

  metrics(): ClassificationMetrics {
    const outputs = this.#classes.length;
    const confusion = this.#classes.map((_, row) =>
      Array.from(this.#confusion.subarray(row * outputs, (row + 1) * outputs)),
    );
    const perClass = this.#classes.map((name, c) => {
      const support = (confusion[c] as number[]).reduce((sum, count) => sum + count, 0);
      const predicted = confusion.reduce((sum, row) => sum + (row[c] as number), 0);
      return { name, support, ...precisionRecall(confusion[c]?.[c] as number, predicted, support) };
    });
    const correct = confusion.reduce((sum, row, c) => sum + (row[c] as number), 0);
    const two = this.#two?.metrics();
    return {
      kind: 'classification',
      examples: this.#examples,
      loss: ratio(this.#loss, this.#examples),
      accuracy: ratio(correct, this.#examples),
      confusion,
      perClass,
      macro: macroMean(perClass),
      baseline: classBaseline(perClass, this.#examples),
      ...(two === undefined ? {} : { twoClasses: two }),
    };
  }
}

/** The most frequent class, and the entropy of the classes in nats. */
function classBaseline(
  perClass: readonly ClassMetrics[],
  examples: number,
): ClassificationMetrics['baseline'] {
  let [most, loss] = [perClass[0] as ClassMetrics, 0];
  for (const each of perClass) {
    if (each.support > most.support) most = each;
    if (each.support > 0) loss -= (each.support / examples) * Math.log(each.support / examples);
  }
  return { class: most.name, accuracy: ratio(most.support, examples), loss };
}

/** Counts the decisions of a multilabel network. */
export class MultilabelTally {
  readonly #names: readonly string[];
  readonly #hits: Float64Array;
  readonly #predicted: Float64Array;
  readonly #actual: Float64Array;
  #examples = 0;
  #exact = 0;
  #right = 0;
  #loss = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#hits = new Float64Array(names.length);
    this.#predicted = new Float64Array(names.length);
    this.#actual = new Float64Array(names.length);
  }

  /** Both row-major, examples x labels. */
  add(scores: Float32Array, marks: Uint8Array): void {
    const labels = this.#names.length;
    for (let start = 0; start < marks.length; start += labels) {
      let right = 0;
      for (let k = 0; k < labels; k++) {
        const score = scores[start + k] as number;
        const is = marks[start + k] === 1 ? 1 : 0;
        const said = score >= 0.5 ? 1 : 0;
        this.#hits[k] = (this.#hits[k] as number) + (is & said);
        this.#predicted[k] = (this.#predicted[k] as number) + said;
        this.#actual[k] = (this.#actual[k] as number) + is;
        right += is === said ? 1 : 0;
        this.#loss += surprise(is === 1 ? score : 1 - score);
      }
      this.#right += right;
      this.#exact += right === labels ? 1 : 0;
      this.#examples++;
    }
  }

  metrics(): MultilabelMetrics {
    const labels = this.#names.length;
    const perLabel = this.#names.map((name, k) => {
      const support = this.#actual[k] as number;
      return {
        name,
        support,
        ...precisionRecall(this.#hits[k] as number, this.#predicted[k] as number, support),
      };
    });
    const total = (counts: Float64Array) => counts.reduce((sum, count) => sum + count, 0);
    return {
      kind: 'multilabel',
      examples: this.#examples,
      loss: ratio(this.#loss, this.#examples),
      accuracy: ratio(this.#right, this.#examples * labels),
      exactMatch: ratio(this.#exact, this.#examples),
      perLabel,
      macro: macroMean(perLabel),
      micro: precisionRecall(total(this.#hits), total(this.#predicted), total(this.#actual)),
    };
  }
}

/** Counts right decisions about columns of classes whose values are outputs of their own. */
export class ColumnTally {
  readonly #columns: readonly { readonly name: string; readonly from: number; readonly to: number }[];
  readonly #outputs: number;
  readonly #right: number[];
  #examples = 0;

  /** @param columns - each with its outputs, `from` to `to` - 1 */
  constructor(
    columns: readonly { readonly name: string; readonly from: number; readonly to: number }[],
    outputs: number,
  ) {
    this.#columns = columns;
    this.#outputs = outputs;
    this.#right = columns.map(() => 0);
  }

  /** Adds examples. Both arrays are row-major, examples x outputs; a target is 1 for the class of its example. */
  add(scores: Float32Array, targets: Uint8Array | Float64Array): void {
    for (let start = 0; start < targets.length; start += this.#outputs) {
      this.#examples++;
      for (const [i, { from, to }] of this.#columns.entries()) {
        const own = scores.subarray(start + from, start + to);
        const isRight = targets[start + from + own.indexOf(Math.max(...own))] === 1;
        this.#right[i] = (this.#right[i] as number) + (isRight ? 1 : 0);
      }
    }
  }

  metrics(): ColumnAccuracy[] {
    return this.#columns.map(({ name }, i) => ({
      name,
      accuracy: ratio(this.#right[i] as number, this.#examples),
    }));
  }
}

/** Sums up the errors of a regression. */
export class RegressionTally {
  readonly #names: readonly string[];
  readonly #units: readonly number[];
  readonly #squares: Float64Array;
  readonly #absolutes: Float64Array;
  /** Means of the targets, updated one by one (Welford 1962), because plain sums of squares cancel far from 0. */
  readonly #means: Float64Array;
  readonly #spreads: Float64Array;
  #examples = 0;

  /** @param units - what a scaled target of 1 is in the unit of the targets, for each output */
  constructor(names: readonly string[], units: readonly number[]) {
    this.#names = names;
    this.#units = units;
    this.#squares = new Float64Array(names.length);
    this.#absolutes = new Float64Array(names.length);
    this.#means = new Float64Array(names.length);
    this.#spreads = new Float64Array(names.length);
  }

  /** Both row-major, examples x outputs, in the unit of the targets. */
  add(scores: Float32Array, values: Float64Array): void {
    const outputs = this.#names.length;
    for (let start = 0; start < values.length; start += outputs) {
      this.#examples++;
      for (let k = 0; k < outputs; k++) {
        const value = values[start + k] as number;
        const error = (scores[start + k] as number) - value;
        this.#squares[k] = (this.#squares[k] as number) + error * error;
        this.#absolutes[k] = (this.#absolutes[k] as number) + Math.abs(error);
        const before = value - (this.#means[k] as number);
        this.#means[k] = (this.#means[k] as number) + before / this.#examples;
        this.#spreads[k] = (this.#spreads[k] as number) + before * (value - (this.#means[k] as number));
      }
    }
  }

  metrics(): RegressionMetrics {
    const n = this.#examples;
    const squares = Array.from(this.#squares);
    const perOutput = this.#names.map((name, k) => ({
      name,
      rmse: Math.sqrt(ratio(squares[k] as number, n)),
      mae: ratio(this.#absolutes[k] as number, n),
      r2: determination(squares[k] as number, this.#spreads[k] as number),
    }));
    const mean = (numbers: readonly number[]) =>
      ratio(
        numbers.reduce((sum, x) => sum + x, 0),
        numbers.length,
      );
    const scaled = squares.reduce((sum, square, k) => sum + square / (this.#units[k] as number) ** 2, 0);
    return {
      kind: 'regression',
      examples: n,
      loss: ratio(scaled / 2, n),
      rmse: Math.sqrt(mean(squares.map((square) => ratio(square, n)))),
      mae: mean(perOutput.map(({ mae }) => mae)),
      r2: mean(perOutput.map(({ r2 }) => r2)),
      perOutput,
      baseline: { rmse: Math.sqrt(mean(Array.from(this.#spreads, (spread) => ratio(spread, n)))) },
    };
  }
}

/** R2. If all targets are equal, it is 1 for perfect predictions and otherwise 0. */
function determination(squares: number, spread: number): number {
  if (spread > 0) return 1 - squares / spread;
  return squares === 0 ? 1 : 0;
}

/** The metrics that concern all classes or outputs together, by name. */
export function scalarMetrics(metrics: Metrics): Record<string, number> {
  const { loss } = metrics;
  switch (metrics.kind) {
    case 'classification':
      return { loss, accuracy: metrics.accuracy, macroF1: metrics.macro.f1 };
    case 'multilabel':
      return {
        loss,
        accuracy: metrics.accuracy,
        exactMatch: metrics.exactMatch,
        macroF1: metrics.macro.f1,
        microF1: metrics.micro.f1,
      };
    case 'regression':
      return { loss, rmse: metrics.rmse, mae: metrics.mae, r2: metrics.r2 };
  }
}
