import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { Network } from '../../lib/index.js';

const OPTIONS = { layers: [4, 3, 2], seed: 5 };
const ROW = Float32Array.of(0.1, 0.2, 0.3, 0.4);
const folder = mkdtempSync(join(tmpdir(), 'sparse-train-lifetime-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const closed = expect.objectContaining({
  code: 'NETWORK_CLOSED',
  message: expect.stringContaining('closed'),
});

async function* endless(signal: AbortSignal) {
  while (!signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    yield { input: ROW, label: 1 };
  }
}

describe('close()', () => {
  it('makes every use of the weights an error, and may be called again', async () => {
    const network = new Network(OPTIONS);
    network.close();
    network.close();
    for (const call of [
      () => network.predict(ROW),
      () => network.classify(ROW),
      () => network.learn(ROW, 1),
      () => network.inspect(),
      () => network.digest(),
      () => network.flush(),
      () => network.junction(0).weights(),
    ]) {
      expect(call).toThrow(closed);
    }
    await expect(network.predictBatch([ROW])).rejects.toThrow(closed);
    await expect(network.save(at('closed.safetensors'))).rejects.toThrow(closed);
    await expect(network.fit([{ input: ROW, label: 1 }])).rejects.toThrow(closed);
    expect(network.layers).toEqual([4, 3, 2]);
    expect(network.kernelSet).toBeTypeOf('string');
  });

  it('is refused while fit() or predictBatch() is under way', async () => {
    const network = new Network(OPTIONS);
    const busy = expect.objectContaining({ code: 'NETWORK_BUSY' });
    const stop = new AbortController();
    const fitting = network.fit(endless(stop.signal), { signal: stop.signal });
    expect(() => network.close()).toThrow(busy);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(() => network.close()).toThrow(busy);
    stop.abort();
    await fitting;
    const predicting = network.predictBatch([ROW]);
    expect(() => network.close()).toThrow(busy);
    await predicting;
    network.close();
    expect(() => network.predict(ROW)).toThrow(closed);
  });

  it('happens at the end of a using block', () => {
    let kept: Network;
    {
      using network = new Network(OPTIONS);
      network.predict(ROW);
      kept = network;
    }
    expect(() => kept.predict(ROW)).toThrow(closed);
  });

  it('gives the memory back at once', () => {
    const used = () => process.memoryUsage().rss / 2 ** 20;
    const make = () => new Network({ layers: [2000, 4000, 2] });
    make().close();
    const before = used();
    for (let i = 0; i < 20; i++) make().close(); // 20 times 16 MB of weights and more
    expect(used() - before).toBeLessThan(150);
  });
});

describe('a network that somebody copies without save()', () => {
  it('refuses JSON and names save()', () => {
    const network = new Network(OPTIONS);
    expect(() => JSON.stringify({ network })).toThrow(
      expect.objectContaining({ code: 'INVALID_DATA', message: expect.stringContaining('save()') }),
    );
  });

  it('refuses structured cloning and names save() and load()', () => {
    const network = new Network(OPTIONS);
    expect(() => structuredClone(network)).toThrow(/save\(\).*load\(\)/);
    const { port1, port2 } = new MessageChannel();
    expect(() => port1.postMessage({ network })).toThrow(/save\(\).*load\(\)/);
    port1.close();
    port2.close();
  });

  it('is one short line in console.log()', () => {
    const network = new Network(OPTIONS);
    expect(inspect(network)).toBe('Network { 4-3-2, 18 edges, wide }');
    network.close();
    expect(inspect(network)).toBe('Network { 4-3-2, 18 edges, wide, closed }');
  });
});

describe('network.training', () => {
  it('counts the examples of learn(), also after save and load', async () => {
    const network = new Network(OPTIONS);
    await network.fit([{ input: ROW, label: 1 }]);
    for (let i = 0; i < 3; i++) network.learn(ROW, i % 2);
    expect(() => network.learn(ROW, 7)).toThrow();
    expect(network.training).toMatchObject({ epochs: 1, examples: 1, learned: 3 });
    await network.save(at('learned.safetensors'));
    const loaded = await Network.load(at('learned.safetensors'));
    expect(loaded.training).toEqual(network.training);
    loaded.learn(ROW, 0);
    expect(loaded.training.learned).toBe(4);
    expect(loaded.inspect().training.learned).toBe(4);
  });
});
