import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ClassificationTally,
  MultilabelTally,
  precisionRecall,
  RegressionTally,
  scalarMetrics,
} from '../../lib/training/metrics.js';

/** Scores that give all probability to one class. */
const sure = (decisions: number[], classes: number) =>
  Float32Array.from(decisions.flatMap((d) => Array.from({ length: classes }, (_, c) => (c === d ? 1 : 0))));

describe('classification metrics', () => {
  // True: cat cat cat dog dog bird; predicted: cat cat dog dog cat cat.
  const tally = new ClassificationTally(['cat', 'dog', 'bird']);
  const said = [0, 0, 1, 1, 0, 0];
  tally.add(sure(said, 3), Uint32Array.from(said), [0, 0, 0, 1, 1, 2]);
  const metrics = tally.metrics();

  it('count who was taken for whom', () => {
    expect(metrics.confusion).toEqual([
      [2, 1, 0],
      [1, 1, 0],
      [1, 0, 0],
    ]);
    expect(metrics.accuracy).toBe(0.5);
    expect(metrics.examples).toBe(6);
  });

  it('give precision, recall and F1 by class and on average', () => {
    expect(metrics.perClass[0]).toEqual({
      name: 'cat',
      support: 3,
      precision: 0.5,
      recall: 2 / 3,
      f1: 4 / 7,
    });
    expect(metrics.perClass[1]).toEqual({ name: 'dog', support: 2, precision: 0.5, recall: 0.5, f1: 0.5 });
    expect(metrics.perClass[2]).toEqual({ name: 'bird', support: 1, precision: 0, recall: 0, f1: 0 });
    expect(metrics.macro.recall).toBeCloseTo((2 / 3 + 0.5) / 3);
  });

  it('leave classes that do not occur out of the averages', () => {
    const one = new ClassificationTally(['a', 'b']);
    one.add(sure([0], 2), Uint32Array.of(0), [0]);
    expect(one.metrics().macro).toEqual({ precision: 1, recall: 1, f1: 1 });
  });

  it('measure the loss in nats, with a floor under probabilities', () => {
    const one = new ClassificationTally(['a', 'b']);
    one.add(Float32Array.of(0.25, 0.75, 0, 1), Uint32Array.of(1, 1), [1, 0]);
    expect(one.metrics().loss).toBeCloseTo((-Math.log(0.75) + 14 * Math.log(2)) / 2);
  });

  it('are the same however the examples are divided', () => {
    const example = fc.record({
      label: fc.nat(3),
      scores: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(example, { minLength: 1, maxLength: 30 }), fc.nat(30), (examples, cut) => {
        const whole = new ClassificationTally(['a', 'b', 'c', 'd']);
        const parts = new ClassificationTally(['a', 'b', 'c', 'd']);
        const add = (to: ClassificationTally, some: typeof examples) => {
          const scores = Float32Array.from(some.flatMap((one) => one.scores));
          to.add(
            scores,
            Uint32Array.from(some, ({ scores: s }) => s.indexOf(Math.max(...s))),
            some.map((one) => one.label),
          );
        };
        add(whole, examples);
        add(parts, examples.slice(0, cut));
        add(parts, examples.slice(cut));
        expect(parts.metrics()).toEqual(whole.metrics());
        const { confusion, accuracy } = whole.metrics();
        const trace = confusion.reduce((sum, row, c) => sum + (row[c] as number), 0);
        expect(trace / examples.length).toBe(accuracy);
      }),
    );
  });
});

describe('multilabel metrics', () => {
  const tally = new MultilabelTally(['x', 'y']);
  tally.add(Float32Array.of(0.9, 0.2, 0.6, 0.5, 0.1, 0.1), Uint8Array.of(1, 0, 0, 1, 1, 0));
  const metrics = tally.metrics();

  it('count labels one by one and examples as a whole', () => {
    expect(metrics).toMatchObject({ kind: 'multilabel', examples: 3, accuracy: 4 / 6, exactMatch: 1 / 3 });
    expect(metrics.perLabel[0]).toEqual({ name: 'x', support: 2, precision: 0.5, recall: 0.5, f1: 0.5 });
    expect(metrics.perLabel[1]).toEqual({ name: 'y', support: 1, precision: 1, recall: 1, f1: 1 });
    expect(metrics.macro.f1).toBe(0.75);
    expect(metrics.micro).toEqual(precisionRecall(2, 3, 3));
  });

  it('sum the cross-entropy over labels', () => {
    const expected = [0.9, 0.8, 0.4, 0.5, 0.1, 0.9].reduce((sum, p) => sum - Math.log(p), 0) / 3;
    expect(metrics.loss).toBeCloseTo(expected, 5);
  });
});

describe('regression metrics', () => {
  it('give errors in the unit of the targets and R2', () => {
    const tally = new RegressionTally(['a'], [2]);
    tally.add(Float32Array.of(1, 2, 5), Float64Array.of(1, 3, 4));
    const { rmse, mae, r2, loss, perOutput } = tally.metrics();
    expect(rmse).toBeCloseTo(Math.sqrt(2 / 3));
    expect(mae).toBeCloseTo(2 / 3);
    expect(r2).toBeCloseTo(1 - 2 / (14 / 3));
    expect(loss).toBeCloseTo(2 / 4 / 2 / 3);
    expect(perOutput).toHaveLength(1);
  });

  it('are exact for targets far from 0', () => {
    const tally = new RegressionTally(['a'], [1]);
    tally.add(Float32Array.of(2 ** 23, 2 ** 23 + 1), Float64Array.of(2 ** 23, 2 ** 23 + 1));
    expect(tally.metrics()).toMatchObject({ rmse: 0, r2: 1 });
  });

  it('know what R2 is of targets that are all equal', () => {
    const r2 = (score: number) => {
      const tally = new RegressionTally(['a'], [1]);
      tally.add(Float32Array.of(score, score), Float64Array.of(3, 3));
      return tally.metrics().r2;
    };
    expect(r2(3)).toBe(1);
    expect(r2(4)).toBe(0);
  });

  it('average over outputs', () => {
    const tally = new RegressionTally(['a', 'b'], [1, 1]);
    tally.add(Float32Array.of(0, 0, 1, 5), Float64Array.of(0, 1, 1, 3));
    const { r2, perOutput } = tally.metrics();
    expect(perOutput[0]?.r2).toBe(1);
    expect(r2).toBeCloseTo(((perOutput[0]?.r2 ?? 0) + (perOutput[1]?.r2 ?? 0)) / 2);
  });
});

it('scalar metrics are those that a log or a table can show', () => {
  const tally = new RegressionTally(['a'], [1]);
  tally.add(Float32Array.of(1), Float64Array.of(1));
  expect(Object.keys(scalarMetrics(tally.metrics()))).toEqual(['loss', 'rmse', 'mae', 'r2']);
});
