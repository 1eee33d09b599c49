/** A junction in C: its tables, and the loop over its edges. */
import type { JunctionSnapshot } from '../snapshot.js';
import { type Table, table, tableText } from './tables.js';

/** C code, and the size of its constant tables in bytes. */
export interface CText {
  readonly text: string;
  readonly bytes: number;
}

/** The parts of a junction's function. */
export interface JunctionCode {
  /** Types of its left activations and of its right results. */
  readonly left: string;
  readonly right: string;
  /** The product of an activation and a weight. */
  readonly product: (activation: string, weight: string) => string;
  /** The largest magnitude of a sum, or of a partial sum. */
  readonly largestSum: number;
  /** Statements that compute `right[r]` from `sum`. */
  readonly finish: readonly string[];
}

/** Larger sums are added in 64 bits. */
const INT32_MAX = 2 ** 31 - 1;

/**
 * The function `junction_J(left, right)` with its tables. Neurons that read the same neurons share one list, as
 * those of a tile do.
 */
export function junctionText(j: number, junction: JunctionSnapshot, code: JunctionCode): CText {
  const { offsets, left, weights, biases, rightNeurons } = junction;
  const name = (what: string) => `junction_${j}_${what}`;
  const fanIns = Array.from({ length: rightNeurons }, (_, r) => fanIn(offsets, r));
  const uniform = fanIns.every((edges) => edges === fanIns[0]);
  const { lists, starts } = sharedLists(junction);
  const shared = lists.length < left.length;
  const lefts = table(name('left'), lists);
  const factors = table(name('weights'), weights);
  const constants = table(name('biases'), biases);
  const tables: Table[] = [lefts, factors, constants];
  if (shared) tables.push(table(name('lists'), starts));
  if (!uniform) tables.push(table(name('edges'), fanIns));
  const text = [
    ...tables.map(tableText),
    `static void junction_${j}(const ${code.left} *left, ${code.right} *right) {`,
    `  const ${factors.type} *weight = ${factors.name};`,
    ...(shared ? [] : [`  const ${lefts.type} *edge = ${lefts.name};`]),
    '  uint32_t r;',
    `  for (r = 0; r < ${rightNeurons}u; r++) {`,
    ...(shared ? [`    const ${lefts.type} *edge = ${lefts.name} + ${name('lists')}[r];`] : []),
    `    ${code.largestSum <= INT32_MAX ? 'int32_t' : 'int64_t'} sum = ${constants.name}[r];`,
    '    uint32_t n;',
    `    for (n = ${uniform ? `${fanIns[0]}u` : `${name('edges')}[r]`}; n > 0; n--) {`,
    `      sum += ${code.product('left[*edge]', '*weight')};`,
    '      edge++;',
    '      weight++;',
    '    }',
    ...code.finish.map((line) => `    ${line}`),
    '  }',
    '}',
    '',
  ];
  return { text: text.join('\n'), bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function fanIn(offsets: Float64Array, r: number): number {
  return (offsets[r + 1] as number) - (offsets[r] as number);
}

/** The distinct lists of left neurons, and where the list of each right neuron begins. */
function sharedLists({ offsets, left, rightNeurons }: JunctionSnapshot): {
  lists: Uint32Array;
  starts: Uint32Array;
} {
  const lists = new Uint32Array(left.length);
  const starts = new Uint32Array(rightNeurons);
  const known = new Map<string, number>();
  let used = 0;
  for (let r = 0; r < rightNeurons; r++) {
    const list = left.subarray(offsets[r], offsets[r + 1]);
    const key = list.join();
    let start = known.get(key);
    if (start === undefined) {
      start = used;
      lists.set(list, used);
      used += list.length;
      known.set(key, start);
    }
    starts[r] = start;
  }
  return { lists: lists.subarray(0, used), starts };
}
