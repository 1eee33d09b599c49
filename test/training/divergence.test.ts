import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Dataset, Network } from '../../lib/index.js';
import { runHere, workFolder } from '../cli/run.js';

const folder = workFolder();
const at = (name: string) => join(folder(), name);

/** y = x + 2 with numbers that are not scaled. */
const inputs = Float64Array.from({ length: 48 }, (_, i) => (i % 24) + 1);
const line = Dataset.from({ inputs, values: inputs.map((x) => x + 2), columns: 1 });
/** The same with one input that makes the weights grow beyond all bounds, although errors are clipped. */
const beyond = Dataset.from({
  inputs: inputs.map((x, i) => (i === 7 ? 1e30 : x)),
  values: inputs.map((x) => x + 2),
  columns: 1,
});
const make = () =>
  new Network({
    layers: [1, 16, 1],
    output: 'linear',
    arithmetic: { kind: 'float' },
    scaling: 'none',
    seed: 2,
  });
const diverged = expect.objectContaining({ code: 'DIVERGED' });

function hasFinite(network: Network): boolean {
  return [0, 1].every((j) =>
    [...network.junction(j).weights(), ...network.junction(j).biases()].every(Number.isFinite),
  );
}

describe('weights of the float arithmetic that stop being finite', () => {
  it('end fit() with an error, and the network as it was after the last good epoch', async () => {
    const network = make();
    await network.fit(line, { epochs: 2, learningRate: 0.0001 });
    const [before, training] = [network.digest(), network.training];
    await expect(network.fit(beyond, { epochs: 3, learningRate: 0.01 })).rejects.toThrow(diverged);
    expect(hasFinite(network)).toBe(true);
    expect(network.digest()).toBe(before);
    expect(network.training).toEqual(training);
    // Training continues from there as if nothing had happened.
    const other = make();
    await other.fit(line, { epochs: 2, learningRate: 0.0001 });
    await other.fit(line, { epochs: 1, learningRate: 0.0001 });
    await network.fit(line, { epochs: 1, learningRate: 0.0001 });
    expect(network.digest()).toBe(other.digest());
  });

  it('keep the epochs before the one in which they grew', async () => {
    const own = inputs.slice();
    const data = Dataset.from({ inputs: own, values: inputs.map((x) => x + 2), columns: 1 });
    const network = make();
    const fitting = network.fit(data, {
      epochs: 3,
      learningRate: 0.0001,
      onEpoch: () => {
        own[7] = 1e30;
      },
    });
    await expect(fitting).rejects.toThrow('the network is again as it was after 48 examples');
    const other = make();
    await other.fit(line, { epochs: 1, learningRate: 0.0001 });
    expect(network.digest()).toBe(other.digest());
    expect(network.training).toMatchObject({ epochs: 1, examples: 48 });
  });

  it('end a stream, too', async () => {
    const network = make();
    const stream = (function* () {
      for (let i = 0; ; i++) yield { input: [i % 24 === 7 ? 1e30 : i % 24], target: i % 24 };
    })();
    await expect(network.fit(stream, { learningRate: 0.01 })).rejects.toThrow(diverged);
    expect(hasFinite(network)).toBe(true);
  });

  it('end learn() with an error soon', () => {
    const network = make();
    network.learningRate = 0.01;
    expect(() => {
      for (let i = 0; i < 10_000; i++) network.learn([i % 24 === 7 ? 1e30 : i % 24], i % 24);
    }).toThrow(diverged);
    expect(network.training.learned).toBeLessThan(1000);
  });

  it('leave no checkpoint that is not finite', async () => {
    const network = make();
    const file = at('run.checkpoint');
    const checkpoint = { file, every: { epochs: 1 } as never };
    await expect(network.fit(beyond, { epochs: 3, learningRate: 0.01, checkpoint })).rejects.toThrow(
      diverged,
    );
    expect(existsSync(file)).toBe(false);
  });

  it('do not come about by extreme rows of a table, because errors are clipped as in integers', async () => {
    // The first row is so far away that one step at the usual rate changes its own prediction the wrong way.
    const many = Float64Array.from({ length: 1000 }, (_, i) => (i === 0 ? 300 : (i * 37) % 101));
    const x = many.map((value, i) => (i === 0 ? 30_000 : value));
    const data = Dataset.from({ inputs: x, values: many.map((value) => 3 * value), columns: 1 });
    const network = new Network({
      layers: [1, 128, 1],
      output: 'linear',
      arithmetic: { kind: 'float' },
      scaling: 'standard',
    });
    await network.fit(data, { epochs: 5 });
    expect(Number.isFinite((await network.evaluate(data)).loss)).toBe(true);
  });

  it('do not concern a training that goes well', async () => {
    const network = make();
    const run = await network.fit(line, { epochs: 5, learningRate: 0.0001 });
    expect(run.epochs).toHaveLength(5);
    network.learningRate = 0.0001;
    for (let i = 0; i < 1000; i++) network.learn([(i % 24) + 1], (i % 24) + 3);
  });

  it('give the command line exit status 1 and keep the model that was there', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => `${i},${(i * 7) % 5},${i * 3 + 0.5}`);
    await writeFile(at('line.csv'), `x,z,y\n${rows.join('\n')}\n`);
    const out = at('line.safetensors');
    const words = ['train', '--arithmetic', 'float', '--out', out, '--layers', '16'];
    const good = await runHere([...words, '--epochs', '2', '--quiet', '--data', at('line.csv')]);
    expect(good.status).toBe(0);
    const before = (await Network.load(out)).digest();
    // Batches, as online training clips errors, and far too high a rate, as scaling bends extreme values.
    const high = ['--learning-rate', '1', '--momentum', '0.9', '--batch-size', '4'];
    const bad = await runHere([...words, ...high, '--epochs', '5', '--data', at('line.csv')]);
    expect(bad.status).toBe(1);
    expect(bad.stderr).toContain('error: training diverged');
    expect(bad.stderr).toContain('lower --learning-rate');
    expect((await Network.load(out)).digest()).toBe(before);
  });
});
