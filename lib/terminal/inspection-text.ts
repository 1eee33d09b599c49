import { basename } from 'node:path';
import { bytes, count, counted, percent, seconds, significant } from '../base/numbers.js';
import { printableLine } from '../base/printable.js';
import { describeClipped } from '../data/clipping.js';
import type { InputScaling } from '../data/scaling.js';
import { describeScaling } from '../data/scaling.js';
import type { CsvColumn } from '../formats/csv/schema.js';
import type {
  Degrees,
  JunctionInspection,
  NetworkInspection,
  NumberFormat,
  ValueSummary,
} from '../network/inspection.js';
import { columnChart } from './charts.js';
import { factLines, type Style } from './style.js';
import { describeArithmetic, describeFunctions } from './training-text.js';

/** Formats the contents of a model file for people. */
export interface ModelFacts extends NetworkInspection {
  file: string;
  bytes: number;
  digest: string;
  /** Where and when the file was saved. */
  provenance: { version?: string; date?: string; node?: string; platform?: string; kernelSet?: string };
  /** The scaling of the inputs, in full. */
  inputs: InputScaling | undefined;
  /** The schema of the table that it was trained on. */
  columns: readonly CsvColumn[] | undefined;
}

/** Formats a model for people. */
export function inspectionText(facts: ModelFacts, style: Style): string {
  const { paint } = style;
  return [
    '',
    `  ${paint.bold(basename(facts.file))}  ${paint.dim(bytes(facts.bytes))}`,
    '',
    ...factLines(networkFacts(facts, style), style),
    ...facts.junctions.flatMap((junction) => ['', ...junctionLines(facts, junction, style)]),
    '',
    ...factLines(originFacts(facts), style),
  ].join('\n');
}

function networkFacts(facts: ModelFacts, { paint }: Style): [string, string | undefined][] {
  const { layers, activations, output, schedule, edges, denseEdges, density, optimizer } = facts;
  const { momentum, weightDecay } = optimizer;
  const fewer =
    edges === denseEdges
      ? ''
      : `, ${paint.green(`${significant(denseEdges / edges)} times fewer than dense`)}`;
  const extras = [
    optimizer.kind === 'sgd' ? '' : optimizer.kind,
    momentum > 0 ? `momentum ${momentum}` : '',
    weightDecay > 0 ? `weight decay ${weightDecay}` : '',
  ].filter((text) => text !== '');
  return [
    ['layers', `${layers.join(' - ')}, ${describeFunctions(activations, output, facts.arithmetic)}`],
    ['edges', `${count(edges)} of ${count(denseEdges)} (${percent(density, 1)})${fewer}`],
    ['arithmetic', describeArithmetic(facts.arithmetic)],
    ['weights', describeFormat(facts.formats.weights)],
    ['biases', describeFormat(facts.formats.biases)],
    ['activations', describeFormat(facts.formats.activations)],
    ['schedule', [schedule, ...extras].join(', ')],
    ['scaling', facts.inputs === undefined ? 'not decided yet' : describeScaling(facts.inputs)],
    [
      'clipped inputs',
      facts.clippedInputs === undefined ? undefined : printableLine(describeClipped(facts.clippedInputs)),
    ],
    [
      'inputs',
      facts.columns === undefined ? undefined : columnNames(facts.columns).map(printableLine).join(', '),
    ],
    [
      'classes',
      facts.classes === undefined ? undefined : abridged(facts.classes).map(printableLine).join(', '),
    ],
  ];
}

/** The most names that are shown; the others are only counted. */
const NAMES = 40;

function abridged(names: readonly string[]): string[] {
  if (names.length <= NAMES) return [...names];
  return [...names.slice(0, NAMES), `and ${count(names.length - NAMES)} more`];
}

function columnNames(columns: readonly CsvColumn[]): string[] {
  const inputs = columns.flatMap((column) => {
    if (column.kind === 'number') return column.name;
    return column.kind === 'category' ? `${column.name} (${column.categories.values.length} categories)` : [];
  });
  return abridged(inputs);
}

function describeFormat(format: NumberFormat): string {
  if (format.type === 'float32') return '32-bit floating point';
  const { bits, fraction, minimum, maximum, step } = format;
  return `${bits} bits, ${fraction} after the point: ${edge(minimum)} to ${edge(maximum)} by ${significant(step)}`;
}

/** Writes a limit of a number format as shortly as possible. */
function edge(limit: number): string {
  return String(Number(limit.toPrecision(5)));
}

const HISTOGRAM_HEIGHT = 4;

function junctionLines(facts: ModelFacts, junction: JunctionInspection, style: Style): string[] {
  const { index, left, right, edges, density, weights, biases, weightsAtLimit } = junction;
  const { paint } = style;
  const place = `junction ${index + 1} of ${facts.junctions.length}`;
  const atLimit =
    weightsAtLimit === 0
      ? 'no weight at its limit'
      : paint.yellow(
          `${counted(weightsAtLimit, 'weight')} (${percent(weightsAtLimit / edges)}) at the limit`,
        );
  return [
    `  ${paint.bold(place)}  ${count(left)} → ${count(right)}`,
    ...factLines(
      [
        ['edges', `${count(edges)} (${percent(density, 1)}), ${describePattern(junction)}`],
        ['degrees', `${describeDegrees(junction.fanIn)} in, ${describeDegrees(junction.fanOut)} out`],
        ['weights', `${describeValues(weights)}; ${percent(weights.zeros / weights.count, 1)} zero`],
        ['biases', describeValues(biases)],
        ['saturation', atLimit],
      ],
      style,
    ),
    ...histogramLines(weights, style),
  ];
}

/** `tiled`, or `clash-free type 2, z = 128` */
function describePattern({ pattern, interleaver }: JunctionInspection): string {
  if (interleaver === undefined) return pattern;
  const { type, dither, parallelism } = interleaver;
  return `clash-free type ${type}${dither ? ' with memory dithering' : ''}, z = ${parallelism}`;
}

function describeDegrees({ minimum, maximum, mean }: Degrees): string {
  return minimum === maximum
    ? count(minimum)
    : `${count(minimum)} to ${count(maximum)} (mean ${significant(mean)})`;
}

function describeValues({ minimum, maximum, mean, standardDeviation }: ValueSummary): string {
  const spread = `mean ${significant(mean, 2)}, deviation ${significant(standardDeviation, 2)}`;
  return `${significant(minimum)} to ${significant(maximum)}, ${spread}`;
}

/** The distribution of weights. A bin takes two characters, or one in a narrow terminal. */
function histogramLines(
  { histogram: { from, to, counts } }: ValueSummary,
  { paint, columns }: Style,
): string[] {
  const wide = 2 * counts.length + 4 > columns ? counts : counts.flatMap((bin) => [bin, bin]);
  const indent = ' '.repeat(Math.max(2, Math.min(16, columns - wide.length)));
  const [low, high] = [significant(from, 2), significant(to, 2)];
  return [
    ...columnChart(wide, HISTOGRAM_HEIGHT).map((line) => `${indent}${paint.cyan(line)}`.trimEnd()),
    `${indent}${paint.dim(low + high.padStart(wide.length - low.length))}`,
  ];
}

function originFacts(facts: ModelFacts): [string, string | undefined][] {
  const { training, provenance, seed, digest } = facts;
  const measured = Object.entries(training.validation ?? {}).map(
    ([name, value]) => `${name} ${significant(value, 4)}`,
  );
  const { epochs, examples, learned, loss } = training;
  const fitted =
    `${counted(epochs, 'epoch')}, ${counted(examples, 'example')}, ${seconds(training.seconds)}` +
    (loss === undefined ? '' : `, loss ${significant(loss)}`);
  const trained = [
    ...(examples > 0 ? [fitted] : []),
    ...(learned > 0 ? [`${counted(learned, 'example')} one by one`] : []),
  ];
  const { version, date, node, platform, kernelSet } = provenance;
  return [
    ['trained', trained.length === 0 ? 'not yet' : trained.join('; ')],
    ['measured', measured.length === 0 ? undefined : measured.join(', ')],
    ['saved', date === undefined ? undefined : `${date.slice(0, 19).replace('T', ' ')} UTC`],
    [
      'by',
      version === undefined ? undefined : `sparse-train ${version}, ${kernelSet}, Node ${node}, ${platform}`,
    ],
    ['seed', String(seed)],
    ['digest', digest],
  ];
}
