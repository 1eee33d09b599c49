/** Check numbers of docs/arithmetic.md for options that the worked example does not use. */
import type { NetworkSpec } from '../../lib/engine/spec.js';
import { sourcesOf } from './augment.js';
import { digestOf, EXAMPLE_JOB, EXAMPLE_SPEC } from './document.js';
import { type RateSchedule, rateAt } from './epochs.js';
import type { Job } from './examples.js';
import { at, range } from './integers.js';
import { localPattern, xoshiro } from './local-pattern.js';
import { makePattern } from './patterns.js';
import { type TraceEvent, WideReference } from './wide-network.js';

/** A variation of the worked example. */
export interface Variation {
  /** What is different. */
  title: string;
  spec?: Partial<NetworkSpec>;
  job?: Partial<Job>;
  /** Inputs presented: 0, 1, 0, 1, ... */
  inputs?: number;
  /** Biases of every neuron at the start, in units. */
  biases?: number;
  /** Values of the trace to print, with the junction: `deltas 1` are those of the output layer. */
  traced?: readonly string[];
}

export const VARIATIONS: readonly Variation[] = [
  {
    title: 'Rounding nearest',
    spec: { arithmetic: { kind: 'wide', weightBits: 16, weightFraction: 12, rounding: 'nearest' } },
  },
  { title: 'Sequential schedule', spec: { schedule: 'sequential' } },
  { title: 'Biases that start at 0.1, which is 104858 units', biases: 104858 },
  {
    title: 'Momentum 0.9, η = 0.01, four inputs',
    spec: { momentum: 0.9 },
    job: { rates: Float64Array.of(0.01) },
    inputs: 4,
  },
  {
    title: 'Weight decay 0.01, 256 inputs, so that it happens once',
    spec: { weightDecay: 0.01 },
    inputs: 256,
  },
  {
    title: 'Mini-batches of 3: five inputs, a batch of three and one of two',
    job: { batchSize: 3 },
    inputs: 5,
  },
  {
    title: 'Mini-batches of 2, momentum 0.9, weight decay 0.01, four inputs',
    spec: { momentum: 0.9, weightDecay: 0.01 },
    job: { batchSize: 2 },
    inputs: 4,
  },
  {
    title: 'Class weights 0.5 and 2.5',
    job: { classWeights: Float64Array.of(0.5, 2.5) },
    traced: ['deltas 1'],
  },
  {
    title: 'Sigmoid outputs, flags (1, 0) and (1, 1)',
    spec: { output: 'sigmoid' },
    job: { targets: Uint8Array.of(1, 0, 1, 1) },
    traced: ['deltas 1'],
  },
  {
    title: 'Linear outputs, values (0.5, -1.25) and (3, 0.1); the delta of the 3 is clipped',
    spec: { output: 'linear' },
    job: { targets: Float64Array.of(0.5, -1.25, 3, 0.1) },
    traced: ['deltas 1'],
  },
  {
    title: 'A hidden layer of sigmoids',
    spec: { activations: ['sigmoid'] },
    traced: ['activations 0', 'deltas 0'],
  },
  { title: 'A hidden layer of tanh', spec: { activations: ['tanh'] }, traced: ['activations 0', 'deltas 0'] },
  {
    title: 'Three junctions, 4-3-3-2, five inputs',
    spec: {
      layers: Uint32Array.of(4, 3, 3, 2),
      patterns: [{ kind: 'dense' }, { kind: 'dense' }, { kind: 'dense' }],
      activations: ['relu', 'relu'],
    },
    inputs: 5,
  },
];

export const variationSpec = ({ spec }: Variation): NetworkSpec => ({ ...EXAMPLE_SPEC, ...spec });

export const variationJob = ({ job, inputs = 2 }: Variation): Job => ({
  ...EXAMPLE_JOB,
  order: Uint32Array.from(range(inputs), (i) => i % 2),
  ...job,
});

/** Networks whose edges move once, after the two inputs. */
export const MOVES: readonly {
  title: string;
  spec: Partial<NetworkSpec>;
  byGradient: boolean;
  inputs: Uint8Array;
}[] = [
  ...[false, true].map((byGradient) => ({
    title: `Single edges, 6-4-2, structured with 8 edges, ${byGradient ? 'rigl' : 'set'}, share 32768`,
    spec: {
      layers: Uint32Array.of(6, 4, 2),
      patterns: [{ kind: 'structured' as const, edges: 8 }, { kind: 'dense' as const }],
    },
    byGradient,
    inputs: Uint8Array.of(0, 128, 255, 16, 77, 3, 200, 100, 0, 30, 9, 250),
  })),
  {
    title: 'Whole tiles, 8-32-2, tiled with 128 edges, set, share 32768',
    spec: { layers: Uint32Array.of(8, 32, 2), patterns: [{ kind: 'tiled', edges: 128 }, { kind: 'dense' }] },
    byGradient: false,
    inputs: Uint8Array.of(0, 128, 255, 16, 77, 3, 0, 90, 200, 100, 0, 30, 9, 250, 41, 0),
  },
];

export const SHARE = 32768;

const list = (values: readonly (number | string)[]): string => values.join(', ');

function variationLines(variation: Variation): string[] {
  const events: TraceEvent[] = [];
  const network = new WideReference(variationSpec(variation), (event) => events.push(event));
  const junctions = range(variationSpec(variation).patterns.length);
  const { biases } = variation;
  if (biases !== undefined)
    for (const j of junctions)
      network.setBiases(
        j,
        network.biases(j).map(() => biases),
      );
  network.train(variationJob(variation));
  const traced = (variation.traced ?? []).map((name) => {
    const [what, j] = name.split(' ');
    const values = events.filter((event) => event.what === what && event.junction === Number(j));
    const first = values.sort((a, b) => a.input - b.input).slice(0, 2);
    const title =
      what === 'deltas' && Number(j) === junctions.length - 1
        ? 'output deltas'
        : `${what} of layer ${Number(j) + 1}`;
    return `    ${title.padEnd(24)} ${first.map((event) => `(${list(event.values)})`).join(' ')}`;
  });
  return [
    `${variation.title}:`,
    '',
    ...traced,
    ...junctions.flatMap((j) => [
      `    weights ${j}`.padEnd(16) + list(network.weights(j)),
      `    biases ${j}`.padEnd(16) + list(network.biases(j)),
    ]),
    `    digest      ${digestOf(network, junctions.length)}`,
    '',
  ];
}

/** Left neurons of every right neuron, or of the first one of each block if all 16 have the same. */
const patternOf = (network: WideReference): string =>
  network
    .pattern(0)
    .filter((_, r, all) => all.length < 16 || r % 16 === 0)
    .map((lefts) => `(${list(lefts)})`)
    .join(' ');

function moveLines({ title, spec, byGradient, inputs }: (typeof MOVES)[number]): string[] {
  const network = new WideReference({ ...EXAMPLE_SPEC, ...spec });
  const before = patternOf(network);
  network.train({ ...EXAMPLE_JOB, inputs, record: byGradient ? 2 : undefined });
  const moved = network.rewire({ share: SHARE, byGradient });
  return [
    `${title}:`,
    '',
    `    left neurons before    ${before}`,
    `    left neurons after     ${patternOf(network)}`,
    `    edges moved            ${list(moved)}`,
    `    digest                 ${digestOf(network, 2)}`,
    '',
  ];
}

const SCHEDULES: readonly (readonly [name: string, schedule: RateSchedule])[] = [
  ['step', { kind: 'step', rate: 0.02, factor: 0.5, every: 1 }],
  ['exponential', { kind: 'exponential', rate: 0.02, factor: 0.9 }],
  ['cosine', { kind: 'cosine', rate: 0.02, final: 0.0002 }],
  ['powers-of-two', { kind: 'powers-of-two', exponent: 3, boundaries: [150, 400] }],
];

/** The section "Check numbers of options". */
export function networkCheckNumbers(): string {
  const shown = range(4).map((t) => {
    const sources = sourcesOf({ width: 3, shift: 1, mirror: true }, 9, 1, t);
    return `    input ${t}   ${list(sources.map((source) => (source === undefined ? 0 : source + 1)))}`;
  });
  const neurons = (pattern: number[][]) => pattern.map((lefts, r) => `    ${r}: ${list(lefts)}`);
  const [one, largest] = [xoshiro(1), xoshiro(Number.MAX_SAFE_INTEGER)];
  return [
    'Each network is that of the worked example but for what its title says. It takes in the two inputs of the example in turn',
    '(0, 1, 0, 1, ...; two in all unless the title says more), with η = 0.05, and is drained.',
    '',
    ...VARIATIONS.flatMap(variationLines),
    'Edges that move once, after two inputs and a drain, so with t = 2. The inputs are',
    `(${list([...at(MOVES, 0).inputs.subarray(0, 6)])}) and (${list([...at(MOVES, 0).inputs.subarray(6)])}) of six bytes,`,
    `(${list([...at(MOVES, 2).inputs.subarray(0, 8)])}) and (${list([...at(MOVES, 2).inputs.subarray(8)])}) of eight. Of the tiles, the first neuron of each`,
    'block is shown.',
    '',
    ...MOVES.flatMap(moveLines),
    'An image of 3 rows of 3 pixels, 1 to 9, as inputs 0 to 3 show it with `shift` 1, `mirror`, seed 1:',
    '',
    ...shown,
    '',
    `xoshiro128** with seed 1 begins ${list([one(), one(), one()])}; with seed 2^53 - 1 ${list([largest(), largest(), largest()])}.`,
    '',
    'Local, 36 left (an image of 6 x 6), 3 right, 18 edges, seed 1; and 32 right, 128 edges (neurons 0, 2 and 4, each the first of its',
    'block):',
    '',
    ...neurons(localPattern(36, 3, 18, 1)),
    '',
    ...neurons(localPattern(36, 32, 128, 1)).filter((_, r) => [0, 2, 4].includes(r)),
    '',
    'Rates of 2 epochs of 250 examples: step with factor 0.5 after every epoch, exponential with 0.9, cosine to 0.0002, each from',
    '0.02, and powers of two from 3 with boundaries 150 and 400. Those of examples 0, 1, 149 and 150 of both epochs:',
    '',
    ...SCHEDULES.map(
      ([name, schedule]) =>
        `    ${name.padEnd(14)} ${list([0, 1].flatMap((epoch) => [0, 1, 149, 150].map((i) => rateAt(schedule, epoch, i, 2, 250))))}`,
    ),
    '',
    `The patterns that \`auto\` chooses: 784-256 at density 0.1 ${automatic(784, 256, 0.1)}, 784-30 at density 0.02 ${automatic(784, 30, 0.02)}, any at density 1 ${automatic(5, 4, 1)}.`,
  ].join('\n');
}

/** The generator that `auto` chooses, and the edges that it makes. */
export function automatic(left: number, right: number, density: number): string {
  const edges = Math.max(1, Math.floor(density * left * right + 0.5));
  if (edges >= left * right) return 'dense';
  const pairs = Math.max(1, Math.floor(edges / (2 * right) + 0.5));
  const kind = Math.ceil(right / 16) * pairs >= Math.ceil(left / 2) ? 'tiled' : 'structured';
  const made = makePattern({ kind, edges }, left, right, 1, 0).reduce(
    (total, lefts) => total + lefts.length,
    0,
  );
  return `${kind} (${edges} edges wished for, ${made} made)`;
}
