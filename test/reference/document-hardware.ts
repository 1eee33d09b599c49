/** The check numbers of the hardware arithmetic in docs/arithmetic.md. */
import { createHash } from 'node:crypto';
import { interleave, type ReferenceNetwork, trainReference } from './hardware.js';
import {
  clippedRelu,
  type HardwareFormat,
  hardwareInput,
  hardwareNumbers,
  sigmoidTable,
} from './hardware-numbers.js';
import { range } from './integers.js';

export const PUBLISHED_FORMATS: readonly HardwareFormat[] = [
  { width: 8, integerBits: 2 },
  { width: 10, integerBits: 1 },
  { width: 10, integerBits: 2 },
  { width: 10, integerBits: 3 },
  { width: 12, integerBits: 2 },
  { width: 12, integerBits: 3 },
  { width: 16, integerBits: 3 },
  { width: 16, integerBits: 4 },
  { width: 32, integerBits: 10 },
];

export const formatName = ({ width, integerBits }: HardwareFormat): string =>
  `1.${integerBits}.${width - 1 - integerBits}`;

/** Operations whose results are on the page, in the format 1.1.2: one is 4, words go from -8 to 7. */
export const SMALL: HardwareFormat = { width: 4, integerBits: 1 };
export const PRODUCTS: readonly (readonly [a: number, b: number])[] = [
  [3, 3],
  [3, 2],
  [-3, 2],
  [7, 4],
  [5, 6],
  [7, 7],
  [5, -6],
  [6, -6],
  [7, -6],
  [-8, 7],
  [-8, -8],
];
export const SUMS: readonly (readonly [a: number, b: number])[] = [
  [3, 4],
  [5, 5],
  [-5, -3],
  [-8, -1],
  [-8, 5],
];
export const STEPS: readonly (readonly [delta: number, k: number])[] = [
  [3, 0],
  [3, 1],
  [-3, 1],
  [5, 2],
  [-5, 2],
  [7, 3],
  [-7, 3],
  [-8, 0],
  [-8, 3],
  [1, 4],
  [-1, 4],
  [7, 31],
  [-7, 31],
];

const hash = (values: readonly number[]): string =>
  createHash('sha256').update(Int32Array.from(values)).digest('hex');

/** SHA-256 of a table's activations and of its derivatives. */
export function tableDigests(format: HardwareFormat, floor: 0 | 1): { values: string; slopes: string } {
  const { size, entry } = sigmoidTable(format, floor);
  const entries = range(size).map((i) => entry(i - size / 2));
  return { values: hash(entries.map(({ a }) => a)), slopes: hash(entries.map(({ slope }) => slope)) };
}

/** A dense network 2-2-2 in the format 1.3.8, cross-entropy, two inputs, with and without an empty block between them. */
export const HARDWARE_EXAMPLE = {
  layers: [2, 2, 2],
  format: { width: 12, integerBits: 3 },
  tableFloor: 0,
  activation: ['sigmoid', 'sigmoid'],
  cost: 'cross-entropy',
  lefts: [
    [0, 1, 0, 1],
    [0, 1, 0, 1],
  ],
  weights: [
    [256, -128, 64, 512],
    [300, -300, -200, 400],
  ],
  biases: [
    [10, -20],
    [0, 30],
  ],
} as const satisfies {
  [key in keyof ReferenceNetwork]: unknown;
};
export const HARDWARE_INPUTS = [
  [255, 0],
  [16, 128],
  [200, 100],
];
export const HARDWARE_LABELS = [0, 1, 0];
export const HARDWARE_SHIFT = 1;

/** Outputs, weights and biases after the inputs; `undefined` stands for a block without an input. */
export function runHardwareExample(blocks: readonly (number | undefined)[]) {
  const copy = structuredClone(HARDWARE_EXAMPLE) as unknown as ReferenceNetwork;
  const outputs = trainReference(
    copy,
    blocks.map((t) => (t === undefined ? undefined : HARDWARE_INPUTS[t])),
    blocks.map((t) => (t === undefined ? 0 : (HARDWARE_LABELS[t] as number))),
    blocks.map(() => HARDWARE_SHIFT),
  );
  return { outputs, weights: copy.weights, biases: copy.biases };
}

/** The section "Check numbers of the hardware". */
export function hardwareCheckNumbers(): string {
  const { mul, add, step } = hardwareNumbers(SMALL);
  const list = (values: readonly number[]) => values.join(', ');
  const table = sigmoidTable({ width: 12, integerBits: 3 }, 0);
  const relu = clippedRelu({ width: 12, integerBits: 3 });
  const some = [-2048, -2047, -300, -1, 0, 1, 7, 8, 300, 2047];
  const looked = (activation: (s: number) => { a: number; slope: number }) =>
    some.map((s) => activation(s)).map(({ a, slope }) => `${a}/${slope}`);
  const example = (title: string, blocks: (number | undefined)[]) => {
    const { outputs, weights, biases } = runHardwareExample(blocks);
    return [
      title,
      '',
      `    outputs     ${outputs.map((row) => list(row)).join('; ')}`,
      `    weights 0   ${list(weights[0] as number[])}`,
      `    biases 0    ${list(biases[0] as number[])}`,
      `    weights 1   ${list(weights[1] as number[])}`,
      `    biases 1    ${list(biases[1] as number[])}`,
      '',
    ];
  };
  return [
    'Words of the format 1.1.2: MIN is -8, MAX is 7, 2^F is 4.',
    '',
    '    a, b    a * b     >> 2   bit 1   mul(a, b)',
    ...PRODUCTS.map(([a, b]) => {
      const bit = ((a * b) >> 1) & 1;
      const cells = [String(a * b).padStart(7), String((a * b) >> 2).padStart(9), String(bit).padStart(8)];
      return `    ${`${a}, ${b}`.padEnd(6)}${cells.join('')}${String(mul(a, b)).padStart(12)}`;
    }),
    '',
    `    add(a, b)    ${SUMS.map(([a, b]) => `(${a}, ${b}) = ${add(a, b)}`).join('   ')}`,
    '',
    `    step(d, k)   ${STEPS.slice(0, 7)
      .map(([delta, k]) => `(${delta}, ${k}) = ${step(delta, k)}`)
      .join('   ')}`,
    `                 ${STEPS.slice(7)
      .map(([delta, k]) => `(${delta}, ${k}) = ${step(delta, k)}`)
      .join('   ')}`,
    '',
    `Inputs: bytes 0, 1, 127, 128, 255 are ${list([0, 1, 127, 128, 255].map((x) => hardwareInput(x, 8)))} with F = 8,`,
    `${list([0, 1, 127, 128, 255].map((x) => hardwareInput(x, 11)))} with F = 11 and ${list([0, 1, 127, 128, 255].map((x) => hardwareInput(x, 5)))} with F = 5.`,
    '',
    `Activation and derivative in the format 1.3.8 (${table.size} entries), \`tableFloor\` 0, for sums`,
    `${list(some)}:`,
    '',
    `    sigmoid   ${looked(table.look).join(', ')}`,
    `    relu      ${looked(relu).join(', ')}`,
    '',
    'SHA-256 of the sigmoid tables of the published formats: all a, and separately all a′, from the lowest address to the highest,',
    'as signed 32-bit integers, little-endian. Where nothing is said of `tableFloor`, 0 and 1 give the same table.',
    '',
    ...PUBLISHED_FORMATS.flatMap((format) => {
      const { size, addressFraction } = sigmoidTable(format, 0);
      const [plain, floored] = [tableDigests(format, 0), tableDigests(format, 1)];
      const isSame = plain.values === floored.values && plain.slopes === floored.slopes;
      const name = `    ${formatName(format).padEnd(7)} ${size} entries, address fraction ${addressFraction}`;
      const lines = ({ values, slopes }: { values: string; slopes: string }) => [
        `        a   ${values}`,
        `        a′  ${slopes}`,
      ];
      if (isSame) return [name, ...lines(plain)];
      return [`${name}, tableFloor 0`, ...lines(plain), `${name}, tableFloor 1`, ...lines(floored)];
    }),
    '',
    'A dense network 2-2-2 in the format 1.3.8, sigmoid in both layers, cross-entropy, k = 1, `tableFloor` 0. Edges are numbered',
    'right neuron by right neuron. It starts from',
    '',
    ...[0, 1].flatMap((j) => [
      `    weights ${j}   ${list([...(HARDWARE_EXAMPLE.weights[j] as readonly number[])])}`,
      `    biases ${j}    ${list([...(HARDWARE_EXAMPLE.biases[j] as readonly number[])])}`,
    ]),
    '',
    `and takes in the bytes ${HARDWARE_INPUTS.map((row, t) => `(${list(row)}) with label ${HARDWARE_LABELS[t]}`).join(', ')}.`,
    '',
    ...example('One input in each block, then drained:', [0, 1, 2]),
    ...example('With one empty block after the first input:', [0, undefined, 1, 2]),
  ]
    .join('\n')
    .trim();
}

/** An interleaver of the page: the left neurons of its edges. */
export const interleaverExample = (): number[] =>
  interleave({
    left: 32,
    fanOut: 2,
    parallelism: 8,
    startVectors: [
      [2, 0, 3, 1, 2, 0, 3, 1],
      [2, 0, 3, 1, 2, 0, 3, 1],
    ],
  });
