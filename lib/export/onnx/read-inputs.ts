/** Brings the inputs of a graph to the datapath's format. */
import type { RealInput } from '../inputs.js';
import type { Graph, Value } from './graph.js';

/** `(x - offset) * scale` in double precision, as the engine computes it. */
export function scaled(graph: Graph, input: Value, { offset, scale }: RealInput): Value {
  const columns = offset.length;
  let x = graph.cast(input, 'float64');
  if (offset.some((number) => number !== 0))
    x = graph.subtract(x, graph.constant('input_offset', 'float64', [columns], offset));
  if (scale.some((number) => number !== 1))
    x = graph.multiply(x, graph.constant('input_scale', 'float64', [columns], scale));
  return x;
}

/** The nearest whole number of units of 2^-fraction within [low, high]; NaN becomes `low`. */
export function quantised(
  graph: Graph,
  x: Value,
  fraction: number,
  { low, high }: { low: number; high: number },
): Value {
  const rounded = graph.apply('Floor', [graph.add(graph.multiply(x, 2 ** fraction), 0.5)], 'float64');
  const nothing = graph.apply('IsNaN', [rounded], 'bool');
  const clipped = graph.clip(rounded, low, high);
  return graph.apply('Where', [nothing, graph.scalar('float64', low), clipped], 'float64');
}
