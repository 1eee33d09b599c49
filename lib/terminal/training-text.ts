import { bytes, count, counted, percent, perSecond, seconds, significant } from '../base/numbers.js';
import type { ResolvedArithmetic } from '../network/arithmetic.js';
import type { Metrics } from '../training/metrics.js';
import type { EpochRecord } from '../training/records.js';
import { baselineFacts } from './baseline-text.js';
import { bar, lineChart } from './charts.js';
import { factLines, type Style } from './style.js';
import { tableLines } from './table.js';
import type { MeasuredPart, TrainingResult } from './training-result.js';
import { commandLines } from './width.js';

/** A {@link TrainingResult} for people: result, network, learning curve and files. */
export function trainingText(result: TrainingResult, modelBytes: number | undefined, style: Style): string {
  const { paint } = style;
  return [
    '',
    `  ${paint.bold(headline(result))}`,
    '',
    ...factLines([...resultFacts(result), ...networkFacts(result, style)], style),
    '',
    ...epochLines(result, style),
    '',
    ...factLines(fileFacts(result, modelBytes), style),
    ...nextLines(result, style),
  ].join('\n');
}

function headline(result: TrainingResult): string {
  const { test, validation, stopped, examples, history } = result;
  if (stopped === 'aborted') {
    const last = history.at(-1);
    const accuracy = last?.accuracy === undefined ? '' : `, the last ${percent(last.accuracy)} of them right`;
    return `${result.data}: interrupted after ${counted(examples, 'example')}${accuracy}`;
  }
  if (test !== null) return `${result.data}: ${achievement(test, 'test')}`;
  if (validation !== null) return `${result.data}: ${achievement(validation, 'validation')}`;
  const loss = history.at(-1)?.loss;
  return `${result.data}: trained${loss === undefined ? '' : `, loss ${significant(loss)}`}`;
}

/** `97.52 % of the 10,000 test examples right` */
export function achievement(metrics: Metrics, part: 'test' | 'validation' | ''): string {
  const examples = `${part === '' ? '' : `${part} `}example${metrics.examples === 1 ? '' : 's'}`;
  const of = `the ${count(metrics.examples)} ${examples}`;
  switch (metrics.kind) {
    case 'classification':
      return `${percent(metrics.accuracy)} of ${of} right`;
    case 'multilabel':
      return `${percent(metrics.accuracy)} of the labels of ${of} right`;
    case 'regression':
      return `off by ${significant(metrics.rmse)} on ${of} (root mean square; R² ${metrics.r2.toFixed(3)})`;
  }
}

/** What to compare the result in the headline with. */
function resultFacts({ test, validation, stopped }: TrainingResult): [string, string][] {
  const metrics = stopped === 'aborted' ? null : (test ?? validation);
  return metrics === null ? [] : baselineFacts(metrics);
}

function networkFacts(result: TrainingResult, { paint }: Style): [string, string | undefined][] {
  const { layers, edges, denseEdges, density, activations, output, schedule } = result;
  const functions = describeFunctions(activations, output, result.arithmetic);
  const fewer = denseEdges / edges;
  const sparse =
    edges === denseEdges
      ? `${count(edges)}, dense`
      : `${count(edges)} of ${count(denseEdges)} (${percent(density, 1)}): ` +
        paint.green(`${significant(fewer)} times fewer than dense`);
  return [
    ['network', `${layers.join(' - ')}, ${functions}`],
    ['edges', sparse],
    ['moved', result.moved === null ? undefined : `${counted(result.moved, 'edge')} during training`],
    [
      'training',
      `${count(result.examples)} examples in ${seconds(result.trainSeconds)}: ` +
        `${perSecond(result.samplesPerSecond)}, ${seconds(1 / result.samplesPerSecond)} each`,
    ],
    ...tuningFacts(result),
    ['weight decay', result.weightDecay === 0 ? undefined : significant(result.weightDecay)],
    ['temperature', result.temperature === null ? undefined : significant(result.temperature)],
    ['arithmetic', describeArithmetic(result.arithmetic)],
    ['computed', `${result.isa}, ${counted(result.threads, 'thread')}, ${schedule}, seed ${result.seed}`],
    ['digest', result.digest],
  ];
}

/** What was tried to choose the recipe, and which it is. */
function tuningFacts({ tuning }: TrainingResult): [string, string][] {
  if (tuning === null) return [];
  const { trials, folds, loss, usualLoss, recipe } = tuning;
  const { hidden, steps, decay, rate, epochs } = recipe;
  const usual = usualLoss === null ? '' : ` (usual recipe ${significant(usualLoss)})`;
  const parts = [
    steps > 0 ? `steps at ${steps} quantiles` : undefined,
    `${hidden.join('-')} neurons`,
    decay > 0 ? `decay ${decay} / rows` : undefined,
    rate === null ? undefined : `rate ${significant(rate)}`,
    counted(epochs, 'epoch'),
  ];
  return [
    ['tuned', `${counted(trials, 'recipe')} on ${counted(folds, 'fold')}: loss ${significant(loss)}${usual}`],
    ['recipe', parts.filter((part) => part !== undefined).join(', ')],
  ];
}

/** The functions of the hidden layers, then that of the output: `relu, softmax`. */
export function describeFunctions(
  activations: readonly string[],
  output: string,
  arithmetic: ResolvedArithmetic,
): string {
  const last = arithmetic.kind === 'hardware' ? `${arithmetic.outputActivation} outputs` : output;
  return [...new Set(activations), last].join(', ');
}

/** `16-bit integers, 12 after the point (±8), stochastic rounding` */
export function describeArithmetic(arithmetic: ResolvedArithmetic): string {
  if (arithmetic.kind === 'float') return '32-bit floating point';
  if (arithmetic.kind === 'hardware') {
    const { width, integerBits, cost } = arithmetic;
    return `the hardware's, ${width} bits (1.${integerBits}.${width - 1 - integerBits}), ${cost}`;
  }
  const { weightBits, weightFraction, rounding } = arithmetic;
  const range = 2 ** (weightBits - 1 - weightFraction);
  return `${weightBits}-bit integers, ${weightFraction} after the point (±${range}), ${rounding} rounding`;
}

/** Up to this many epochs are listed; more become a curve. */
const LISTED = 10;

function epochLines({ history, measured }: TrainingResult, style: Style): string[] {
  if (history.length === 0) return [];
  return history.length <= LISTED
    ? epochTable(history, measured, style)
    : epochCurve(history, measured, style);
}

/** One line per epoch, with a bar for the remaining errors if there is room. */
function epochTable(history: readonly EpochRecord[], measured: MeasuredPart, style: Style): string[] {
  const measures = history.map((record) => measureOf(record, measured));
  const largest = Math.max(...measures.map(({ badness }) => badness ?? 0));
  const width = Math.min(24, style.columns - 56);
  const hasBars = width >= 10;
  const rows = history.map((record, i) => {
    const { badness, text } = measures[i] as Measure;
    const training = record.accuracy === undefined ? [] : [percent(record.accuracy)];
    return [
      String(record.epoch) + (record.complete ? '' : ' …'),
      String(Number(record.learningRate.toPrecision(3))),
      record.loss === undefined ? '-' : significant(record.loss),
      ...training,
      ...(measured === null ? [] : [text]),
      ...(hasBars ? [style.paint.cyan(bar(largest > 0 ? (badness ?? 0) / largest : 0, width))] : []),
    ];
  });
  const first = history[0] as EpochRecord;
  const head = [
    'epoch',
    'rate',
    'loss',
    ...(first.accuracy === undefined ? [] : ['training']),
    ...(measured === null ? [] : [measured]),
    ...(hasBars ? [first.accuracy === undefined ? 'error' : 'still wrong'] : []),
  ];
  return tableLines(head, rows, style, hasBars ? [0, head.length - 1] : [0]);
}

interface Measure {
  /** A value to compare epochs by: smaller is better; undefined if unknown. */
  badness: number | undefined;
  text: string;
}

/**
 * The share of wrong answers, or the error: of the part that is measured after every epoch, or of training if there is
 * none.
 */
function measureOf({ validation, accuracy, loss }: EpochRecord, measured: MeasuredPart): Measure {
  if (measured === null) return { badness: accuracy === undefined ? loss : 1 - accuracy, text: '-' };
  if (validation?.accuracy !== undefined)
    return { badness: 1 - validation.accuracy, text: percent(validation.accuracy) };
  if (validation?.rmse !== undefined) return { badness: validation.rmse, text: significant(validation.rmse) };
  return { badness: undefined, text: '-' };
}

const CURVE_HEIGHT = 6;

function epochCurve(history: readonly EpochRecord[], measured: MeasuredPart, style: Style): string[] {
  const points = history.flatMap((record) => {
    const { badness } = measureOf(record, measured);
    return badness === undefined ? [] : { epoch: record.epoch, badness };
  });
  if (points.length === 0) return [];
  const values = points.map(({ badness }) => badness);
  const first = history[0] as EpochRecord;
  const isShare = first.validation?.accuracy !== undefined || first.accuracy !== undefined;
  const title = `${isShare ? 'wrong' : 'error'} (${measured ?? 'training'})`;
  const high = Math.max(...values);
  const low = Math.min(0, ...values);
  const format = (value: number) => (isShare ? percent(value, 1) : significant(value));
  if (high === low) return [`  ${style.paint.dim(`${title}: ${format(high)} after every epoch`)}`];
  const labels = [format(high), ...new Array<string>(CURVE_HEIGHT - 2).fill(''), format(low)];
  const labelWidth = Math.max(...labels.map(({ length }) => length));
  const width = Math.min(64, style.columns - labelWidth - 6);
  const curve = lineChart(values, width, CURVE_HEIGHT, [low, high]);
  const best = values.indexOf(Math.min(...values));
  return [
    `  ${style.paint.dim(`${title} by epoch; least ${format(values[best] as number)} in epoch ${points[best]?.epoch}`)}`,
    ...curve.map((line, i) => {
      const axis = i === 0 || i === CURVE_HEIGHT - 1 ? '┤' : '│';
      return `  ${style.paint.dim(`${(labels[i] ?? '').padStart(labelWidth)} ${axis}`)}${style.paint.cyan(line.trimEnd())}`;
    }),
    `  ${style.paint.dim(`${' '.repeat(labelWidth)} └1${String(points.at(-1)?.epoch).padStart(width - 1, '─')}`)}`,
  ];
}

function fileFacts(
  { model, log }: TrainingResult,
  modelBytes: number | undefined,
): [string, string | undefined][] {
  const size = modelBytes === undefined ? '' : ` (${bytes(modelBytes)})`;
  return [
    ['model', model === null ? 'not saved' : model + size],
    ['run log', log ?? undefined],
  ];
}

function nextLines({ model, log, data }: TrainingResult, { paint, columns }: Style): string[] {
  if (model === null) return [];
  const quoted = (file: string) => (/[^\w./-]/.test(file) ? JSON.stringify(file) : file);
  const name = quoted(model);
  const lines = [`npx sparse-train inspect ${name}`];
  if (log !== null) lines.unshift(`npx sparse-train report ${quoted(log)}`);
  if (data === 'mnist') {
    lines.push(`npx sparse-train evaluate ${name} --data mnist`);
    lines.push(`npx sparse-train predict ${name} mnist | head -3`);
  }
  const commands = lines.flatMap((line) => commandLines(line, columns, 4));
  return ['', `  ${paint.dim('try next')}`, ...commands.map((line) => paint.cyan(line))];
}
