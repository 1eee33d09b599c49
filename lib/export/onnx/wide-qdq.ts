/**
 * A network of the wide arithmetic in quantised tensors. A DequantizeLinear converts each to real numbers and a
 * QuantizeLinear converts it back (QDQ): compilers for accelerators expect this form. All scales are powers of two, so
 * the real numbers are exact multiples, as long as float32 holds their sums.
 */

import type { WideSpec } from '../../engine/spec.js';
import { wideTables } from '../../engine/tables.js';
import type { Activation } from '../../network/options.js';
import type { RealInput } from '../inputs.js';
import { type InputRange, type JunctionSnapshot, largestSum, type NetworkSnapshot } from '../snapshot.js';
import type { Graph, Value } from './graph.js';
import { quantised, scaled } from './read-inputs.js';
import { wideOutputs } from './wide-outputs.js';
import { ACTIVATION_FRACTION, ACTIVATION_MAX, SUM_MAX } from './wide-range.js';
import { denseMatrix, FLOAT32_WHOLE } from './wide-sums.js';

/** The value of one unit of an activation. */
const ACTIVATION_UNIT = 2 ** -ACTIVATION_FRACTION;

/** The real activations of a layer, multiples of {@link ACTIVATION_UNIT}, and their range in such units. */
interface Layer extends InputRange {
  readonly value: Value;
}

export function qdqGraph(
  graph: Graph,
  snapshot: NetworkSnapshot,
  input: Value,
  real: RealInput | undefined,
): { decision: Value; scores: Value; exact: boolean } {
  const { weightFraction: fraction } = snapshot.arithmetic as WideSpec;
  let layer = readInput(graph, input, real);
  let exact = true;
  for (const [j, junction] of snapshot.junctions.entries()) {
    const activation = snapshot.activations[j];
    const largest = largestSum(junction, layer);
    if (activation === undefined) {
      exact &&= largest <= FLOAT32_WHOLE;
      const units = graph.multiply(
        junctionSums(graph, j, junction, layer, fraction, 0),
        2 ** (ACTIVATION_FRACTION + fraction),
      );
      const sums = largest <= SUM_MAX ? units : graph.clip(units, -SUM_MAX, SUM_MAX);
      return { ...wideOutputs(graph, snapshot, graph.cast(sums, 'int64'), fraction), exact };
    }
    // The arithmetic rounds ties up, QuantizeLinear rounds them to even. Adding half a unit avoids ties.
    const lift = fraction === 0 ? 0 : 1;
    exact &&= 2 * largest + lift <= FLOAT32_WHOLE;
    layer = activate(graph, j, junctionSums(graph, j, junction, layer, fraction, lift), activation);
  }
  throw new Error('a network has an output layer');
}

/** Converts integers in multiples of `unit` to real numbers. */
function dequantise(graph: Graph, value: Value, unit: number, zero = 0): Value {
  const points = zero === 0 ? [] : [graph.scalar(value.type, zero)];
  return graph.apply('DequantizeLinear', [value, graph.scalar('float32', unit), ...points], 'float32');
}

/** Converts real numbers to the nearest number of units, clipped to the type. */
function quantise(graph: Graph, value: Value, type: 'int16' | 'uint16'): Value {
  return graph.apply(
    'QuantizeLinear',
    [value, graph.scalar('float32', ACTIVATION_UNIT), graph.scalar(type, 0)],
    type,
  );
}

function readInput(graph: Graph, input: Value, real: RealInput | undefined): Layer {
  if (real === undefined && input.type === 'uint8')
    return { value: dequantise(graph, input, ACTIVATION_UNIT), largest: 255, signed: false };
  const range = { low: -ACTIVATION_MAX, high: ACTIVATION_MAX };
  const whole =
    real === undefined
      ? graph.clip(graph.cast(input, 'int32'), range.low, range.high)
      : quantised(graph, scaled(graph, input, real), ACTIVATION_FRACTION, range);
  const value = dequantise(graph, graph.cast(whole, 'int16'), ACTIVATION_UNIT);
  return { value, largest: ACTIVATION_MAX, signed: true };
}

/** Products plus biases; with `lift` 1, plus half a unit. */
function junctionSums(
  graph: Graph,
  j: number,
  junction: JunctionSnapshot,
  left: Layer,
  fraction: number,
  lift: 0 | 1,
): Value {
  const product = graph.apply('MatMul', [left.value, weights(graph, j, junction, fraction)], 'float32');
  const numbers = lift === 0 ? junction.biases : Array.from(junction.biases, (bias) => 2 * bias + 1);
  const biases = graph.constant(`biases_${j}`, 'int32', [junction.rightNeurons], numbers);
  return graph.add(product, dequantise(graph, biases, 2 ** -(ACTIVATION_FRACTION + fraction + lift)));
}

/** Weights as bytes if they fit, unsigned as MatMulInteger needs them, otherwise with 16 bits. */
function weights(graph: Graph, j: number, junction: JunctionSnapshot, fraction: number): Value {
  const matrix = denseMatrix(junction, Int16Array);
  const dims = [junction.leftNeurons, junction.rightNeurons];
  if (!matrix.every((weight) => weight >= -128 && weight <= 127))
    return dequantise(graph, graph.constant(`weights_${j}`, 'int16', dims, matrix), 2 ** -fraction);
  const bytes = Uint8Array.from(matrix, (weight) => weight + 128);
  return dequantise(graph, graph.constant(`weights_${j}`, 'uint8', dims, bytes), 2 ** -fraction, 128);
}

function activate(graph: Graph, j: number, sums: Value, activation: Activation): Layer {
  const limit = ACTIVATION_MAX * ACTIVATION_UNIT;
  if (activation === 'relu') {
    const whole = quantise(graph, graph.clip(sums, 0, limit), 'uint16');
    return { value: dequantise(graph, whole, ACTIVATION_UNIT), largest: ACTIVATION_MAX, signed: false };
  }
  const numbers = wideTables()[activation];
  const table = graph.constant(`table_${j}_${activation}`, 'int16', [numbers.length], numbers);
  const index = graph.cast(quantise(graph, graph.clip(sums, -limit, limit), 'int16'), 'int64');
  const whole = graph.look(table, graph.add(index, ACTIVATION_MAX));
  const value = dequantise(graph, whole, ACTIVATION_UNIT);
  return { value, largest: 2 ** ACTIVATION_FRACTION, signed: activation === 'tanh' };
}
