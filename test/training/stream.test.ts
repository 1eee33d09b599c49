import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Dataset, Network, type StreamExample } from '../../lib/index.js';
import { expectRefusal } from '../datasets/refusal.js';
import { byteClouds, clouds, plane, signs } from './data.js';

/** The rows of a data set one by one, with a short wait before those that `pauses` names. */
async function* rowsOf(
  data: Dataset,
  pauses: (i: number) => boolean = () => false,
): AsyncGenerator<StreamExample> {
  const { inputs, targets } = data;
  for (let i = 0; i < data.rows; i++) {
    if (pauses(i)) await sleep(1);
    const input = inputs.row(i);
    if (targets.kind === 'classes') yield { input, label: targets.labels[i] };
    else yield { input, target: targets.data.subarray(i * data.outputs, (i + 1) * data.outputs) };
  }
}

describe('fit from a stream', () => {
  it('learns what the same data set teaches in one epoch without shuffling', async () => {
    const cases: [Dataset, () => Network][] = [
      [byteClouds(3000), () => new Network({ layers: [4, 24, 3] })],
      [clouds(3000), () => new Network({ layers: [4, 24, 3], scaling: 'none', schedule: 'sequential' })],
      [signs(3000), () => new Network({ layers: [2, 24, 2], output: 'sigmoid', scaling: 'none' })],
    ];
    for (const [data, make] of cases) {
      const whole = make();
      await whole.fit(data, { epochs: 1, shuffle: false, learningRate: 0.01 });
      const flowing = make();
      const run = await flowing.fit(rowsOf(data), { learningRate: 0.01 });
      expect(run).toMatchObject({ stopped: 'finished', examples: 3000 });
      expect(run.epochs).toHaveLength(1);
      expect(flowing.digest()).toBe(whole.digest());
    }
  });

  it('learns the same however the examples arrive', async () => {
    const data = clouds(2500);
    const learningRate = { kind: 'powers-of-two', exponent: 5, boundaries: [700, 1024, 2001] } as const;
    const digests = new Set<string>();
    for (const pauses of [
      () => false,
      (i: number) => i % 100 === 0,
      (i: number) => i === 1023 || i === 1024,
    ]) {
      const network = new Network({ layers: [4, 24, 3] });
      await network.fit(rowsOf(data, pauses), { learningRate });
      digests.add(network.digest());
    }
    expect(digests.size).toBe(1);
  });

  it('scales inputs and targets by its first 1024 examples', async () => {
    const data = plane(3000);
    const network = new Network({ layers: [3, 32, 2], output: 'linear' });
    const run = await network.fit(rowsOf(data), { validation: plane(300, 4), learningRate: 0.02 });
    const sameScaling = new Network({ layers: [3, 32, 2], output: 'linear' });
    await sameScaling.fit(data.slice(0, 1024), { epochs: 1 });
    expect(network.scaling).toEqual(sameScaling.scaling);
    expect(network.targetScaling).toEqual(sameScaling.targetScaling);
    expect(run.validation).toMatchObject({ kind: 'regression', examples: 300 });
    expect((run.validation as { r2: number }).r2).toBeGreaterThan(0.8);
  });

  it('takes synchronous iterables, class names and plain arrays', async () => {
    const network = new Network({ layers: [2, 8, 2], classes: ['left', 'right'], scaling: 'none' });
    const examples = Array.from({ length: 2000 }, (_, i) => ({
      input: [i % 2 === 0 ? -1 : 1, 0.5],
      label: i % 2 === 0 ? 'left' : 'right',
    }));
    const run = await network.fit(examples);
    expect(run.examples).toBe(2000);
    expect(network.classify([-1, 0.5])).toBe(0);
    expect(network.classify([1, 0.5])).toBe(1);
  });

  it('never holds more than two chunks', async () => {
    const network = new Network({ layers: [4, 200, 200, 3] });
    let given = 0;
    let most = 0;
    async function* endless() {
      for await (const example of rowsOf(byteClouds(4000))) {
        given++;
        yield example;
      }
    }
    const timer = setInterval(() => undefined, 1);
    const run = await network.fit(endless(), {
      onProgress: ({ examples }) => {
        most = Math.max(most, given - examples);
      },
    });
    clearInterval(timer);
    expect(run.examples).toBe(4000);
    expect(most).toBeLessThanOrEqual(2 * 1024 + 1);
  });

  it('reads on while the engine trains, and trains on the rest when the stream pauses', async () => {
    const network = new Network({ layers: [4, 24, 3], scaling: 'none' });
    const seen: number[] = [];
    async function* pausing() {
      const data = clouds(10);
      for (let i = 0; i < 10; i++) yield { input: data.inputs.row(i), label: 0 };
      await sleep(250);
      yield { input: data.inputs.row(0), label: 0 };
    }
    await network.fit(pausing(), { onProgress: ({ examples }) => void seen.push(examples) });
    expect(seen).toContain(10);
    expect(seen.at(-1)).toBe(11);
  });

  it('is stopped by its signal even while it waits for an example that never comes', async () => {
    const abort = new AbortController();
    let closed = false;
    async function* stuck() {
      try {
        yield* rowsOf(clouds(5));
        // Long after the five examples have come, so that a slow machine has learned them all.
        setTimeout(() => abort.abort(), 500);
        await new Promise(() => undefined);
      } finally {
        closed = true;
      }
    }
    const network = new Network({ layers: [4, 8, 3], scaling: 'none' });
    const run = await network.fit(stuck(), { signal: abort.signal });
    expect(run).toMatchObject({ stopped: 'aborted', examples: 5 });
    // A waiting generator cannot be closed, but one that has been asked for the next example can.
    expect(closed).toBe(false);
    let finished = false;
    async function* endless() {
      try {
        for (;;) yield* rowsOf(clouds(100));
      } finally {
        finished = true;
      }
    }
    const second = new AbortController();
    setTimeout(() => second.abort(), 30);
    expect((await network.fit(endless(), { signal: second.signal })).stopped).toBe('aborted');
    await sleep(10);
    expect(finished).toBe(true);
  });

  it('of nothing does nothing', async () => {
    const network = new Network({ layers: [4, 8, 3] });
    const before = network.digest();
    const run = await network.fit([]);
    expect(run).toMatchObject({ stopped: 'finished', examples: 0 });
    expect(run.epochs[0]?.loss).toBeUndefined();
    expect(network.digest()).toBe(before);
  });
});

describe('a stream that goes wrong', () => {
  const network = () => new Network({ layers: [4, 8, 3], scaling: 'none' });
  const refuse = (examples: unknown[], ...parts: string[]) =>
    expectRefusal('INVALID_DATA', parts, () => network().fit(examples as StreamExample[]));
  const input = [1, 2, 3, 4];

  it('ends fit with the error that it threw', async () => {
    async function* failing() {
      yield* rowsOf(clouds(5));
      throw new Error('the line is dead');
    }
    const same = network();
    await expect(same.fit(failing())).rejects.toThrow('the line is dead');
    expect((await same.fit(rowsOf(clouds(5)))).examples).toBe(5);
  });

  it('is refused with the number of the example', async () => {
    await refuse(
      [
        { input, label: 1 },
        { input: [1, 2], label: 1 },
      ],
      'example 1',
      '4 numbers',
      'has 2',
    );
    await refuse([{ input, label: 3 }], 'example 0', 'from 0 to 2', 'is 3');
    await refuse([{ input, label: 'red' }], 'example 0', '"red"', 'option classes');
    await refuse([{ input }], 'label', 'undefined');
    await refuse([{ input: [1, Number.NaN, 3, 4], label: 0 }], 'finite');
    await refuse([{ input: 'abcd', label: 0 }], 'input', '"abcd"');
    await refuse([input], 'example 0', 'undefined');
    await refuse([5], 'example 0', '{ input, label }', '5');
    const bytes = { input: Uint8Array.of(1, 2, 3, 4), label: 0 };
    await refuse([bytes, { input, label: 0 }], 'example 1', 'alike');
  });

  it('is closed', async () => {
    let closed = false;
    async function* endless() {
      try {
        for (;;) yield { input: [1], label: 0 };
      } finally {
        closed = true;
      }
    }
    await expectRefusal('INVALID_DATA', ['4 numbers'], () => network().fit(endless()));
    expect(closed).toBe(true);
  });

  it('does not take options that need all of the data', async () => {
    const given = (options: object) => () => network().fit([], options);
    await expectRefusal('INVALID_OPTION', ['epochs is 2', 'stream'], given({ epochs: 2 }));
    await expectRefusal('INVALID_OPTION', ['shuffle', 'stream'], given({ shuffle: true }));
    await expectRefusal('INVALID_OPTION', ['validation', 'stream'], given({ validation: 0.1 }));
    await expectRefusal('INVALID_OPTION', ['earlyStopping', 'stream'], given({ earlyStopping: {} }));
    await expectRefusal('INVALID_OPTION', ["'balanced'", 'stream'], given({ classWeights: 'balanced' }));
    const cosine = { learningRate: { kind: 'cosine', rate: 0.1 } };
    await expectRefusal('INVALID_OPTION', ["'cosine'", 'stream'], given(cosine));
  });
});
