import { describe, expect, it } from 'vitest';
import { Dataset } from '../../lib/index.js';
import { createStudy, type TrialRecord, type TrialResult } from '../../lib/public/search.js';
import { studyReport } from '../../lib/report/html/study-report.js';
import { Space } from '../../lib/search/space/space.js';
import { PaddedData, type TrialData } from '../../lib/search/trial/data.js';
import { runTrial } from '../../lib/search/trial/run-trial.js';
import type { TrialTask } from '../../lib/search/trial/task.js';
import { studyText } from '../../lib/terminal/study-text.js';
import { expectRefusal } from '../datasets/refusal.js';

/** Points inside and outside a circle, with some wrong labels. */
const dataset = (from: number, count: number) => {
  const points = Array.from({ length: count }, (_, i) => [
    Math.sin(3.7 * (from + i)),
    Math.cos(9.1 * (from + i)),
  ]);
  const labels = points.map(([x = 0, y = 0], i) => Number(x * x + y * y > 0.8 !== (i % 9 === 0)));
  return Dataset.from({ inputs: Float64Array.from(points.flat()), columns: 2, labels });
};
const DATA: TrialData = {
  train: dataset(0, 60),
  validation: dataset(60, 40),
  test: dataset(100, 40),
  checksum: '',
  remarks: [],
};
const TASK: TrialTask = {
  study: 's',
  release: '1',
  number: 0,
  seed: 5,
  network: { layers: [2, 4, 2] },
  fit: { epochs: 4 },
  data: { name: 'x', validation: 0.1 },
  checksum: '',
  budget: {},
  measures: ['accuracy'],
  epochMeasure: 'loss',
  prunes: false,
};
type Trained = TrialResult & { curve: readonly number[]; values: Readonly<Record<string, number>> };
const train = (task: Partial<TrialTask>, control = {}) =>
  runTrial({ ...TASK, ...task }, new PaddedData(DATA), control) as Promise<Trained>;
const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

describe('a trial that is repeated', () => {
  /** The trainings that make up a trial with three repeats. */
  const single = () => Promise.all([0, 1, 2].map((i) => train({ seed: 5 + i * 1_000_000 })));

  it('has the means of trainings with different seeds, and their deviations', async () => {
    const alone = await single();
    expect(new Set(alone.map(({ digest }) => digest)).size).toBe(3);
    const { values, curve, digest } = await train({ repeats: 3 });
    for (const name of ['loss', 'accuracy', 'test.loss']) {
      const each = alone.map((trial) => trial.values[name] as number);
      expect(values[name]).toBe(mean(each));
      const squares = each.map((value) => (value - mean(each)) ** 2);
      expect(values[`${name}.deviation`]).toBeCloseTo(Math.sqrt((3 * mean(squares)) / 2), 12);
    }
    expect(curve).toEqual(
      [0, 1, 2, 3].map((epoch) => mean(alone.map((trial) => trial.curve[epoch] as number))),
    );
    expect(digest).toBe(alone[0]?.digest);
    expect(values.edges).toBe(16);
    expect(values).not.toHaveProperty(['edges.deviation']);
  });

  it('shows the mean of every epoch to the pruner, and trains as without one', async () => {
    const alone = await train({ repeats: 3 });
    const seen: number[] = [];
    const onEpoch = async (_: number, value: number) => {
      seen.push(value);
      return 'continue' as const;
    };
    const pruned = await train({ repeats: 3, prunes: true }, { onEpoch });
    expect(seen).toEqual(alone.curve);
    const { seconds: _s, trainSeconds: _t, ...values } = pruned.values;
    expect(alone.values).toMatchObject(values);
    expect(pruned).toMatchObject({ state: 'complete', digest: alone.digest, curve: alone.curve });
  });

  it('ends with all its trainings where the pruner says so', async () => {
    const onEpoch = async (epoch: number) => (epoch === 2 ? ('prune' as const) : ('continue' as const));
    const result = await train({ repeats: 3, prunes: true }, { onEpoch });
    expect(result.state).toBe('pruned');
    expect(result.curve).toHaveLength(2);
  });

  it('goes on with the others where one training stops early', async () => {
    const fit = {
      epochs: 12,
      earlyStopping: { patience: 1 },
      learningRate: { kind: 'constant', rate: 0.0625 },
    };
    const alone = await Promise.all([0, 1, 2].map((i) => train({ fit, seed: 5 + i * 1_000_000 })));
    const lengths = alone.map(({ curve }) => curve.length);
    expect(new Set(lengths).size).toBeGreaterThan(1);
    const expected = Array.from({ length: Math.max(...lengths) }, (_, epoch) =>
      mean(alone.map(({ curve }) => curve[Math.min(epoch, curve.length - 1)] as number)),
    );
    for (const control of [{}, { onEpoch: async () => 'continue' as const }])
      expect((await train({ fit, repeats: 3 }, control)).curve).toEqual(expected);
  });

  it('fails as a whole, with the reason, and leaves nothing running', async () => {
    for (const control of [{}, { onEpoch: async () => 'continue' as const }]) {
      const result = await train({ repeats: 2, epochMeasure: 'r2' }, control);
      expect(result).toMatchObject({ state: 'failed', error: { code: 'INVALID_OPTION' } });
    }
  });

  it('gives no result when it is interrupted', async () => {
    for (const epochs of [1, 2]) {
      const stop = new AbortController();
      const onEpoch = async (epoch: number) => {
        if (epoch === epochs) stop.abort();
        return 'continue' as const;
      };
      expect(await train({ repeats: 3, prunes: true }, { onEpoch, signal: stop.signal })).toBeUndefined();
    }
  });

  it('uses seeds of its own where the network has one', async () => {
    const fixed = await train({ repeats: 2, network: { ...TASK.network, seed: 5 } });
    expect(fixed.values.loss).toBe((await train({ repeats: 2 })).values.loss);
    expect(fixed.values['loss.deviation']).toBeGreaterThan(0);
  });
});

describe('a study with repeats', () => {
  it('needs a network', () =>
    expectRefusal('INVALID_OPTION', ['repeats', 'ask() and tell()'], () =>
      createStudy({ repeats: 2, space: { x: { kind: 'float', low: 0, high: 1 } } }),
    ));

  it('shows the deviation beside the mean, in the terminal and on the page', async () => {
    const values = {
      accuracy: 0.9,
      'accuracy.deviation': 0.0125,
      'test.accuracy': 0.8,
      'test.accuracy.deviation': 0.02,
    };
    const trials: TrialRecord[] = [
      { number: 0, state: 'complete', parameters: { x: 1 }, seed: 1, values, curve: [] },
    ];
    const objectives = [{ measure: 'accuracy', direction: 'maximize' }] as const;
    const result = {
      study: 's',
      id: '',
      trials: 1,
      ended: 1,
      complete: 1,
      pruned: 0,
      failed: 0,
      done: true,
      objectives,
      best: trials[0] ?? null,
      front: trials,
      seconds: 1,
      journal: null,
      report: null,
    };
    const plain = (text: string) => text;
    const style = { width: 80, unicode: true, paint: new Proxy({}, { get: () => plain }) };
    expect(studyText(result, trials, style as never)).toContain('90.00 % ± 1.25 %');
    const space = new Space({ x: { kind: 'float', low: 0, high: 1 } });
    const page = await studyReport({ name: 's', space, objectives, trials, about: [] }, '1');
    expect(page).toContain('90.00 % ± 1.25 %');
    expect(page).toContain('80.00 % ± 2.00 %');
  });
});
