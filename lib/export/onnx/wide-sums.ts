/**
 * The exact sums of a junction of the wide arithmetic, in two ways: floating-point matrix products in which all numbers
 * and sums are integers that the type holds exactly, or products of byte matrices.
 */
import { optionName, say } from '../../base/wording.js';
import { cannotExport } from '../inputs.js';
import { type InputRange, type JunctionSnapshot, largestSum } from '../snapshot.js';
import type { Graph, Value } from './graph.js';

/** Activations of a layer: integers of magnitude at most `largest`. */
export interface Activations extends InputRange {
  readonly value: Value;
}

/** Sums of magnitude at most `largest`. */
export interface Sums {
  readonly value: Value;
  readonly largest: number;
}

/** Up to this, float32 holds every integer. */
export const FLOAT32_WHOLE = 2 ** 24;

/** The most bytes in one matrix: protobuf messages are limited to 2^31. */
const MAX_MATRIX_BYTES = 2 ** 31 - 2 ** 20;

/** The weights as a matrix of left x right, absent edges zero. */
export function denseMatrix<T extends Int16Array | Float32Array>(
  { offsets, left, weights, leftNeurons, rightNeurons }: JunctionSnapshot,
  type: new (length: number) => T,
): T {
  const bytes = leftNeurons * rightNeurons * new type(1).BYTES_PER_ELEMENT;
  if (bytes > MAX_MATRIX_BYTES) {
    throw cannotExport(
      `ONNX knows dense matrices only, and ${leftNeurons} x ${rightNeurons} weights are more than its files hold (2 GiB)`,
      'export C or .npz, which hold edges only',
    );
  }
  const matrix = new type(leftNeurons * rightNeurons);
  for (let r = 0; r < rightNeurons; r++) {
    for (let e = offsets[r] as number; e < (offsets[r + 1] as number); e++) {
      matrix[(left[e] as number) * rightNeurons + r] = weights[e] as number;
    }
  }
  return matrix;
}

/**
 * Sums as float32 if none can leave +-2^24, with `slack` to spare, otherwise as float64, which holds all of them.
 * Matrices are stored as 16-bit integers; runtimes convert them once, while they load.
 */
export function floatSums(
  graph: Graph,
  j: number,
  junction: JunctionSnapshot,
  left: Activations,
  slack: number,
): Sums {
  const largest = largestSum(junction, left);
  const type = largest + slack <= FLOAT32_WHOLE ? 'float32' : 'float64';
  const { leftNeurons, rightNeurons, biases } = junction;
  const matrix = graph.constant(
    `weights_${j}`,
    'int16',
    [leftNeurons, rightNeurons],
    denseMatrix(junction, Int16Array),
  );
  const bias = graph.constant(`biases_${j}`, type, [rightNeurons], biases);
  const product = graph.apply('MatMul', [graph.cast(left.value, type), graph.cast(matrix, type)], type);
  return { value: graph.add(product, bias), largest };
}

/**
 * Sums as int64, from products of bytes (MatMulInteger). An activation is 256 high + low, a weight likewise; both
 * operands are unsigned with a zero point, because the kernels for signed weights of CPUs without VNNI saturate.
 */
export function integerSums(graph: Graph, j: number, junction: JunctionSnapshot, left: Activations): Sums {
  const { rightNeurons, biases } = junction;
  const inputs = activationBytes(graph, left);
  const weights = weightBytes(graph, j, junction);
  let sums: Value | undefined;
  for (const x of inputs) {
    for (const w of weights) {
      checkProducts(junction, w.largest * 255);
      const product = graph.apply(
        'MatMulInteger',
        [x.value, w.value, graph.scalar('uint8', x.zero), graph.scalar('uint8', w.zero)],
        'int32',
      );
      const part = graph.multiply(graph.cast(product, 'int64'), x.unit * w.unit);
      sums = sums === undefined ? part : graph.add(sums, part);
    }
  }
  const bias = graph.constant(`biases_${j}`, 'int64', [rightNeurons], biases);
  return { value: graph.add(sums as Value, bias), largest: largestSum(junction, left) };
}

interface Bytes {
  readonly value: Value;
  /** The byte that stands for 0. */
  readonly zero: number;
  /** The value of one step. */
  readonly unit: number;
}

function activationBytes(graph: Graph, { value, signed }: Activations): Bytes[] {
  if (value.type === 'uint8') return [{ value, zero: 0, unit: 1 }];
  const whole = graph.cast(value, 'int32');
  // Shifted above zero, so that division rounds down; 2047 + 2048 has 12 bits.
  const zero = signed ? 8 : 0;
  const lifted = graph.add(whole, zero * 256);
  const high = graph.divide(lifted, 256);
  const low = graph.subtract(lifted, graph.multiply(high, 256));
  return [
    { value: graph.cast(high, 'uint8'), zero, unit: 256 },
    { value: graph.cast(low, 'uint8'), zero: 0, unit: 1 },
  ];
}

function weightBytes(graph: Graph, j: number, junction: JunctionSnapshot): (Bytes & { largest: number })[] {
  const matrix = denseMatrix(junction, Int16Array);
  const dims = [junction.leftNeurons, junction.rightNeurons];
  const fitsByte = junction.weights.every((w) => w >= -128 && w <= 127);
  if (fitsByte) {
    const value = graph.constant(
      `weights_${j}`,
      'uint8',
      dims,
      Uint8Array.from(matrix, (w) => w + 128),
    );
    return [{ value, zero: 128, unit: 1, largest: 128 }];
  }
  const high = Uint8Array.from(matrix, (w) => (w >> 8) + 128);
  const low = Uint8Array.from(matrix, (w) => w & 255);
  return [
    { value: graph.constant(`weights_${j}_high`, 'uint8', dims, high), zero: 128, unit: 256, largest: 128 },
    { value: graph.constant(`weights_${j}_low`, 'uint8', dims, low), zero: 0, unit: 1, largest: 255 },
  ];
}

/** MatMulInteger adds in 32 bits. */
function checkProducts({ offsets, rightNeurons }: JunctionSnapshot, largestProduct: number): void {
  for (let r = 0; r < rightNeurons; r++) {
    const edges = (offsets[r + 1] as number) - (offsets[r] as number);
    if (edges * largestProduct < 2 ** 31) continue;
    throw cannotExport(
      `neuron ${r} has ${edges} edges, whose byte products could leave the 32 bits of MatMulInteger`,
      say`use ${optionName('form', 'float')}, which is exact as well`,
    );
  }
}
