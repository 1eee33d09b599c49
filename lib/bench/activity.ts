import type { Dataset } from '../data/dataset.js';
import type { NetworkCore } from '../network/core.js';

/** The work of a network, and how much of it is on activations other than zero. */
export interface Activity {
  /** Multiply-accumulates for an example, counting every edge. */
  readonly products: number;
  /** Multiply-accumulates for an example, counting only edges whose left activation is not zero. */
  readonly effectiveProducts: number;
  /** The share of neurons that are not zero, for each layer but the last. */
  readonly active: readonly number[];
}

/** The number of examples to compute. */
const EXAMPLES = 200;

/**
 * Counts multiply-accumulates: all of them, and those with an activation other than zero. Feed-forward and update cost one for
 * each edge, and so does backpropagation, which the first junction does not need. Activations are computed in floating point
 * from the current weights and the first examples. They are an estimate, since they change while the network learns.
 */
export function measureActivity(core: NetworkCore, data: Dataset): Activity {
  const { engine } = core;
  const junctions = engine.junctions();
  const examples = Math.min(EXAMPLES, data.rows);
  const { arithmetic } = core.options;
  const weightUnit = arithmetic.kind === 'wide' ? 2 ** -arithmetic.weightFraction : 1;
  const biasUnit = arithmetic.kind === 'wide' ? weightUnit / 256 : 1;
  let layer = firstLayer(core, data, examples);
  const active: number[] = [];
  let products = 0;
  let effectiveProducts = 0;
  for (const [j, { left, right, edges }] of junctions.entries()) {
    const { offsets, left: lefts } = engine.pattern(j);
    const weights = engine.weights(j);
    const biases = engine.biases(j);
    const passes = j === 0 ? 2 : 3;
    const next = new Float32Array(examples * right);
    let touched = 0;
    for (let e = 0; e < examples; e++) {
      for (let r = 0; r < right; r++) {
        let sum = (biases[r] as number) * biasUnit;
        for (let i = offsets[r] as number; i < (offsets[r + 1] as number); i++) {
          const value = layer[e * left + (lefts[i] as number)] as number;
          if (value === 0) continue;
          touched++;
          sum += value * (weights[i] as number) * weightUnit;
        }
        // The engine rounds a value below half a unit of an activation to zero too.
        next[e * right + r] = sum < 2 ** -9 ? 0 : sum;
      }
    }
    active.push(layer.reduce((count, value) => count + Number(value !== 0), 0) / layer.length);
    products += passes * edges;
    effectiveProducts += (passes * touched) / examples;
    layer = next;
  }
  return { products, effectiveProducts, active };
}

/** The first examples, in the engine's unit. */
function firstLayer(core: NetworkCore, data: Dataset, examples: number): Float32Array {
  const { inputs, scaling } = core.reader.rows(data.inputs.data);
  const columns = core.inputs;
  const isBytes = inputs instanceof Uint8Array;
  return Float32Array.from({ length: examples * columns }, (_, i) => {
    const value = inputs[i] as number;
    if (scaling === undefined) return isBytes || inputs instanceof Int16Array ? value / 256 : value;
    const c = i % columns;
    return (value - (scaling.offset[c] as number)) * (scaling.scale[c] as number);
  });
}
