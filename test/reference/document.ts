/** The numbers in docs/arithmetic.md: check numbers for every function, and a network followed step by step. */
import { createHash } from 'node:crypto';
import type { NetworkSpec } from '../../lib/engine/spec.js';
import { exactExp, look, PROBABILITY, SIGMOID, TANH } from './activations.js';
import { digest } from './digest.js';
import type { Job } from './examples.js';
import { at, range } from './integers.js';
import { makePattern } from './patterns.js';
import { irwinHall, junctionKey, lanesOf, mix64, permutation, randomAt, streamKey } from './random.js';
import { expNegative, softmax } from './softmax.js';
import { type TraceEvent, WideReference } from './wide-network.js';

const hex = (x: bigint): string => `0x${x.toString(16).toUpperCase().padStart(16, '0')}`;

const list = (values: readonly (number | string)[]): string => values.join(', ');

/** The network of the worked example. */
export const EXAMPLE_SPEC: NetworkSpec = {
  layers: Uint32Array.of(4, 3, 2),
  arithmetic: { kind: 'wide', weightBits: 16, weightFraction: 12, rounding: 'stochastic' },
  patterns: [{ kind: 'dense' }, { kind: 'dense' }],
  activations: ['relu'],
  output: 'softmax',
  schedule: 'pipelined',
  momentum: 0,
  weightDecay: 0,
  seed: 1,
};

/** The two inputs of the worked example. */
export const EXAMPLE_JOB: Job = {
  inputs: Uint8Array.of(0, 128, 255, 16, 200, 100, 0, 30),
  targets: Int32Array.of(0, 1),
  order: Uint32Array.of(0, 1),
  rates: Float64Array.of(0.05),
  rateInterval: 1,
  drain: true,
};

export function digestOf(network: WideReference, junctions: number): string {
  const states = range(junctions).map((j) => ({
    pattern: network.pattern(j),
    weights: network.weights(j),
    biases: network.biases(j),
  }));
  return digest(states);
}

/** SHA-256 of a table as signed 16-bit integers, little-endian. */
function tableDigest(table: readonly number[]): string {
  const bytes = Buffer.alloc(2 * table.length);
  for (const [i, value] of table.entries()) bytes.writeInt16LE(value, 2 * i);
  return createHash('sha256').update(bytes).digest('hex');
}

/** The section "Check numbers". */
export function checkNumbers(): string {
  const key = junctionKey(1, 'update', 0);
  const neurons = (pattern: number[][]) => pattern.map((lefts, r) => `    ${r}: ${list(lefts)}`);
  const tableRow = (name: string, table: readonly number[]) =>
    `    ${name.padEnd(12)} ${[-2047, -256, -1, 0, 100, 256, 2047].map((u) => String(look(table, u)).padStart(6)).join('')}`;
  const spec: NetworkSpec = {
    ...EXAMPLE_SPEC,
    layers: Uint32Array.of(20, 18, 5),
    patterns: [
      { kind: 'tiled', edges: 180 },
      { kind: 'random', edges: 30 },
    ],
  };
  const network = new WideReference(spec);
  return [
    'Random numbers:',
    '',
    `    mix64(0)                     ${hex(mix64(0n))}`,
    `    mix64(1234567)               ${hex(mix64(1234567n))}`,
    `    streamKey(1, 4 + 16)         ${hex(key)}          key of updates, junction 0, seed 1`,
    `    randomAt(key, 0)             ${hex(randomAt(key, 0))}`,
    `    randomAt(key, 1)             ${hex(randomAt(key, 1))}`,
    `    irwinHall(randomAt(key, 0))  ${irwinHall(randomAt(key, 0))}`,
    `    lanes(key, 0)                ${list(lanesOf(key, 0).slice(0, 8))}, ...`,
    `    lanes(key, 7)                ${list(lanesOf(key, 7).slice(0, 8))}, ...`,
    `    streamKey(2^53 - 1, 1)       ${hex(streamKey(Number.MAX_SAFE_INTEGER, 1))}`,
    `    permutation(10, 1, 0)        ${list(permutation(10, 1, 0))}`,
    `    permutation(10, 1, 1)        ${list(permutation(10, 1, 1))}`,
    '',
    'Left neurons of every right neuron, seed 1, junction 0. Structured, 7 left, 6 right, 18 edges:',
    '',
    ...neurons(makePattern({ kind: 'structured', edges: 18 }, 7, 6, 1, 0)),
    '',
    'Tiled, 11 left, 40 right, 160 edges (neurons 0, 16 and 32, each the first of its block):',
    '',
    ...neurons(makePattern({ kind: 'tiled', edges: 160 }, 11, 40, 1, 0)).filter((_, r) => r % 16 === 0),
    '',
    'Random, 7 left, 6 right, 14 edges, and 30 edges:',
    '',
    ...neurons(makePattern({ kind: 'random', edges: 14 }, 7, 6, 1, 0)),
    '',
    ...neurons(makePattern({ kind: 'random', edges: 30 }, 7, 6, 1, 0)),
    '',
    `Tables (exactExp(1) is ${exactExp(1)}, exactExp(-2.5) ${exactExp(-2.5)}):`,
    '',
    `    u            ${[-2047, -256, -1, 0, 100, 256, 2047].map((u) => String(u).padStart(6)).join('')}`,
    tableRow('SIGMOID', SIGMOID),
    tableRow('TANH', TANH),
    tableRow('PROBABILITY', PROBABILITY),
    '',
    'SHA-256 of the tables, 4095 signed 16-bit integers each, little-endian:',
    '',
    `    SIGMOID      ${tableDigest(SIGMOID)}`,
    `    TANH         ${tableDigest(TANH)}`,
    `    PROBABILITY  ${tableDigest(PROBABILITY)}`,
    '',
    'Softmax:',
    '',
    `    expNegative of 0, 1, 4096, 20000, 40000    ${list([0, 1, 4096, 20000, 40000].map(expNegative))}`,
    `    softmax of 0, 1048576, -2500000 at F = 12  ${list(softmax([0, 1048576, -2500000], 12))}`,
    `    softmax of 3, 1, 2, 2 at F = 0             ${list(softmax([3, 1, 2, 2], 0))}`,
    '',
    'The initial network 20-18-5 with a tiled pattern of 180 and a random one of 30 edges wished for, relu, softmax, B = 16,',
    'F = 12, seed 1:',
    '',
    `    edges                ${list(range(2).map((j) => network.weights(j).length))}`,
    `    layouts              ${list(range(2).map((j) => network.layout(j)))}`,
    `    first weights of 0   ${list(network.weights(0).slice(0, 6))}, ...`,
    `    first weights of 1   ${list(network.weights(1).slice(0, 6))}, ...`,
    `    digest               ${digestOf(network, 2)}`,
  ].join('\n');
}

/** The name of a traced event on the page. */
function describe({ what, junction, input, values }: TraceEvent): string {
  const operation = {
    sums: `FF_${junction}`,
    activations: `FF_${junction}`,
    probabilities: 'output',
    deltas: junction === 1 ? 'output' : `BP_${junction + 1}`,
  }[what];
  const step = `input ${input}  ${operation ?? `UP_${junction}`}`;
  return `    ${step.padEnd(18)} ${what.padEnd(14)} ${list(values)}`;
}

/** The section "A worked example". */
export function workedExample(): string {
  const events: TraceEvent[] = [];
  const network = new WideReference(EXAMPLE_SPEC, (event) => events.push(event));
  const initial = range(2).map(
    (j) => `    junction ${j} (${network.layout(j)})   ${list(network.weights(j))}`,
  );
  network.train(EXAMPLE_JOB);
  const blocks = [...new Set(events.map((event) => event.block))];
  const steps = blocks.flatMap((block) => [
    `Block ${block}:`,
    '',
    ...events.filter((event) => event.block === block).map(describe),
    '',
  ]);
  const { inputs, targets } = EXAMPLE_JOB;
  return [
    'A dense network 4-3-2, relu, softmax, B = 16, F = 12, stochastic rounding, pipelined, seed 1, no momentum, no decay. Two',
    `inputs of bytes, (${list([...inputs.slice(0, 4)])}) with label ${at(targets, 0)} and ` +
      `(${list([...inputs.slice(4)])}) with label ${at(targets, 1)}, both with η = 0.05, then drained.`,
    '',
    'Twelve edges in two tiles make tiles of junction 0; six in two tiles make a list of junction 1. Initial weights, in edge',
    'order:',
    '',
    ...initial,
    '',
    '`r of deltas` are the 15-bit rounding numbers of the scaled deltas, `r of edges` the 16-bit ones of the weights;',
    'weights and biases are those at the end of the block.',
    '',
    ...steps,
    'The digest at the end:',
    '',
    `    ${digestOf(network, 2)}`,
  ].join('\n');
}
