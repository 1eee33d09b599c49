import { describe, expect, it } from 'vitest';
import type { BenchResult } from '../../lib/bench/result.js';
import { outcomeOf, targetsOf } from '../../lib/bench/targets.js';
import { GPU, RESULT } from './sample.js';

/** The only target whose description has this in it. */
function target(part: string, result: BenchResult = RESULT, files = [GPU]) {
  const found = targetsOf(result, files).filter(({ what }) => what.includes(part));
  expect(found.map(({ what }) => what)).toHaveLength(1);
  return found[0] as (typeof found)[number];
}

describe('targets', () => {
  it('judges PyTorch on the CPU by eager and by its strongest form', () => {
    const eager = target('batch 1, eager');
    expect(eager.measured).toBe('100x (90.0x to 110x) (4,000/s)');
    expect(outcomeOf(eager)).toBe('met');
    const strongest = target('strongest form (eager-manual)');
    expect(strongest.score).toBeCloseTo(0.4, 10);
    expect(outcomeOf(strongest)).toBe('missed by 60 %');
  });

  it('tells the forms of a GPU apart, each by its fastest row, and says which nobody has measured', () => {
    expect(target('at batch 1: PyTorch eager').measured).toBe('200x (Example GPU: 2,000/s)');
    const graph = target('at batch 1: CUDA graph');
    expect(graph.measured).toBe('8.00x (Example GPU: 50.0 k/s)');
    expect(outcomeOf(graph)).toBe('missed by 77 %');
    const kernels = target('at batch 1: hand-written');
    expect(kernels).toMatchObject({ measured: undefined, remark: 'nobody has measured this yet' });
    expect(outcomeOf(kernels)).toBe('not measured');
  });

  it('compares times to accuracy, and never hides that a GPU is faster', () => {
    expect(target('training alone, against PyTorch').score).toBeCloseTo(0.75, 10);
    expect(target('the stretch').score).toBeCloseTo(0.5, 10);
    const gpu = target('best batch size: PyTorch eager');
    expect(gpu.measured).toContain('0.500x (0.20 s against 0.10 s, Example GPU, batch 1024)');
    expect(outcomeOf(gpu)).toBe('missed by 50 %');
  });

  it('judges ranges of networks by the worst', () => {
    // 3 x 10,000 edges in 0.5 us and 3 x 80,000 in 4 us, of 200 G/s.
    expect(target('edges/s').measured).toBe('30 % to 30 %');
    expect(target('AVX2 kernels').measured).toBe('25 % to 50 %');
    expect(target('60 k edges and more')).toMatchObject({ measured: '2.00x', score: 1.25 });
    expect(target('networks of any size')).toMatchObject({ measured: '1.00x to 2.00x' });
  });

  it('judges calls, prediction and memory', () => {
    expect(outcomeOf(target('learn(x, label)'))).toBe('missed by 20 %');
    expect(outcomeOf(target('predict, the default'))).toBe('met, 2.00x the goal');
    expect(target('peak memory')).toMatchObject({ measured: '120 MB', score: 1.25 });
  });

  it('says of everything that was not measured that it was not', () => {
    const { online: _, predict: __, learn: ___, timeToAccuracy: ____, memory: _____, ...empty } = RESULT;
    const targets = targetsOf(empty, []);
    expect(targets).toHaveLength(targetsOf(RESULT, [GPU]).length);
    for (const one of targets) expect(outcomeOf(one)).toBe('not measured');
  });
});
