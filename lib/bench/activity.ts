import type { Dataset } from '../data/dataset.js';
import type { NetworkCore } from '../network/core.js';

/** What share of a network's work is on activations that are not zero. */
export interface Activity {
  /** Multiply-accumulates of an example, every edge counted. */
  readonly products: number;
  /** The same for edges whose left activation is not zero. */
  readonly effectiveProducts: number;
  /** The share of neurons that are not zero, by layer, outputs excluded. */
  readonly active: readonly number[];
}

/** Examples that are followed through the network. */
const EXAMPLES = 200;

/**
 * Counts multiply-accumulates, all of them and those with an activation other than zero. Feed-forward and update cost one an edge, backpropagation
 * another but in the first junction, which needs none. Activations are computed here, in floating point, from the network's weights as they are
 * and the first examples of the data: an estimate, since they change while the network learns.
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
        // A value below the last place of an activation is zero in the engine as well.
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

/** Inputs in the engine's unit. */
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
