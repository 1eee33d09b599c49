import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seedKind } from '../../lib/base/options/kinds.js';
import * as limits from '../../lib/engine/limits.js';
import { LEARNER } from '../../lib/online/options.js';
import { AUGMENT } from '../../lib/training/augmentation.js';
import { DYNAMIC_PATTERN } from '../../lib/training/dynamic-pattern.js';
import { FIT } from '../../lib/training/fit-options.js';
import { ROOT } from '../cli/run.js';

/** The whole-number constants of a C++ file: `kMaxShift` is 1024. */
function constants(...path: string[]): Record<string, number> {
  const text = readFileSync(join(ROOT, 'native', 'addon', ...path), 'utf8');
  const found = text.matchAll(/constexpr \w+ (kMax\w+) = (.+);/g);
  return Object.fromEntries([...found].map(([, name, value = '']) => [name, wholeOf(value)]));
}

/** The number that `0x7FFFFFFF`, `1u << 20` or `(uint64_t{1} << 53) - 1` stands for. */
function wholeOf(expression: string): number {
  const [, shift, minus] = /^\(?(?:uint64_t\{1\}|1u) << (\d+)\)?( - 1)?$/.exec(expression) ?? [];
  return shift === undefined ? Number(expression) : 2 ** Number(shift) - (minus === undefined ? 0 : 1);
}

const largest = (kind: { bounds?: { within: readonly unknown[] } | undefined }) =>
  Math.max(...(kind.bounds?.within ?? []).filter((value) => typeof value === 'number'));

describe('the largest sizes', () => {
  const native = constants('limits.hpp');

  it('of the engine are those of the addon', () => {
    expect(native).toEqual({
      kMaxWhole: largest(seedKind),
      kMaxNeurons: limits.MAX_NEURONS,
      kMaxLayers: limits.MAX_LAYERS,
      kMaxEdges: limits.MAX_EDGES,
      kMaxJunction: expect.any(Number),
      kMaxThreads: limits.MAX_THREADS,
      kMaxBatch: limits.MAX_BATCH,
      kMaxShift: limits.MAX_SHIFT,
      kMaxRecord: limits.MAX_RECORD,
    });
    expect(native.kMaxJunction).toBeGreaterThanOrEqual(limits.MAX_LAYERS - 1);
    expect(constants('learner_object.cpp').kMaxSlots).toBe(limits.MAX_SLOTS);
  });

  it('of the options are those of the engine', () => {
    expect(
      [FIT.batchSize, FIT.threads, AUGMENT.shift, DYNAMIC_PATTERN.samples, LEARNER.maxNames].map(({ kind }) =>
        largest(kind),
      ),
    ).toEqual([limits.MAX_BATCH, limits.MAX_THREADS, limits.MAX_SHIFT, limits.MAX_RECORD, limits.MAX_SLOTS]);
  });
});
