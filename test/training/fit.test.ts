import { describe, expect, it } from 'vitest';
import { native } from '../../lib/engine/native.js';
import {
  Dataset,
  type EpochRecord,
  type FitOptions,
  Network,
  type NetworkOptions,
  type TrainingProgress,
} from '../../lib/index.js';
import type { KernelSet } from '../../lib/public/types.js';
import { expectRefusal } from '../datasets/refusal.js';
import { byteClouds, clouds, plane, signs } from './data.js';

const test = clouds(500, { seed: 99 });

describe('fit learns', () => {
  it.each<[string, Omit<NetworkOptions, 'layers'>]>([
    ['with the defaults', {}],
    ['sparsely', { density: [0.5, 1] }],
    ['sequentially', { schedule: 'sequential' }],
    ['with momentum and decay', { optimizer: { momentum: 0.9, weightDecay: 0.001 } }],
    ['with rounding to nearest', { arithmetic: { kind: 'wide', rounding: 'nearest' } }],
    ['in 8 bits', { arithmetic: { kind: 'wide', weightBits: 8 } }],
    ['in floating point', { arithmetic: { kind: 'float' } }],
    ['with tanh', { activation: 'tanh' }],
    ['with inputs scaled to 0..1', { scaling: 'minmax' }],
  ])('classes, %s', async (_, options) => {
    const network = new Network({ layers: [4, 32, 3], ...options });
    const run = await network.fit(clouds(1500), { epochs: 4, validation: test });
    expect(run.validation).toMatchObject({ kind: 'classification', examples: 500 });
    expect((run.validation as { accuracy: number }).accuracy).toBeGreaterThan(0.97);
    expect(network.classes).toEqual(['red', 'green', 'blue']);
  });

  it('classes of bytes, without copying or scaling them', async () => {
    const network = new Network({ layers: [4, 32, 3] });
    await network.fit(byteClouds(1500), { epochs: 5, learningRate: 0.02 });
    expect(await network.evaluate(byteClouds(500, 99))).toMatchObject({ kind: 'classification' });
    expect(((await network.evaluate(byteClouds(500, 99))) as { accuracy: number }).accuracy).toBeGreaterThan(
      0.9,
    );
  });

  it('several labels per example', async () => {
    const network = new Network({ layers: [2, 32, 2], output: 'sigmoid' });
    const run = await network.fit(signs(3000), { epochs: 8, validation: signs(500, 9) });
    expect(run.validation).toMatchObject({ kind: 'multilabel' });
    expect((run.validation as { accuracy: number }).accuracy).toBeGreaterThan(0.95);
    expect(network.classes).toEqual(['first', 'second']);
  });

  it('yes or no with one sigmoid', async () => {
    const two = (rows: number, seed: number) => {
      const { inputs, targets } = clouds(rows, { seed });
      const labels = targets.kind === 'classes' ? targets.labels.map((label) => Math.min(1, label)) : [];
      return Dataset.from({ inputs, labels, classes: ['red', 'other'] });
    };
    const network = new Network({ layers: [4, 16, 1], output: 'sigmoid' });
    await network.fit(two(1500, 1));
    const metrics = await network.evaluate(two(500, 2));
    expect(metrics).toMatchObject({ kind: 'classification', perClass: [{ name: 'red' }, { name: 'other' }] });
    expect((metrics as { accuracy: number }).accuracy).toBeGreaterThan(0.97);
    expect(network.classes).toEqual(['other']);
  });

  it('numbers of any size, in their own unit', async () => {
    const network = new Network({ layers: [3, 64, 2], output: 'linear' });
    const run = await network.fit(plane(3000), { epochs: 10, validation: plane(500, 9) });
    expect(run.validation).toMatchObject({ kind: 'regression' });
    const { perOutput } = run.validation as { perOutput: { name: string; r2: number; rmse: number }[] };
    expect(perOutput.map(({ name }) => name)).toEqual(['big', 'small']);
    for (const { r2 } of perOutput) expect(r2).toBeGreaterThan(0.97);
    expect(perOutput[0]?.rmse).toBeLessThan(4);
    expect(perOutput[1]?.rmse).toBeLessThan(0.0002);
    const [big, small] = network.predict([100, 0, 0]);
    expect(big).toBeCloseTo(1000, -1);
    expect(small).toBeCloseTo(0, 3);
  });

  it('rare classes better when they weigh more', async () => {
    const { inputs, targets } = clouds(1500, { features: 4 });
    if (targets.kind !== 'classes') throw new Error();
    const common = [...targets.labels.keys()].filter((i) => targets.labels[i] !== 0 || i % 50 === 0);
    const data = Dataset.from({ inputs, labels: targets.labels, classes: targets.classes }).subset(common);
    const recall = async (options: FitOptions) => {
      const network = new Network({ layers: [4, 8, 3] });
      await network.fit(data, { epochs: 1, learningRate: 0.002, ...options });
      const metrics = await network.evaluate(test);
      return metrics.kind === 'classification' ? (metrics.perClass[0]?.recall ?? 0) : 0;
    };
    const balanced = await recall({ classWeights: 'balanced' });
    expect(balanced).toBeGreaterThan(await recall({}));
    expect(await recall({ classWeights: [0, 1, 1] })).toBeLessThan(0.1);
  });
});

describe('fit is repeatable', () => {
  const data = clouds(400);
  async function digest(network: Omit<NetworkOptions, 'layers'>, fit: FitOptions = {}): Promise<string> {
    const made = new Network({ layers: [4, 40, 24, 3], density: [0.5, 0.6, 1], ...network });
    await made.fit(data, { epochs: 2, ...fit });
    return made.digest();
  }

  it('by seed', async () => {
    expect(await digest({ seed: 3 })).toBe(await digest({ seed: 3 }));
    expect(await digest({ seed: 3 })).not.toBe(await digest({ seed: 4 }));
    expect(await digest({}, { seed: 7 })).not.toBe(await digest({}));
  });

  it('for every thread count and kernel set', async () => {
    const chosen = native().currentKernelSet();
    const network = { optimizer: { weightDecay: 0.0001 } };
    const expected = await digest(network);
    try {
      for (const set of native().kernelSets()) {
        native().useKernelSet(set as KernelSet);
        for (const threads of [1, 2, 3]) expect(await digest(network, { threads })).toBe(expected);
      }
    } finally {
      native().useKernelSet(chosen);
    }
  });

  it('whether it is done in one call or several', async () => {
    const once = new Network({ layers: [4, 16, 3] });
    await once.fit(data, { epochs: 3, learningRate: 0.01 });
    const thrice = new Network({ layers: [4, 16, 3] });
    for (let i = 0; i < 3; i++) await thrice.fit(data, { epochs: 1, learningRate: 0.01 });
    expect(thrice.digest()).toBe(once.digest());
  });

  it('whether anybody watches or not', async () => {
    const plain = await digest({});
    const watched = new Network({ layers: [4, 40, 24, 3], density: [0.5, 0.6, 1] });
    await watched.fit(data, {
      epochs: 2,
      validation: test,
      onProgress: () => undefined,
      onEpoch: async () => {
        watched.digest();
        await watched.predictBatch(data.inputs);
        watched.predict(data.inputs.row(0));
      },
    });
    expect(watched.digest()).toBe(plain);
  });

  it('and shuffles unless shuffling is off', async () => {
    expect(await digest({}, { shuffle: false })).not.toBe(await digest({}));
    expect(await digest({}, { shuffle: false, seed: 9 })).toBe(await digest({}, { shuffle: false }));
  });
});

describe('fit reports', () => {
  it('every epoch and the whole run', async () => {
    const network = new Network({ layers: [4, 16, 3] });
    const seen: EpochRecord[] = [];
    const learningRate = { kind: 'exponential', rate: 0.02, factor: 0.5 } as const;
    const data = clouds(300);
    const run = await network.fit(data, {
      epochs: 3,
      learningRate,
      validation: 0.2,
      onEpoch: (record) => void seen.push(record),
    });
    expect(run.epochs).toEqual(seen);
    expect(run).toMatchObject({ stopped: 'finished', examples: 720, threads: 1, seed: 1, best: undefined });
    expect(run.kernelSet).toBe(network.kernelSet);
    expect(run.samplesPerSecond).toBeCloseTo(run.examples / run.trainSeconds);
    expect(run.seconds).toBeGreaterThanOrEqual(run.trainSeconds);
    expect(
      seen.map(({ epoch, examples, complete, learningRate: rate }) => ({ epoch, examples, complete, rate })),
    ).toEqual([
      { epoch: 1, examples: 240, complete: true, rate: 0.02 },
      { epoch: 2, examples: 240, complete: true, rate: 0.01 },
      { epoch: 3, examples: 240, complete: true, rate: 0.005 },
    ]);
    expect(Object.keys(seen[0]?.validation ?? {})).toEqual(['loss', 'accuracy', 'macroF1']);
    expect(seen[2]?.loss).toBeLessThan(seen[0]?.loss ?? 0);
    expect(seen[2]?.accuracy).toBeGreaterThan(0.9);
    expect(seen[0]?.saturation.deltasClipped).toHaveLength(2);
    expect(network.training).toMatchObject({ epochs: 3, examples: 720, validation: seen[2]?.validation });
    expect(await network.evaluate(data.split(0.2)[1])).toEqual(run.validation);
  });

  it('progress about ten times a second, and at the end of every epoch', async () => {
    const network = new Network({ layers: [4, 256, 256, 3] });
    const reports: TrainingProgress[] = [];
    const began = performance.now();
    const run = await network.fit(clouds(1000), {
      epochs: 4,
      onProgress: (progress) => void reports.push(progress),
    });
    const tenths = (performance.now() - began) / 100;
    expect(reports.length).toBeGreaterThanOrEqual(4);
    expect(reports.length).toBeLessThanOrEqual(tenths + 5);
    expect(reports.at(-1)).toMatchObject({
      epoch: 4,
      epochs: 4,
      examples: 1000,
      examplesPerEpoch: 1000,
      fraction: 1,
    });
    expect(reports.at(-1)?.loss).toBeCloseTo(run.epochs[3]?.loss ?? 0);
    expect(reports.at(-1)?.accuracy).toBe(run.epochs[3]?.accuracy);
    const atEnds = reports.filter(({ examples }) => examples === 1000).map(({ fraction }) => fraction);
    expect(new Set(atEnds)).toEqual(new Set([0.25, 0.5, 0.75, 1]));
    for (let i = 1; i < reports.length; i++) {
      expect(reports[i]?.fraction).toBeGreaterThanOrEqual(reports[i - 1]?.fraction ?? 0);
    }
  });
});

describe('fit refuses data that does not fit:', () => {
  const network = () => new Network({ layers: [4, 8, 3] });
  const refuse = (data: unknown, ...parts: string[]) =>
    expectRefusal('INVALID_DATA', parts, () => network().fit(data as Dataset));

  it('other features in the validation of a stream', () =>
    expectRefusal('INVALID_DATA', ['5 features', '4 neurons'], () =>
      network().fit([{ input: new Float32Array(4), label: 0 }], { validation: clouds(10, { features: 5 }) }),
    ));

  it('other features', () => refuse(clouds(10, { features: 5 }), '5 features', '4 neurons'));

  it('another kind of targets', async () => {
    const inputs = new Float32Array(8);
    await refuse(
      Dataset.from({ inputs, columns: 4, values: [1, 2] }),
      "'softmax'",
      'numbers',
      "output: 'linear'",
    );
    await refuse(Dataset.from({ inputs, columns: 4, multilabel: [1, 0] }), "output: 'sigmoid'");
  });

  it('more classes than outputs, or fewer', async () => {
    const inputs = new Float32Array(8);
    await refuse(Dataset.from({ inputs, columns: 4, labels: [0, 3] }), '4 classes', '3 neurons');
    await refuse(Dataset.from({ inputs, columns: 4, labels: ['a', 'b'] }), '2 classes', '3 neurons');
  });

  it('classes of other names than those learned first', async () => {
    const trained = network();
    await trained.fit(clouds(50));
    const other = clouds(50, { classes: ['red', 'blue', 'green'] });
    await expectRefusal('INVALID_DATA', ['class 1', '"green"', '"blue"'], () => trained.fit(other));
    await expectRefusal('INVALID_DATA', ['class 1'], () => trained.evaluate(other));
  });

  it('validation data that does not fit', () =>
    expectRefusal('INVALID_DATA', ['5 features'], () =>
      network().fit(clouds(10), { validation: clouds(10, { features: 5 }) }),
    ));

  it('and leaves the network as it was', async () => {
    const same = network();
    const before = same.digest();
    await expectRefusal('INVALID_DATA', [], () => same.fit(clouds(10, { features: 5 })));
    expect(same.digest()).toBe(before);
    expect(same.scaling).toBeUndefined();
    expect(same.classes).toBeUndefined();
  });

  it('but labels without names may lack the last classes', async () => {
    const lacking = network();
    await lacking.fit(Dataset.from({ inputs: new Float32Array(8), columns: 4, labels: [0, 1] }), {
      epochs: 1,
    });
    expect(lacking.classes).toEqual(['0', '1', '2']);
  });
});
