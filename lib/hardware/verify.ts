import { invalidOption, SparseTrainError } from '../base/errors.js';
import { oneOf } from '../base/options/kinds.js';
import { kernelSets as availableKernelSets, type KernelSet } from '../engine/kernel-sets.js';
import { checkFixture } from './check-fixture.js';
import { type HardwareParameters, makeEngine } from './design.js';
import type { Fixture } from './fixture.js';

/** The state of a network after the last input of a fixture has left the pipeline. */
export interface FixtureResult extends HardwareParameters {
  /** Row-major, inputs x outputs: the raw activations of the output layer for each input. */
  readonly outputs: Int32Array;
  /** Seconds inside the training loop. */
  readonly seconds: number;
}

/** The first number that differs from the fixture. */
export interface FixtureDifference {
  readonly kind: 'output' | 'weight' | 'bias';
  /** Where the fixture has the expected number: `expected.weights[0][17]`. */
  readonly at: string;
  /** Counted from 1, as in the hardware: junction i joins layer i-1 to layer i. */
  readonly junction: number;
  /** For a weight: its edge, counted from 0, with the edge's neurons. */
  readonly edge?: number;
  readonly left?: number;
  readonly right?: number;
  /** For a bias or an output: its neuron, counted from 0. */
  readonly neuron?: number;
  /** For an output: its input, counted from 0. For a weight or bias: the last input. */
  readonly input: number;
  readonly expected: number;
  readonly got: number;
  /** The difference as a sentence. */
  readonly message: string;
}

/** The result of a fixture on one kernel set. */
export interface FixtureCheck {
  readonly kernelSet: KernelSet;
  /** Numbers compared. */
  readonly compared: number;
  readonly difference: FixtureDifference | undefined;
  readonly inputsPerSecond: number;
}

/**
 * Runs a fixture's inputs through a network of its design.
 *
 * @throws SparseTrainError INVALID_DATA if there is no such network
 */
export async function runFixture(fixture: Fixture, kernelSet: KernelSet): Promise<FixtureResult> {
  const { design, etaShifts, inputs, labels } = fixture;
  const engine = makeEngine(design, fixture.initial, kernelSet);
  const outputs = new Int32Array(labels.length * (design.layers.at(-1) as number));
  let seconds = 0;
  if (labels.length > 0) {
    const result = await engine.train({
      inputs,
      targets: Int32Array.from(labels),
      order: Uint32Array.from(labels, (_, i) => i),
      rates: Float64Array.from(etaShifts, (shift) => 2 ** -shift),
      rateInterval: 1,
      threads: 1,
      drain: true,
      rawOutputs: outputs,
    });
    seconds = result.seconds;
  }
  const junctions = design.junctions.map((_, j) => j);
  return {
    outputs,
    seconds,
    weights: junctions.map((j) => engine.weights(j)),
    biases: junctions.map((j) => engine.biases(j)),
  };
}

/** The first difference in the order of time: outputs by input, then weights and biases by junction. */
export function firstDifference(
  fixture: Fixture,
  result: FixtureResult,
  leftOf: (junction: number) => { left: Uint32Array; offsets: Float64Array },
): FixtureDifference | undefined {
  const { expected, design, labels } = fixture;
  const count = design.junctions.length;
  const width = design.layers.at(-1) as number;
  for (const [input, row] of (expected.outputs ?? []).entries()) {
    const neuron = row.findIndex((value, k) => value !== result.outputs[input * width + k]);
    if (neuron < 0) continue;
    const facts = { expected: row[neuron] as number, got: result.outputs[input * width + neuron] as number };
    return described({
      kind: 'output',
      at: `expected.outputs[${input}][${neuron}]`,
      junction: count,
      neuron,
      input,
      ...facts,
    });
  }
  const input = labels.length - 1;
  for (let j = 0; j < count; j++) {
    const edge = differs(expected.weights[j], result.weights[j]);
    if (edge !== undefined) {
      const { left, offsets } = leftOf(j);
      const right = offsets.findLastIndex((offset) => offset <= edge.index);
      return described({
        kind: 'weight',
        at: `expected.weights[${j}][${edge.index}]`,
        junction: j + 1,
        edge: edge.index,
        left: left[edge.index] as number,
        right,
        input,
        expected: edge.expected,
        got: edge.got,
      });
    }
    const bias = differs(expected.biases[j], result.biases[j]);
    if (bias === undefined) continue;
    const { index: neuron, expected: wanted, got } = bias;
    const at = `expected.biases[${j}][${neuron}]`;
    return described({ kind: 'bias', at, junction: j + 1, neuron, input, expected: wanted, got });
  }
  return undefined;
}

function differs(
  expected: ArrayLike<number> | undefined,
  got: ArrayLike<number> | undefined,
): { index: number; expected: number; got: number } | undefined {
  if (expected === undefined || got === undefined || expected.length !== got.length) {
    throw new SparseTrainError('INTERNAL', 'a fixture and its network have different numbers of parameters');
  }
  for (let index = 0; index < expected.length; index++) {
    const wanted = expected[index] as number;
    const found = got[index] as number;
    if (wanted !== found) return { index, expected: wanted, got: found };
  }
  return undefined;
}

function described(difference: Omit<FixtureDifference, 'message'>): FixtureDifference {
  const { kind, at, junction, edge, left, right, neuron, input, expected, got } = difference;
  const what =
    kind === 'output'
      ? `output of input ${input}: junction ${junction}, neuron ${neuron}`
      : kind === 'weight'
        ? `weight after input ${input}: junction ${junction}, edge ${edge} (left neuron ${left}, right neuron ${right})`
        : `bias after input ${input}: junction ${junction}, neuron ${neuron}`;
  return { ...difference, message: `${what}: expected ${expected}, got ${got} (${at})` };
}

/**
 * Runs a fixture on kernel sets, by default every one that this CPU has, and compares every number.
 *
 * @throws SparseTrainError (by rejection) UNKNOWN_OPTION, INVALID_OPTION; INVALID_DATA if the engine cannot make such a network
 */
export async function verifyFixture(
  fixture: Fixture,
  kernelSets: readonly KernelSet[] = availableKernelSets(),
): Promise<FixtureCheck[]> {
  const checked = checkFixture(fixture);
  if (!Array.isArray(kernelSets)) throw invalidOption('kernelSets', 'an array of kernel sets', kernelSets);
  const { design, expected, labels } = checked;
  const parameters = [...expected.weights, ...expected.biases].reduce((sum, { length }) => sum + length, 0);
  const outputs = (expected.outputs?.length ?? 0) * (design.layers.at(-1) as number);
  const checks: FixtureCheck[] = [];
  for (const kernelSet of kernelSets) {
    oneOf(availableKernelSets()).check('kernelSets', kernelSet);
    const result = await runFixture(checked, kernelSet);
    const engine = makeEngine(design, checked.initial, kernelSet);
    checks.push({
      kernelSet,
      compared: parameters + outputs,
      difference: firstDifference(checked, result, (j) => engine.pattern(j)),
      inputsPerSecond: result.seconds > 0 ? labels.length / result.seconds : 0,
    });
  }
  return checks;
}
