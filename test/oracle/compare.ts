/** Runs a scenario on the engine and on the reference and demands equality to the last bit. */
import { expect } from 'vitest';
import type { NativeNetwork } from '../../lib/engine/addon.js';
import { native } from '../../lib/engine/native.js';
import type { KernelSet } from '../../lib/public/types.js';
import { at, range } from '../reference/integers.js';
import { WideReference } from '../reference/wide-network.js';
import type { Call, Scenario } from './scenario.js';

/** How to run the engine. Results must not depend on it. */
export interface Manner {
  kernelSet: KernelSet;
  /** One number for each call in turn, from the beginning again when there are more calls. */
  threads: readonly number[];
}

/**
 * The kernel sets to test: the one that SPARSE_TRAIN_ISA names, or all that this CPU has. The reference takes longer than
 * the engine, so all sets are compared with one run of it.
 */
export function kernelSets(): KernelSet[] {
  const all = native().kernelSets();
  return process.env.SPARSE_TRAIN_ISA ? [native().currentKernelSet()] : all;
}

/** Every kernel set with one thread and with changing numbers of threads. */
export function manners(changing: readonly (readonly number[])[] = [[2, 1, 3]]): Manner[] {
  return kernelSets().flatMap((kernelSet) => [[1], ...changing].map((threads) => ({ kernelSet, threads })));
}

/** A network of the engine that uses a certain kernel set. */
export function makeEngine(spec: Scenario['spec'], kernelSet: KernelSet): NativeNetwork {
  const before = native().currentKernelSet();
  native().useKernelSet(kernelSet);
  try {
    return new (native().Network)(spec);
  } finally {
    native().useKernelSet(before);
  }
}

type Sums = { examples: number; outputs: number; correct: number; lossSum: number };

/** What a call returns: sums of training, or the edges that moved in each junction. */
type Returned = Sums | { moved: number[] } | undefined;

function callReference(reference: WideReference, call: Call, scaling: Scenario['scaling']): Returned {
  switch (call.kind) {
    case 'train':
      return reference.train(call.job);
    case 'learn': {
      const { input, target, rate } = call;
      const targets = typeof target === 'number' ? Int32Array.of(target) : target;
      const job = { inputs: input, scaling, targets, order: Uint32Array.of(0), rates: Float64Array.of(rate) };
      reference.train({ ...job, rateInterval: 1, drain: false });
      return undefined;
    }
    case 'drain':
      reference.drain();
      return undefined;
    case 'rewire':
      return { moved: reference.rewire(call.rule) };
    case 'pattern':
      reference.setPattern(call.junction, call.pattern);
      return undefined;
    case 'set':
      if (call.weights !== undefined) reference.setWeights(call.junction, call.weights);
      if (call.biases !== undefined) reference.setBiases(call.junction, call.biases);
      return undefined;
  }
}

async function callEngine(engine: NativeNetwork, call: Call, threads: number): Promise<Returned> {
  switch (call.kind) {
    case 'train':
      return engine.train({ ...call.job, threads });
    case 'learn':
      engine.learn(call.input, call.target, call.rate);
      return undefined;
    case 'drain':
      engine.drain();
      return undefined;
    case 'rewire':
      return { moved: Array.from(await engine.rewire(call.rule)) };
    case 'pattern':
      engine.setPattern(call.junction, call.pattern);
      return undefined;
    case 'set':
      if (call.weights !== undefined) engine.setWeights(call.junction, call.weights);
      if (call.biases !== undefined) engine.setBiases(call.junction, call.biases);
      return undefined;
  }
}

/** Fails at the first element that differs, and says where and with which kernel set and threads. */
export function expectSame(
  what: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  name: (position: number) => string = (i) => `${i}`,
): void {
  if (actual.length !== expected.length)
    expect.fail(`${what}: expected ${expected.length} values, got ${actual.length}`);
  for (let i = 0; i < expected.length; i++) {
    if (actual[i] === expected[i]) continue;
    expect.fail(`${what} ${name(i)}: expected ${expected[i]}, got ${actual[i]}`);
  }
}

const COUNTERS = [
  'weightsAtLimit',
  'activationsClipped',
  'deltasClipped',
  'batchSteps',
  'stepsRoundedToZero',
] as const;

/** Compares everything about a network that can be read. */
export function expectSameState(
  engine: NativeNetwork,
  reference: WideReference,
  scenario: Scenario,
  manner: string,
) {
  const { spec } = scenario;
  for (const j of range(spec.patterns.length)) {
    const pattern = reference.pattern(j);
    const ends = (e: number) =>
      at(
        pattern.flatMap((lefts, right) => lefts.map((left) => `${left} -> ${right}`)),
        e,
      );
    const where = `${manner}, junction ${j}`;
    const { offsets, left } = engine.pattern(j);
    let edges = 0;
    expectSame(`${where}: offset`, offsets, [0, ...pattern.map((lefts) => (edges += lefts.length))]);
    expectSame(`${where}: left neuron of edge`, left, pattern.flat());
    expectSame(`${where}: weight of edge`, engine.weights(j), reference.weights(j), ends);
    expectSame(`${where}: bias of neuron`, engine.biases(j), reference.biases(j));
    expect(engine.junctions()[j]?.layout, `${where}: layout`).toBe(reference.layout(j));
  }
  const telemetry = engine.telemetry();
  const expected = reference.telemetry();
  for (const counter of COUNTERS) expectSame(`${manner}: ${counter}`, telemetry[counter], expected[counter]);
  expect(telemetry.inputs, `${manner}: inputs`).toBe(expected.inputs);
}

/** Runs the calls on the engine and on the reference, and compares states and predictions. Returns the reference. */
export async function compare(scenario: Scenario, ways: Manner[] = manners()): Promise<WideReference> {
  const { spec, scaling, calls, inputs } = scenario;
  const reference = new WideReference(spec);
  const rows = inputs.length / at(spec.layers, 0);
  const initial = new WideReference(spec);
  const sums = calls.map((call) => callReference(reference, call, scaling));
  const predicted = reference.predict(inputs, scaling, rows);

  for (const { kernelSet, threads } of ways) {
    const manner = `${kernelSet}, threads ${threads.join(',')}`;
    const engine = makeEngine(spec, kernelSet);
    expectSameState(engine, initial, scenario, `${manner}, initial state`);
    engine.setScaling(scaling);
    for (const [i, call] of calls.entries()) {
      const expected = sums[i];
      const actual = await callEngine(engine, call, at(threads, i % threads.length));
      if (expected === undefined || actual === undefined) continue;
      if ('moved' in expected || 'moved' in actual) {
        expect(actual, `${manner}, call ${i}: edges moved`).toEqual(expected);
        continue;
      }
      const { examples, outputs, correct, lossSum } = actual;
      const { lossSum: loss, ...counts } = expected;
      expect({ examples, outputs, correct }, `${manner}, call ${i}`).toEqual(counts);
      expect(Math.abs(lossSum - loss), `${manner}, call ${i}: loss`).toBeLessThan(
        1e-9 * (1 + Math.abs(loss)),
      );
    }
    expectSameState(engine, reference, scenario, manner);

    const scores = new Float32Array(predicted.scores.length);
    const decisions = new Uint32Array(rows);
    await engine.predict({ inputs, scaling, count: rows, threads: at(threads, 0), scores, decisions });
    expectSame(`${manner}: score`, scores, predicted.scores);
    expectSame(`${manner}: decision`, decisions, predicted.decisions);
    const outputs = at(spec.layers, spec.patterns.length);
    const one = new Float32Array(outputs);
    expect(engine.predictOne(inputs.slice(0, at(spec.layers, 0)), one)).toBe(at(predicted.decisions, 0));
    expectSame(`${manner}: score of predictOne`, one, predicted.scores.slice(0, outputs));
  }
  return reference;
}
