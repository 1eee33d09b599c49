import { describe, expect, it } from 'vitest';
import { createStudy } from '../../lib/public/search.js';
import { AshaPruner } from '../../lib/search/pruners/asha.js';
import { HyperbandPruner } from '../../lib/search/pruners/hyperband.js';
import { MedianPruner } from '../../lib/search/pruners/median.js';
import type { Rival } from '../../lib/search/pruners/pruner.js';

const rivals = (...curves: number[][]): Rival[] =>
  curves.map((losses, i) => ({ number: 100 + i, running: false, losses }));

describe('the median pruner', () => {
  const pruner = new MedianPruner({ startupTrials: 3, warmupEpochs: 1 });
  const three = rivals([9, 1], [9, 2], [9, 3]);

  it('stops a trial whose best loss is above the median of the others at that epoch', () => {
    expect(pruner.shouldPrune({ number: 0, losses: [9, 2.5] }, three)).toBe(true);
    expect(pruner.shouldPrune({ number: 0, losses: [9, 2] }, three)).toBe(false);
    // An earlier epoch was better.
    expect(pruner.shouldPrune({ number: 0, losses: [1.5, 2.5] }, three)).toBe(false);
  });

  it('lets trials warm up, and waits for the first ones to end', () => {
    expect(pruner.shouldPrune({ number: 0, losses: [99] }, three)).toBe(false);
    const running = three.map((rival, i) => ({ ...rival, running: i === 0 }));
    expect(pruner.shouldPrune({ number: 0, losses: [9, 99] }, running)).toBe(false);
  });

  it('takes NaN for the worst', () => {
    expect(pruner.shouldPrune({ number: 0, losses: [Number.NaN, Number.NaN] }, three)).toBe(true);
  });
});

describe('successive halving', () => {
  const pruner = new AshaPruner({ minEpochs: 2, reduction: 2 });
  const four = rivals([0, 1, 1, 1], [0, 2, 2, 2], [0, 3], [0, 4]);

  it('decides at its rungs only: epochs 2, 4, 8', () => {
    const decides = [1, 2, 3, 4, 5, 8].map((epochs) =>
      pruner.shouldPrune(
        { number: 0, losses: new Array(epochs).fill(9) },
        rivals(new Array(epochs).fill(0), new Array(epochs).fill(0)),
      ),
    );
    expect(decides).toEqual([false, true, false, true, false, true]);
  });

  it('lets the best half continue', () => {
    expect(pruner.shouldPrune({ number: 0, losses: [0, 1.5] }, four)).toBe(false);
    expect(pruner.shouldPrune({ number: 0, losses: [0, 2.5] }, four)).toBe(true);
    expect(pruner.shouldPrune({ number: 0, losses: [0, 9, 9, 1.5] }, four)).toBe(true);
    expect(pruner.shouldPrune({ number: 0, losses: [0, 9, 9, 0.5] }, four)).toBe(false);
  });

  it('lets the first trial that comes to a rung pass', () => {
    expect(pruner.shouldPrune({ number: 0, losses: [0, 9] }, [])).toBe(false);
  });
});

describe('Hyperband', () => {
  it('deals trials out to brackets, most to the one that halves most, and compares within a bracket', () => {
    const pruner = new HyperbandPruner({ minEpochs: 1, maxEpochs: 9, reduction: 3 });
    // If every bracket has perfect rivals, a bad trial is stopped at the first rung of its bracket.
    const perfect: Rival[] = Array.from({ length: 200 }, (_, i) => ({
      number: 1000 + i,
      running: false,
      losses: new Array(9).fill(0),
    }));
    const firstRung = (number: number) =>
      [1, 2, 3, 4, 5, 6, 7, 8, 9].find((epochs) =>
        pruner.shouldPrune({ number, losses: new Array(epochs).fill(1) }, perfect),
      );
    const rungs = Array.from({ length: 60 }, (_, number) => firstRung(number));
    const counts = [1, 3, 9].map((rung) => rungs.filter((other) => other === rung).length);
    expect(counts.reduce((a, b) => a + b)).toBe(60);
    expect(counts[0]).toBeGreaterThan(counts[1] as number);
    expect(counts[1]).toBeGreaterThanOrEqual(counts[2] as number);
    expect(counts[2]).toBeGreaterThan(0);
  });
});

describe('a study with a pruner', () => {
  it('says of a trial that reports whether it is worth going on with, whichever way is better', async () => {
    for (const [direction, bad] of [
      ['maximize', 0],
      ['minimize', 9],
    ] as const) {
      const study = await createStudy({
        space: { x: { kind: 'float', low: 0, high: 1 } },
        objectives: [{ measure: 'value', direction }],
        pruner: { kind: 'asha', minEpochs: 1, reduction: 2 },
        trials: 3,
      });
      const [first, second] = [study.ask(), study.ask()];
      expect(first?.report(5)).toBe('continue');
      expect(second?.report(bad)).toBe('prune');
      study.tell(second as { number: number }, { state: 'pruned' });
      expect(study.trials[1]).toMatchObject({ state: 'pruned', curve: [bad] });
    }
  });
});
