import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shortScope } from '../../../lib/base/process-identity.js';
import {
  type Dataset,
  type FitOptions,
  Network,
  type NetworkOptions,
  readCheckpoint,
  type TrainingRun,
} from '../../../lib/index.js';
import { expectRefusal } from '../../datasets/refusal.js';
import { byteClouds, clouds, plane, signs } from '../data.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sparse-train-checkpoint-'));
  file = join(folder, 'run.checkpoint');
});
afterEach(() => rm(folder, { recursive: true }));

/** The result of a run, without its times. */
function comparable({ epochs, stopped, examples, validation, best }: TrainingRun): object {
  const records = epochs.map(({ seconds: _, samplesPerSecond: __, ...record }) => record);
  return { records, stopped, examples, validation, best };
}

/** Starts fit() and stops it in the middle: when a first checkpoint has been written. */
async function stopped(
  network: Network,
  data: Dataset,
  options: FitOptions,
  resume = false,
): Promise<TrainingRun> {
  const abort = new AbortController();
  return network.fit(data, {
    ...options,
    checkpoint: { file, every: { seconds: 0.002 }, resume },
    onCheckpoint: () => abort.abort(),
    signal: abort.signal,
  });
}

const cases: [string, NetworkOptions, Dataset, FitOptions][] = [
  ['wide', { layers: [4, 60, 40, 3] }, clouds(3000), { validation: 0.1, threads: 2 }],
  ['bytes, sequential', { layers: [4, 60, 3], schedule: 'sequential' }, byteClouds(3000), {}],
  [
    'momentum, decay and class weights',
    { layers: [4, 90, 3], optimizer: { momentum: 0.9, weightDecay: 0.001 } },
    clouds(3000),
    { classWeights: [1, 2, 0.5] },
  ],
  [
    'regression',
    { layers: [3, 60, 2], output: 'linear', activation: 'tanh' },
    plane(3000),
    { validation: plane(300, 9) },
  ],
  ['several labels', { layers: [2, 60, 2], output: 'sigmoid', scaling: 'none' }, signs(3000), {}],
  [
    'float',
    { layers: [4, 60, 3], arithmetic: { kind: 'float' }, optimizer: { momentum: 0.9 } },
    clouds(3000),
    { earlyStopping: { patience: 2 }, validation: 0.2 },
  ],
  [
    'hardware',
    {
      layers: [4, 32, 3],
      arithmetic: { kind: 'hardware', width: 12, integerBits: 3 },
      activation: 'sigmoid',
    },
    byteClouds(3000),
    {},
  ],
];

describe('a training that was stopped', () => {
  it.each(cases)('ends with the very same network (%s)', async (_name, options, data, fit) => {
    const epochs = 6;
    const whole = new Network({ ...options, seed: 3 });
    const expected = await whole.fit(data, { ...fit, epochs });
    for (let stops = 0; stops < 4; stops++) {
      const run = await stopped(new Network({ ...options, seed: 3 }), data, { ...fit, epochs }, stops > 0);
      expect(run.checkpoint?.failed).toBe(0);
    }
    const network = new Network({ ...options, seed: 3 });
    const run = await network.fit(data, { ...fit, epochs, checkpoint: { file, resume: true } });
    expect(network.digest()).toBe(whole.digest());
    expect(comparable(run)).toEqual(comparable(expected));
    expect(network.training).toMatchObject({ epochs: expected.epochs.length, examples: expected.examples });
    expect(network.training.loss).toBe(whole.training.loss);
  });

  it('may resume with other threads, and the network can be used meanwhile', async () => {
    const data = clouds(4000);
    const options = { layers: [4, 200, 3] };
    const whole = new Network(options);
    await whole.fit(data, { epochs: 20 });
    const first = new Network(options);
    const run = await stopped(first, data, { epochs: 20 });
    expect(run).toMatchObject({ stopped: 'aborted', checkpoint: { failed: 0 } });
    expect(run.checkpoint?.written).toBeGreaterThan(0);
    expect(first.predict([50, 50, 50, 50])).toHaveLength(3);
    const second = new Network(options);
    const rest = await second.fit(data, { epochs: 20, threads: 3, checkpoint: { file, resume: true } });
    expect(rest.id).toBe(run.id);
    expect(rest.checkpoint?.resumedAt).toBe(run.examples);
    expect(second.digest()).toBe(whole.digest());
  });

  it('resumes where a callback threw', async () => {
    const data = clouds(1000);
    const options = { layers: [4, 30, 3] };
    const whole = new Network(options);
    await whole.fit(data, { epochs: 4 });
    const onEpoch = () => {
      throw new Error('no more');
    };
    const first = new Network(options).fit(data, { epochs: 4, checkpoint: { file }, onEpoch });
    await expect(first).rejects.toThrow('no more');
    const second = new Network(options);
    await second.fit(data, { epochs: 4, checkpoint: { file, resume: true } });
    expect(second.digest()).toBe(whole.digest());
  });

  it('on a stream resumes with the next example', async () => {
    const data = clouds(5000);
    const rows = function* (from: number) {
      const { inputs, targets } = data;
      if (targets.kind !== 'classes') throw new Error('clouds are classes');
      for (let i = from; i < data.rows; i++) yield { input: inputs.row(i), label: targets.labels[i] };
    };
    const options = { layers: [4, 60, 3] };
    const whole = new Network(options);
    await whole.fit(rows(0), { learningRate: 0.01 });
    const torn = function* () {
      let i = 0;
      for (const example of rows(0)) {
        if (i++ === 3333) throw new Error('the wire was cut');
        yield example;
      }
    };
    const first = new Network(options).fit(torn(), { learningRate: 0.01, checkpoint: { file } });
    await expect(first).rejects.toThrow('the wire was cut');
    const { examples } = await readCheckpoint(file);
    expect(examples).toBeGreaterThanOrEqual(1024);
    const second = new Network(options);
    const run = await second.fit(rows(examples), { learningRate: 0.01, checkpoint: { file, resume: true } });
    expect(run.examples).toBe(5000);
    expect(second.digest()).toBe(whole.digest());
  });

  it('notes in its log where it went on', async () => {
    const data = clouds(4000);
    const log = join(folder, 'run.jsonl');
    const options = { layers: [4, 200, 3] };
    await stopped(new Network(options), data, { epochs: 20, log });
    await new Network(options).fit(data, { epochs: 20, log, checkpoint: { file, resume: true } });
    const lines = (await readFile(log, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ type }) => type).join(' ')).toMatch(
      /^start (epoch |checkpoint )+end resume (epoch )+end$/,
    );
    expect(new Set(lines.map(({ run }) => run)).size).toBe(1);
  });
});

describe('checkpoints', () => {
  const data = clouds(1000);
  const make = () => new Network({ layers: [4, 30, 3] });

  it('are taken every few epochs, and the previous one is kept', async () => {
    const taken: number[] = [];
    const run = await make().fit(data, {
      epochs: 7,
      checkpoint: { file, every: { epochs: 2 } },
      onCheckpoint: ({ examples, error }) => {
        expect(error).toBeUndefined();
        taken.push(examples);
      },
    });
    expect(taken).toEqual([2000, 4000, 6000]);
    expect(run.checkpoint).toEqual({ file, written: 3, failed: 0, error: undefined, resumedAt: undefined });
    expect((await readdir(folder)).sort()).toEqual(['run.checkpoint', 'run.checkpoint.previous']);
    expect(await readCheckpoint(file)).toMatchObject({ run: run.id, epochs: 6, examples: 6000 });
    expect((await readCheckpoint(`${file}.previous`)).examples).toBe(4000);
  });

  it('are taken every few seconds, in the middle of epochs', async () => {
    // So many that even a busy machine looks at the clock within some of them.
    const epochs = 30;
    const network = new Network({ layers: [4, 300, 300, 3] });
    const whole = new Network({ layers: [4, 300, 300, 3] });
    await whole.fit(data, { epochs });
    const taken: number[] = [];
    await network.fit(data, {
      epochs,
      checkpoint: { file, every: { seconds: 0.005 } },
      onCheckpoint: ({ examples }) => taken.push(examples),
    });
    expect(taken.some((examples) => examples % 1000 !== 0)).toBe(true);
    expect(network.digest()).toBe(whole.digest());
    const resumed = new Network({ layers: [4, 300, 300, 3] });
    await resumed.fit(data, { epochs, checkpoint: { file, resume: true } });
    expect(resumed.digest()).toBe(whole.digest());
  });

  it.each(['cut off', 'changed', 'missing'])('that are %s are replaced by the one before', async (damage) => {
    const whole = make();
    const every = { epochs: 1 };
    await whole.fit(data, { epochs: 4, checkpoint: { file, every } });
    if (damage === 'cut off') await truncate(file, Math.floor((await stat(file)).size / 2));
    if (damage === 'missing') await rm(file);
    if (damage === 'changed') {
      const bytes = await readFile(file);
      const middle = bytes.length - 1000;
      bytes[middle] = (bytes[middle] as number) ^ 1;
      await writeFile(file, bytes);
    }
    const network = make();
    const run = await network.fit(data, { epochs: 4, checkpoint: { file, resume: true } });
    expect(run.checkpoint?.resumedAt).toBe(2000);
    expect(network.digest()).toBe(whole.digest());
    await rm(`${file}.previous`);
    if (damage === 'missing') return;
    await expectRefusal('INVALID_FILE', ['run.checkpoint', 'not a usable checkpoint'], () =>
      make().fit(data, { epochs: 4, checkpoint: { file, resume: true } }),
    );
  });

  it('of another training are refused, and the network stays as it was', async () => {
    await make().fit(data, { epochs: 3, checkpoint: { file, every: { epochs: 1 } } });
    const checkpoint = { file, resume: true };
    const refused: [string, string[], Network, Dataset, FitOptions][] = [
      ['INVALID_OPTION', ['epochs is 4', '3'], make(), data, { epochs: 4 }],
      ['INVALID_OPTION', ['shuffle'], make(), data, { epochs: 3, shuffle: false }],
      [
        'INVALID_OPTION',
        ['layers of the network', '[4,30,3]'],
        new Network({ layers: [4, 31, 3] }),
        data,
        { epochs: 3 },
      ],
      [
        'INVALID_OPTION',
        ['seed of the network'],
        new Network({ layers: [4, 30, 3], seed: 9 }),
        data,
        { epochs: 3, seed: 1 },
      ],
      ['INVALID_DATA', ['training data'], make(), clouds(1000, { seed: 2 }), { epochs: 3 }],
    ];
    for (const [code, says, network, examples, options] of refused) {
      const before = network.digest();
      await expectRefusal(code, says, () => network.fit(examples, { ...options, checkpoint }));
      expect(network.digest()).toBe(before);
    }
  });

  it('start from the beginning if there is none to resume', async () => {
    const whole = make();
    await whole.fit(data, { epochs: 2 });
    const network = make();
    const run = await network.fit(data, { epochs: 2, checkpoint: { file, resume: true } });
    expect(run.checkpoint?.resumedAt).toBeUndefined();
    expect(network.digest()).toBe(whole.digest());
  });

  it('need a folder, and take the place of nothing but a checkpoint', async () => {
    const nowhere = join(folder, 'missing', 'run.checkpoint');
    await expectRefusal('FILE_NOT_FOUND', ['there is no folder'], () =>
      make().fit(data, { checkpoint: { file: nowhere } }),
    );
    await writeFile(file, 'my notes');
    await expectRefusal('FILE_ACCESS', ['not a checkpoint'], () =>
      make().fit(data, { checkpoint: { file } }),
    );
    expect(await readFile(file, 'utf8')).toBe('my notes');
  });

  it.runIf(process.platform === 'linux')('are refused in a folder that is read-only', async () => {
    // Root cannot write there either, unlike in a folder without write permission.
    await expectRefusal('FILE_ACCESS', ['run.checkpoint'], () =>
      make().fit(data, { checkpoint: { file: '/sys/kernel/run.checkpoint' } }),
    );
  });

  it('remove what a killed process has left of one', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    const left = `${shortScope()}-${pid}-01234567.tmp`;
    await writeFile(join(folder, `.run.checkpoint.${left}`), 'half of');
    await writeFile(join(folder, `.other.checkpoint.${left}`), 'half of');
    await make().fit(data, { epochs: 1, checkpoint: { file } });
    expect(await readdir(folder)).toEqual([`.other.checkpoint.${left}`]);
  });

  it('refuse options that say nothing', async () => {
    const wrong: unknown[] = [
      'run.checkpoint',
      {},
      { file: '' },
      { file, every: 5 },
      { file, every: {} },
      { file, every: { seconds: 0 } },
      { file, every: { epochs: 0.5 } },
      { file, every: { seconds: 1, epochs: 1 } },
      { file, resume: 'yes' },
    ];
    for (const checkpoint of wrong)
      await expectRefusal('INVALID_OPTION', ['checkpoint'], () =>
        make().fit(data, { checkpoint: checkpoint as never }),
      );
    await expectRefusal('UNKNOWN_OPTION', ['fiel'], () =>
      make().fit(data, { checkpoint: { fiel: file } as never }),
    );
  });
});
