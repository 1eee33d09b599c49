/** The output functions of the wide arithmetic (docs/arithmetic.md, "Outputs"), in 64-bit integers. */
import { wideTables } from '../../engine/tables.js';
import { isYesOrNo, type NetworkSnapshot } from '../snapshot.js';
import type { Graph, Value } from './graph.js';

/** A number in units of 2^-14. */
const PROBABILITY_ONE = 16384;

/** Decision and scores from the clipped sums: int64 [rows, outputs], in units of 2^-(8 + fraction). */
export function wideOutputs(
  graph: Graph,
  snapshot: NetworkSnapshot,
  sums: Value,
  fraction: number,
): { decision: Value; scores: Value } {
  const largest = graph.apply('ArgMax', [sums], 'int64', { axis: 1, keepdims: 0 });
  if (snapshot.output === 'linear')
    return { decision: largest, scores: linearScores(graph, snapshot, sums, fraction) };
  const probabilities =
    snapshot.output === 'softmax'
      ? softmax(graph, sums, fraction, snapshot.layers.at(-1) as number)
      : sigmoid(graph, sums, fraction);
  const scores = graph.divide(graph.cast(probabilities, 'float32'), PROBABILITY_ONE);
  if (!isYesOrNo(snapshot)) return { decision: largest, scores };
  const yes = graph.atLeast(probabilities, PROBABILITY_ONE / 2);
  return {
    decision: graph.apply('Squeeze', [yes, graph.constant('axis_1', 'int64', [1], [1])], 'int64'),
    scores,
  };
}

function linearScores(
  graph: Graph,
  { targetScaling }: NetworkSnapshot,
  sums: Value,
  fraction: number,
): Value {
  const scores = graph.cast(graph.multiply(graph.cast(sums, 'float64'), 2 ** -(8 + fraction)), 'float32');
  return targetScaling === undefined ? scores : graph.unscaleTargets(scores, targetScaling);
}

function sigmoid(graph: Graph, sums: Value, fraction: number): Value {
  const { probability } = wideTables();
  const table = graph.constant('table_probability', 'int32', [probability.length], probability);
  const half = probability.length >> 1;
  const rounded = graph.shiftDown(graph.add(sums, fraction === 0 ? 0 : 2 ** (fraction - 1)), fraction);
  return graph.look(table, graph.add(graph.clip(rounded, -half, half), half));
}

/** From this exponent on, the result is 0: e^-16. */
const LEAST_EXPONENT = 65536;

function softmax(graph: Graph, sums: Value, fraction: number, outputs: number): Value {
  // Only for values below 32 bits; see Graph.clip() for larger ones.
  const largest = graph.apply(
    'ReduceMax',
    [sums, graph.constant('classes_axis', 'int64', [1], [1])],
    'int64',
    {
      keepdims: 1,
    },
  );
  const below = graph.subtract(largest, sums);
  // Not negative, so that division rounds down.
  const exponents =
    fraction >= 4
      ? graph.divide(below, 2 ** (fraction - 4))
      : graph.multiply(graph.clip(below, 0, LEAST_EXPONENT), 2 ** (4 - fraction));
  const e = expNegative(graph, graph.clip(exponents, 0, LEAST_EXPONENT));
  const total = graph.apply('ReduceSum', [e, graph.constant('outputs_axis', 'int64', [1], [1])], 'int64', {
    keepdims: 1,
  });
  // The bit length of the total: the number of powers of two that do not exceed it.
  const bits = Math.ceil(Math.log2(outputs)) + 17;
  const powers = Array.from({ length: 14 + bits + 1 }, (_, i) => 2 ** i);
  const table = graph.constant('powers_of_two', 'int64', [powers.length], powers);
  const steps = graph.constant('powers_counted', 'int64', [bits], powers.slice(0, bits));
  const length = graph.apply(
    'ReduceSum',
    [graph.atLeast(total, steps), graph.constant('bits_axis', 'int64', [1], [1])],
    'int64',
    { keepdims: 1 },
  );
  const reciprocal = graph.divide(graph.look(table, graph.add(length, 14)), total);
  const unit = graph.look(table, length);
  return graph.divide(graph.add(graph.multiply(e, reciprocal), graph.divide(unit, 2)), unit);
}

/** 2^15 e^-z for z from 0 to 65536, in units of 2^-12: a cubic whose coefficients are part of the arithmetic. */
function expNegative(graph: Graph, z: Value): Value {
  const t = graph.divide(graph.multiply(z, 5909), 4096);
  const whole = graph.divide(t, 4096);
  const f = graph.subtract(t, graph.multiply(whole, 4096));
  let p = graph.multiply(f, -1299);
  for (const coefficient of [7580, -22665]) {
    p = graph.multiply(graph.add(graph.shiftDown(p, 12), coefficient), f);
  }
  p = graph.add(graph.shiftDown(p, 12), 32768);
  const shifts = Array.from({ length: 24 }, (_, i) => 2 ** i);
  return graph.divide(p, graph.look(graph.constant('exponent_shifts', 'int64', [24], shifts), whole));
}
