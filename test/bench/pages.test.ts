import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { speedParagraph, speedTable, withBlock } from '../../scripts/benchmarks/blocks.mjs';
import { RESULT } from './sample.js';

const root = new URL('../../', import.meta.url);

describe('the parts of pages that come from a result', () => {
  it('replace what stood between their marks and nothing else', () => {
    const page = 'before\n<!-- speed:begin -->\nold\n<!-- speed:end -->\nafter\n';
    const once = withBlock(page, 'speed', 'new');
    expect(once).toBe('before\n<!-- speed:begin -->\nnew\n<!-- speed:end -->\nafter\n');
    expect(withBlock(once, 'speed', 'new')).toBe(once);
    expect(() => withBlock('no marks', 'speed', 'new')).toThrow(/has no <!-- speed:begin -->/);
  });

  it('have their places in the README and in the comparison', () => {
    for (const path of ['README.md', 'docs/comparison.md'])
      expect(withBlock(readFileSync(new URL(path, root), 'utf8'), 'speed', 'new'), path).toContain('\nnew\n');
  });

  it('name the strongest rival, not the most favourable one', () => {
    const text = speedParagraph(RESULT).replaceAll('\n', ' ');
    expect(text).toContain('(Example CPU), sparse-train trains the network of `mnist` on 400 k/s.');
    expect(text).toContain('on 80.0 k/s (`zero-skipping-cpp`): 5.0 times as fast.');
    expect(text).toContain('With a dense network on both sides it is 2.5 times.');
    expect(text).toContain('reached 160 k/s (`pytorch-cpu eager-manual`, batch 1024, 2 threads)');
    expect(text).toContain(
      'takes 0.20 s on one core; the strongest rival on one core, `pytorch-cpu eager-manual`, takes 0.60 s.',
    );
    for (const line of speedParagraph(RESULT).split('\n')) expect(line.length).toBeLessThan(125);
  });

  it('give the best form of each baseline, at batch 1 and at its best', () => {
    const baselines = ['pytorch-cpu', 'zero-skipping-cpp'].map((name) => ({
      name,
      status: 'measured' as const,
    }));
    const rows = speedTable({ ...RESULT, baselines })
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .slice(2);
    expect(rows).toEqual([
      '| sparse-train | sparse | 400 k/s | 1 |  |  |',
      '| sparse-train | dense | 200 k/s | 2.00x |  |  |',
      '| pytorch-cpu | dense | 10.0 k/s (eager-manual) | 40.0x | 160 k/s (eager-manual), batch 1024, 2 threads | 2.50x |',
      '| zero-skipping-cpp | dense | 80.0 k/s | 5.00x | 80.0 k/s, batch 1, 1 thread | 5.00x |',
    ]);
    expect(speedTable({ ...RESULT, baselines })).toContain(
      'Dense against dense, one by one on one core, sparse-train is 2.5 times as fast as the strongest (zero-skipping-cpp).',
    );
  });
});
