/** The hardware's datapath in C (docs/hardware.md). */

import type { HardwareSpec } from '../../engine/spec.js';
import { hardwareTable } from '../../engine/tables.js';
import { isYesOrNo, type JunctionSnapshot, type NetworkSnapshot } from '../snapshot.js';
import { type Datapath, SHIFT_DOWN, shiftDown } from './datapath.js';
import { junctionText } from './junction.js';
import { table, tableText } from './tables.js';

interface Format {
  readonly width: number;
  readonly fraction: number;
  readonly low: number;
  readonly high: number;
}

export function hardwareDatapath(snapshot: NetworkSnapshot, bytes: boolean): Datapath {
  const arithmetic = snapshot.arithmetic as HardwareSpec;
  const { width, integerBits } = arithmetic;
  const fraction = width - 1 - integerBits;
  const format = { width, fraction, low: -(2 ** (width - 1)), high: 2 ** (width - 1) - 1 };
  const functions = [...snapshot.activations, arithmetic.outputActivation];
  const word = width <= 8 ? 'int8_t' : width <= 16 ? 'int16_t' : 'int32_t';
  const sigmoid = functions.includes('sigmoid') ? sigmoidTable(arithmetic, fraction) : undefined;
  return {
    word,
    input: bytes
      ? { type: 'uint8_t', convert: byteInput(word, fraction) }
      : { type: width <= 16 ? 'int16_t' : 'int32_t', convert: wordInput(word, format) },
    helpers: [
      ...(sigmoid === undefined || sigmoid.shift === 0 ? [] : [SHIFT_DOWN]),
      multiply(format),
      ...(sigmoid === undefined ? [] : [tableText(sigmoid.entries)]),
    ],
    junctions: snapshot.junctions.map((junction, j) => {
      const isLast = j + 1 === snapshot.junctions.length;
      const right = isLast ? 'int32_t' : word;
      const value = functions[j] === 'relu' ? relu(fraction) : (sigmoid as SigmoidTable).look;
      return junctionText(j, junction, {
        left: word,
        right,
        product: (a, w) => `multiply(${a}, ${w})`,
        largestSum: largestSum(junction, format),
        finish: [
          `sum = sum < ${limit(format.low)} ? ${limit(format.low)} : sum > ${format.high} ? ${format.high} : sum;`,
          `right[r] = (${right})(${value});`,
        ],
      });
    }),
    outputs: `words of ${width} bits, ${fraction} of them after the point`,
    yes: isYesOrNo(snapshot) ? `outputs[0] >= ${2 ** (fraction - 1)}` : undefined,
    scores: undefined,
    format,
  };
}

function limit(number: number): string {
  return number === -(2 ** 31) ? '(-2147483647 - 1)' : String(number);
}

/** Every product is within the format. */
function largestSum({ offsets, biases, rightNeurons }: JunctionSnapshot, { high }: Format): number {
  let largest = 0;
  for (let r = 0; r < rightNeurons; r++) {
    const edges = (offsets[r + 1] as number) - (offsets[r] as number);
    largest = Math.max(largest, edges * (high + 1) + Math.abs(biases[r] as number));
  }
  return largest;
}

function byteInput(word: string, fraction: number): string | undefined {
  return fraction >= 8
    ? `(${word})(input[i] * ${2 ** (fraction - 8)}l)`
    : `(${word})(input[i] >> ${8 - fraction})`;
}

function wordInput(word: string, { width, low, high }: Format): string | undefined {
  if (width >= 16) return undefined;
  return `(${word})(input[i] < ${low} ? ${low} : input[i] > ${high} ? ${high} : input[i])`;
}

/** mul(a, b): truncated, saturated, then rounded up if the highest bit cut off is 1, unless at the maximum. */
function multiply({ width, fraction, low, high }: Format): string {
  const product = width <= 16 ? 'int32_t' : 'int64_t';
  return `/* A rounding and saturating multiplier. */
static int32_t multiply(int32_t a, int32_t b) {
  ${product} product = (${product})a * b;
  ${product} cut = product >= 0 ? product >> ${fraction} : ~(~product >> ${fraction});
  int32_t half = (int32_t)((product - cut * ${2 ** fraction}) >> ${fraction - 1});
  if (cut >= ${high}) return ${high};
  return (cut < ${limit(low)} ? ${limit(low)} : (int32_t)cut) + half;
}
`;
}

function relu(fraction: number): string {
  const top = 2 ** fraction - 1;
  return `sum <= 0 ? 1 : sum > ${top} ? ${top} : sum`;
}

interface SigmoidTable {
  readonly entries: ReturnType<typeof table>;
  readonly shift: number;
  /** The activation of `sum`. */
  readonly look: string;
}

/** The table has an extra entry on each side, for sums outside its range. */
function sigmoidTable(arithmetic: HardwareSpec, fraction: number): SigmoidTable {
  const { addressFraction, values } = hardwareTable(arithmetic);
  const half = values.length / 2;
  const entries = table('sigmoid_table', [1, ...values, 2 ** fraction - 1]);
  const shift = fraction - addressFraction;
  const address = `${shiftDown('(int32_t)sum', shift)} + ${half + 1}`;
  // Sums from -reach to below reach are in the table.
  const reach = half * 2 ** shift;
  const look =
    reach >= 2 ** (arithmetic.width - 1)
      ? `sigmoid_table[${address}]`
      : `sigmoid_table[sum < -${reach} ? 0 : sum >= ${reach} ? ${entries.numbers.length - 1} : ${address}]`;
  return { entries, shift, look };
}
