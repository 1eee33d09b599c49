import { describe, expect, it } from 'vitest';
import type { BenchResult } from '../../lib/bench/result.js';
import { boundOf, outcomeOf, targetPage, targetsOf } from '../../scripts/benchmarks/targets.mjs';
import { GPU, RESULT } from './sample.js';

/** The only goal whose description contains this text. */
function target(part: string, result: BenchResult = RESULT, files = [GPU]) {
  const found = targetsOf(result, files).filter(({ what }) => what.includes(part));
  expect(found.map(({ what }) => what)).toHaveLength(1);
  return found[0] as (typeof found)[number];
}

describe('goals', () => {
  it('judge online training by the best window and by whole epochs', () => {
    // 0.9 us in the best window.
    expect(target('best window')).toMatchObject({ measured: '1.11 M/s' });
    expect(outcomeOf(target('best window'))).toBe('missed by 18 %');
    expect(target('whole epochs').score).toBeCloseTo(0.4 / 1.15, 10);
  });

  it('judge ratios to the older build by best windows', () => {
    const ratio = target('train local 784-256-10 (the default of mnist)');
    expect(ratio).toMatchObject({ what: expect.stringContaining('against b2c0d7b'), goal: '2.5x' });
    expect(ratio.score).toBeCloseTo(0.8, 10);
    expect(outcomeOf(ratio)).toBe('missed by 20 %');
    expect(outcomeOf(target('train dense 784-256-10'))).toBe('not measured');
  });

  it('judge the default network by the strongest dense rival at batch 1', () => {
    const rival = target('strongest dense rival');
    expect(rival.measured).toBe('5.00x (4.50x to 5.50x) (zero-skipping-cpp)');
    expect(outcomeOf(rival)).toBe('missed by 50 %');
  });

  it('distinguish the forms of a GPU, each by its fastest row, and say which have not been measured', () => {
    expect(target('at batch 1: PyTorch eager').measured).toBe('200x (Example GPU: 2,000/s)');
    const graph = target('at batch 1: CUDA graph');
    expect(graph.measured).toBe('8.00x (Example GPU: 50.0 k/s)');
    expect(outcomeOf(graph)).toBe('reached, 8.00x the goal');
    const kernels = target('at batch 1: hand-written');
    expect(kernels).toMatchObject({ measured: undefined, remark: 'nobody has measured this yet' });
    expect(outcomeOf(kernels)).toBe('not measured');
  });

  it('compare times to accuracy, and never hide that a GPU is faster', () => {
    expect(target('training alone, one core').score).toBeCloseTo(0.3, 10);
    const gpu = target('best batch size: PyTorch eager');
    expect(gpu.measured).toContain('0.500x (0.20 s against 0.10 s, Example GPU, batch 1024)');
    expect(outcomeOf(gpu)).toBe('missed by 50 %');
  });

  it('judge ranges of networks by the worst', () => {
    // 3 x 10,000 edges in 0.5 us and 3 x 80,000 in 4 us, of 200 G/s.
    expect(target('edges trained a second').measured).toBe('30 % to 30 %');
  });

  it('judge calls, prediction and memory', () => {
    expect(target('learn(x, label)').score).toBeCloseTo(1.1, 10);
    // The comparison of builds has no such case, so the calls of `bench learn` count.
    expect(target('predict(x, scores)').score).toBeCloseTo(1.2, 10);
    expect(outcomeOf(target('predictions in bulk'))).toBe('reached, 1.25x the goal');
    expect(target('peak memory')).toMatchObject({ measured: '120 MB', score: 1.25 });
  });

  it('say of everything that was not measured that it was not', () => {
    const { online: _, predict: __, learn: ___, timeToAccuracy: ____, memory: _____, ...some } = RESULT;
    const { against: ______, ...empty } = some;
    const targets = targetsOf(empty, []);
    expect(targets).toHaveLength(targetsOf(RESULT, [GPU]).length);
    for (const one of targets) expect(outcomeOf(one)).toBe('not measured');
  });

  it('say what binds each goal that is missed, in words for that goal', () => {
    for (const one of targetsOf(RESULT, [GPU])) {
      expect(boundOf({ ...one, score: undefined })).toBe('');
      expect(boundOf({ ...one, score: 1 })).toBe('');
    }
    expect(boundOf(target('train local 784-256-10 (the default of mnist)'))).toContain('loads of tiles');
    expect(boundOf({ ...target('no pixel zero'), score: 0.9 })).toContain('vector operations of updates');
    expect(boundOf({ ...target('784-256-10 on avx2'), score: 0.9 })).toContain('avx2vnni');
    expect(boundOf({ what: 'another', goal: '', measured: '', score: 0.5 })).toBe('not known');
  });

  it('fill a page whose rows are as wide as its head', () => {
    const rows = targetPage(RESULT, [GPU])
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(rows.length).toBe(2 + targetsOf(RESULT, [GPU]).length);
    for (const row of rows) {
      expect(row.split(/(?<!\\)\|/), row).toHaveLength(7);
      expect(row).not.toMatch(/undefined|NaN|Infinity|\[object/);
    }
  });
});
