/** Calls of the addon whose arguments and results lie in memory that both sides share. */
import { describe, expect, it } from 'vitest';
import { native } from '../../lib/engine/native.js';
import { EngineNetwork } from '../../lib/engine/network.js';
import type { NetworkSpec } from '../../lib/engine/spec.js';

const spec: NetworkSpec = {
  layers: Uint32Array.of(4, 16, 3),
  arithmetic: { kind: 'wide', weightBits: 16, weightFraction: 12, rounding: 'stochastic' },
  patterns: [{ kind: 'dense' }, { kind: 'dense' }],
  activations: ['relu'],
  output: 'softmax',
  schedule: 'pipelined',
  momentum: 0,
  weightDecay: 0,
  seed: 1,
};

/** The numbers at the beginning of the memory, the row and the scores. */
function shared() {
  const network = new (native().Network)(spec);
  const calls = network.sharedCalls();
  if (calls === undefined) throw new Error('this runtime has no shared memory');
  const { memory } = calls;
  return {
    network,
    ...calls,
    numbers: new Float64Array(memory, 0, 6), // type, label, rate, scores wanted, decision, done
    row: new Uint8Array(memory, 64, 4),
    scores: new Float32Array(memory, 96, 3),
  };
}

describe('calls in shared memory', () => {
  it('learn and predict the same as calls with arguments, for every type of row', () => {
    const rows = [Uint8Array, Int16Array, Float32Array, Float64Array].map((Type) => Type.of(1, 0, 100, 3));
    for (const row of rows) {
      const one = new EngineNetwork(spec);
      const other = new (native().Network)(spec);
      for (let i = 0; i < 50; i++) {
        one.learn(row, i % 3, 0.05);
        other.learn(row, i % 3, 0.05);
      }
      const scores = new Float32Array(3);
      const expected = new Float32Array(3);
      expect(one.predictOne(row, scores)).toBe(other.predictOne(row, expected));
      expect(scores).toEqual(expected);
      expect(one.predictOne(row)).toBe(other.predictOne(row));
      expect(one.exportState()).toEqual(other.exportState());
    }
  });

  it('do nothing, and say so, if an argument is wrong', () => {
    const { network, learn, predict, numbers, row } = shared();
    row.set([1, 2, 3, 4]);
    const before = network.exportState();
    const right = [0, 1, 0.05];
    for (const [place, wrong] of [
      [0, [-1, 4, Number.NaN]],
      [1, [-1, 3, 0.5, Number.NaN, Number.POSITIVE_INFINITY]],
      [2, [-0.1, 1e9, Number.NaN]],
    ] as const) {
      for (const value of wrong) {
        numbers.set(right);
        numbers[place] = value;
        numbers[5] = 1;
        learn();
        expect(numbers[5]).toBe(0);
        if (place !== 0) continue;
        numbers[5] = 1;
        predict();
        expect(numbers[5]).toBe(0);
      }
    }
    expect(network.exportState()).toEqual(before);
    numbers.set(right);
    learn();
    expect(numbers[5]).toBe(1);
    expect(network.exportState()).not.toEqual(before);
  });

  it('do nothing in a network that learns no labels', () => {
    const network = new (native().Network)({ ...spec, output: 'linear' });
    const calls = network.sharedCalls();
    const numbers = new Float64Array(calls?.memory as ArrayBuffer, 0, 6);
    numbers.set([0, 1, 0.05, 0, 0, 1]);
    calls?.learn();
    expect(numbers[5]).toBe(0);
    calls?.predict();
    expect(numbers[5]).toBe(1);
  });

  it('do nothing after close()', () => {
    const { network, learn, predict, numbers } = shared();
    numbers.set([0, 1, 0.05]);
    network.close();
    for (const call of [learn, predict]) {
      numbers[5] = 1;
      call();
      expect(numbers[5]).toBe(0);
    }
  });
});
