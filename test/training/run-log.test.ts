import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Network } from '../../lib/index.js';
import { clouds } from './data.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sparse-train-'));
  file = join(folder, 'run.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const data = clouds(100);
const lines = async () =>
  (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('the run log', () => {
  it('has a line at the start, one for each epoch and one at the end', async () => {
    const network = new Network({ layers: [4, 8, 3], seed: 5 });
    const run = await network.fit(data, { epochs: 2, validation: 0.1, log: file });
    const [start, first, second, end, ...more] = await lines();
    expect(more).toEqual([]);
    expect(start).toMatchObject({
      type: 'start',
      run: run.id,
      network: {
        layers: [4, 8, 3],
        output: 'softmax',
        seed: 5,
        arithmetic: { kind: 'wide', weightBits: 16 },
      },
      edges: [32, 24],
      fit: {
        epochs: 2,
        batchSize: 1,
        threads: 1,
        seed: 5,
        shuffle: true,
        validation: 0.1,
        learningRate: { kind: 'cosine' },
      },
      data: { kind: 'dataset', rows: 90, validationRows: 10, features: 4, outputs: 3 },
      kernelSet: network.kernelSet,
      machine: { platform: process.platform, arch: process.arch, node: process.version },
    });
    expect(start.machine.cores).toBeGreaterThan(0);
    expect(first).toMatchObject({ type: 'epoch', run: run.id, ...run.epochs[0] });
    expect(second).toMatchObject({ type: 'epoch', epoch: 2, complete: true });
    expect(end).toMatchObject({ type: 'end', run: run.id, stopped: 'finished', epochs: 2, examples: 180 });
    expect(end.digest).toBe(network.digest());
    expect(end.validation.accuracy).toBeGreaterThan(0);
    for (const { time } of [start, first, end]) expect(Date.parse(time)).toBeGreaterThan(0);
  });

  it('has what its caller says of the run', async () => {
    const network = new Network({ layers: [4, 8, 3] });
    const logContext = { command: ['my-program', '--fast'], nested: { list: [1, null] } };
    await network.fit(data, { epochs: 1, log: file, logContext });
    expect((await lines())[0].context).toEqual(logContext);
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    for (const wrong of [cyclic, { big: 1n }, [1], 'text']) {
      await expect(network.fit(data, { logContext: wrong as never })).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('logContext'),
      });
    }
  });

  it('is continued by later runs, also behind a torn line', async () => {
    const network = new Network({ layers: [4, 8, 3] });
    await network.fit(data, { epochs: 1, log: file });
    await appendFile(file, '{"type":"epoch","ru');
    await network.fit(data, { epochs: 1, log: file });
    const text = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(text).toHaveLength(7);
    expect(text.filter((_, i) => i !== 3).map((line) => JSON.parse(line).type)).toEqual([
      'start',
      'epoch',
      'end',
      'start',
      'epoch',
      'end',
    ]);
  });

  it('tells how a run failed or was aborted', async () => {
    const network = new Network({ layers: [4, 8, 3] });
    const onEpoch = () => {
      throw new Error('enough');
    };
    await expect(network.fit(data, { log: file, onEpoch })).rejects.toThrow('enough');
    await network.fit(data, { log: file, signal: AbortSignal.abort() });
    const all = await lines();
    expect(all.filter(({ type }) => type === 'end')).toMatchObject([
      { stopped: 'failed', error: 'enough', epochs: 1, examples: 100 },
      { stopped: 'aborted', epochs: 0, examples: 0 },
    ]);
  });

  it('has one epoch for a stream', async () => {
    const network = new Network({ layers: [4, 8, 3] });
    await network.fit([{ input: [1, 2, 3, 4], label: 0 }], { log: file });
    expect(await lines()).toMatchObject([
      { type: 'start', data: { kind: 'stream' } },
      { type: 'epoch', examples: 1 },
      { type: 'end', examples: 1 },
    ]);
  });
});
