import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Network } from '../../lib/index.js';
import { clouds } from './data.js';

/** An epoch takes seconds. */
const slow = () => new Network({ layers: [4, 1000, 1000, 3], seed: 3 });
const data = clouds(20_000);

describe('an aborted fit', () => {
  it('stops within milliseconds and leaves a usable network', async () => {
    const network = slow();
    const abort = new AbortController();
    let asked = 0;
    const run = await network.fit(data, {
      epochs: 100,
      signal: abort.signal,
      onProgress: ({ examples }) => {
        if (asked > 0 || examples === 0) return;
        asked = performance.now();
        abort.abort();
      },
    });
    // The engine checks every 64 examples; the rest is for busy machines.
    expect(performance.now() - asked).toBeLessThan(500);
    expect(run.stopped).toBe('aborted');
    expect(run.epochs).toHaveLength(1);
    expect(run.epochs[0]).toMatchObject({ complete: false, validation: undefined });
    expect(run.examples).toBeGreaterThan(0);
    expect(run.examples).toBeLessThan(20_000);
    expect(network.training).toMatchObject({ epochs: 0, examples: run.examples });
    expect(network.predict(data.inputs.row(0))).toHaveLength(3);
    network.learn(data.inputs.row(0), 1);
    const again = await network.fit(data.slice(0, 100), { epochs: 1 });
    expect(again.stopped).toBe('finished');
  });

  it('does not begin if the signal has been given already', async () => {
    const network = slow();
    const before = network.digest();
    const run = await network.fit(data, { signal: AbortSignal.abort() });
    expect(run).toMatchObject({ stopped: 'aborted', examples: 0, epochs: [] });
    expect(network.digest()).toBe(before);
  });

  it('may be aborted between epochs and during validation', async () => {
    for (const validation of [undefined, clouds(50_000, { seed: 5 })]) {
      const network = new Network({ layers: [4, 200, 3] });
      const abort = new AbortController();
      const options = { epochs: 50, validation, signal: abort.signal };
      const run = await network.fit(data.slice(0, 500), {
        ...options,
        onProgress: () => setTimeout(() => abort.abort(), 1),
      });
      expect(run.stopped).toBe('aborted');
      expect(run.epochs.length).toBeLessThan(50);
      expect(network.classify(data.inputs.row(0))).toBeLessThan(3);
    }
  });

  it('does not affect other calls on the network', async () => {
    const network = new Network({ layers: [4, 200, 3] });
    await network.fit(data.slice(0, 500), { epochs: 1 });
    const abort = new AbortController();
    const expected = (await network.predictBatch(data.inputs)).scores;
    const batch = network.predictBatch(data.inputs);
    const fitting = network.fit(data, { epochs: 2, signal: abort.signal });
    abort.abort();
    expect((await batch).scores).toEqual(expected);
    expect((await fitting).stopped).toBe('aborted');
  });

  it('forgets its signal', async () => {
    const abort = new AbortController();
    await new Network({ layers: [4, 3] }).fit(data.slice(0, 10), { signal: abort.signal });
    expect(EventEmitter.getEventListeners(abort.signal, 'abort')).toHaveLength(0);
  });
});

describe('a callback that throws', () => {
  it('ends fit with its error and leaves a usable network', async () => {
    const network = slow();
    const onProgress = () => {
      throw new Error('no more progress');
    };
    await expect(network.fit(data, { onProgress })).rejects.toThrow('no more progress');
    const onEpoch = async () => {
      throw new Error('no more epochs');
    };
    await expect(network.fit(data.slice(0, 20), { onEpoch })).rejects.toThrow('no more epochs');
    expect((await network.fit(data.slice(0, 20), { epochs: 1 })).stopped).toBe('finished');
  });
});
