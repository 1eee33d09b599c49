/**
 * A network of the hardware arithmetic as a graph that computes the same words, in 64-bit integers. Every product is
 * rounded separately, so a matrix product cannot be used: edges are gathered, multiplied, rounded and summed by neuron.
 */

import type { HardwareSpec } from '../../engine/spec.js';
import { hardwareTable } from '../../engine/tables.js';
import type { RealInput } from '../inputs.js';
import { isYesOrNo, type JunctionSnapshot, type NetworkSnapshot } from '../snapshot.js';
import type { Graph, Value } from './graph.js';
import { quantised, scaled } from './read-inputs.js';

/** The format of all numbers. */
interface Format {
  readonly fraction: number;
  readonly low: number;
  readonly high: number;
}

export function hardwareGraph(
  graph: Graph,
  snapshot: NetworkSnapshot,
  input: Value,
  real: RealInput | undefined,
): { decision: Value; scores: Value } {
  const arithmetic = snapshot.arithmetic as HardwareSpec;
  const { width, integerBits } = arithmetic;
  const format = { fraction: width - 1 - integerBits, low: -(2 ** (width - 1)), high: 2 ** (width - 1) - 1 };
  const functions = [...snapshot.activations, arithmetic.outputActivation];
  const sigmoid = functions.includes('sigmoid') ? sigmoidTable(graph, arithmetic) : undefined;
  let words = readInput(graph, input, real, format);
  for (const [j, junction] of snapshot.junctions.entries()) {
    const sums = graph.clip(junctionSums(graph, j, junction, words, format), format.low, format.high);
    words = functions[j] === 'relu' ? relu(graph, sums, format) : (sigmoid as Sigmoid)(sums);
  }
  const scores = graph.cast(graph.multiply(graph.cast(words, 'float64'), 2 ** -format.fraction), 'float32');
  if (!isYesOrNo(snapshot))
    return { decision: graph.apply('ArgMax', [words], 'int64', { axis: 1, keepdims: 0 }), scores };
  const yes = graph.atLeast(words, 2 ** (format.fraction - 1));
  return {
    decision: graph.apply('Squeeze', [yes, graph.constant('axis_1', 'int64', [1], [1])], 'int64'),
    scores,
  };
}

function readInput(graph: Graph, input: Value, real: RealInput | undefined, format: Format): Value {
  if (real !== undefined)
    return graph.cast(quantised(graph, scaled(graph, input, real), format.fraction, format), 'int64');
  const whole = graph.cast(input, 'int64');
  if (input.type !== 'uint8') return graph.clip(whole, format.low, format.high);
  const { fraction } = format;
  return fraction >= 8
    ? graph.multiply(whole, 2 ** (fraction - 8))
    : graph.divide(whole, 2 ** (8 - fraction));
}

/** Bias and products of every right neuron. Neurons with fewer edges are padded with products that are 0. */
function junctionSums(
  graph: Graph,
  j: number,
  junction: JunctionSnapshot,
  words: Value,
  format: Format,
): Value {
  const { offsets, left, weights, biases, rightNeurons } = junction;
  const edges = Array.from(
    { length: rightNeurons },
    (_, r) => (offsets[r + 1] as number) - (offsets[r] as number),
  );
  const most = edges.reduce((a, b) => Math.max(a, b), 1);
  const lefts = new Int32Array(rightNeurons * most);
  const factors = new Int32Array(rightNeurons * most);
  for (let r = 0; r < rightNeurons; r++) {
    const from = offsets[r] as number;
    for (let e = 0; e < (edges[r] as number); e++) {
      lefts[r * most + e] = left[from + e] as number;
      factors[r * most + e] = weights[from + e] as number;
    }
  }
  const inputs = graph.apply(
    'Gather',
    [words, graph.constant(`left_${j}`, 'int32', [lefts.length], lefts)],
    'int64',
    { axis: 1 },
  );
  const type = format.high > 32767 ? 'int32' : 'int16';
  const weight = graph.cast(graph.constant(`weights_${j}`, type, [factors.length], factors), 'int64');
  const products = multiply(graph, inputs, weight, format);
  const shape = graph.constant(`shape_${j}`, 'int64', [3], [0, rightNeurons, most]);
  const byNeuron = graph.apply('Reshape', [products, shape], 'int64');
  const axes = graph.constant(`edges_axis_${j}`, 'int64', [1], [2]);
  const sums = graph.apply('ReduceSum', [byNeuron, axes], 'int64', { keepdims: 0 });
  return graph.add(sums, graph.constant(`biases_${j}`, 'int64', [rightNeurons], biases));
}

/** mul(a, b): truncated, saturated, then rounded up if the highest bit cut off is 1, unless at the maximum. */
function multiply(graph: Graph, a: Value, b: Value, { fraction, low, high }: Format): Value {
  const unit = 2 ** fraction;
  const product = graph.multiply(a, b);
  const towardsZero = graph.divide(product, unit);
  const remainder = graph.subtract(product, graph.multiply(towardsZero, unit));
  // 1 where the division, which rounds towards zero, rounded up.
  const excess = graph.subtract(graph.scalar('int64', 1), graph.atLeast(remainder, 0));
  const cut = graph.subtract(towardsZero, excess);
  const cutOff = graph.add(remainder, graph.multiply(excess, unit));
  const halfBit = graph.atLeast(cutOff, unit / 2);
  return graph.clip(graph.add(graph.clip(cut, low, high), halfBit), low, high);
}

function relu(graph: Graph, sums: Value, { fraction }: Format): Value {
  return graph.clip(sums, 1, 2 ** fraction - 1);
}

type Sigmoid = (sums: Value) => Value;

/** The table, with an extra entry on each side for sums outside its range. */
function sigmoidTable(graph: Graph, arithmetic: HardwareSpec): Sigmoid {
  const { width, integerBits } = arithmetic;
  const fraction = width - 1 - integerBits;
  const { addressFraction, values } = hardwareTable(arithmetic);
  const entries = [1, ...values, 2 ** fraction - 1];
  const table = graph.constant('table_sigmoid', 'int64', [entries.length], entries);
  const half = values.length / 2;
  return (sums) => {
    const address = graph.clip(graph.shiftDown(sums, fraction - addressFraction), -half - 1, half);
    return graph.look(table, graph.add(address, half + 1));
  };
}
