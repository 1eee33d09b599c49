import { describe, expect, it } from 'vitest';
import { EngineNetwork } from '../../lib/engine/network.js';
import type { NetworkSpec } from '../../lib/engine/spec.js';

const spec: NetworkSpec = {
  layers: Uint32Array.of(4, 3, 2),
  arithmetic: { kind: 'wide', weightBits: 16, weightFraction: 12, rounding: 'nearest' },
  patterns: [{ kind: 'dense' }, { kind: 'dense' }],
  activations: ['relu'],
  output: 'softmax',
  schedule: 'pipelined',
  momentum: 0,
  weightDecay: 0,
  seed: 1,
};

const row = Uint8Array.of(1, 2, 3, 4);
const job = {
  inputs: row,
  targets: Int32Array.of(1),
  order: new Uint32Array(200_000),
  rates: Float64Array.of(0.01),
  rateInterval: 1,
  threads: 1,
  drain: true,
};

describe('a network of the engine', () => {
  it('refuses every call after close(), and may be closed twice', async () => {
    const engine = new EngineNetwork(spec);
    const weights = engine.weights(0);
    const state = engine.exportState();
    engine.close();
    engine.close();
    expect(engine.isClosed).toBe(true);
    const closed = expect.objectContaining({ code: 'NETWORK_CLOSED' });
    for (const call of [
      () => engine.junctions(),
      () => engine.learn(row, 1, 0.01),
      () => engine.predictOne(row),
      () => engine.setScaling(undefined),
      () => engine.drain(),
      () => engine.progress(),
      () => engine.abort(),
      () => engine.pause(),
      () => engine.exportState(),
      () => engine.importState(state),
      () => engine.telemetry(),
      () => engine.pattern(0),
      () => engine.setPattern(0, { offsets: new Float64Array(4), left: new Uint32Array() }),
      () => engine.weights(0),
      () => engine.setWeights(0, weights),
      () => engine.biases(0),
      () => engine.setBiases(0, new Int32Array(3)),
    ]) {
      expect(call).toThrow(closed);
    }
    await expect(engine.train(job)).rejects.toThrow(closed);
    await expect(engine.rewire({ share: 1, byGradient: false })).rejects.toThrow(closed);
    await expect(engine.predict({ inputs: row, count: 1, threads: 1 })).rejects.toThrow(closed);
    expect(engine.kernelSet).toBeTypeOf('string');
  });

  it('cannot be closed while a call runs', async () => {
    const engine = new EngineNetwork(spec);
    const training = engine.train(job);
    expect(() => engine.close()).toThrow(expect.objectContaining({ code: 'NETWORK_BUSY' }));
    await expect(training).resolves.toMatchObject({ examples: job.order.length });
    engine.close();
  });

  it('cannot be closed by a getter of the arguments that a call is reading', async () => {
    const engine = new EngineNetwork(spec);
    const busy = expect.objectContaining({ code: 'NETWORK_BUSY' });
    let attempts = 0;
    const closing = <T>(value: T) => ({
      enumerable: true,
      get() {
        attempts++;
        expect(() => engine.close()).toThrow(busy);
        return value;
      },
    });
    await engine.train(
      Object.defineProperty({ ...job, order: Uint32Array.of(0) }, 'threads', closing(1)) as typeof job,
    );
    const count = Object.defineProperty({ inputs: row, threads: 1 }, 'count', closing(1));
    await engine.predict(count as unknown as Parameters<EngineNetwork['predict']>[0]);
    const sparse = { values: row, indices: Uint32Array.of(0, 1, 2, 3), starts: Float64Array.of(0, 4) };
    engine.predictOne(Object.defineProperty({ ...sparse }, 'starts', closing(sparse.starts)));
    engine.learn(Object.defineProperty({ ...sparse }, 'starts', closing(sparse.starts)), 1, 0.01);
    expect(attempts).toBe(4);
    expect(engine.telemetry().inputs).toBe(2);
  });
});
