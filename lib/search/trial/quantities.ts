/** Properties of a network that are known before it is trained. */
import { SparseTrainError } from '../../base/errors.js';
import { planHardware } from '../../hardware/plan/plan-hardware.js';
import type { Budget } from '../../hardware/plan/types.js';
import { NetworkCore } from '../../network/core.js';
import { nearestFanOut } from '../../network/interleaver.js';
import { type NetworkOptions, resolveOptions } from '../../network/options.js';
import type { Quantity } from '../space/constraint.js';

/** A pattern of whole tiles differs from the requested number of edges by at most this share. */
const PATTERN_SLACK = 0.05;

/** The number of edges that options request; the pattern may round it. */
export function wantedEdges(options: NetworkOptions): number {
  const { patterns, layers } = resolveOptions(options);
  return patterns.reduce((sum, pattern, j) => {
    const left = layers[j] as number;
    const right = layers[j + 1] as number;
    if (pattern.kind === 'dense') return sum + left * right;
    if (pattern.kind === 'interleaver') return sum + left * pattern.fanOut;
    return sum + (pattern.kind === 'custom' ? pattern.left.length : pattern.edges);
  }, 0);
}

/** Whether a network with this many edges may be within a limit, estimated without making the network. */
export function mightHaveAtMost(limit: number, wanted: number): boolean {
  return wanted * (1 - PATTERN_SLACK) <= limit;
}

/**
 * Measures an untrained network.
 *
 * @throws SparseTrainError as Network; INVALID_OPTION if clocks are asked for and the network cannot be mapped
 */
export function measureNetwork(
  options: NetworkOptions,
  wanted: readonly Quantity[],
  budget: Budget,
): Partial<Record<Quantity, number>> {
  const resolved = resolveOptions(options);
  const junctions = new NetworkCore(resolved).engine.junctions();
  const edges = junctions.reduce((sum, junction) => sum + junction.edges, 0);
  const denseEdges = junctions.reduce((sum, { left, right }) => sum + left * right, 0);
  const biases = junctions.reduce((sum, { right }) => sum + right, 0);
  const known = { edges, denseEdges, density: edges / denseEdges, parameters: edges + biases };
  if (!wanted.includes('clocks')) return known;
  return { ...known, clocks: clocksOf(options, budget) };
}

/**
 * Clocks per block of the fastest mapping to the hardware within the budget.
 *
 * @throws SparseTrainError INVALID_OPTION if there is none
 */
export function clocksOf(options: NetworkOptions, budget: Budget): number {
  const resolved = resolveOptions(options);
  const { layers, arithmetic } = resolved;
  const engine = new NetworkCore(resolved).engine;
  // In hardware every left neuron has the same number of edges. For other patterns, the nearest such number is taken.
  const fanOut = engine.junctions().map(({ edges, left, right }) => nearestFanOut(edges / left, left, right));
  const width =
    arithmetic.kind === 'hardware'
      ? arithmetic.width
      : arithmetic.kind === 'wide'
        ? arithmetic.weightBits
        : 32;
  const z = options.parallelism;
  const parallelism =
    z === undefined ? undefined : fanOut.map((_, j) => (typeof z === 'number' ? z : (z[j] as number)));
  const outcome = planHardware({ layers, fanOut, width, clockHz: 1, budget }, parallelism);
  if (outcome.possible) return outcome.plan.clocksPerBlock;
  throw new SparseTrainError(
    'INVALID_OPTION',
    `clocks cannot be counted, as the hardware cannot have this network: ${outcome.reasons.join('; ')}`,
  );
}
