import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { API_SPELLING } from '../../lib/base/wording.js';
import { describeFailure } from '../../lib/cli/failure.js';

describe('out of memory', () => {
  it('is called that, and not damage or a fault of the package', () => {
    for (const message of [
      'Array buffer allocation failed',
      'Invalid string length',
      'Invalid typed array length: 1e99',
    ]) {
      const { status, error } = describeFailure(new RangeError(message), API_SPELLING);
      expect([status, error.code]).toEqual([1, 'OUT_OF_MEMORY']);
      expect(error.message).toContain('not enough memory');
    }
    expect(describeFailure(new RangeError('x is out of range'), API_SPELLING).error.code).toBe('INTERNAL');
  });

  it('while a file is unpacked does not call the file damaged', async () => {
    vi.resetModules();
    vi.doMock('node:zlib', async (original) => ({
      ...(await original<typeof import('node:zlib')>()),
      gunzip: (_bytes: unknown, _options: unknown, done: (error: Error) => void) =>
        done(new RangeError('Array buffer allocation failed')),
    }));
    const { inflate } = await import('../../lib/base/files/read-bytes.js');
    await expect(inflate('x.gz', gzipSync('x'), 1000, 1)).rejects.toThrow(RangeError);
    vi.doUnmock('node:zlib');
  });
});
