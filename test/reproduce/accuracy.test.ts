import { describe, expect, it } from 'vitest';
import { Network } from '../../lib/index.js';
import { accuracyRuns, CASES } from '../../lib/reproduce/accuracy.js';
import { accuracySection } from '../../lib/reproduce/accuracy-section.js';
import type { RunResult } from '../../lib/reproduce/results.js';

describe('the study of accuracy', () => {
  it('has five seeds of every case, in networks of no more edges than it allows, all integers', () => {
    const runs = accuracyRuns(false);
    expect(runs).toHaveLength(5 * CASES.length);
    expect(new Set(runs.map(({ key }) => key)).size).toBe(runs.length);
    for (const { share, name, layers } of CASES) {
      const [run] = runs.filter(({ group }) => group === name);
      const inspection = new Network({ ...run?.network, layers, seed: 1 }).inspect();
      expect(inspection.layers).toEqual(layers);
      expect(inspection.density).toBeLessThanOrEqual(share);
      expect(inspection.arithmetic.kind).toBe('wide');
    }
  });

  it('says of every case what was reached, and of those that were not run that they were not', () => {
    const [first, second] = CASES;
    const results = (accuracy: number): RunResult[] =>
      [0, 0.002].map((more, i) => ({
        key: `${i}`,
        group: first?.name ?? '',
        seed: i,
        accuracy: accuracy + more,
        density: 0.0997,
        weightsAtLimit: 0,
        digest: '',
        trainSeconds: 1,
      }));
    const section = (accuracy: number) =>
      accuracySection({
        study: 'accuracy',
        quick: false,
        machine: 'M',
        kernelSet: 'K',
        trials: results(accuracy),
      });
    expect(section(0.984)).toContain('98.50 ± 0.14 (98.40 to 98.60) | +0.30 |');
    expect(section(0.984)).toContain('1 of the 7 targets');
    expect(section(0.97)).toContain('| -1.10 |');
    expect(section(0.97)).toContain('0 of the 7 targets');
    expect(section(0.97)).toContain(`${second?.target.toFixed(1)} | not run |`);
  });
});
