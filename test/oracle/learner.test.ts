/** Learners: the package and the reference agree to the last bit. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../lib/base/random.js';
import { withKernelSet } from '../../lib/engine/kernel-sets.js';
import { Learner } from '../../lib/index.js';
import { ReferenceLearner, type ReferenceRow } from '../reference/learner.js';
import { kernelSets } from './compare.js';

/** Rows with numbers of many shapes, a level, words and gaps. */
function rowsOf(count: number, seed: number): ReferenceRow[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => {
    const row: Record<string, number | string | string[]> = {
      whole: random.below(5),
      wide: (random.below(2001) - 1000) * 1e6,
      skewed: random.below(1000) ** 3 / 1e7,
      mark: 1,
      zone: `z${random.below(6)}`,
    };
    if (random.below(4) > 0) row.rare = random.below(10) === 0 ? 1e9 : random.below(100) / 7;
    if (random.below(3) === 0) row.words = [`w${random.below(30)}`, 'the', `w${30 + random.below(30)}`];
    if (i > 60) row.late = random.below(2);
    return row;
  });
}

function classOf(row: ReferenceRow, i: number): string {
  if (i > 150 && (row.whole as number) === 4) return 'new';
  return (row.wide as number) > 0 === (row.zone === 'z1') ? 'yes' : 'no';
}

describe('a learner of classes', () => {
  test.each(kernelSets())('predicts and learns like the reference on %s', (kernelSet) => {
    withKernelSet(kernelSet, () => {
      const count = kernelSet === 'scalar' ? 1100 : 400;
      const reference = new ReferenceLearner(7, 'class');
      const learner = new Learner({ seed: 7 });
      for (const [i, row] of rowsOf(count, 1).entries()) {
        const { probabilities } = learner.predict(row);
        expect(Object.values(probabilities), `row ${i}`).toEqual(reference.predict(row));
        expect(Object.keys(probabilities)).toEqual(reference.classes);
        reference.learn(row, classOf(row, i));
        learner.learn(row, classOf(row, i));
      }
    });
  });
});

describe('a learner with more hidden neurons', () => {
  test.each(kernelSets())('predicts and learns like the reference on %s', (kernelSet) => {
    withKernelSet(kernelSet, () => {
      const reference = new ReferenceLearner(7, 'class', 192);
      const learner = new Learner({ seed: 7, hidden: 192 });
      for (const [i, row] of rowsOf(120, 1).entries()) {
        expect(Object.values(learner.predict(row).probabilities), `row ${i}`).toEqual(reference.predict(row));
        reference.learn(row, classOf(row, i));
        learner.learn(row, classOf(row, i));
      }
    });
  });
});

describe('a learner of numbers', () => {
  test('predicts and learns like the reference', () => {
    const reference = new ReferenceLearner(3, 'number');
    const learner = new Learner({ seed: 3, target: 'number' });
    for (const [i, row] of rowsOf(500, 2).entries()) {
      const truth = i === 200 ? 1e9 : (row.wide as number) / 1e5 + 100 * (row.whole as number);
      const { value } = learner.predict(row);
      if (i > 0) expect([value], `row ${i}`).toEqual(reference.predict(row));
      reference.learn(row, truth);
      learner.learn(row, truth);
    }
  });
});

describe('rows with many words', () => {
  test('are scaled down like the reference', () => {
    const random = new Random(6);
    const reference = new ReferenceLearner(1, 'class');
    const learner = new Learner();
    for (let i = 0; i < 60; i++) {
      const words = [...new Set(Array.from({ length: 1 + 12 * (i % 30) }, () => `w${random.below(900)}`))];
      const row = { words, x: random.below(9) };
      expect(Object.values(learner.predict(row).probabilities)).toEqual(reference.predict(row));
      reference.learn(row, i % 2 ? 'a' : 'b');
      learner.learn(row, i % 2 ? 'a' : 'b');
    }
  });
});
