/** A network of the float arithmetic as an ordinary float32 graph; its last bits depend on the runtime. */
import type { RealInput } from '../inputs.js';
import { isYesOrNo, type NetworkSnapshot } from '../snapshot.js';
import type { Graph, Value } from './graph.js';
import { scaled } from './read-inputs.js';
import { denseMatrix } from './wide-sums.js';

const OPERATORS = { relu: 'Relu', sigmoid: 'Sigmoid', tanh: 'Tanh' } as const;

export function floatGraph(
  graph: Graph,
  snapshot: NetworkSnapshot,
  input: Value,
  real: RealInput | undefined,
): { decision: Value; scores: Value } {
  let layer =
    real === undefined
      ? graph.multiply(graph.cast(input, 'float32'), 1 / 256)
      : graph.cast(scaled(graph, input, real), 'float32');
  for (const [j, junction] of snapshot.junctions.entries()) {
    const { leftNeurons, rightNeurons } = junction;
    const matrix = denseMatrix(junction, Float32Array);
    const weights = graph.constant(`weights_${j}`, 'float32', [leftNeurons, rightNeurons], matrix);
    const biases = graph.constant(`biases_${j}`, 'float32', [rightNeurons], junction.biases);
    layer = graph.apply('Gemm', [layer, weights, biases], 'float32');
    const activation = snapshot.activations[j];
    if (activation !== undefined) layer = graph.apply(OPERATORS[activation], [layer], 'float32');
  }
  const scores = outputScores(graph, snapshot, layer);
  if (!isYesOrNo(snapshot))
    return { decision: graph.apply('ArgMax', [layer], 'int64', { axis: 1, keepdims: 0 }), scores };
  const axis = graph.constant('axis_1', 'int64', [1], [1]);
  return { decision: graph.apply('Squeeze', [graph.atLeast(scores, 0.5), axis], 'int64'), scores };
}

function outputScores(graph: Graph, { output, targetScaling }: NetworkSnapshot, sums: Value): Value {
  if (output === 'softmax') return graph.apply('Softmax', [sums], 'float32', { axis: 1 });
  if (output === 'sigmoid') return graph.apply('Sigmoid', [sums], 'float32');
  return targetScaling === undefined ? sums : graph.unscaleTargets(sums, targetScaling);
}
