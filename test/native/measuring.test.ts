import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canMeasure, measuring } from '../../lib/engine/measuring.js';
import { SparseTrainError } from '../../lib/index.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sparse-train-measuring-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function failure(): SparseTrainError {
  try {
    measuring(root);
  } catch (error) {
    if (error instanceof SparseTrainError) return error;
  }
  throw new Error('measuring() should have failed with an error of the package');
}

describe('the addon for measuring', () => {
  it('is in this build', () => {
    expect(canMeasure()).toBe(true);
    expect(measuring().kernelOperations()).toContain('forwardTiles');
  });

  it('is missing in an installed package, whose users learn how to build it', () => {
    expect(canMeasure(root)).toBe(false);
    expect(failure()).toMatchObject({
      code: 'NATIVE_UNAVAILABLE',
      message: expect.stringMatching(
        /packages do not contain.*npm explore sparse-train -- npm run build:addon/,
      ),
    });
  });

  it('is built by the usual command in a checkout', () => {
    writeFileSync(join(root, 'tsconfig.json'), '{}');
    expect(failure().message).toMatch(/build it with: npm run build$/);
  });

  it('says why it does not load', () => {
    mkdirSync(join(root, 'build', 'Release'), { recursive: true });
    writeFileSync(join(root, 'build', 'Release', 'sparse_train_bench.node'), 'no addon');
    expect(canMeasure(root)).toBe(true);
    expect(failure().message).toMatch(/sparse_train_bench\.node does not load/);
  });
});
