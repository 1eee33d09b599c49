/** The wide arithmetic in C (docs/arithmetic.md). */

import type { WideSpec } from '../../engine/spec.js';
import { wideTables } from '../../engine/tables.js';
import type { Activation } from '../../network/options.js';
import { isYesOrNo, type JunctionSnapshot, largestSum, type NetworkSnapshot } from '../snapshot.js';
import { type Datapath, SHIFT_DOWN, shiftDown } from './datapath.js';
import { type CText, junctionText } from './junction.js';
import { type Table, table, tableText } from './tables.js';

const ACTIVATION_MAX = 2047;
const SUM_MAX = 2 ** 30;

/** The code for each activation function. */
const RANGES = {
  byte: { largest: 255, signed: false },
  word: { largest: ACTIVATION_MAX, signed: true },
  relu: { largest: ACTIVATION_MAX, signed: false },
  sigmoid: { largest: 256, signed: false },
  tanh: { largest: 256, signed: true },
} as const;

export function wideDatapath(snapshot: NetworkSnapshot, bytes: boolean): Datapath {
  const { activations } = snapshot;
  const { weightFraction: fraction } = snapshot.arithmetic as WideSpec;
  const tables = activationTables(activations);
  const rounds = fraction > 0 && (activations.length > 0 || snapshot.output === 'sigmoid');
  return {
    word: 'int16_t',
    input: bytes
      ? { type: 'uint8_t', convert: undefined }
      : { type: 'int16_t', convert: `(int16_t)${clip('input[i]', ACTIVATION_MAX)}` },
    helpers: [
      ...(rounds || snapshot.output === 'softmax' ? [SHIFT_DOWN] : []),

      ...tables.map(tableText),
    ],
    junctions: snapshot.junctions.map((junction, j) => {
      const before = j === 0 ? (bytes ? 'byte' : 'word') : (activations[j - 1] as Activation);
      return junctionCode(
        j,
        junction,
        { left: j === 0 && bytes ? 'uint8_t' : 'int16_t', before },
        fraction,
        activations[j],
      );
    }),
    outputs: `sums in units of 2^-${8 + fraction}`,
    yes: isYesOrNo(snapshot) ? `${rounded('outputs[0]', fraction)} >= ${leastYes()}` : undefined,
    scores: scores(snapshot, fraction),
    format: { fraction: 8, low: -ACTIVATION_MAX, high: ACTIVATION_MAX },
  };
}

function activationTables(activations: readonly Activation[]): Table[] {
  const tables = wideTables();
  return (['sigmoid', 'tanh'] as const)
    .filter((kind) => activations.includes(kind))
    .map((kind) => table(`${kind}_table`, tables[kind]));
}

function junctionCode(
  j: number,
  junction: JunctionSnapshot,
  { left, before }: { left: string; before: keyof typeof RANGES },
  fraction: number,
  activation: Activation | undefined,
): CText {
  const largest = largestSum(junction, RANGES[before]);
  const clipped = largest <= SUM_MAX ? [] : [`sum = ${clip('sum', SUM_MAX)};`];
  const finish =
    activation === undefined
      ? [...clipped, 'right[r] = (int32_t)sum;']
      : ['{', ...[...clipped, ...activate(activation, fraction)].map((line) => `  ${line}`), '}'];
  return junctionText(j, junction, {
    left,
    right: activation === undefined ? 'int32_t' : 'int16_t',
    product: (x, w) => `(int32_t)${x} * ${w}`,
    largestSum: largest,
    finish,
  });
}

function activate(activation: Activation, fraction: number): string[] {
  const q = `int32_t q = ${rounded('(int32_t)sum', fraction)};`;
  if (activation === 'relu') {
    return [q, `right[r] = (int16_t)(q < 0 ? 0 : q > ${ACTIVATION_MAX} ? ${ACTIVATION_MAX} : q);`];
  }
  return [q, `right[r] = (int16_t)${activation}_table[${clip('q', ACTIVATION_MAX)} + ${ACTIVATION_MAX}];`];
}

/** round(sum, fraction) of the arithmetic: to the nearest, ties up. */
function rounded(sum: string, fraction: number): string {
  return fraction === 0 ? sum : shiftDown(`${sum} + ${2 ** (fraction - 1)}`, fraction);
}

function clip(value: string, limit: number): string {
  return `(${value} < -${limit} ? -${limit} : ${value} > ${limit} ? ${limit} : ${value})`;
}

/** The smallest rounded sum whose probability is at least a half. */
function leastYes(): number {
  const { probability } = wideTables();
  return probability.findIndex((p) => p >= 8192) - ACTIVATION_MAX;
}

function scores(snapshot: NetworkSnapshot, fraction: number): Datapath['scores'] {
  const outputs = snapshot.layers.at(-1) as number;
  const what = 'probabilities in units of 2^-14';
  if (snapshot.output === 'linear') return undefined;
  if (snapshot.output === 'softmax') return { what, text: softmax(outputs, fraction), bytes: 0 };
  const probabilities = table('probability_table', wideTables().probability);
  const text = [
    tableText(probabilities).replace(/^/gm, '  ').trimEnd(),
    '  uint32_t i;',
    `  for (i = 0; i < ${outputs}u; i++) {`,
    `    int32_t q = ${rounded('outputs[i]', fraction)};`,
    `    scores[i] = probability_table[${clip('q', ACTIVATION_MAX)} + ${ACTIVATION_MAX}];`,
    '  }',
  ].join('\n');
  return { what, text, bytes: probabilities.bytes };
}

/** The arithmetic's softmax. `scores` holds the powers of e until they are divided by their sum. */
function softmax(outputs: number, fraction: number): string {
  const exponent =
    fraction >= 4 ? `below >> ${fraction - 4}` : `(below > 65536u ? 65536u : below) << ${4 - fraction}`;
  return `  int32_t largest = outputs[0];
  uint64_t total = 0;
  int64_t reciprocal;
  uint32_t i;
  int bits = 0;
  for (i = 1; i < ${outputs}u; i++) {
    if (outputs[i] > largest) largest = outputs[i];
  }
  for (i = 0; i < ${outputs}u; i++) {
    uint32_t below = (uint32_t)largest - (uint32_t)outputs[i];
    uint32_t exponent = ${exponent};
    int32_t t = (int32_t)(((exponent > 65536u ? 65536u : exponent) * 5909u) >> 12);
    int32_t f = t & 4095;
    int32_t p = 7580 + shift_down(-1299 * f, 12);
    p = -22665 + shift_down(p * f, 12);
    p = 32768 + shift_down(p * f, 12);
    scores[i] = (uint16_t)(p >> (t >> 12));
    total += scores[i];
  }
  while ((total >> bits) != 0) bits++;
  reciprocal = (int64_t)(((uint64_t)1 << (14 + bits)) / total);
  for (i = 0; i < ${outputs}u; i++) {
    scores[i] = (uint16_t)((scores[i] * reciprocal + ((int64_t)1 << (bits - 1))) >> bits);
  }`;
}
