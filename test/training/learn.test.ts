import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../lib/formats/csv/read.js';
import { Network } from '../../lib/index.js';
import { expectRefusal } from '../datasets/refusal.js';
import { byteClouds, clouds, plane, signs } from './data.js';

describe('learn', () => {
  it('one by one equals fit in the same order', async () => {
    for (const schedule of ['pipelined', 'sequential'] as const) {
      const data = byteClouds(500);
      const options = { layers: [4, 24, 3], schedule, learningRate: 0.02 } as const;
      const fitted = new Network(options);
      await fitted.fit(data, { epochs: 1, shuffle: false, learningRate: 0.02 });
      const online = new Network(options);
      const labels = data.targets.kind === 'classes' ? data.targets.labels : [];
      for (let i = 0; i < data.rows; i++) online.learn(data.inputs.row(i), labels[i] as number);
      expect(online.digest()).toBe(fitted.digest());
    }
  });

  it('continues after a fit, in the unit of its data', async () => {
    const data = clouds(1000);
    const network = new Network({ layers: [4, 24, 3] });
    await network.fit(data, { epochs: 1 });
    const { inputs, targets } = clouds(1000, { seed: 3 });
    const labels = targets.kind === 'classes' ? targets.labels : [];
    for (let i = 0; i < inputs.rows; i++) network.learn(inputs.row(i), labels[i] as number);
    const metrics = await network.evaluate(clouds(500, { seed: 4 }));
    expect((metrics as { accuracy: number }).accuracy).toBeGreaterThan(0.97);
  });

  it('knows classes by name once they have names', async () => {
    const network = new Network({ layers: [4, 8, 3] });
    await expectRefusal('INVALID_DATA', ['"green"', 'option classes'], () =>
      network.learn([1, 2, 3, 4], 'green'),
    );
    await network.fit(clouds(100), { epochs: 1 });
    const byName = new Network({ layers: [4, 8, 3], classes: ['red', 'green', 'blue'] });
    const byIndex = new Network({ layers: [4, 8, 3] });
    byName.learn([1, 2, 3, 4], 'green');
    byIndex.learn([1, 2, 3, 4], 1);
    expect(byName.digest()).toBe(byIndex.digest());
    await expectRefusal('INVALID_DATA', ['"gren"', 'did you mean "green"?'], () =>
      byName.learn([1, 2, 3, 4], 'gren'),
    );
  });

  it('takes labels of 0 and 1 and numbers in their unit', async () => {
    const labels = new Network({ layers: [2, 16, 2], output: 'sigmoid', learningRate: 0.05 });
    const data = signs(4000);
    const marks = data.targets.kind === 'multilabel' ? data.targets.data : [];
    for (let i = 0; i < data.rows; i++)
      labels.learn(data.inputs.row(i), [marks[2 * i] as number, marks[2 * i + 1] === 1 ? 1 : 0]);
    expect(((await labels.evaluate(signs(500, 2))) as { accuracy: number }).accuracy).toBeGreaterThan(0.9);

    const values = new Network({ layers: [3, 32, 2], output: 'linear' });
    await values.fit(plane(200), { epochs: 1 });
    const { inputs, targets } = plane(4000, 2);
    const numbers = targets.kind === 'values' ? targets.data : new Float64Array();
    const before = (await values.evaluate(plane(300, 5))) as { r2: number };
    for (let i = 0; i < inputs.rows; i++) values.learn(inputs.row(i), numbers.subarray(2 * i, 2 * i + 2));
    values.flush();
    const after = (await values.evaluate(plane(300, 5))) as { r2: number };
    expect(after.r2).toBeGreaterThan(before.r2);
    expect(after.r2).toBeGreaterThan(0.9);
  });

  it('takes yes and no', () => {
    const network = new Network({ layers: [1, 1], output: 'sigmoid', learningRate: 0.2 });
    for (let i = 0; i < 200; i++) {
      network.learn([1], true);
      network.learn([-1], 0);
    }
    expect(network.classify([1])).toBe(1);
    expect(network.classify([-1])).toBe(0);
  });

  it('has a rate that can be set', async () => {
    const network = new Network({ layers: [4, 3] });
    expect(network.learningRate).toBe(0.01);
    network.learningRate = 0.002;
    expect(network.learningRate).toBe(0.002);
    const set = (rate: unknown) => () => {
      network.learningRate = rate as number;
    };
    await expectRefusal('INVALID_OPTION', ['learningRate', 'above 0', 'is 0'], set(0));
    await expectRefusal('INVALID_OPTION', ['at most 0.25'], set(0.26));
    await expectRefusal('INVALID_OPTION', ['"fast"'], set('fast'));
    network.learningRate = 0.25;
    network.learn([1, 1, 1, 1], 0);
  });

  it('refuses what is not an example', async () => {
    const network = new Network({ layers: [2, 3] });
    const refuse = (input: unknown, target: unknown, ...parts: string[]) =>
      expectRefusal('INVALID_DATA', parts, () => network.learn(input as number[], target as number));
    await refuse([1], 0, '2 numbers', 'has 1');
    await refuse(new Float32Array(3), 0, 'input');
    await refuse([1, 2], 3, 'label must be from 0 to 2');
    await refuse([1, 2], -1, 'label');
    await refuse([1, 2], 0.5, 'label');
    await refuse([1, 2], undefined, 'label', 'undefined');
    await refuse([1, 2], [1, 0, 0], 'label', 'an array of 3');
    const labels = new Network({ layers: [2, 2], output: 'sigmoid' });
    const wrong = (target: unknown) => () => labels.learn([1, 2], target as number);
    await expectRefusal('INVALID_DATA', ['array of 2', 'is 1'], wrong(1));
    await expectRefusal('INVALID_DATA', ['target 1', '0 or 1', 'is 2'], wrong([0, 2]));
    await expectRefusal('INVALID_DATA', ['2 numbers', 'has 1'], wrong([0]));
  });
});

describe('a number as a label where the names of classes are numbers', () => {
  const network = () => new Network({ layers: [2, 4, 3], classes: ['1', '2', '3'] });

  it('is refused, because it could be a name or a place', async () => {
    expect(() => network().learn([0, 1], 1)).toThrow(
      "the label 1 could be the name of a class or its place, because the names are numbers ('1', '2', '3'); " +
        "give the name as a text, such as '1'; network.classes[1] is the one at that place",
    );
    await expect(network().fit([{ input: [0, 1], label: 1 }])).rejects.toThrow(
      'example 1 of the stream: the label 1 could be the name',
    );
  });

  it('is refused also after fit() has given the names', async () => {
    const named = new Network({ layers: [1, 4, 2] });
    named.learn([0], 1);
    const rows = Array.from({ length: 10 }, (_, i) => `${i},${5 + (i % 2)}`);
    await named.fit(parseCsv(`x,y\n${rows.join('\n')}`, { task: 'classify' }).dataset, { epochs: 1 });
    expect(() => named.learn([0], 1)).toThrow("('5', '6')");
  });

  it('is a place where names are the places, or words; texts are names', () => {
    for (const classes of [
      ['0', '1', '2'],
      ['a', 'b', 'c'],
      ['1', '2', 'x'],
    ])
      new Network({ layers: [2, 4, 3], classes }).learn([0, 1], 1);
    const [byName, byPlace] = [network(), new Network({ layers: [2, 4, 3], classes: ['a', 'b', 'c'] })];
    byName.learn([0, 1], '2');
    byPlace.learn([0, 1], 1);
    expect(byName.digest()).toBe(byPlace.digest());
  });
});
