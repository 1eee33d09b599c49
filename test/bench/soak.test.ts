import { describe, expect, it } from 'vitest';
import type { BenchResult } from '../../lib/bench/result.js';
import { Follower } from '../../lib/bench/soak/follower.js';
import { LatencyRecorder } from '../../lib/bench/soak/latency.js';
import type { SoakResult } from '../../lib/bench/soak/result.js';
import { measureSoak } from '../../lib/bench/soak/soak.js';
import { ExampleSource } from '../../lib/bench/soak/stream.js';
import { soakPlan } from '../../lib/cli/settings/soak.js';
import { native } from '../../lib/engine/native.js';
import { Dataset, loadDataset, Network } from '../../lib/index.js';
import { soakSection } from '../../lib/terminal/bench/soak.js';
import { expectMistake, run, runJson, workFolder } from '../cli/run.js';
import { byteClouds } from '../training/data.js';

const cwd = workFolder();
const sets = native().kernelSets();

async function soak(...words: string[]): Promise<SoakResult> {
  const result = (await runJson(['bench', 'soak', '--quick', ...words], {
    cwd: cwd(),
  })) as unknown as BenchResult;
  return result.soak as SoakResult;
}

describe('sparse-train bench soak', () => {
  it.each(['wide', 'float', 'hardware'])('learns as a second engine does (%s)', async (arithmetic) => {
    const result = await soak('--duration', '0.8s', '--arithmetic', arithmetic);
    expect(result).toMatchObject({ arithmetic, rate: null, interrupted: false });
    const { examples, samples, check, learn, predict } = result;
    expect(check).toMatchObject({ differsAt: null, examples });
    expect(check?.chunks).toBeGreaterThan(0);
    if (sets.length > 1) expect(check?.kernelSet).not.toBe(result.kernelSet);
    expect(samples.at(-1)?.examples).toBe(examples);
    for (const { p50, p99, p999, max } of [learn, predict])
      expect([p50, p99, p999, max].toSorted((a, b) => a - b)).toEqual([p50, p99, p999, max]);
    expect(result.memory.growthBytes).toBe(result.memory.secondHalfBytes - result.memory.firstHalfBytes);
  });

  it('goes no faster than asked, needs no second engine, and learns what learn() does', async () => {
    const result = await soak('--duration', '1s', '--rate', '300', '--layers', '16', '--check', 'none');
    expect(result).toMatchObject({ rate: 300, layers: [784, 16, 10], check: null });
    expect(result.examples).toBeGreaterThan(0);
    expect(result.examples).toBeLessThanOrEqual(300 * result.seconds);
    const network = new Network({ ...soakPlan({ layers: [16] }, true).network, scaling: 'none' });
    // Quick runs have a tenth of the data.
    const { inputs, targets } = (await loadDataset('mnist')).train;
    if (targets.kind !== 'classes') throw new Error('digits are classes');
    const tenth = { inputs: inputs.data.subarray(0, 6000 * 784), labels: targets.labels.subarray(0, 6000) };
    const source = new ExampleSource(Dataset.from({ ...tenth, columns: 784 }), network.seed);
    for (const row of source.take(result.examples))
      network.learn(source.rows[row] as Uint8Array, source.labels[row] as number);
    expect(network.digest()).toBe(result.digest);
  });

  it('prints tables for people', async () => {
    const { status, stdout } = await run(['bench', 'soak', '--duration', '0.5s', '--quick'], { cwd: cwd() });
    expect(status).toBe(0);
    for (const part of ['learn()', 'p99.9', 'resident memory', 'the same digest and scores'])
      expect(stdout).toContain(part);
    expect(stdout).not.toMatch(/undefined|NaN|\[object/);
  });

  it('reports the results so far when it is interrupted', async () => {
    const abort = new AbortController();
    const data = byteClouds(100);
    const result = await measureSoak(
      {
        network: { layers: [4, 8, 3] },
        seconds: 30,
        rate: undefined,
        check: 'other',
        onStep: () => abort.abort(),
        signal: abort.signal,
      },
      { train: data, test: data },
    );
    expect(result).toMatchObject({
      interrupted: true,
      check: { differsAt: null, examples: result.examples },
    });
    expect(result.seconds).toBeLessThan(30);
  });

  it('refuses its options without a long run, and times without a unit', async () => {
    await expectMistake(['bench', 'online', '--rate', '5'], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['--rate works with "bench soak"'],
    });
    await expectMistake(['bench', 'soak', '--duration', '30'], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['--duration', '30s, 5m or 1h'],
    });
    await expectMistake(['bench', 'soak', '--check', `${sets.at(-1)}x`], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['--check', 'did you mean'],
    });
  });

  it('refuses a kernel set that is not here', async () => {
    const missing = sets.includes('neon') ? 'avx2' : 'neon';
    await expectMistake(['bench', 'soak', '--quick', '--check', missing], {
      status: 1,
      code: 'ISA_UNAVAILABLE',
      says: [missing, ...sets],
    });
  });

  it('says aloud where engines differ', () => {
    const latency = { p50: 1, p99: 2, p999: 3, max: 4 };
    const section = soakSection({
      layers: [2, 3],
      edges: 6,
      arithmetic: 'wide',
      schedule: 'pipelined',
      seed: 1,
      kernelSet: 'avx2',
      rate: 10,
      seconds: 5,
      examples: 50,
      examplesPerSecond: 10,
      interrupted: false,
      digest: 'ab',
      learn: latency,
      predict: latency,
      memory: { firstHalfBytes: 1, secondHalfBytes: 2, growthBytes: 1 },
      check: { kernelSet: 'scalar', chunks: 1, examples: 50, differsAt: 50, waitedSeconds: 0 },
      samples: [],
    });
    expect(JSON.stringify(section)).toContain('scalar: DIFFERENT after 50 examples');
  });
});

describe('the second engine', () => {
  const data = byteClouds(64);
  const options = { layers: [4, 30, 3], scaling: 'none', seed: 3 } as const;
  const probe = (data.inputs.data as Uint8Array).subarray(0, 8);

  /** Lets the run follow a network through the data twice; `spoil` changes what is reported the second time. */
  async function follow(
    spoil: (network: Network) => void,
    score: (s: Float32Array) => void,
  ): Promise<Follower> {
    const network = new Network(options);
    const follower = new Follower(options, data, probe, sets[0] ?? 'scalar');
    const source = new ExampleSource(data, 1);
    for (const time of [1, 2]) {
      const order = source.take(data.rows);
      for (const row of order) network.learn(source.rows[row] as Uint8Array, source.labels[row] as number);
      if (time === 2) spoil(network);
      const digest = network.digest();
      const scores = Float32Array.from(
        [0, 4].flatMap((at) => [...network.predict(probe.subarray(at, at + 4))]),
      );
      if (time === 2) score(scores);
      follower.follow(order, network.learningRate, { examples: time * data.rows, digest, scores });
    }
    await follower.settle(0);
    expect(follower.examples).toBe(2 * data.rows);
    return follower;
  }
  const nothing = () => undefined;

  it('agrees with the first', async () => {
    expect((await follow(nothing, nothing)).differsAt).toBeUndefined();
  });

  it('sees one example more and one bit of a score', async () => {
    const more = (network: Network) => network.learn([9, 9, 9, 9], 0);
    expect((await follow(more, nothing)).differsAt).toBe(128);
    const bit = (scores: Float32Array) => {
      new Uint32Array(scores.buffer)[5] = (new Uint32Array(scores.buffer)[5] as number) ^ 1;
    };
    expect((await follow(nothing, bit)).differsAt).toBe(128);
  });
});

describe('times of calls', () => {
  it('are those of an interval, and of all', () => {
    const recorder = new LatencyRecorder();
    expect(recorder.takeInterval()).toBeUndefined();
    for (let i = 1; i <= 1000; i++) recorder.record(i / 1e6);
    const first = recorder.takeInterval();
    expect(first?.p50).toBeGreaterThanOrEqual(495);
    expect(first?.p50).toBeLessThanOrEqual(505);
    expect(first?.max).toBe(1000);
    recorder.record(5);
    expect(recorder.takeInterval()?.p50).toBeCloseTo(5e6, -5);
    expect(recorder.all?.max).toBeGreaterThanOrEqual(5e6);
    expect(recorder.all?.p50).toBeLessThanOrEqual(510);
  });
});
