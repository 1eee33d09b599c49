import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClassificationTally, RegressionTally } from '../../lib/training/metrics.js';
import { TwoClassTally } from '../../lib/training/two-classes.js';

/** Probabilities of "yes" in steps of a tenth, so that ties occur, and whether it is "yes". */
const examples = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 10 }), fc.boolean()), { minLength: 2, maxLength: 30 })
  .filter((all) => new Set(all.map(([, yes]) => yes)).size === 2);

function measure(all: readonly (readonly [number, boolean])[]) {
  const tally = new TwoClassTally(['no', 'yes']);
  for (const [tenths, yes] of all) tally.add(tenths / 10, yes ? 1 : 0);
  return tally.metrics() as NonNullable<ReturnType<TwoClassTally['metrics']>>;
}

/** Scores of the rarer class, and whether each example has it. */
function ofRarer(all: readonly (readonly [number, boolean])[]) {
  const yes = all.filter(([, is]) => is).length;
  const isYes = yes <= all.length - yes;
  return {
    name: isYes ? 'yes' : 'no',
    scored: all.map(([tenths, is]) => ({ score: isYes ? tenths : 10 - tenths, is: is === isYes })),
  };
}

describe('measures of two classes', () => {
  it('equal their definitions, for the rarer class', () => {
    fc.assert(
      fc.property(examples, (all) => {
        const { name, scored } = ofRarer(all);
        const wanted = scored.filter(({ is }) => is);
        const others = scored.filter(({ is }) => !is);
        let pairs = 0;
        for (const a of wanted)
          for (const b of others) pairs += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
        const at = (score: number) => {
          const found = scored.filter((each) => each.score >= score);
          const hits = found.filter(({ is }) => is).length;
          return { precision: hits / found.length, f1: (2 * hits) / (found.length + wanted.length) };
        };
        const result = measure(all);
        expect(result.positive).toBe(name);
        expect(result.auc).toBeCloseTo(pairs / (wanted.length * others.length), 12);
        const precisions = wanted.map(({ score }) => at(score).precision);
        expect(result.averagePrecision).toBeCloseTo(precisions.reduce((a, b) => a + b) / wanted.length, 12);
        const best = Math.max(...wanted.map(({ score }) => at(score).f1));
        expect(result.threshold.f1).toBeCloseTo(best, 12);
      }),
    );
  });

  it('have a threshold that finds what it says', () => {
    fc.assert(
      fc.property(examples, (all) => {
        const { scored } = ofRarer(all);
        const { threshold } = measure(all);
        const found = scored.filter(({ score }) => score / 10 >= threshold.probability - 1e-4);
        const hits = found.filter(({ is }) => is).length;
        expect(threshold.precision).toBeCloseTo(hits / found.length, 12);
        expect(threshold.recall).toBeCloseTo(hits / scored.filter(({ is }) => is).length, 12);
      }),
    );
  });

  it('are missing if one of the classes is, or if there are more than two', () => {
    const one = new ClassificationTally(['no', 'yes']);
    one.add(Float32Array.of(0.5, 0.5), Uint32Array.of(0), [0]);
    expect(one.metrics()).not.toHaveProperty('twoClasses');
    one.add(Float32Array.of(0.5, 0.5), Uint32Array.of(0), [1]);
    expect(one.metrics().twoClasses).toMatchObject({ positive: 'yes', auc: 0.5, averagePrecision: 0.5 });
    const three = new ClassificationTally(['a', 'b', 'c']);
    three.add(Float32Array.of(1, 0, 0, 0, 1, 0), Uint32Array.of(0, 1), [0, 1]);
    expect(three.metrics()).not.toHaveProperty('twoClasses');
  });
});

describe('baselines', () => {
  it('of classes are the most frequent one, and the loss of their shares', () => {
    const tally = new ClassificationTally(['a', 'b', 'c']);
    tally.add(new Float32Array(12).fill(1 / 3), new Uint32Array(4), [1, 1, 1, 0]);
    const { baseline } = tally.metrics();
    expect(baseline).toMatchObject({ class: 'b', accuracy: 0.75 });
    expect(baseline.loss).toBeCloseTo(-(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)), 12);
  });

  it('of numbers are the error of the mean', () => {
    const tally = new RegressionTally(['y'], [1]);
    tally.add(Float32Array.of(0, 0, 0, 0), Float64Array.of(1, 1, 5, 5));
    expect(tally.metrics().baseline.rmse).toBe(2);
  });
});
