import { SparseTrainError } from '../base/errors.js';
import { currentKernelSet } from '../engine/kernel-sets.js';
import { drawInterleaver } from '../engine/patterns.js';
import type { ResolvedOptions } from '../network/options.js';
import type { HardwareDesign, HardwareParameters, JunctionWiring } from './design.js';
import type { Fixture } from './fixture.js';
import { runFixture } from './verify.js';

/** The edges of a junction, from the engine. */
type PatternOf = (junction: number) => { offsets: Float64Array; left: Uint32Array };

/**
 * The design of a network of the hardware arithmetic, with the vectors that its seed drew.
 *
 * @throws SparseTrainError INVALID_OPTION for another arithmetic or schedule
 */
export function designOf(options: ResolvedOptions, patternOf: PatternOf): HardwareDesign {
  const { layers, patterns, arithmetic, activations, schedule, seed } = options;
  if (arithmetic.kind !== 'hardware') {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `the network's arithmetic is '${arithmetic.kind}', but only networks of the hardware arithmetic have a design of hardware`,
    );
  }
  if (schedule !== 'pipelined') {
    throw new SparseTrainError(
      'INVALID_OPTION',
      "the network's schedule is 'sequential', but the hardware is pipelined",
    );
  }
  const junctions = patterns.map((pattern, junction): JunctionWiring => {
    const left = layers[junction] as number;
    const right = layers[junction + 1] as number;
    if (pattern.kind !== 'interleaver') {
      const { offsets, left: lefts } = patternOf(junction);
      return {
        parallelism: undefined,
        fanOut: undefined,
        edges: { offsets: Array.from(offsets), left: Array.from(lefts) },
      };
    }
    const drawn = drawInterleaver({ ...pattern, left, right, seed, junction });
    const { fanOut, parallelism } = pattern;
    const sweeps = (vectors: Uint32Array | undefined) =>
      vectors === undefined ? undefined : chunks(Array.from(vectors), parallelism);
    return {
      parallelism,
      fanOut,
      startVectors: sweeps(drawn.startVectors),
      rowOrders:
        drawn.rowOrders === undefined
          ? undefined
          : chunks(chunks(Array.from(drawn.rowOrders), drawn.rows), parallelism),
      memoryDither: sweeps(drawn.memoryDither),
    };
  });
  const { width, integerBits, tableFloor, cost, outputActivation } = arithmetic;
  return {
    layers,
    junctions,
    width,
    integerBits,
    tableFloor,
    cost,
    // The options allow tanh, but the hardware arithmetic does not.
    activation: [...(activations as ('sigmoid' | 'relu')[]), outputActivation],
  };
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size));
}

/** Inputs for the hardware, with their labels. */
export interface FixtureData {
  /** Row-major, labels x layers[0]. */
  readonly inputs: Uint8Array;
  readonly labels: readonly number[];
}

/**
 * Runs data through a design and makes a fixture of the results.
 *
 * @throws SparseTrainError INVALID_DATA
 */
export async function makeFixture(
  design: HardwareDesign,
  initial: HardwareParameters,
  data: FixtureData,
  etaShifts: readonly number[],
): Promise<Fixture> {
  const { inputs, labels } = data;
  const nothing = { weights: [], biases: [], outputs: undefined };
  const fixture: Fixture = { design, etaShifts, initial, inputs, labels, expected: nothing };
  const result = await runFixture(fixture, currentKernelSet());
  const outputs = design.layers.at(-1) as number;
  return {
    ...fixture,
    expected: {
      weights: result.weights,
      biases: result.biases,
      outputs: chunks(Array.from(result.outputs), outputs),
    },
  };
}
