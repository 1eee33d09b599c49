/** A network of the wide arithmetic as a graph that computes the same integers. */

import type { WideSpec } from '../../engine/spec.js';
import { wideTables } from '../../engine/tables.js';
import type { Activation } from '../../network/options.js';
import type { RealInput } from '../inputs.js';
import type { NetworkSnapshot } from '../snapshot.js';
import type { Graph, Value } from './graph.js';
import { quantised, scaled } from './read-inputs.js';
import { wideOutputs } from './wide-outputs.js';
import { ACTIVATION_FRACTION, ACTIVATION_MAX, SUM_MAX } from './wide-range.js';
import { type Activations, floatSums, integerSums, type Sums } from './wide-sums.js';

/** The type in which sums are computed; both give the same integers. */
export type SumsForm = 'float' | 'integer';

export function wideGraph(
  graph: Graph,
  snapshot: NetworkSnapshot,
  input: Value,
  real: RealInput | undefined,
  form: SumsForm,
): { decision: Value; scores: Value } {
  const { weightFraction: fraction } = snapshot.arithmetic as WideSpec;
  const tables = activationTables(graph, snapshot.activations, form);
  let layer = readInput(graph, input, real);
  for (const [j, junction] of snapshot.junctions.entries()) {
    const half = fraction === 0 ? 0 : 2 ** (fraction - 1);
    const sums =
      form === 'float' ? floatSums(graph, j, junction, layer, half) : integerSums(graph, j, junction, layer);
    const clipped =
      sums.largest <= SUM_MAX ? sums : { ...sums, value: graph.clip(sums.value, -SUM_MAX, SUM_MAX) };
    const activation = snapshot.activations[j];
    if (activation === undefined)
      return wideOutputs(graph, snapshot, graph.cast(clipped.value, 'int64'), fraction);
    layer = activate(graph, clipped, fraction, activation, tables);
  }
  throw new Error('a network has an output layer');
}

function readInput(graph: Graph, input: Value, real: RealInput | undefined): Activations {
  if (real === undefined && input.type === 'uint8') return { value: input, largest: 255, signed: false };
  const range = { low: -ACTIVATION_MAX, high: ACTIVATION_MAX };
  const value =
    real === undefined
      ? graph.clip(graph.cast(input, 'int32'), range.low, range.high)
      : quantised(graph, scaled(graph, input, real), ACTIVATION_FRACTION, range);
  return { value, largest: ACTIVATION_MAX, signed: true };
}

/** Tables of sigmoid and tanh for integer sums from -2047 to 2047, if the network uses them. */
type Tables = Partial<Record<Activation, Value>>;

function activationTables(graph: Graph, activations: readonly Activation[], form: SumsForm): Tables {
  const tables = wideTables();
  const wanted = (['sigmoid', 'tanh'] as const).filter((kind) => activations.includes(kind));
  return Object.fromEntries(
    wanted.map((kind) => {
      const type = form === 'float' ? 'float32' : 'int32';
      return [kind, graph.constant(`table_${kind}`, type, [tables[kind].length], tables[kind])];
    }),
  );
}

function activate(
  graph: Graph,
  sums: Sums,
  fraction: number,
  activation: Activation,
  tables: Tables,
): Activations {
  const rounded = round(graph, sums.value, fraction);
  if (activation === 'relu') {
    return { value: graph.clip(rounded, 0, ACTIVATION_MAX), largest: ACTIVATION_MAX, signed: false };
  }
  const index = graph.add(graph.clip(rounded, -ACTIVATION_MAX, ACTIVATION_MAX), ACTIVATION_MAX);
  const value = graph.look(tables[activation] as Value, index);
  return { value, largest: 256, signed: activation === 'tanh' };
}

/** round(x, bits) of the arithmetic: to the nearest, ties up. */
function round(graph: Graph, sums: Value, bits: number): Value {
  if (bits === 0) return sums;
  const lifted = graph.add(sums, 2 ** (bits - 1));
  if (sums.type === 'int64') return graph.shiftDown(lifted, bits);
  return graph.apply('Floor', [graph.multiply(lifted, 2 ** -bits)], sums.type);
}
